//! The queue of jobs, as the log-in that alone may read it.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgListener;
use sqlx::{PgConnection, Postgres};

use super::Database;
use crate::DbError;

/// The database as the log-in `stoa_worker`. What a job does in a store it does in a [`crate::TenantTx`].
#[derive(Debug, Clone)]
pub struct WorkerDb {
    database: Database,
}

/// A connection to the queue. Each statement is a transaction of its own.
#[derive(Debug)]
pub struct WorkerConn(PoolConnection<Postgres>);

/// Hears what is said on a channel. Connects anew by itself.
#[derive(Debug)]
pub struct Listener(PgListener);

impl WorkerDb {
    /// Wraps the connections of the log-in `stoa_worker`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// A connection.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] where the database can't be reached.
    pub async fn conn(&self) -> Result<WorkerConn, DbError> {
        Ok(WorkerConn(self.database.acquire().await?))
    }

    /// Listens on `channel`. The connection is held for as long, and must not go through a pooler.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] where the database can't be reached.
    pub async fn listen(&self, channel: &str) -> Result<Listener, DbError> {
        Ok(Listener(self.database.listen(channel).await?))
    }
}

impl Listener {
    /// Waits until something is said, or until the connection was lost and is there again: something may have been said
    /// in between.
    ///
    /// # Errors
    /// [`DbError`] where it can't connect again.
    pub async fn heard(&mut self) -> Result<(), DbError> {
        Ok(self.0.try_recv().await.map(drop)?)
    }
}

impl Deref for WorkerConn {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for WorkerConn {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}
