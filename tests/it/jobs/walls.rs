//! A store's jobs are its own.

use domain::jobs::{self, JobId, ProgressState};
use tests::admin_connection;
use uuid::Uuid;

use super::kinds::{Counts, Note, Peek, Stuck};
use super::{app, enqueue, id, left, mall, tally, until};

#[tokio::test]
async fn a_job_sees_the_rows_of_its_own_store_and_not_the_queue() {
    let mall = mall().await;
    let (one, other) = (mall.open_store().await, mall.open_store().await);
    for shop in [&one, &other] {
        enqueue(&mall, shop, &[Peek]).await;
    }
    mall.run_jobs_until_idle().await;
    for shop in [&one, &other] {
        assert_eq!(tally(&mall, shop).await, [format!("[{}] true", shop.id)]);
    }
}

#[tokio::test]
async fn a_store_can_neither_enqueue_for_another_nor_look_into_the_queue() {
    let mall = mall().await;
    let (own, other) = (mall.open_store().await, mall.open_store().await);
    let db = app(&mall);
    let insert = |tenant: &str, columns: &str, values: &str| {
        format!(
            "INSERT INTO platform.jobs (id, metadata, state, scheduled_at, created_at, updated_at{columns})
             VALUES (gen_random_uuid(), '{{\"type\": \"Job\", \"kind\": \"test.note\", \"payload\": \"x\", \"tenant_id\": {tenant}}}',
                     'waiting', now(), now(), now(){values})"
        )
    };
    let (mine, theirs) = (format!("\"{}\"", own.id), format!("\"{}\"", other.id));
    let attempts = [
        insert(&theirs, "", ""),
        insert("null", "", ""),
        insert("\"\"", "", ""),
        insert(&mine, ", tenant_id", &format!(", '{}'", other.id)),
        insert(&mine, ", retries", ", -100"),
        insert(&mine, ", locked_by", ", gen_random_uuid()"),
        insert(&mine, "", "").replace("'waiting'", "'failed'"),
        format!("{} RETURNING id", insert(&mine, "", "")),
        "SELECT count(*) FROM platform.jobs".to_owned(),
        "UPDATE platform.jobs SET state = 'waiting'".to_owned(),
        "DELETE FROM platform.jobs".to_owned(),
        "SELECT * FROM platform.job_slots".to_owned(),
    ];
    for sql in &attempts {
        let mut tx = db.begin(id(&own)).await.unwrap();
        let outcome = sqlx::raw_sql(sql).execute(tx.conn()).await;
        assert!(outcome.is_err(), "{sql}");
    }
    let mut tx = db.begin(id(&own)).await.unwrap();
    sqlx::raw_sql(&insert(&mine, "", "")).execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    mall.run_jobs_until_idle().await;
    assert_eq!((tally(&mall, &own).await.len(), tally(&mall, &other).await.len()), (1, 0));
}

#[tokio::test]
async fn operators_see_that_a_job_is_there_and_not_what_is_in_it() {
    let mall = mall().await;
    let mut platform = sqlx::ConnectOptions::connect(&mall.database.urls.platform).await.unwrap();
    sqlx::query("SELECT id, tenant_id, kind, state, error_message FROM platform.jobs")
        .fetch_all(&mut platform)
        .await
        .unwrap();
    for sql in [
        "SELECT metadata FROM platform.jobs",
        "SELECT * FROM platform.jobs",
        "UPDATE platform.jobs SET metadata = '{}'",
        "DELETE FROM platform.jobs",
        "SELECT * FROM job_progress",
    ] {
        assert!(sqlx::raw_sql(sql).execute(&mut platform).await.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn a_store_watches_its_job_and_can_stop_it() {
    let mall = mall().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let mut admin = admin_connection(&mall.database.admin_url).await;
    let db = app(&mall);
    let ask = async |to: i64| {
        let door = Uuid::now_v7();
        let mut tx = db.begin(id(&shop)).await.unwrap();
        let job = jobs::enqueue_tracked(&mut tx, &Counts { to, door }, None).await.unwrap();
        tx.commit().await.unwrap();
        (job, Stuck(door))
    };
    let look = async |job: JobId| jobs::progress(&mut db.begin_read(id(&shop)).await.unwrap(), job).await.unwrap();
    let (job, door) = ask(2).await;
    assert!(jobs::progress(&mut db.begin_read(id(&other)).await.unwrap(), job).await.is_err());
    door.open();
    until(&mut admin, "SELECT done = 1 AND total = 2 AND state = 'running' FROM job_progress").await;
    door.open();
    mall.run_jobs_until_idle().await;
    let done = look(job).await;
    assert_eq!(
        (done.state, done.done, done.result),
        (ProgressState::Finished, 2, Some(serde_json::json!({ "counted": 2 })))
    );

    let (job, door) = ask(1_000_000).await;
    door.open();
    until(&mut admin, "SELECT bool_or(done = 1 AND state = 'running') FROM job_progress").await;
    let mut tx = db.begin(id(&shop)).await.unwrap();
    jobs::ask_to_cancel(&mut tx, job).await.unwrap();
    tx.commit().await.unwrap();
    door.open();
    mall.run_jobs_until_idle().await;
    assert_eq!(look(job).await.state, ProgressState::Cancelled);
    assert_eq!(tally(&mall, &shop).await, ["stopped"]);
    assert!(jobs::ask_to_cancel(&mut db.begin(id(&shop)).await.unwrap(), job).await.is_err(), "it has ended");
    assert_eq!(left(&mut admin).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_stores_backlog_does_not_keep_another_waiting() {
    let mall = mall().await;
    let (busy, quiet) = (mall.open_store().await, mall.open_store().await);
    let mut admin = admin_connection(&mall.database.admin_url).await;
    sqlx::query(
        "INSERT INTO platform.jobs (id, metadata, state, scheduled_at, created_at, updated_at)
         SELECT gen_random_uuid(), jsonb_build_object('type', 'Job', 'tenant_id', $1, 'kind', 'test.note', 'payload', 'busy'),
                'waiting', now(), now(), now() FROM generate_series(1, 10000)",
    )
    .bind(busy.id.parse::<Uuid>().unwrap())
    .execute(&mut admin)
    .await
    .unwrap();
    until(&mut admin, "SELECT count(*) > 10 FROM tally").await;
    enqueue(&mall, &quiet, &[Note("quiet".to_owned())]).await;
    until(&mut admin, "SELECT EXISTS (SELECT FROM tally WHERE what = 'quiet')").await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM platform.jobs").fetch_one(&mut admin).await.unwrap();
    assert!(left > 5_000, "it came behind the others: {left} were left");
    sqlx::query("DELETE FROM platform.jobs WHERE state = 'waiting'").execute(&mut admin).await.unwrap();
    mall.run_jobs_until_idle().await;

    // Jobs that do not end take no more than a store's share of the workers.
    let doors: Vec<_> = (0..8).map(|_| Stuck(Uuid::now_v7())).collect();
    enqueue(&mall, &busy, &doors).await;
    until(&mut admin, "SELECT count(*) = 3 FROM platform.jobs WHERE state = 'running'").await;
    enqueue(&mall, &quiet, &[Note("again".to_owned())]).await;
    until(&mut admin, "SELECT EXISTS (SELECT FROM tally WHERE what = 'again')").await;
    doors.iter().for_each(Stuck::open);
    mall.run_jobs_until_idle().await;
}
