//! Transactions that see one store.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Postgres, Transaction};

use super::commits::Commits;
use super::pool::now;
use super::{Bell, Database};
use crate::{DbError, TenantId};

/// The database as the restricted role: gives out transactions of one store each.
#[derive(Debug, Clone)]
pub struct TenantDb {
    database: Database,
    bell: Bell,
    commits: Commits,
}

/// A transaction that sees one store's rows and no other's. Dropped without a commit, it changes nothing.
#[derive(Debug)]
pub struct TenantTx {
    tx: Transaction<'static, Postgres>,
    tenant: TenantId,
    now: DateTime<Utc>,
    bell: Bell,
    rings: bool,
    /// None where nothing can be written.
    commits: Option<Commits>,
}

impl TenantDb {
    /// Wraps the connections of the log-in `stoa_app`, or of a member of it.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database, bell: Bell::default(), commits: Commits::default() }
    }

    /// Counts commits together with `other`, of this process too: who asks one whether a store was written to learns of both.
    pub fn count_with(&mut self, other: &Self) {
        self.commits = other.commits.clone();
    }

    /// Rung when a transaction that asked for it is committed.
    #[must_use]
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// Says something on a channel of the database, where it is of no consequence that nobody hears it.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn notify(&self, channel: &str) -> Result<(), DbError> {
        self.database.notify(channel).await
    }

    /// Begins a transaction as the restricted role, with `tenant` as its only visible store.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] where the database can't be reached.
    pub async fn begin(&self, tenant: TenantId) -> Result<TenantTx, DbError> {
        let commits = Some(self.commits.clone());
        Ok(TenantTx { commits, ..self.begin_as("BEGIN", tenant).await? })
    }

    /// Begins a transaction that only reads, from one snapshot. It needs no commit: dropping it ends it.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] where the database can't be reached.
    pub async fn begin_read(&self, tenant: TenantId) -> Result<TenantTx, DbError> {
        self.begin_as("BEGIN READ ONLY, ISOLATION LEVEL REPEATABLE READ", tenant).await
    }

    async fn begin_as(&self, begin: &'static str, tenant: TenantId) -> Result<TenantTx, DbError> {
        let sql = format!("{begin}; SET LOCAL ROLE stoa_app; SET LOCAL app.tenant_id = '{tenant}'");
        Ok(TenantTx {
            tx: self.database.begin(sql).await?,
            tenant,
            now: now(),
            bell: self.bell.clone(),
            rings: false,
            commits: None,
        })
    }

    /// A transaction without a store, for the audited look-ups that find one. It sees no store's rows.
    pub(crate) async fn begin_without_tenant(&self) -> Result<Transaction<'static, Postgres>, DbError> {
        self.database.begin("BEGIN READ ONLY; SET LOCAL ROLE stoa_app; SET LOCAL app.tenant_id = ''".to_owned()).await
    }

    /// A transaction that sets nothing itself, to see what a connection remembers.
    #[doc(hidden)]
    pub async fn begin_bare(&self) -> Result<TenantTx, DbError> {
        Ok(TenantTx {
            tx: self.database.begin("BEGIN".to_owned()).await?,
            tenant: TenantId(uuid::Uuid::nil()),
            now: now(),
            bell: self.bell.clone(),
            rings: false,
            commits: None,
        })
    }

    /// A number that is another one as soon as this process has committed something to the store.
    #[must_use]
    pub fn commits(&self, tenant: TenantId) -> u64 {
        self.commits.of(tenant)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] where it does not.
    pub async fn ping(&self) -> Result<(), DbError> {
        self.begin_without_tenant().await.map(drop)
    }
}

impl TenantTx {
    /// The store whose rows this transaction sees.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The moment at which the transaction began: what every row that it writes calls "now".
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The connection, for a query.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Undoes what was written, and ends with that: locks are free when this returns, not some time after.
    ///
    /// # Errors
    /// [`DbError`] where the connection is lost; then it is undone, too.
    pub async fn roll_back(self) -> Result<(), DbError> {
        Ok(self.tx.rollback().await?)
    }

    /// Makes what was written last.
    ///
    /// # Errors
    /// [`DbError`] where the database did not take it; then nothing is written.
    pub async fn commit(self) -> Result<(), DbError> {
        {
            let _counts = self.commits.as_ref().map(|commits| commits.under_way(self.tenant));
            self.tx.commit().await?;
        }
        if self.rings {
            self.bell.ring();
        }
        Ok(())
    }

    /// Rings [`TenantDb::bell`] once this is committed.
    pub fn ring_when_committed(&mut self) {
        self.rings = true;
    }
}
