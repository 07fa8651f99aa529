//! The queue as operators see it: that a job is there and how it fares, never what is in it.

use chrono::{DateTime, Utc};
use kernel::{Limit, Page};
use tenants::{DbError, PlatformTx, TenantId};
use uuid::Uuid;

use super::{JobError, JobId, queries};

/// How a job of the queue fares. One that is done is in it no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueState {
    /// Its time has not come.
    Scheduled,
    /// It waits for a worker.
    Waiting,
    /// A worker has it.
    Running,
    /// It was given up.
    Failed,
}

impl QueueState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Scheduled, Self::Waiting, Self::Running, Self::Failed];

    /// Its word in the queue and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Failed => "failed",
        }
    }
}

/// A job of the queue.
#[derive(Debug, Clone)]
pub struct Queued {
    /// Its id.
    pub id: JobId,
    /// Whose it is; none for the platform.
    pub store: Option<Uuid>,
    /// What kind it is.
    pub kind: String,
    /// How it fares.
    pub state: String,
    /// How often it was tried again.
    pub retries: i32,
    /// Why the last try failed.
    pub error: Option<String>,
    /// When it is to begin, or was.
    pub scheduled_at: DateTime<Utc>,
    /// When the last try began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was put in.
    pub created_at: DateTime<Utc>,
    /// When something last changed.
    pub updated_at: DateTime<Utc>,
}

/// How many jobs of a kind are in a state.
#[derive(Debug, Clone)]
pub struct Count {
    /// The kind.
    pub kind: String,
    /// The state.
    pub state: String,
    /// How many.
    pub count: i64,
    /// Since when the oldest is due.
    pub oldest: DateTime<Utc>,
}

/// Which jobs to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<QueueState>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this store.
    pub store: Option<TenantId>,
}

/// A page of the queue, the newest first, those before `before`.
///
/// # Errors
/// [`DbError`].
pub async fn list_queue(
    tx: &mut PlatformTx,
    filter: &Filter,
    before: Option<JobId>,
    limit: Limit,
) -> Result<Page<Queued>, DbError> {
    Ok(Page::cut(queries::list_queue(tx, filter, before, limit).await?, limit))
}

/// How many jobs of each kind are in each state.
///
/// # Errors
/// [`DbError`].
pub async fn count_queue(tx: &mut PlatformTx) -> Result<Vec<Count>, DbError> {
    queries::count_queue(tx).await
}

/// A job of the queue.
///
/// # Errors
/// [`JobError::NoJob`]: never there, or done.
pub async fn queued(tx: &mut PlatformTx, id: JobId) -> Result<Queued, JobError> {
    queries::queued(tx, id).await?.ok_or(JobError::NoJob(id))
}

/// Puts a job that was given up back, to be tried as often as a new one.
///
/// # Errors
/// [`JobError::NoJob`], [`JobError::NotFailed`].
pub async fn try_again(tx: &mut PlatformTx, id: JobId) -> Result<Queued, JobError> {
    if !queries::try_again(tx, id).await? {
        queued(tx, id).await?;
        return Err(JobError::NotFailed);
    }
    tx.ring_when_committed();
    queued(tx, id).await
}
