//! The self-check: what in the catalogues of PostgreSQL would let a row out of its store.

use std::fmt;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};

use super::LogIn;

/// The look at the catalogues; each row is a fault.
pub const FAULTS_SQL: &str = include_str!("faults.sql");

/// Something in the database that weakens the walls between stores.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Fault {
    /// The rule that is broken: `row_security_off`, `key_without_tenant` …
    pub rule: String,
    /// What breaks it: a table, a function, a role.
    pub object: String,
    /// How.
    pub detail: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.object, self.detail, self.rule)
    }
}

/// Looks the whole schema over; empty where it is sound.
///
/// # Errors
/// Whatever keeps the catalogues from being read.
pub async fn faults(connect: &PgConnectOptions) -> Result<Vec<Fault>, sqlx::Error> {
    let mut conn = connect.connect().await?;
    let mut tx = conn.begin().await?;
    // Nothing that stands before PostgreSQL's own functions in the path answers for them.
    tx.execute("SET LOCAL search_path = pg_catalog").await?;
    let found = sqlx::query_as(FAULTS_SQL).fetch_all(&mut *tx).await?;
    tx.rollback().await?;
    conn.close().await?;
    Ok(found)
}

/// What makes whom `connect` logs in as unfit for the work of `log_in`: policies that do not bind it, roles that it could
/// change into, or that it is somebody else.
///
/// # Errors
/// Whatever keeps the catalogues from being read.
pub async fn refuse_strong_role(connect: &PgConnectOptions, log_in: LogIn) -> Result<Option<Fault>, sqlx::Error> {
    const SQL: &str = include_str!("log_in.sql");
    let mut conn = connect.connect().await?;
    let found = sqlx::query_as(SQL).bind(log_in.role()).fetch_optional(&mut conn).await?;
    conn.close().await?;
    Ok(found)
}

/// Which database a connection leads to: the server by when it started, and the database by its number there.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Place {
    /// The database's name.
    pub database: String,
    number: i64,
    server: DateTime<Utc>,
}

/// Where whoever connects with `connect` comes to.
///
/// # Errors
/// Whatever keeps it from connecting.
pub async fn place_of(connect: &PgConnectOptions) -> Result<Place, sqlx::Error> {
    let mut conn = connect.connect().await?;
    let found = place(&mut conn).await?;
    conn.close().await?;
    Ok(found)
}

/// Whether whoever logs in with `connect` may change the tables.
///
/// # Errors
/// Whatever keeps it from connecting.
pub async fn may_change_schema(connect: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    let mut conn = connect.connect().await?;
    let sql = "SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = 'stoa_owner'";
    let may: Option<bool> = sqlx::query_scalar(sql).fetch_optional(&mut conn).await?;
    conn.close().await?;
    Ok(may.unwrap_or(false))
}

/// Where `conn` leads to.
///
/// # Errors
/// Whatever the server answers.
pub async fn place(conn: &mut PgConnection) -> Result<Place, sqlx::Error> {
    const SQL: &str = "SELECT datname::text AS database, oid::bigint AS number, pg_postmaster_start_time() AS server \
         FROM pg_database WHERE datname = current_database()";
    sqlx::query_as(SQL).fetch_one(conn).await
}
