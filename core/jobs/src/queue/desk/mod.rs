//! Where the workers of a process get their jobs: claims for all who are idle at once, and knows what is out on loan.

mod ends;

use std::collections::{HashMap, VecDeque};
use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use domain::jobs::{self, JobId};
use fang::{AsyncRunnable, FangTaskState, Task};
use futures_util::FutureExt as _;
use tenants::{DbError, TenantId, WorkerConn, WorkerDb};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};
use tracing::warn;
use uuid::Uuid;

use super::fairness::Turns;
use super::pace::Pace;
use super::queries::{self, Claimed};
use crate::context::{Context, Failure, InPlatform, InStore};
use crate::envelope::{Job, Lease};
use crate::kinds::{Entry, Kinds, Runner};

/// How many lanes are looked at for one claim; the next claim looks on from there.
const LANES: i32 = 256;
/// How long to wait after a claim that failed: at most this, however long the poll is.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// The desks of this process: fang hands a task nothing but its JSON, which names one of them.
static DESKS: LazyLock<Mutex<HashMap<u64, Weak<Desk>>>> = LazyLock::new(Mutex::default);
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// The desk of that number, if it is still there.
pub(crate) fn desk(number: u64) -> Option<Arc<Desk>> {
    lock(&DESKS).get(&number).and_then(Weak::upgrade)
}

/// Nothing here is left half-done by a panic.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A job that a worker of this process has.
pub(super) struct Held {
    pub(super) job: Uuid,
    pub(super) kind: String,
    lane: Uuid,
    tenant: Option<Uuid>,
    tracked: bool,
    /// Told when the lease is somebody else's.
    lost: Arc<Notify>,
    /// Whether trying again is of no use.
    never: bool,
    began: Instant,
}

#[derive(Default)]
struct Ready {
    tasks: VecDeque<Task>,
    /// The lane to look on from.
    after: Uuid,
}

/// Where the workers of a process get their jobs.
pub(crate) struct Desk {
    number: u64,
    pub(super) db: WorkerDb,
    kinds: Kinds,
    context: Context,
    pub(super) pace: Pace,
    share: usize,
    ready: tokio::sync::Mutex<Ready>,
    idle: AtomicUsize,
    wake: Notify,
    /// A lane had to wait because it had its share of the workers.
    held_back: AtomicBool,
    pub(super) held: Mutex<HashMap<Uuid, Held>>,
    put_down: Notify,
    turns: Mutex<Turns>,
    stopping: watch::Sender<bool>,
}

impl Desk {
    pub(crate) fn open(db: WorkerDb, kinds: Kinds, context: Context, pace: Pace, workers: usize) -> Arc<Self> {
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let desk = Arc::new(Self {
            number,
            db,
            kinds,
            context,
            pace,
            share: workers - (workers / 4).max(usize::from(workers > 1)),
            ready: tokio::sync::Mutex::default(),
            idle: AtomicUsize::new(0),
            wake: Notify::new(),
            held_back: AtomicBool::new(false),
            held: Mutex::default(),
            put_down: Notify::new(),
            turns: Mutex::default(),
            stopping: watch::Sender::new(false),
        });
        let mut desks = lock(&DESKS);
        desks.retain(|_, desk| desk.strong_count() > 0);
        desks.insert(number, Arc::downgrade(&desk));
        desk
    }

    /// Says that there may be something to do.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// A connection to the queue.
    pub(crate) async fn conn(&self) -> Result<WorkerConn, DbError> {
        self.db.conn().await
    }

    pub(crate) fn entry(&self, kind: &str) -> Option<Entry> {
        self.kinds.get(kind)
    }

    /// The next job for a worker. Waits for one as long as it takes; for ever once the desk is closing.
    pub(super) async fn next(&self) -> Task {
        let _idle = Idle::new(&self.idle);
        let mut stopping = self.stopping.subscribe();
        let mut ready = self.ready.lock().await;
        while !*stopping.borrow() {
            if let Some(task) = ready.tasks.pop_front() {
                return task;
            }
            let wait = match self.claim(&mut ready).await {
                Ok(true) => continue,
                Ok(false) => self.pace.poll,
                Err(err) => {
                    warn!("No job could be taken from the queue: {err}");
                    AFTER_FAILURE.min(self.pace.poll * 2)
                }
            };
            tokio::select! {
                () = self.wake.notified() => {}
                () = sleep(wait) => {}
                _ = stopping.changed() => {}
            }
        }
        drop(ready);
        pending().await
    }

    /// Claims a job for each idle worker, as far as there are any. False where there was nothing to claim.
    async fn claim(&self, ready: &mut Ready) -> Result<bool, DbError> {
        let mut conn = self.db.conn().await?;
        let mut lanes = queries::waiting_lanes(&mut conn, ready.after, LANES).await?;
        if lanes.is_empty() && !ready.after.is_nil() {
            ready.after = Uuid::nil();
            lanes = queries::waiting_lanes(&mut conn, ready.after, LANES).await?;
        }
        let all = i32::try_from(lanes.len()).is_ok_and(|count| count < LANES);
        ready.after = if all { Uuid::nil() } else { lanes.last().copied().unwrap_or_default() };
        if lanes.is_empty() {
            return Ok(false);
        }
        // Before looking at who has its share: who ends after this wakes the desk.
        self.held_back.store(true, Ordering::SeqCst);
        let idle = self.idle.load(Ordering::Relaxed).max(1);
        let (lanes, counts) = lock(&self.turns).plan(lanes, idle, self.share);
        if lanes.is_empty() {
            return Ok(false);
        }
        let claimed = queries::claim(&mut conn, &lanes, &counts, self.pace.lease).await?;
        let some = !claimed.is_empty();
        for job in claimed {
            match self.hand_out(&job) {
                Ok(task) => ready.tasks.push_back(task),
                Err(why) => {
                    warn!(job.id = %job.id, "A job of the queue is of no use: {why}");
                    queries::fail(&mut conn, job.token, &why).await?;
                }
            }
        }
        Ok(some)
    }

    /// Checks a claimed job, and makes it a task for fang, under its token.
    fn hand_out(&self, claimed: &Claimed) -> Result<Task, String> {
        let mut job: Job = serde_json::from_value(claimed.metadata.clone())
            .map_err(|err| format!("the envelope can't be read: {:?} error", err.classify()))?;
        let retries = u32::try_from(claimed.retries).unwrap_or(0);
        job.lease = Some(Lease { desk: self.number, token: claimed.token, retries });
        match self.kinds.get(&job.kind) {
            Some(Entry { runner: Runner::Store(_), .. }) if job.tenant_id.is_none() => {
                return Err("a job of a store, in none".to_owned());
            }
            Some(Entry { runner: Runner::Platform(_), .. }) if job.tenant_id.is_some() => {
                return Err("a job of the platform, in a store".to_owned());
            }
            Some(entry) => (entry.check)(&job.payload)?,
            // Tried, and put back with the reason: a newer build that knows it may be about to come.
            None => {}
        }
        let metadata = serde_json::to_value(&job as &dyn AsyncRunnable).map_err(|err| err.to_string())?;
        let held = Held {
            job: claimed.id,
            kind: job.kind,
            lane: claimed.lane,
            tenant: job.tenant_id,
            tracked: job.tracked,
            lost: Arc::default(),
            never: false,
            began: Instant::now(),
        };
        lock(&self.turns).begins(claimed.lane);
        lock(&self.held).insert(claimed.token, held);
        Ok(Task::builder()
            .id(claimed.token)
            .metadata(metadata)
            .error_message(None)
            .state(FangTaskState::InProgress)
            .task_type(fang::asynk::async_queue::DEFAULT_TASK_TYPE)
            .uniq_hash(None)
            .retries(claimed.retries)
            .scheduled_at(claimed.scheduled_at)
            .created_at(claimed.created_at)
            .updated_at(claimed.scheduled_at)
            .build())
    }

    /// Runs a job that was handed out, unless its lease is lost meanwhile. A panic and a time-out are failures like others.
    pub(crate) async fn run(&self, job: &Job, token: Uuid) -> Result<(), Failure> {
        let held = lock(&self.held).get(&token).map(|held| (held.job, Arc::clone(&held.lost)));
        let Some((id, lost)) = held else { return Err(Failure::again("its lease was lost")) };
        let Some(entry) = self.kinds.get(&job.kind) else {
            return Err(Failure::again("this build does not know this kind of job"));
        };
        let work = AssertUnwindSafe(timeout(entry.timeout, self.work(entry, job, JobId(id)))).catch_unwind();
        let outcome = tokio::select! {
            () = lost.notified() => Err(Failure::again("its lease was lost")),
            outcome = work => match outcome {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) => Err(Failure::Again(format!("it took longer than {} s", entry.timeout.as_secs_f32()))),
                Err(_) => Err(Failure::again("it panicked")),
            },
        };
        if matches!(outcome, Err(Failure::Never(_)))
            && let Some(held) = lock(&self.held).get_mut(&token)
        {
            held.never = true;
        }
        outcome
    }

    async fn work(&self, entry: Entry, job: &Job, id: JobId) -> Result<(), Failure> {
        let (shared, payload) = (self.context.clone(), job.payload.clone());
        let run = match entry.runner {
            Runner::Platform(run) => return run(payload, InPlatform { shared }).await,
            Runner::Store(run) => run,
        };
        let tenant = TenantId(job.tenant_id.ok_or_else(|| Failure::never("a job of a store, in none"))?);
        if job.tracked {
            let mut tx = self.context.tenants.begin(tenant).await?;
            let goes_on = jobs::begin(&mut tx, id).await?;
            tx.commit().await?;
            if !goes_on {
                return self.end(tenant, id, None).await;
            }
        }
        run(payload, InStore { shared, tenant, job: id }).await?;
        if job.tracked { self.end(tenant, id, None).await } else { Ok(()) }
    }

    /// Tells a job that its lease is somebody else's.
    pub(super) fn lose(&self, token: Uuid) {
        if let Some(held) = lock(&self.held).get(&token) {
            warn!(job.id = %held.job, job.kind = held.kind, "The lease of a job was lost while it ran");
            held.lost.notify_one();
        }
    }

    /// The tokens that this process holds.
    pub(super) fn tokens(&self) -> Vec<Uuid> {
        lock(&self.held).keys().copied().collect()
    }

    /// Hands out nothing any more, waits for what runs, and puts back what is not done after `grace`.
    pub(crate) async fn close(&self, grace: Duration) {
        self.stopping.send_replace(true);
        let unbegun: Vec<Uuid> = self.ready.lock().await.tasks.drain(..).map(|task| task.id).collect();
        self.put_back(unbegun).await;
        let empty = async {
            loop {
                let changed = self.put_down.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if lock(&self.held).is_empty() {
                    return;
                }
                changed.await;
            }
        };
        if timeout(grace, empty).await.is_err() {
            self.put_back(self.tokens()).await;
        }
        lock(&DESKS).remove(&self.number);
    }

    async fn put_back(&self, tokens: Vec<Uuid>) {
        if tokens.is_empty() {
            return;
        }
        let released = async { queries::release(&mut *self.db.conn().await?, &tokens).await };
        if let Err(err) = released.await {
            warn!("Jobs could not be put back, and wait for their leases to lapse: {err}");
        }
        for token in tokens {
            if let Some(held) = lock(&self.held).get(&token) {
                held.lost.notify_one();
            }
            self.put_down(token);
        }
    }
}

/// Counts an idle worker for as long as it is one.
struct Idle<'a>(&'a AtomicUsize);

impl<'a> Idle<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
