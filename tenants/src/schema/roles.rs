//! The roles of a cluster and a database for them: an administrator's work, done by `stoa dev`, the tests, or a person.

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};

/// What an administrator runs once a cluster.
pub const ROLES_SQL: &str = include_str!("../../../migrations/roles.sql");

/// What an administrator runs once in a new database.
pub const DATABASE_SQL: &str = include_str!("../../../migrations/database.sql");

/// A role that logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogIn {
    /// `stoa_app`: requests.
    App,
    /// `stoa_worker`: jobs.
    Worker,
    /// `stoa_platform`: the registry of stores.
    Platform,
    /// `stoa_migrator`: `stoa migrate`.
    Migrator,
}

impl LogIn {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::App, Self::Worker, Self::Platform, Self::Migrator];

    /// The role's name in the database.
    #[must_use]
    pub fn role(self) -> &'static str {
        match self {
            Self::App => "stoa_app",
            Self::Worker => "stoa_worker",
            Self::Platform => "stoa_platform",
            Self::Migrator => "stoa_migrator",
        }
    }
}

/// Whose roles may be there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    /// The cluster is ours alone, and so is every role in it.
    Ours,
    /// Only roles that bear this mark, which new ones get, are ours. Those of others keep their passwords.
    Marked(&'a str),
}

/// Why the roles were not made.
#[derive(Debug, thiserror::Error)]
pub enum RolesError {
    /// They are there, and belong to another deployment.
    #[error("the server has the roles of another deployment, whose passwords would change")]
    OfAnother,
    /// The server could not be reached, or refused.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// Makes the roles, and gives each log-in what `password` says. Safe to run again, and by two at once.
///
/// # Errors
/// [`RolesError::OfAnother`], and whatever the server answers, most likely that `admin` may not make roles.
pub async fn create_roles(
    admin: &PgConnectOptions,
    whose: Whose<'_>,
    password: impl Fn(LogIn) -> String,
) -> Result<(), RolesError> {
    let mut conn = admin.connect().await?;
    let mut tx = conn.begin().await?;
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('stoa roles'))").await?;
    tx.execute("SET LOCAL client_min_messages = warning").await?;
    if let Whose::Marked(mark) = whose {
        let there = "SELECT EXISTS (SELECT FROM pg_roles \
             WHERE rolname IN ('stoa_owner', 'stoa_migrator', 'stoa_app', 'stoa_worker', 'stoa_platform'))";
        let there: bool = sqlx::query_scalar(there).fetch_one(&mut *tx).await?;
        if there && read_mark(&mut tx).await?.as_deref() != Some(mark) {
            return Err(RolesError::OfAnother);
        }
    }
    tx.execute(ROLES_SQL).await?;
    for log_in in LogIn::ALL {
        let secret = password(log_in).replace('\'', "''");
        tx.execute(format!("ALTER ROLE {} PASSWORD '{secret}'", log_in.role()).as_str()).await?;
    }
    if let Whose::Marked(mark) = whose {
        write_mark(&mut tx, mark).await?;
    }
    tx.commit().await?;
    Ok(conn.close().await?)
}

/// The mark of the deployment that made the roles; none where nobody left one.
///
/// # Errors
/// Whatever the server answers.
pub async fn marker(admin: &PgConnectOptions) -> Result<Option<String>, sqlx::Error> {
    let mut conn = admin.connect().await?;
    let found = read_mark(&mut conn).await?;
    conn.close().await?;
    Ok(found)
}

/// Marks the roles as those of the deployment `mark`.
///
/// # Errors
/// Whatever the server answers.
pub async fn mark(admin: &PgConnectOptions, mark: &str) -> Result<(), sqlx::Error> {
    let mut conn = admin.connect().await?;
    write_mark(&mut conn, mark).await?;
    conn.close().await
}

async fn read_mark(conn: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    const SQL: &str = "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = 'stoa_app'";
    Ok(sqlx::query_scalar(SQL).fetch_optional(conn).await?.flatten())
}

async fn write_mark(conn: &mut PgConnection, mark: &str) -> Result<(), sqlx::Error> {
    let mark = mark.replace('\'', "''");
    conn.execute(format!("COMMENT ON ROLE stoa_app IS '{mark}'").as_str()).await.map(drop)
}

/// Makes the database `name`, owned by `stoa_owner`, as a copy of `template` where one is given. One that is there
/// already keeps what is in it. Safe to run again.
///
/// # Errors
/// Whatever the server answers.
pub async fn create_database(admin: &PgConnectOptions, name: &str, template: Option<&str>) -> Result<(), sqlx::Error> {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let mut conn = admin.connect().await?;
    let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(&mut conn)
        .await?;
    conn.execute("GRANT stoa_owner TO current_user").await?;
    if !there {
        let copy = template.map(|template| format!("TEMPLATE {}", quoted(template))).unwrap_or_default();
        conn.execute(format!("CREATE DATABASE {} OWNER stoa_owner {copy}", quoted(name)).as_str()).await?;
    }
    conn.close().await?;
    close_database(&admin.clone().database(name)).await
}

/// Hands the database that `admin` connects to, which is there already, to `stoa_owner`. Safe to run again.
///
/// # Errors
/// Whatever the server answers.
pub async fn adopt_database(admin: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let mut conn = admin.connect().await?;
    let name: String = sqlx::query_scalar("SELECT quote_ident(current_database())").fetch_one(&mut conn).await?;
    conn.execute(format!("GRANT CREATE ON DATABASE {name} TO stoa_owner").as_str()).await?;
    conn.execute("GRANT CREATE, USAGE ON SCHEMA public TO stoa_owner WITH GRANT OPTION").await?;
    conn.close().await?;
    close_database(admin).await
}

/// Closes the database that `admin` connects to for everyone but the log-ins.
async fn close_database(admin: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let mut conn = admin.connect().await?;
    let mut tx = conn.begin().await?;
    tx.execute("SET LOCAL client_min_messages = error").await?;
    tx.execute(DATABASE_SQL).await?;
    tx.commit().await?;
    conn.close().await
}
