//! Requests that are dropped at any point of their life leave no connection with a transaction open or a tenant set.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tenants::{Database, DatabaseOptions, TenantDb, TenantId};
use tests::{TestDatabase, admin_pool};

const CONNECTIONS: u32 = 10;
const REQUESTS: usize = 10_000;

/// What a request does: begins, reads, writes, and mostly commits.
async fn request(db: TenantDb, number: usize) {
    let Ok(mut tx) = db.begin(TenantId(uuid::Uuid::from_u64_pair(7, (number % 100) as u64))).await else { return };
    let seen: Result<i64, _> = sqlx::query_scalar("SELECT count(*) FROM products").fetch_one(tx.conn()).await;
    assert!(seen.is_err() || seen.is_ok_and(|count| count == 0));
    let tenant = tx.tenant();
    let written = sqlx::query("INSERT INTO locations VALUES ($1, gen_random_uuid(), 'x', false, now())")
        .bind(tenant.0)
        .execute(tx.conn())
        .await;
    if written.is_ok() && !number.is_multiple_of(3) {
        tx.commit().await.ok();
    }
}

/// Runs a future until it has been polled `polls` times, then drops it wherever it is.
async fn dropped_after(polls: usize, work: impl Future<Output = ()>) {
    let mut work = pin!(work);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        work.as_mut().poll(context)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_dropped_requests_leave_every_connection_clean() {
    let database = TestDatabase::new().await;
    let connect = database.urls.app.clone();
    let pool = Database::new(DatabaseOptions { connect, connections: CONNECTIONS, patience: Duration::from_secs(30) });
    let db = TenantDb::new(pool.clone());

    let workers = (0..40).map(|worker| {
        let db = db.clone();
        tokio::spawn(async move {
            for number in (worker..REQUESTS).step_by(40) {
                // From "not even begun" to "never dropped": a whole request takes some ten polls.
                dropped_after(number % 14, request(db.clone(), number)).await;
            }
        })
    });
    for worker in futures_util::future::join_all(workers.collect::<Vec<_>>()).await {
        worker.unwrap();
    }

    // All connections at once, as the next ten requests would get them; each says what it remembers.
    let connections = futures_util::future::join_all((0..CONNECTIONS).map(|_| db.begin_bare())).await;
    assert_eq!(connections.len(), 10);
    for connection in connections {
        let mut connection = connection.unwrap();
        let (tenant, role): (String, String) =
            sqlx::query_as("SELECT coalesce(current_setting('app.tenant_id', true), ''), current_user::text")
                .fetch_one(connection.conn())
                .await
                .unwrap();
        assert_eq!((tenant.as_str(), role.as_str()), ("", "stoa_app"));
    }
    let admin = admin_pool(&database.admin_url).await;
    until_none(&admin, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'stoa_app' AND state LIKE 'idle in transaction%'").await;
    pool.close().await;
}

#[expect(clippy::disallowed_types, reason = "an administrator's look from outside")]
async fn until_none(admin: &sqlx::PgPool, sql: &str) {
    let none = async {
        while sqlx::query_scalar::<_, i64>(sql).fetch_one(admin).await.unwrap() != 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), none).await.expect("a connection stays in a transaction");
}
