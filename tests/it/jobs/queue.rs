//! What becomes of a job.

use tests::admin_connection;
use uuid::Uuid;

use super::kinds::{Note, Panics, Slow, Sweep, Twice};
use super::{app, enqueue, id, left, mall, tally, until};

#[tokio::test]
async fn a_job_exists_only_if_its_reason_does_and_is_gone_when_done() {
    let mall = mall().await;
    let shop = mall.open_store().await;
    let mut tx = app(&mall).begin(id(&shop)).await.unwrap();
    domain::jobs::enqueue(&mut tx, &Note("never".to_owned())).await.unwrap();
    drop(tx);
    enqueue(&mall, &shop, &[Note("done".to_owned())]).await;
    mall.run_jobs_until_idle().await;
    assert_eq!(tally(&mall, &shop).await, ["done"]);
    assert_eq!(left(&mut admin_connection(&mall.database.admin_url).await).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_idle_workers_of_three_processes_do_each_job_once() {
    let mall = mall().await;
    let mut config = tests::config(&mall.database);
    (config.kinds, config.workers) = (Some(super::kinds::all()), 4);
    let (_second, _third) = (
        tests::Mall::over(mall.database.clone(), &config).await,
        tests::Mall::over(mall.database.clone(), &config).await,
    );
    let shop = mall.open_store().await;
    for round in 0..20 {
        let notes: Vec<_> = (0..10).map(|number| Note(format!("{round}/{number}"))).collect();
        enqueue(&mall, &shop, &notes).await;
    }
    mall.run_jobs_until_idle().await;
    let mut done = tally(&mall, &shop).await;
    assert_eq!(done.len(), 200);
    done.sort();
    done.dedup();
    assert_eq!(done.len(), 200, "one ran twice");
}

#[tokio::test]
async fn what_can_not_be_read_stops_nothing_and_says_why() {
    let mall = mall().await;
    let shop = mall.open_store().await;
    let mut admin = admin_connection(&mall.database.admin_url).await;
    for (kind, payload) in
        [("test.note", "{\"no\": \"text\"}"), ("test.note", "7"), ("test.twice", "[]"), ("test.note", "null")]
    {
        sqlx::query(
            "INSERT INTO platform.jobs (id, metadata, state, scheduled_at, created_at, updated_at)
             VALUES (gen_random_uuid(), jsonb_build_object('type', 'Job', 'tenant_id', $1, 'kind', $2, 'payload', $3::jsonb),
                     'waiting', now(), now(), now())",
        )
        .bind(shop.id.parse::<Uuid>().unwrap())
        .bind(kind)
        .bind(payload)
        .execute(&mut admin)
        .await
        .unwrap();
    }
    // Envelopes of no kind, of a store in none, and of the platform in a store.
    for metadata in [
        "{\"type\": \"Job\", \"kind\": \"test.note\"}".to_owned(),
        "{\"type\": \"Job\", \"kind\": \"test.note\", \"payload\": \"x\"}".to_owned(),
        format!(
            "{{\"type\": \"Job\", \"kind\": \"operator.forgotten_password\", \"payload\": {{\"email\": \"x\"}}, \"tenant_id\": \"{}\"}}",
            shop.id
        ),
    ] {
        sqlx::query(
            "INSERT INTO platform.jobs (id, metadata, state, scheduled_at, created_at, updated_at)
             VALUES (gen_random_uuid(), $1::jsonb, 'waiting', now(), now(), now())",
        )
        .bind(metadata)
        .execute(&mut admin)
        .await
        .unwrap();
    }
    let notes: Vec<_> = (0..50).map(|number| Note(number.to_string())).collect();
    enqueue(&mall, &shop, &notes).await;
    mall.run_jobs_until_idle().await;
    assert_eq!(tally(&mall, &shop).await.len(), 50);
    let left = left(&mut admin).await;
    assert_eq!(left.len(), 7);
    assert!(left.iter().all(|(state, _, why)| state == "failed" && why.is_some()), "{left:?}");
}

#[tokio::test]
async fn a_kind_that_a_newer_build_knows_is_put_back_for_it() {
    let mall = mall().await;
    let shop = mall.open_store().await;
    let mut admin = admin_connection(&mall.database.admin_url).await;
    sqlx::query(
        "INSERT INTO platform.jobs (id, metadata, state, scheduled_at, created_at, updated_at)
         VALUES (gen_random_uuid(), jsonb_build_object('type', 'Job', 'tenant_id', $1, 'kind', 'next.year', 'payload', null),
                 'waiting', now(), now(), now())",
    )
    .bind(shop.id.parse::<Uuid>().unwrap())
    .execute(&mut admin)
    .await
    .unwrap();
    until(&mut admin, "SELECT retries = 1 AND state = 'scheduled' FROM platform.jobs").await;
}

#[tokio::test]
async fn a_failure_a_panic_and_a_time_out_are_tried_again_and_given_up_in_the_end() {
    let mall = mall().await;
    let shop = mall.open_store().await;
    let mut admin = admin_connection(&mall.database.admin_url).await;
    enqueue(&mall, &shop, &[Twice]).await;
    enqueue(&mall, &shop, &[Panics]).await;
    enqueue(&mall, &shop, &[Slow]).await;
    until(&mut admin, "SELECT count(*) = 3 FROM platform.jobs WHERE state = 'scheduled' AND retries = 1").await;
    let reasons: Vec<_> = left(&mut admin).await.into_iter().filter_map(|(_, _, why)| why).collect();
    assert_eq!(reasons, ["the weather", "it panicked", "it took longer than 0.05 s"]);
    // Later than the first try, and not at once.
    let waits: bool =
        sqlx::query_scalar("SELECT bool_and(scheduled_at - updated_at BETWEEN '1.9 s' AND '2.6 s') FROM platform.jobs")
            .fetch_one(&mut admin)
            .await
            .unwrap();
    assert!(waits);
    sqlx::query("DELETE FROM platform.jobs WHERE kind <> 'test.twice'").execute(&mut admin).await.unwrap();
    mall.run_jobs_due_by(1).await;
    assert_eq!(left(&mut admin).await, [("failed".to_owned(), 1, Some("the weather".to_owned()))]);
    assert_eq!(tally(&mall, &shop).await.iter().filter(|what| *what == "tried").count(), 2);
}

#[tokio::test]
async fn of_a_kind_that_waits_once_one_waits_in_each_store() {
    let mall = mall().await;
    let (one, other) = (mall.open_store().await, mall.open_store().await);
    let db = app(&mall);
    for shop in [&one, &one, &one, &other] {
        let mut tx = db.begin(id(shop)).await.unwrap();
        let due = tx.now() + chrono::TimeDelta::hours(5);
        domain::jobs::enqueue_at(&mut tx, &Sweep, due).await.unwrap();
        tx.commit().await.unwrap();
    }
    mall.run_jobs_until_idle().await;
    assert_eq!(tally(&mall, &one).await.len(), 0, "its time has not come");
    mall.run_jobs_due_by(1).await;
    assert_eq!((tally(&mall, &one).await.len(), tally(&mall, &other).await.len()), (1, 1));
}

#[tokio::test]
async fn a_job_begins_when_its_time_has_come_and_not_before() {
    let mall = mall().await;
    let shop = mall.open_store().await;
    let mut tx = app(&mall).begin(id(&shop)).await.unwrap();
    let due = tx.now() + chrono::TimeDelta::milliseconds(700);
    domain::jobs::enqueue_at(&mut tx, &Note("later".to_owned()), due).await.unwrap();
    domain::jobs::enqueue(&mut tx, &Note("now".to_owned())).await.unwrap();
    tx.commit().await.unwrap();
    let mut admin = admin_connection(&mall.database.admin_url).await;
    until(&mut admin, "SELECT count(*) = 2 FROM tally").await;
    let punctual: bool = sqlx::query_scalar("SELECT at >= $1 FROM tally WHERE what = 'later'")
        .bind(due)
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert!(punctual);
    assert_eq!(tally(&mall, &shop).await, ["now", "later"]);
}
