//! Says, after a commit, that there is something to do.

use std::sync::Arc;

use tokio::sync::Notify;

/// Rung by transactions that enqueued a job, once they are committed. Many rings before anybody listens are one.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    pub(super) fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits until it was rung since the last time.
    pub async fn rung(&self) {
        self.0.notified().await;
    }
}
