//! Who has a job, and what becomes of it when its worker is gone.

use std::time::Duration;

use server::worker;
use tests::admin_connection;
use uuid::Uuid;

use super::kinds::{Note, Stuck};
use super::{enqueue, left, mall, mall_with, tally, until};

#[tokio::test]
async fn a_job_whose_worker_died_is_done_by_another() {
    let mall = mall().await;
    let shop = mall.open_store().await;
    let mut admin = admin_connection(&mall.database.admin_url).await;
    // As a worker leaves it that is killed: running, under a lease that nobody lengthens.
    sqlx::query(
        "INSERT INTO platform.jobs (id, metadata, state, locked_by, lease_until, scheduled_at, created_at, updated_at)
         VALUES (gen_random_uuid(), jsonb_build_object('type', 'Job', 'tenant_id', $1, 'kind', 'test.note', 'payload', 'saved'),
                 'running', gen_random_uuid(), now() + interval '0.2 s', now(), now(), now())",
    )
    .bind(shop.id.parse::<Uuid>().unwrap())
    .execute(&mut admin)
    .await
    .unwrap();
    until(&mut admin, "SELECT count(*) = 1 FROM tally").await;
    assert_eq!(tally(&mall, &shop).await, ["saved"]);
}

#[tokio::test]
async fn a_job_that_runs_longer_than_a_lease_keeps_it() {
    let mall = mall().await;
    let shop = mall.open_store().await;
    let mut admin = admin_connection(&mall.database.admin_url).await;
    let door = Uuid::now_v7();
    enqueue(&mall, &shop, &[Stuck(door)]).await;
    until(&mut admin, "SELECT count(*) = 1 FROM tally").await;
    // Three leases later it is still the same one.
    until(&mut admin, "SELECT started_at < now() - interval '1.8 s' FROM platform.jobs").await;
    Stuck(door).open();
    mall.run_jobs_until_idle().await;
    assert_eq!(tally(&mall, &shop).await, ["begun", "gone on"]);
    assert_eq!(left(&mut admin).await, []);
}

#[tokio::test]
async fn who_lost_the_lease_stops_and_settles_nothing() {
    let mall = mall().await;
    let shop = mall.open_store().await;
    let mut admin = admin_connection(&mall.database.admin_url).await;
    let door = Uuid::now_v7();
    enqueue(&mall, &shop, &[Stuck(door)]).await;
    until(&mut admin, "SELECT count(*) = 1 FROM tally").await;
    // It becomes another's, elsewhere.
    sqlx::query("UPDATE platform.jobs SET locked_by = gen_random_uuid(), lease_until = now() + interval '1 hour'")
        .execute(&mut admin)
        .await
        .unwrap();
    // The first one is stopped at the next heartbeat; its worker takes other work.
    enqueue(&mall, &shop, &[Note("next".to_owned())]).await;
    until(&mut admin, "SELECT count(*) = 2 FROM tally").await;
    until(&mut admin, "SELECT clock_timestamp() > max(started_at) + interval '1 s' FROM platform.jobs").await;
    Stuck(door).open();
    let state: (String, i32) =
        sqlx::query_as("SELECT state, retries FROM platform.jobs").fetch_one(&mut admin).await.unwrap();
    assert_eq!(state, ("running".to_owned(), 0), "it is the other's to settle");
    assert_eq!(tally(&mall, &shop).await, ["begun", "next"]);
}

#[tokio::test]
async fn a_worker_that_stops_waits_for_what_runs_and_puts_back_what_does_not_end() {
    let mall = mall_with(|config| config.runs_jobs = false).await;
    let shop = mall.open_store().await;
    let mut admin = admin_connection(&mall.database.admin_url).await;
    let mut config = tests::config(&mall.database);
    config.kinds = Some(super::kinds::all());
    let running = worker::ready(&config, &Default::default()).await.unwrap().start().await;
    let (quick, endless) = (Uuid::now_v7(), Uuid::now_v7());
    enqueue(&mall, &shop, &[Stuck(quick)]).await;
    until(&mut admin, "SELECT count(*) = 1 FROM tally").await;
    let stopping = tokio::spawn(running.stop(Duration::from_secs(30)));
    enqueue(&mall, &shop, &[Note("not any more".to_owned())]).await;
    Stuck(quick).open();
    stopping.await.unwrap();
    assert_eq!(tally(&mall, &shop).await, ["begun", "gone on"]);
    assert_eq!(left(&mut admin).await, [("waiting".to_owned(), 0, None)]);

    sqlx::query("DELETE FROM platform.jobs").execute(&mut admin).await.unwrap();
    let running = worker::ready(&config, &Default::default()).await.unwrap().start().await;
    enqueue(&mall, &shop, &[Stuck(endless)]).await;
    until(&mut admin, "SELECT count(*) = 3 FROM tally").await;
    running.stop(Duration::from_millis(50)).await;
    assert_eq!(left(&mut admin).await, [("waiting".to_owned(), 0, None)], "at once, without a lease to lapse");
}

#[tokio::test]
async fn a_worker_whose_database_goes_away_comes_back_by_itself() {
    let mall = mall().await;
    let shop = mall.open_store().await;
    enqueue(&mall, &shop, &[Note("before".to_owned())]).await;
    mall.run_jobs_until_idle().await;
    let elsewhere = mall.database.admin_url.replace(mall.database.name(), "postgres");
    let mut admin = admin_connection(&elsewhere).await;
    let name = mall.database.name();
    let door = Uuid::now_v7();
    enqueue(&mall, &shop, &[Stuck(door)]).await;
    let mut inside = admin_connection(&mall.database.admin_url).await;
    until(&mut inside, "SELECT count(*) = 2 FROM tally").await;
    drop(inside);
    sqlx::raw_sql(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")).execute(&mut admin).await.unwrap();
    sqlx::query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1")
        .bind(name)
        .execute(&mut admin)
        .await
        .unwrap();
    // Two seconds of nothing: several leases long.
    until(
        &mut admin,
        "SELECT clock_timestamp() > backend_start + interval '2 s' FROM pg_stat_activity WHERE pid = pg_backend_pid()",
    )
    .await;
    sqlx::raw_sql(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")).execute(&mut admin).await.unwrap();
    // Its lease lapsed, so it may well run twice.
    Stuck(door).open();
    Stuck(door).open();
    enqueue(&mall, &shop, &[Note("after".to_owned())]).await;
    mall.run_jobs_until_idle().await;
    let done = tally(&mall, &shop).await;
    assert!(done.contains(&"after".to_owned()) && done.contains(&"gone on".to_owned()), "{done:?}");
}

#[tokio::test]
async fn a_job_that_nobody_was_woken_for_is_found_by_looking() {
    let mall = mall().await;
    let shop = mall.open_store().await;
    let mut admin = admin_connection(&mall.database.admin_url).await;
    // As a message that was lost leaves it: the row is there, nobody was told.
    sqlx::query(
        "INSERT INTO platform.jobs (id, metadata, state, scheduled_at, created_at, updated_at)
         VALUES (gen_random_uuid(), jsonb_build_object('type', 'Job', 'tenant_id', $1, 'kind', 'test.note', 'payload', 'found'),
                 'waiting', clock_timestamp(), clock_timestamp(), now())",
    )
    .bind(shop.id.parse::<Uuid>().unwrap())
    .execute(&mut admin)
    .await
    .unwrap();
    mall.run_jobs_until_idle().await;
    assert_eq!(tally(&mall, &shop).await, ["found"]);
}
