//! What a store may see of the jobs that its staff asked for.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{DomainError, Kind};
use serde_json::Value;
use tenants::{DbError, TenantTx};

use super::{JobId, queries};

/// How a job fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressState {
    /// It has not begun, or waits to be tried again.
    Waiting,
    /// It is under way.
    Running,
    /// It was done.
    Finished,
    /// It was given up.
    Failed,
    /// It was stopped because somebody asked for that.
    Cancelled,
}

impl ProgressState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Running, Self::Finished, Self::Failed, Self::Cancelled];

    /// Its word in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it is over.
    #[must_use]
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Finished | Self::Failed | Self::Cancelled)
    }

    pub(super) fn read(word: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == word).unwrap_or(Self::Failed)
    }
}

/// How far a job is.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The job.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// How it fares.
    pub state: ProgressState,
    /// How many pieces of work are done.
    pub done: i64,
    /// How many there are, once that is known.
    pub total: Option<i64>,
    /// What came of it.
    pub result: Option<Value>,
    /// Why it failed.
    pub error: Option<String>,
    /// Whether somebody asked it to stop.
    pub cancel_asked: bool,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When something last changed.
    pub updated_at: DateTime<Utc>,
}

/// Why a job is not shown or not stopped.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// No such job in this store.
    #[error("there is no job {0}")]
    NoJob(JobId),
    /// It was not given up.
    #[error("only a job that failed can be tried again")]
    NotFailed,
    /// It is over.
    #[error("the job has ended: it is {}", .0.as_str())]
    Ended(ProgressState),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl DomainError for JobError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoJob(_) => Kind::NotFound,
            Self::Ended(_) | Self::NotFailed => Kind::Conflict,
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoJob(_) => "job.no_job",
            Self::Ended(_) => "job.ended",
            Self::NotFailed => "job.not_failed",
            Self::Db(err) => err.code(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        if let Self::Db(err) = self { err.retry_after_seconds() } else { None }
    }
}

/// How far a job of this store is.
///
/// # Errors
/// [`JobError::NoJob`].
pub async fn progress(tx: &mut TenantTx, id: JobId) -> Result<Progress, JobError> {
    queries::progress(tx, id).await?.ok_or(JobError::NoJob(id))
}

/// Asks a job to stop. One that has not begun never does; one that is under way stops when it next looks.
///
/// # Errors
/// [`JobError::NoJob`], [`JobError::Ended`].
pub async fn ask_to_cancel(tx: &mut TenantTx, id: JobId) -> Result<Progress, JobError> {
    if queries::ask_to_cancel(tx, id).await? {
        return progress(tx, id).await;
    }
    Err(JobError::Ended(progress(tx, id).await?.state))
}

/// Notes that a job is begun, perhaps again. Answers whether it is to go on: it may have been asked to stop, or be done.
///
/// # Errors
/// [`DbError`].
pub async fn begin(tx: &mut TenantTx, id: JobId) -> Result<bool, DbError> {
    queries::begin(tx, id).await
}

/// Notes how far a job is. Answers whether it is to go on: somebody may have asked it to stop.
///
/// # Errors
/// [`DbError`].
pub async fn advance(tx: &mut TenantTx, id: JobId, done: i64, total: Option<i64>) -> Result<bool, DbError> {
    queries::advance(tx, id, done, total).await
}

/// Notes how a job ended; the first end counts. With what came of it, or why it failed.
///
/// # Errors
/// [`DbError`].
pub async fn end(
    tx: &mut TenantTx,
    id: JobId,
    state: ProgressState,
    result: Option<&Value>,
    error: Option<&str>,
) -> Result<(), DbError> {
    queries::end(tx, id, state, result, error).await
}

/// How long the end of a job can be looked up.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Forgets jobs that ended long ago.
///
/// # Errors
/// [`DbError`].
pub async fn remove_ended(tx: &mut TenantTx) -> Result<(), DbError> {
    let before = tx.now() - KEPT;
    queries::remove_ended(tx, before).await
}
