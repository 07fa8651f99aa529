//! Jobs that staff asked for, and what has happened in the store.

use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::jobs::{self, JobId, Progress};
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi, types::Any};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::guard::{Allowed, may};
use crate::http::{Answer, Fail, Reads, Steps, json};
use crate::tag::Tag;

pub(crate) struct JobsApi;

#[OpenApi(prefix_path = "/jobs", tag = "Tag::Jobs")]
impl JobsApi {
    /// Get a job
    ///
    /// How far an import or export is, and what came of it. It can be looked up for 30 days after its end.
    #[oai(path = "/:id", method = "get", operation_id = "getJob")]
    async fn get(
        &self,
        caller: Allowed<may::ReadJobs>,
        /// The job's id.
        id: Path<Uuid>,
    ) -> Result<Answer<JobShown>, Fail<Reads>> {
        let progress = jobs::progress(&mut caller.begin_read().await?, JobId(id.0)).await?;
        Ok(Answer::plain(&JobShown::from(progress))?)
    }

    /// Stop a job
    ///
    /// One that has not begun never does. One that is under way stops soon; what it has done stays.
    #[oai(path = "/:id/cancel", method = "post", operation_id = "cancelJob")]
    async fn cancel(
        &self,
        caller: Allowed<may::WriteJobs>,
        /// The job's id.
        id: Path<Uuid>,
    ) -> Result<Answer<JobShown>, Fail<Steps>> {
        let id = JobId(id.0);
        let mut change = caller.change().await?;
        let shown = JobShown::from(jobs::ask_to_cancel(change.tx(), id).await?);
        change.commit(Entry::new("cancelJob", "job", id).after(json(&shown))).await?;
        Ok(Answer::plain(&shown)?)
    }
}

/// How far a job is.
#[derive(Object, Serialize)]
#[oai(rename = "Job")]
pub(super) struct JobShown {
    /// Its id.
    id: Uuid,
    /// What kind it is.
    kind: String,
    /// `waiting`, `running`, `finished`, `failed` or `cancelled`.
    state: String,
    /// How many pieces of work are done.
    done: i64,
    /// How many there are; null until that is known.
    total: Option<i64>,
    /// What came of it.
    result: Option<Any<Value>>,
    /// Why it failed.
    error: Option<String>,
    /// Whether somebody asked it to stop.
    cancel_asked: bool,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// When something last changed.
    updated_at: DateTime<Utc>,
}

impl From<Progress> for JobShown {
    fn from(progress: Progress) -> Self {
        Self {
            id: progress.id.0,
            kind: progress.kind,
            state: progress.state.as_str().to_owned(),
            done: progress.done,
            total: progress.total,
            result: progress.result.map(Any),
            error: progress.error,
            cancel_asked: progress.cancel_asked,
            created_at: progress.created_at,
            updated_at: progress.updated_at,
        }
    }
}
