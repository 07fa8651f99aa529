//! What fang's worker pool asks of a queue. Nothing here ever answers an error: it would end the worker for good.

use std::sync::Arc;
use std::time::Duration;

use fang::asynk::async_queue::AsyncQueueError;
use fang::{AsyncQueueable, AsyncRunnable, FangTaskState, Task, async_trait};
use uuid::Uuid;

use super::Desk;

/// A desk, as fang sees it. The id of a task is the token of its lease.
#[derive(Clone)]
pub(crate) struct LeaseQueue(pub(crate) Arc<Desk>);

#[async_trait]
impl AsyncQueueable for LeaseQueue {
    async fn fetch_and_touch_task(&self, _: Option<String>) -> Result<Option<Task>, AsyncQueueError> {
        Ok(Some(self.0.next().await))
    }

    async fn remove_task(&self, token: &Uuid) -> Result<u64, AsyncQueueError> {
        self.0.done(*token).await;
        Ok(1)
    }

    async fn schedule_retry(&self, task: &Task, seconds: u32, why: &str) -> Result<Task, AsyncQueueError> {
        self.0.again(task.id, Duration::from_secs(seconds.into()), why).await;
        Ok(task.clone())
    }

    async fn fail_task(&self, task: &Task, why: &str) -> Result<Task, AsyncQueueError> {
        self.0.give_up(task.id, why).await;
        Ok(task.clone())
    }

    async fn update_task_state(&self, task: &Task, _: FangTaskState) -> Result<Task, AsyncQueueError> {
        Ok(task.clone())
    }

    // Jobs come from transactions, schedules are ours, and nobody empties the queue: the pool calls none of these.

    async fn insert_task(&self, _: &dyn AsyncRunnable) -> Result<Task, AsyncQueueError> {
        Err(AsyncQueueError::NotConnectedError)
    }

    async fn schedule_task(&self, _: &dyn AsyncRunnable) -> Result<Task, AsyncQueueError> {
        Err(AsyncQueueError::NotConnectedError)
    }

    async fn remove_all_tasks(&self) -> Result<u64, AsyncQueueError> {
        Ok(0)
    }

    async fn remove_all_scheduled_tasks(&self) -> Result<u64, AsyncQueueError> {
        Ok(0)
    }

    async fn remove_task_by_metadata(&self, _: &dyn AsyncRunnable) -> Result<u64, AsyncQueueError> {
        Ok(0)
    }

    async fn remove_tasks_type(&self, _: &str) -> Result<u64, AsyncQueueError> {
        Ok(0)
    }

    async fn find_task_by_id(&self, _: &Uuid) -> Result<Task, AsyncQueueError> {
        Err(AsyncQueueError::NotConnectedError)
    }
}
