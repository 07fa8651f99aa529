//! Bringing a database up to this build's schema.

use sqlx::migrate::{Migrate as _, MigrateError, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// Why the schema could not be brought up, or is not what this build needs.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The server could not be reached, or refused.
    #[error("the database could not be reached or refused")]
    Db(#[from] sqlx::Error),
    /// A migration failed.
    #[error("a migration failed")]
    Migration(#[from] MigrateError),
}

/// Applies what is missing, as `stoa_migrator`. Safe to run again, and by two at once. Answers the version reached.
///
/// # Errors
/// [`SchemaError`], after which each migration is either there whole or not at all.
pub async fn migrate(migrator: &PgConnectOptions) -> Result<i64, SchemaError> {
    // The bookkeeping lives in a schema of its own: it is no table of a store.
    let mut conn = migrator.clone().options([("search_path", "migrations")]).connect().await?;
    prepare(&mut conn).await?;
    MIGRATIONS.run(&mut conn).await?;
    conn.close().await?;
    Ok(wanted_version())
}

/// Makes the schema and the table of the bookkeeping, and grants that table alone: what a migration leaves there by
/// mistake is nobody's.
async fn prepare(conn: &mut PgConnection) -> Result<(), SchemaError> {
    let mut tx = conn.begin().await?;
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('stoa migrate'))").await?;
    let there: bool =
        sqlx::query_scalar("SELECT to_regnamespace('migrations') IS NOT NULL").fetch_one(&mut *tx).await?;
    if !there {
        tx.execute("SET LOCAL ROLE stoa_owner; CREATE SCHEMA migrations; RESET ROLE").await?;
    }
    tx.execute(
        "SET LOCAL ROLE stoa_owner; GRANT USAGE, CREATE ON SCHEMA migrations TO stoa_migrator; \
         GRANT USAGE ON SCHEMA migrations TO stoa_app, stoa_worker, stoa_platform; RESET ROLE; \
         ALTER DEFAULT PRIVILEGES IN SCHEMA migrations REVOKE ALL ON TABLES \
         FROM stoa_owner, stoa_app, stoa_worker, stoa_platform",
    )
    .await?;
    tx.ensure_migrations_table().await?;
    tx.execute(
        "GRANT SELECT ON migrations._sqlx_migrations TO stoa_app, stoa_worker, stoa_platform; \
         GRANT SELECT, INSERT, UPDATE ON migrations._sqlx_migrations TO stoa_owner",
    )
    .await?;
    Ok(tx.commit().await?)
}

/// The version that this build needs at least.
#[must_use]
pub fn wanted_version() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// The version that a database is at: 0 where it was never migrated.
///
/// # Errors
/// [`SchemaError::Db`] where it can't be read.
pub async fn version(connect: &PgConnectOptions) -> Result<i64, SchemaError> {
    let mut conn = connect.connect().await?;
    let there: bool = sqlx::query_scalar("SELECT to_regclass('migrations._sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut conn)
        .await?;
    let version = if there {
        sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM migrations._sqlx_migrations WHERE success")
            .fetch_one(&mut conn)
            .await?
    } else {
        0
    };
    conn.close().await?;
    Ok(version)
}
