//! The one type of task that fang knows: an envelope around a job of ours, on loan to a worker of this process.

use fang::{AsyncQueueable, AsyncRunnable, FangError, async_trait, typetag};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::queue;

/// A job as its row holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    /// The store; none for the platform.
    pub(crate) tenant_id: Option<Uuid>,
    pub(crate) kind: String,
    pub(crate) payload: Value,
    /// Whether the store watches it.
    #[serde(default)]
    pub(crate) tracked: bool,
    /// Set when it is claimed. fang hands a task nothing but its JSON, so this leads back to who claimed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lease: Option<Lease>,
}

/// Which desk of this process handed a job out, and under which token.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Lease {
    pub(crate) desk: u64,
    pub(crate) token: Uuid,
    pub(crate) retries: u32,
}

/// The longest time between two tries, in seconds.
const LONGEST: u32 = 3_600;

#[typetag::serde]
#[async_trait]
impl AsyncRunnable for Job {
    async fn run(&self, _: &dyn AsyncQueueable) -> Result<(), FangError> {
        let gone = || FangError { description: "the worker that claimed it is gone".to_owned() };
        let lease = self.lease.ok_or_else(gone)?;
        let desk = queue::desk(lease.desk).ok_or_else(gone)?;
        desk.run(self, lease.token).await.map_err(|failure| FangError { description: failure.to_string() })
    }

    fn max_retries(&self) -> i32 {
        let entry = self.lease.and_then(|lease| queue::desk(lease.desk)).and_then(|desk| desk.entry(&self.kind));
        entry.map_or(UNKNOWN_RETRIES, |entry| entry.retries).try_into().unwrap_or(i32::MAX)
    }

    /// 2, 4, 8 … seconds and some more, so that what failed together does not come back together.
    fn backoff(&self, attempt: u32) -> u32 {
        let seconds = 2_u32.saturating_pow(attempt.saturating_add(1)).min(LONGEST);
        seconds + rand::random_range(0..=seconds / 4)
    }
}

/// How often a job of a kind that this build does not know is put back: a newer build may be about to come.
pub(crate) const UNKNOWN_RETRIES: u32 = 14;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_between_tries_grows_and_has_a_bound() {
        let job = Job { tenant_id: None, kind: "x.y".into(), payload: Value::Null, tracked: false, lease: None };
        for (attempt, least, most) in
            [(0, 2, 2), (1, 4, 5), (5, 64, 80), (11, 3_600, 4_500), (31, 3_600, 4_500), (u32::MAX, 3_600, 4_500)]
        {
            assert!((least..=most).contains(&job.backoff(attempt)), "{attempt}: {}", job.backoff(attempt));
        }
        let text = serde_json::to_value(&job as &dyn AsyncRunnable).unwrap();
        assert_eq!(text["type"], "Job", "the name is in rows of the queue");
    }
}
