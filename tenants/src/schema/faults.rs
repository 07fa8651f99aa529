//! The self-check: what in the catalogues of PostgreSQL would let a row out of its store.

use std::fmt;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};

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
    let found = sqlx::query_as(FAULTS_SQL).fetch_all(&mut conn).await?;
    conn.close().await?;
    Ok(found)
}

/// Whether `connect` logs in as somebody whom policies do not bind, and why that is so.
///
/// # Errors
/// Whatever keeps the catalogues from being read.
pub async fn refuse_strong_role(connect: &PgConnectOptions) -> Result<Option<Fault>, sqlx::Error> {
    const SQL: &str = "SELECT 'log_in_too_strong' AS rule, rolname::text AS object, \
         concat_ws(', ', CASE WHEN rolsuper THEN 'is superuser' END, CASE WHEN rolbypassrls THEN 'has BYPASSRLS' END, \
         CASE WHEN owns THEN 'owns tables' END) AS detail \
         FROM pg_roles r, LATERAL (SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname IN ('public', 'platform') AND c.relkind IN ('r', 'p') AND c.relowner = r.oid)) o (owns) \
         WHERE rolname IN (session_user, current_user) AND (rolsuper OR rolbypassrls OR owns)";
    let mut conn = connect.connect().await?;
    let found = sqlx::query_as(SQL).fetch_optional(&mut conn).await?;
    conn.close().await?;
    Ok(found)
}
