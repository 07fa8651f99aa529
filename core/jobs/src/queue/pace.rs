//! How long things take.

use std::time::Duration;

/// The times of a worker.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long a claimed job stays with a process that is not heard of any more.
    pub lease: Duration,
    /// How long a worker waits at most before it looks for work, whether it was woken or not.
    pub poll: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { lease: Duration::from_secs(30), poll: Duration::from_millis(500) }
    }
}
