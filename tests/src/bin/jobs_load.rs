//! What the queue of jobs does under load: figures, printed. `cargo run --release --bin jobs_load`
//!
//! It starts the private PostgreSQL of the tests, which does not wait for its disk, and processes of its own as workers, one of
//! which it kills.
#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_types, reason = "a harness")]

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use domain::jobs::Kind;
use jobs::{Failure, InStore, Kinds, Pace, Run};
use serde::{Deserialize, Serialize};
use server::config::Config;
use server::worker;
use sqlx::PgPool;
use tenants::{Database, DatabaseOptions, TenantDb, TenantId};
use tests::{TestDatabase, admin_pool, config, until};
use uuid::Uuid;

/// Does nothing, for the queue's own speed.
#[derive(Serialize, Deserialize)]
struct Nothing(u32);

impl Kind for Nothing {
    const NAME: &'static str = "load.nothing";
}

impl Run for Nothing {
    async fn run(self, _: &InStore) -> Result<(), Failure> {
        Ok(())
    }
}

/// Notes in its store that it ran, and when.
#[derive(Serialize, Deserialize)]
struct Noted(u32);

impl Kind for Noted {
    const NAME: &'static str = "load.noted";
}

impl Run for Noted {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let mut tx = at.begin().await?;
        let tenant = tx.tenant();
        sqlx::query("INSERT INTO tally (tenant_id, id, number) VALUES ($1, gen_random_uuid(), $2)")
            .bind(tenant.0)
            .bind(i64::from(self.0))
            .execute(tx.conn())
            .await
            .map_err(Failure::again)?;
        Ok(tx.commit().await?)
    }
}

const TALLY: &str = "CREATE TABLE tally (tenant_id uuid NOT NULL, id uuid NOT NULL, number bigint NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (tenant_id, id));
    ALTER TABLE tally ENABLE ROW LEVEL SECURITY; ALTER TABLE tally FORCE ROW LEVEL SECURITY;
    CREATE POLICY one_store ON tally USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));
    ALTER TABLE tally OWNER TO stoa_owner; GRANT SELECT, INSERT ON tally TO stoa_app";

fn settings(database: &TestDatabase) -> Config {
    let mut config = config(database);
    config.kinds = Some(Kinds::default().store::<Nothing>().store::<Noted>());
    config.workers = 8;
    config
}

async fn fill(admin: &PgPool, store: Uuid, kind: &str, count: i32) {
    let sql = "INSERT INTO platform.jobs (id, metadata, state, scheduled_at, created_at, updated_at)
        SELECT gen_random_uuid(), jsonb_build_object('type', 'Job', 'tenant_id', $1, 'kind', $2, 'payload', n),
               'waiting', now(), now(), now() FROM generate_series(1, $3) n";
    sqlx::query(sql).bind(store).bind(kind).bind(count).execute(admin).await.unwrap();
    sqlx::query("VACUUM ANALYZE platform.jobs").execute(admin).await.unwrap();
}

async fn number(admin: &PgPool, sql: &str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(admin).await.unwrap()
}

/// Waits until a number is so, asking every so many milliseconds.
async fn until_number(admin: &PgPool, every: u64, sql: &str, so: impl Fn(i64) -> bool) {
    until(sql, Duration::from_millis(every), async || so(number(admin, sql).await).then_some(())).await;
}

async fn until_empty(admin: &PgPool) {
    until_number(admin, 20, "SELECT count(*) FROM platform.jobs", |left| left == 0).await;
}

fn per_second(count: i32, took: Duration) -> u128 {
    u128::from(count.unsigned_abs()) * 1_000_000 / took.as_micros()
}

async fn throughput(database: &TestDatabase, admin: &PgPool, kind: &str, stores: u32) {
    let count = 20_000;
    for _ in 0..stores {
        fill(admin, Uuid::now_v7(), kind, count / i32::try_from(stores).unwrap()).await;
    }
    let began = Instant::now();
    let running = worker::ready(&settings(database), &Default::default()).await.unwrap().start().await;
    until_empty(admin).await;
    let took = began.elapsed();
    running.stop(Duration::from_secs(5)).await;
    println!("{count} of {kind} waiting in {stores} stores, 8 workers: {} a second", per_second(count, took));
}

async fn twice(admin: &PgPool) -> (i64, i64) {
    let ran = number(admin, "SELECT count(*) FROM tally").await;
    let different = number(admin, "SELECT count(DISTINCT (tenant_id, number)) FROM tally").await;
    sqlx::query("TRUNCATE tally").execute(admin).await.unwrap();
    (ran, different)
}

async fn latency(database: &TestDatabase, admin: &PgPool) {
    let running = worker::ready(&settings(database), &Default::default()).await.unwrap().start().await;
    let connect = database.urls.app.clone();
    let options = DatabaseOptions { connect, connections: 4, patience: Duration::from_secs(5) };
    let tenants = TenantDb::new(Database::new(options));
    let platform = tenants::PlatformDb::new(Database::new(DatabaseOptions {
        connect: database.urls.platform.clone(),
        connections: 1,
        patience: Duration::from_secs(5),
    }));
    let bell = tokio::spawn(jobs::ring_out(tenants.clone(), platform));
    let store = TenantId::generate();
    let mut took = Vec::new();
    for round in 0..300 {
        let mut tx = tenants.begin(store).await.unwrap();
        domain::jobs::enqueue(&mut tx, &Noted(round)).await.unwrap();
        tx.commit().await.unwrap();
        let committed = chrono::Utc::now();
        let begun = until("has the job begun", Duration::from_millis(1), async || {
            let at = sqlx::query_scalar("SELECT at FROM tally WHERE number = $1").bind(i64::from(round));
            let at: Option<chrono::DateTime<chrono::Utc>> = at.fetch_optional(admin).await.unwrap();
            at
        })
        .await;
        took.push((begun - committed).num_microseconds().unwrap_or(0));
    }
    bell.abort();
    running.stop(Duration::from_secs(5)).await;
    took.sort_unstable();
    println!("from commit to the job's own statement, 300 times: median {} µs, p99 {} µs", took[150], took[297]);
    twice(admin).await;
}

async fn fairness(database: &TestDatabase, admin: &PgPool) {
    let (busy, quiet) = (Uuid::now_v7(), Uuid::now_v7());
    fill(admin, busy, Noted::NAME, 10_000).await;
    let running = worker::ready(&settings(database), &Default::default()).await.unwrap().start().await;
    let mut worst = 0;
    let mut pace = tokio::time::interval(Duration::from_millis(100));
    for round in 0..10 {
        pace.tick().await;
        let sql = "INSERT INTO platform.jobs (id, metadata, state, scheduled_at, created_at, updated_at)
            VALUES (gen_random_uuid(), jsonb_build_object('type', 'Job', 'tenant_id', $1, 'kind', $2, 'payload', $3),
                    'waiting', clock_timestamp(), clock_timestamp(), now())";
        sqlx::query(sql).bind(quiet).bind(Noted::NAME).bind(round).execute(admin).await.unwrap();
        let began = Instant::now();
        let done = format!("SELECT count(*) FROM tally WHERE tenant_id = '{quiet}'");
        until_number(admin, 1, &done, |done| done > i64::from(round)).await;
        worst = worst.max(began.elapsed().as_millis());
    }
    let left = number(admin, "SELECT count(*) FROM platform.jobs").await;
    println!("a single job beside another store's 10,000: at worst {worst} ms (10 times; {left} were left then)");
    until_empty(admin).await;
    running.stop(Duration::from_secs(5)).await;
    twice(admin).await;
}

fn process(database: &TestDatabase) -> Child {
    let program = std::env::current_exe().unwrap();
    Command::new(program).arg("worker").arg(database.name()).arg(&database.admin_url).spawn().unwrap()
}

async fn killed(database: &TestDatabase, admin: &PgPool) {
    let (store, count) = (Uuid::now_v7(), 20_000);
    fill(admin, store, Noted::NAME, count).await;
    let mut workers = [process(database), process(database)];
    until_number(admin, 5, "SELECT count(*) FROM tally", |done| done >= 2_000).await;
    workers[0].kill().unwrap();
    workers[0].wait().unwrap();
    let running = number(admin, "SELECT count(*) FROM platform.jobs WHERE state = 'running'").await;
    until_empty(admin).await;
    workers[1].kill().unwrap();
    workers[1].wait().unwrap();
    let (ran, different) = twice(admin).await;
    println!(
        "{count} jobs, one of two worker processes killed in the middle ({running} were running then): {different} done, {} of \
         them twice",
        ran - different
    );
}

/// The addresses of a database that another process made, from that of its administrator.
fn beside(name: &str, admin_url: &str) -> Config {
    TestDatabase::beside(name, admin_url).map(|database| settings(&database)).unwrap()
}

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [what, name, admin_url] = arguments.as_slice()
        && what == "worker"
    {
        let mut config = beside(name, admin_url);
        config.pace = Pace { lease: Duration::from_secs(3), ..Pace::default() };
        worker::run(&config, std::future::pending()).await.unwrap();
        return;
    }
    let database = TestDatabase::new().await;
    let admin = admin_pool(&database.admin_url).await;
    sqlx::raw_sql(TALLY).execute(&admin).await.unwrap();
    throughput(&database, &admin, Nothing::NAME, 1).await;
    throughput(&database, &admin, Nothing::NAME, 100).await;
    throughput(&database, &admin, Noted::NAME, 100).await;
    let (ran, different) = twice(&admin).await;
    println!("of {different} that note it, {} ran twice", ran - different);
    latency(&database, &admin).await;
    fairness(&database, &admin).await;
    killed(&database, &admin).await;
}
