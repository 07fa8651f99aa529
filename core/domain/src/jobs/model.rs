//! Kinds of jobs.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

kernel::typed_id! {
    /// The id of a job.
    JobId
}

/// A kind of job of a store: the struct is its payload. It holds ids and re-reads the rest; it may run twice without
/// harm; it holds no secret, for it lies readable in the queue.
pub trait Kind: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name in the queue, dotted: `staff.invitation_letter`. Permanent: rows may wait under it.
    const NAME: &'static str;
    /// How often it is tried again after a failure, 2, 4, 8 … seconds later, at most an hour.
    const RETRIES: u32 = 14;
    /// How long one try may take.
    const TIMEOUT: Duration = Duration::from_secs(60);

    /// Of jobs of this kind with the same word, only one waits in a store; the first one's time counts. What is put in
    /// while one runs, runs after it. Enqueue these last: two transactions with the same word wait for one another.
    fn once(&self) -> Option<String> {
        None
    }
}

/// A kind of job of the platform, in no store.
pub trait PlatformKind: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name in the queue.
    const NAME: &'static str;
    /// How often it is tried again after a failure.
    const RETRIES: u32 = 5;
    /// How long one try may take.
    const TIMEOUT: Duration = Duration::from_secs(300);
}
