//! The pool of one log-in, and how a transaction is begun on it.

use std::time::Duration;

use chrono::{DateTime, SubsecRound as _, Utc};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{Postgres, Transaction};

use crate::DbError;

/// How to reach the database as one log-in.
#[derive(Clone)]
pub struct DatabaseOptions {
    /// Where, and as whom.
    pub connect: PgConnectOptions,
    /// The most connections to hold.
    pub connections: u32,
    /// How long to wait for a free one before a caller is told to try again.
    pub patience: Duration,
}

/// The connections of one log-in. Private to this crate but for making one: work is done in a [`crate::TenantTx`] or a
/// [`crate::PlatformTx`].
#[derive(Debug, Clone)]
pub struct Database {
    #[expect(clippy::disallowed_types, reason = "the one place that holds a pool")]
    pool: sqlx::PgPool,
}

impl Database {
    /// A pool that connects when it is first used.
    #[must_use]
    pub fn new(options: DatabaseOptions) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(options.connections)
            .acquire_timeout(options.patience)
            // The ping before each use would halve the throughput; `begin` finds a dead connection out by itself.
            .test_before_acquire(false)
            .max_lifetime(Duration::from_secs(30 * 60))
            .connect_lazy_with(options.connect.application_name("stoa"));
        Self { pool }
    }

    /// Begins a transaction with `sql`, in one round trip. `sql` holds nothing that a caller wrote.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] where no connection could be had or none of those at hand was alive: a server that
    /// refuses a log-in is, to a caller, not there.
    pub(crate) async fn begin(&self, sql: String) -> Result<Transaction<'static, Postgres>, DbError> {
        let pool = self.pool.clone();
        // In a task of its own: a caller that is dropped here must not give back a half-begun connection.
        tokio::spawn(async move {
            // Every idle connection may have died with the server; each try discards one, so the last is a fresh one.
            let mut tries = pool.size().saturating_add(1);
            loop {
                #[expect(clippy::disallowed_methods, reason = "the one place that begins a transaction")]
                match pool.begin_with(sql.clone()).await {
                    Err(err) if tries > 0 && DbError::is_of_the_connection(&err) => tries -= 1,
                    done => return done.map_err(DbError::Unavailable),
                }
            }
        })
        .await?
    }

    /// A connection outside of a transaction, for the queue.
    ///
    /// # Errors
    /// [`DbError::Unavailable`].
    pub(super) async fn acquire(&self) -> Result<PoolConnection<Postgres>, DbError> {
        #[expect(clippy::disallowed_methods, reason = "the queue's statements are transactions of their own")]
        self.pool.acquire().await.map_err(DbError::Unavailable)
    }

    /// Takes a connection out to listen on a channel.
    ///
    /// # Errors
    /// [`DbError::Unavailable`].
    pub(super) async fn listen(&self, channel: &str) -> Result<PgListener, DbError> {
        let mut listener = PgListener::connect_with(&self.pool).await.map_err(DbError::Unavailable)?;
        listener.listen(channel).await.map_err(DbError::Unavailable)?;
        Ok(listener)
    }

    /// Says something on a channel, where it is of no consequence that nobody hears it.
    ///
    /// # Errors
    /// [`DbError`].
    pub(super) async fn notify(&self, channel: &str) -> Result<(), DbError> {
        let mut conn = self.acquire().await?;
        sqlx::query("SELECT pg_notify($1, '')").bind(channel).execute(&mut *conn).await?;
        Ok(())
    }

    /// Closes the connections, after what is under way on them.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Now, as precise as the database keeps it: what is answered first is what is read later.
pub(super) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
