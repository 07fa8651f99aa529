//! The queue of jobs, as operators see it.

use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::jobs::{self, Count, Filter, JobId, QueueState, Queued};
use kernel::Limit;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Enum, Object, OpenApi};
use serde::Serialize;
use tenants::TenantId;
use uuid::Uuid;

use crate::guard::OperatorCaller;
use crate::http::{Answer, Fail, OperatorActs, OperatorReads, json};
use crate::tag::Tag;

pub(crate) struct JobsApi;

/// How a job fares. One that is done is in the queue no more.
#[derive(Enum, Clone, Copy)]
#[oai(rename = "QueueState", rename_all = "lowercase")]
enum StateParam {
    /// Its time has not come.
    Scheduled,
    /// It waits for a worker.
    Waiting,
    /// A worker has it.
    Running,
    /// It was given up.
    Failed,
}

impl From<StateParam> for QueueState {
    fn from(state: StateParam) -> Self {
        match state {
            StateParam::Scheduled => Self::Scheduled,
            StateParam::Waiting => Self::Waiting,
            StateParam::Running => Self::Running,
            StateParam::Failed => Self::Failed,
        }
    }
}

#[OpenApi(prefix_path = "/jobs", tag = "Tag::Jobs")]
impl JobsApi {
    /// List jobs
    ///
    /// Those that wait, run, or failed, the newest first, page by page. What is in them is not shown.
    #[oai(path = "/", method = "get", operation_id = "listJobs")]
    async fn list(
        &self,
        caller: OperatorCaller,
        /// Only those that fare so.
        state: Query<Option<StateParam>>,
        /// Only those of this kind.
        #[oai(validator(max_length = 100, pattern = "^[a-z_]+\\.[a-z_]+$"))]
        kind: Query<Option<String>>,
        /// Only those of this store.
        store_id: Query<Option<Uuid>>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<QueuePage>, Fail<OperatorReads>> {
        let (state, store) = (state.0.map(QueueState::from), store_id.0);
        let scope = ("jobs", state.map(QueueState::as_str), &kind.0, store);
        let cursors = &caller.app().cursors;
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let filter = Filter { state, kind: kind.0.clone(), store: store.map(TenantId) };
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = jobs::list_queue(&mut caller.begin().await?, &filter, before.map(JobId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|job| job.id.0);
        let next_cursor = last.and_then(|id| cursors.seal(&scope, &id));
        Ok(Answer::plain(&QueuePage { items: page.items.into_iter().map(QueuedShown::from).collect(), next_cursor })?)
    }

    /// Count jobs
    ///
    /// By kind and state, with the time at which the oldest was due.
    #[oai(path = "/counts", method = "get", operation_id = "countJobs")]
    async fn count(&self, caller: OperatorCaller) -> Result<Answer<CountsShown>, Fail<OperatorReads>> {
        let counts = jobs::count_queue(&mut caller.begin().await?).await?;
        Ok(Answer::plain(&CountsShown { items: counts.into_iter().map(CountShown::from).collect() })?)
    }

    /// Get a job
    ///
    /// As long as it is not done.
    #[oai(path = "/:id", method = "get", operation_id = "getJob")]
    async fn get(
        &self,
        caller: OperatorCaller,
        /// The job's id.
        id: Path<Uuid>,
    ) -> Result<Answer<QueuedShown>, Fail<OperatorReads>> {
        let job = jobs::queued(&mut caller.begin().await?, JobId(id.0)).await?;
        Ok(Answer::plain(&QueuedShown::from(job))?)
    }

    /// Try a failed job again
    ///
    /// As often as a new one.
    #[oai(path = "/:id/retry", method = "post", operation_id = "retryJob")]
    async fn retry(
        &self,
        caller: OperatorCaller,
        /// The job's id.
        id: Path<Uuid>,
    ) -> Result<Answer<QueuedShown>, Fail<OperatorActs>> {
        let id = JobId(id.0);
        let mut change = caller.change().await?;
        let shown = QueuedShown::from(jobs::try_again(change.tx(), id).await?);
        change.commit(Entry::new("retryJob", "job", id).after(json(&shown))).await?;
        Ok(Answer::plain(&shown)?)
    }
}

fn twenty() -> u8 {
    20
}

/// A job of the queue.
#[derive(Object, Serialize)]
#[oai(rename = "QueuedJob")]
struct QueuedShown {
    /// Its id.
    id: Uuid,
    /// Whose it is; null for the platform's own.
    store_id: Option<Uuid>,
    /// What kind it is.
    kind: String,
    /// `scheduled`, `waiting`, `running` or `failed`.
    state: String,
    /// How often it was tried again.
    retries: i32,
    /// Why the last try failed.
    error: Option<String>,
    /// When it is to begin, or was.
    scheduled_at: DateTime<Utc>,
    /// When the last try began.
    started_at: Option<DateTime<Utc>>,
    /// When it was put in.
    created_at: DateTime<Utc>,
    /// When something last changed.
    updated_at: DateTime<Utc>,
}

impl From<Queued> for QueuedShown {
    fn from(job: Queued) -> Self {
        Self {
            id: job.id.0,
            store_id: job.store,
            kind: job.kind,
            state: job.state,
            retries: job.retries,
            error: job.error,
            scheduled_at: job.scheduled_at,
            started_at: job.started_at,
            created_at: job.created_at,
            updated_at: job.updated_at,
        }
    }
}

/// A page of the queue.
#[derive(Object, Serialize)]
struct QueuePage {
    /// The jobs, the newest first.
    items: Vec<QueuedShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// How many jobs of a kind are in a state.
#[derive(Object, Serialize)]
#[oai(rename = "JobCount")]
struct CountShown {
    /// The kind.
    kind: String,
    /// The state.
    state: String,
    /// How many.
    count: i64,
    /// When the oldest of them was due.
    oldest_due_at: DateTime<Utc>,
}

impl From<Count> for CountShown {
    fn from(count: Count) -> Self {
        Self { kind: count.kind, state: count.state, count: count.count, oldest_due_at: count.oldest }
    }
}

/// How many jobs there are.
#[derive(Object, Serialize)]
#[oai(rename = "JobCounts")]
struct CountsShown {
    /// By kind and state.
    items: Vec<CountShown>,
}
