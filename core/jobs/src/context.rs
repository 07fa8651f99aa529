//! What a job works with.

use std::sync::Arc;

use crate::Metrics;
use domain::access::RoleGrants;
use domain::images::Objects;
use domain::jobs::{self, JobId, ProgressState};
use domain::mail::Mailer;
use domain::orders::OrderTokens;
use domain::payments::Teller;
use gateway::Gateways;
use serde::Serialize;
use tenants::{DbError, PlatformDb, TenantDb, TenantId, TenantTx, WorkerDb};

/// What all jobs share.
#[derive(Clone)]
pub struct Context {
    /// The database, for work in a store.
    pub tenants: TenantDb,
    /// The database, for the platform.
    pub platform: PlatformDb,
    /// The queue itself, for its own clean-up.
    pub queue: WorkerDb,
    /// Delivers mails.
    pub mailer: Arc<dyn Mailer>,
    /// Keeps pictures.
    pub objects: Arc<dyn Objects>,
    /// Runs payment gateways.
    pub gateways: Arc<dyn Gateways>,
    /// What the built-in roles hold.
    pub grants: Arc<dyn RoleGrants>,
    /// Counts jobs.
    pub metrics: Metrics,
    /// The tokens by which visitors get at their orders.
    pub order_tokens: OrderTokens,
    /// Asks payment gateways.
    pub teller: Teller,
    /// How a browser reaches the deployment: scheme, base domain and port, without a path.
    pub base_url: String,
}

impl Context {
    /// The address of a store's storefront: from its registered name.
    #[must_use]
    pub fn store_url(&self, slug: &str) -> String {
        domain::mail::store_url(&self.base_url, slug)
    }
}

/// What a job of a store works with: that store, and no other.
pub struct InStore {
    /// What all jobs share.
    pub shared: Context,
    /// The store.
    pub tenant: TenantId,
    /// The job.
    pub job: JobId,
}

/// What a job of the platform works with.
pub struct InPlatform {
    /// What all jobs share.
    pub shared: Context,
}

/// Why a job was not done. Its text is read by operators, and by staff where the job was theirs: it holds no secret and
/// names no person.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It may be done another time.
    #[error("{0}")]
    Again(String),
    /// It can't be done, ever.
    #[error("{0}")]
    Never(String),
}

impl Failure {
    /// It may be done another time.
    pub fn again(why: impl ToString) -> Self {
        Self::Again(why.to_string())
    }

    /// It can't be done, ever.
    pub fn never(why: impl ToString) -> Self {
        Self::Never(why.to_string())
    }
}

impl From<DbError> for Failure {
    fn from(err: DbError) -> Self {
        Self::Again(err.to_string())
    }
}

impl InStore {
    /// A transaction of the store.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin(&self) -> Result<TenantTx, DbError> {
        self.shared.tenants.begin(self.tenant).await
    }

    /// A transaction that reads the store.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin_read(&self) -> Result<TenantTx, DbError> {
        self.shared.tenants.begin_read(self.tenant).await
    }

    /// Says how far a tracked job is, in a transaction of its own. Answers whether to go on: false where somebody asked it
    /// to stop; then it puts away what is half done and returns.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn advance(&self, done: i64, total: Option<i64>) -> Result<bool, DbError> {
        let mut tx = self.begin().await?;
        let goes_on = jobs::advance(&mut tx, self.job, done, total).await?;
        tx.commit().await?;
        Ok(goes_on)
    }

    /// Notes in `tx` that a tracked job is done, and what came of it: together with the last of its work.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn finish(&self, tx: &mut TenantTx, result: &impl Serialize) -> Result<(), DbError> {
        let result = serde_json::to_value(result).ok();
        jobs::end(tx, self.job, ProgressState::Finished, result.as_ref(), None).await
    }
}
