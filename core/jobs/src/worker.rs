//! A worker: fang's pool over a desk, and what goes on beside it.

use std::sync::Arc;
use std::time::Duration;

use fang::asynk::async_worker_pool::AsyncWorkerPool;
use fang::{RetentionMode, SleepParams};
use tenants::WorkerDb;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::{debug, info};

use crate::notify::CHANNEL;
use crate::queue::{Desk, LeaseQueue, Pace};
use crate::schedule::{self, Schedule};
use crate::{Context, Kinds};

/// What a worker is made of.
pub struct WorkerOptions {
    /// What jobs work with, and the queue.
    pub context: Context,
    /// The queue past any pooler, to be woken; without it the worker looks by itself.
    pub listen: Option<WorkerDb>,
    /// What it can do.
    pub kinds: Kinds,
    /// What is to happen again and again.
    pub schedules: Vec<Schedule>,
    /// How many jobs it does at once.
    pub workers: u32,
    /// How long things take.
    pub pace: Pace,
}

/// Jobs being done. Dropped, it leaves what runs to the lapse of its leases; [`Worker::stop`] is gentler.
pub struct Worker {
    desk: Arc<Desk>,
    beside: JoinSet<()>,
}

impl Worker {
    /// Begins to do jobs.
    pub async fn start(options: WorkerOptions) -> Self {
        let WorkerOptions { context, listen, kinds, schedules, workers, pace } = options;
        let desk = Desk::open(context.queue.clone(), kinds, context, pace, workers.try_into().unwrap_or(1));
        let mut beside = JoinSet::new();
        beside.spawn(Arc::clone(&desk).keep_leases());
        beside.spawn(Arc::clone(&desk).keep_time());
        beside.spawn(schedule::keep(Arc::clone(&desk), schedules));
        if let Some(listen) = listen {
            beside.spawn(be_woken(Arc::clone(&desk), listen));
        }
        let none = Duration::ZERO;
        let sleeps =
            SleepParams { sleep_period: none, max_sleep_period: none, min_sleep_period: none, sleep_step: none };
        let mut pool = AsyncWorkerPool::<LeaseQueue>::builder()
            .number_of_workers(workers)
            .queue(LeaseQueue(Arc::clone(&desk)))
            .retention_mode(RetentionMode::RemoveFinished)
            // The queue waits by itself.
            .sleep_params(sleeps)
            .build();
        pool.start().await;
        info!(workers, "Doing jobs, {workers} at once");
        Self { desk, beside }
    }

    /// Takes no more jobs, waits up to `grace` for those that run, and puts the rest back for others.
    pub async fn stop(mut self, grace: Duration) {
        self.desk.close(grace).await;
        self.beside.shutdown().await;
    }
}

/// Wakes the desk when somebody says that there is a job.
async fn be_woken(desk: Arc<Desk>, listen: WorkerDb) {
    loop {
        match listen.listen(CHANNEL).await {
            Ok(mut listener) => {
                desk.wake();
                while listener.heard().await.is_ok() {
                    desk.wake();
                }
            }
            Err(err) => debug!("The worker is not woken, and looks by itself: {err}"),
        }
        sleep(Duration::from_secs(1)).await;
    }
}
