//! The roles of a cluster and a database for them: an administrator's work, done by `stoa dev`, the tests, or a person.

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor};

/// What an administrator runs once a cluster.
pub const ROLES_SQL: &str = include_str!("../../../migrations/roles.sql");

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

/// Makes the roles, and gives each log-in what `password` says. Safe to run again, and by two at once.
///
/// # Errors
/// Whatever the server answers, most likely that `admin` may not make roles.
pub async fn create_roles(admin: &PgConnectOptions, password: impl Fn(LogIn) -> String) -> Result<(), sqlx::Error> {
    let mut conn = admin.connect().await?;
    let mut tx = conn.begin().await?;
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('stoa roles'))").await?;
    tx.execute("SET LOCAL client_min_messages = warning").await?;
    tx.execute(ROLES_SQL).await?;
    for log_in in LogIn::ALL {
        let secret = password(log_in).replace('\'', "''");
        tx.execute(format!("ALTER ROLE {} PASSWORD '{secret}'", log_in.role()).as_str()).await?;
    }
    tx.commit().await?;
    conn.close().await
}

/// Makes the database `name`, owned by `stoa_owner`, as a copy of `template` where one is given. Leaves one that is
/// there already as it is.
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
    if !there {
        let copy = template.map(|template| format!("TEMPLATE {}", quoted(template))).unwrap_or_default();
        conn.execute("GRANT stoa_owner TO current_user").await?;
        conn.execute(format!("CREATE DATABASE {} OWNER stoa_owner {copy}", quoted(name)).as_str()).await?;
        conn.execute(format!("REVOKE ALL ON DATABASE {} FROM PUBLIC", quoted(name)).as_str()).await?;
        for log_in in LogIn::ALL {
            conn.execute(format!("GRANT CONNECT ON DATABASE {} TO {}", quoted(name), log_in.role()).as_str()).await?;
        }
    }
    conn.close().await
}

/// Hands the database that `admin` connects to, which is there already, to `stoa_owner`. Safe to run again.
///
/// # Errors
/// Whatever the server answers.
pub async fn adopt_database(admin: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let mut conn = admin.connect().await?;
    let name: String = sqlx::query_scalar("SELECT quote_ident(current_database())").fetch_one(&mut conn).await?;
    conn.execute(format!("GRANT CREATE ON DATABASE {name} TO stoa_owner").as_str()).await?;
    conn.execute("GRANT CREATE, USAGE ON SCHEMA public TO stoa_owner").await?;
    for log_in in LogIn::ALL {
        conn.execute(format!("GRANT CONNECT ON DATABASE {name} TO {}", log_in.role()).as_str()).await?;
    }
    conn.close().await
}
