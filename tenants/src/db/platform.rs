//! Transactions of the platform: the registry and its operators, no store's data.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Postgres, Transaction};

use super::pool::now;
use super::{Bell, Database};
use crate::DbError;

/// The database as the log-in of the platform's operators.
#[derive(Debug, Clone)]
pub struct PlatformDb {
    database: Database,
    bell: Bell,
}

/// A transaction that sees the platform's tables. Dropped without a commit, it changes nothing.
#[derive(Debug)]
pub struct PlatformTx {
    tx: Transaction<'static, Postgres>,
    now: DateTime<Utc>,
    bell: Bell,
    rings: bool,
}

impl PlatformDb {
    /// Wraps the connections of the log-in `stoa_platform`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database, bell: Bell::default() }
    }

    /// Rung when a transaction that asked for it is committed.
    #[must_use]
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] where the database can't be reached.
    pub async fn begin(&self) -> Result<PlatformTx, DbError> {
        let tx = self.database.begin("BEGIN; SET LOCAL ROLE stoa_platform".to_owned()).await?;
        Ok(PlatformTx { tx, now: now(), bell: self.bell.clone(), rings: false })
    }
}

impl PlatformTx {
    /// The moment at which the transaction began.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The connection, for a query.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Makes what was written last.
    ///
    /// # Errors
    /// [`DbError`] where the database did not take it; then nothing is written.
    pub async fn commit(self) -> Result<(), DbError> {
        self.tx.commit().await?;
        if self.rings {
            self.bell.ring();
        }
        Ok(())
    }

    /// Rings [`PlatformDb::bell`] once this is committed.
    pub fn ring_when_committed(&mut self) {
        self.rings = true;
    }
}
