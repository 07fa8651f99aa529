//! Jobs: each is done, once unless somebody dies over it, for its own store, in turn.

mod events;
mod kinds;
mod leases;
mod overseen;
mod queue;
mod upkeep;
mod walls;

use std::time::Duration;

use jobs::Pace;
use sqlx::PgConnection;
use tenants::{Database, DatabaseOptions, TenantDb, TenantId};
use tests::{Mall, Shop, TestDatabase};
use uuid::Uuid;

/// What counts the runs of the jobs of these stories: a table that only they know, in the store's rows.
pub(crate) const TALLY: &str = "CREATE TABLE tally (tenant_id uuid NOT NULL, id uuid NOT NULL, what text NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (tenant_id, id));
    ALTER TABLE tally ENABLE ROW LEVEL SECURITY; ALTER TABLE tally FORCE ROW LEVEL SECURITY;
    CREATE POLICY one_store ON tally USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));
    ALTER TABLE tally OWNER TO stoa_owner; GRANT SELECT, INSERT ON tally TO stoa_app";

/// A mall whose workers know the jobs of these stories, and are quick to give up on one another.
pub(crate) async fn mall() -> Mall {
    mall_with(|_| {}).await
}

pub(crate) async fn mall_with(change: impl FnOnce(&mut server::config::Config)) -> Mall {
    let database = TestDatabase::new().await;
    let mut config = tests::config(&database);
    config.kinds = Some(kinds::all());
    config.workers = 4;
    config.pace = Pace { lease: Duration::from_millis(600), poll: Duration::from_millis(100) };
    change(&mut config);
    let mut admin = tests::admin_connection(&database.admin_url).await;
    sqlx::raw_sql(TALLY).execute(&mut admin).await.unwrap();
    Mall::over(database, &config).await
}

/// The database as requests use it.
pub(crate) fn app(mall: &Mall) -> TenantDb {
    let connect = mall.database.urls.app.clone();
    TenantDb::new(Database::new(DatabaseOptions { connect, connections: 3, patience: Duration::from_secs(10) }))
}

pub(crate) fn id(shop: &Shop<'_>) -> TenantId {
    TenantId(shop.id.parse().unwrap())
}

/// Enqueues jobs of a store in one transaction.
pub(crate) async fn enqueue<K: domain::jobs::Kind>(mall: &Mall, shop: &Shop<'_>, jobs: &[K]) {
    let mut tx = app(mall).begin(id(shop)).await.unwrap();
    for job in jobs {
        domain::jobs::enqueue(&mut tx, job).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// What the jobs of a store wrote down, in order.
pub(crate) async fn tally(mall: &Mall, shop: &Shop<'_>) -> Vec<String> {
    let mut admin = tests::admin_connection(&mall.database.admin_url).await;
    let store: Uuid = shop.id.parse().unwrap();
    sqlx::query_scalar("SELECT what FROM tally WHERE tenant_id = $1 ORDER BY at")
        .bind(store)
        .fetch_all(&mut admin)
        .await
        .unwrap()
}

/// State, tries and reason of the jobs that are left.
pub(crate) async fn left(admin: &mut PgConnection) -> Vec<(String, i32, Option<String>)> {
    sqlx::query_as("SELECT state, retries, error_message FROM platform.jobs ORDER BY created_at, id")
        .fetch_all(admin)
        .await
        .unwrap()
}

/// Waits until `sql` answers true.
pub(crate) async fn until(admin: &mut PgConnection, sql: &str) {
    let so = async {
        while !sqlx::query_scalar::<_, bool>(sql).fetch_one(&mut *admin).await.unwrap() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), so).await.unwrap_or_else(|_| panic!("never: {sql}"));
}
