//! How tries end, and what is written about that.

use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::jobs::{self, JobId, ProgressState};
use tenants::{DbError, TenantId};
use tokio::time::{Instant, sleep};
use tracing::{debug, warn};
use uuid::Uuid;

use super::{Desk, lock};
use crate::context::Failure;
use crate::envelope::Job;
use crate::queue::queries;

/// How a try ended.
#[derive(Clone, Copy)]
enum End<'a> {
    Done,
    Again(Duration, &'a str),
    GivenUp(&'a str),
}

impl End<'_> {
    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Again(..) => "again",
            Self::GivenUp(_) => "given_up",
        }
    }
}

impl Desk {
    /// Notes the end of a tracked job for its store.
    pub(super) async fn end(&self, tenant: TenantId, id: JobId, failed: Option<&str>) -> Result<(), Failure> {
        let mut tx = self.context.tenants.begin(tenant).await?;
        let state = match failed {
            Some(_) => ProgressState::Failed,
            None if jobs::progress(&mut tx, id).await.is_ok_and(|progress| progress.cancel_asked) => {
                ProgressState::Cancelled
            }
            None => ProgressState::Finished,
        };
        jobs::end(&mut tx, id, state, None, failed).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets a job that is done.
    pub(in crate::queue) async fn done(&self, token: Uuid) {
        self.settle(token, End::Done).await;
    }

    /// Puts a job that failed back for another try, or gives it up where that is of no use.
    pub(in crate::queue) async fn again(&self, token: Uuid, after: Duration, why: &str) {
        if lock(&self.held).get(&token).is_some_and(|held| held.never) {
            return self.give_up(token, why).await;
        }
        if let Some(held) = lock(&self.held).get(&token) {
            debug!(job.id = %held.job, job.kind = held.kind, "A job is to be tried again: {why}");
        }
        self.settle(token, End::Again(after, why)).await;
    }

    /// Gives a job up.
    pub(in crate::queue) async fn give_up(&self, token: Uuid, why: &str) {
        let held = lock(&self.held).get(&token).map(|held| (held.job, held.kind.clone(), held.tenant, held.tracked));
        if let Some((id, kind, tenant, tracked)) = held {
            warn!(job.id = %id, job.kind = kind, "A job was given up: {why}");
            if let Some(tenant) = tenant.filter(|_| tracked)
                && let Err(err) = self.end(TenantId(tenant), JobId(id), Some(why)).await
            {
                warn!(job.id = %id, "The end of a job could not be noted for its store: {err}");
            }
        }
        self.settle(token, End::GivenUp(why)).await;
    }

    /// Notes for its store that a job was given up which nobody holds.
    pub(in crate::queue) async fn given_up(&self, given_up: &queries::GivenUp) {
        let Ok(job) = serde_json::from_value::<Job>(given_up.metadata.clone()) else { return };
        if let Some(tenant) = job.tenant_id.filter(|_| job.tracked) {
            let ended =
                self.end(TenantId(tenant), JobId(given_up.id), Some("whoever ran it was not heard of any more")).await;
            if let Err(err) = ended {
                warn!(job.id = %given_up.id, "The end of a job could not be noted for its store: {err}");
            }
        }
    }

    /// Writes the end of a try, for as long as it takes the database to take it, or the lease to lapse.
    async fn settle(&self, token: Uuid, end: End<'_>) {
        if let Some(held) = lock(&self.held).get(&token) {
            let kind = if self.kinds.get(&held.kind).is_some() { held.kind.as_str() } else { "unknown" };
            self.context.metrics.ended(kind, end.word(), held.began.elapsed());
        }
        let began = Instant::now();
        loop {
            match self.write(token, end).await {
                Ok(true) => break,
                Ok(false) => {
                    debug!("A job ended whose lease was somebody else's by then");
                    break;
                }
                Err(err) if began.elapsed() > self.pace.lease => {
                    warn!("The end of a job could not be written, it will run again: {err}");
                    break;
                }
                Err(_) => sleep(Duration::from_millis(200)).await,
            }
        }
        self.put_down(token);
    }

    async fn write(&self, token: Uuid, end: End<'_>) -> Result<bool, DbError> {
        let mut conn = self.db.conn().await?;
        match end {
            End::Done => queries::remove(&mut conn, token).await,
            End::Again(after, why) => queries::retry(&mut conn, token, after, why).await,
            End::GivenUp(why) => queries::fail(&mut conn, token, why).await,
        }
    }

    pub(super) fn put_down(&self, token: Uuid) {
        if let Some(held) = lock(&self.held).remove(&token) {
            lock(&self.turns).ends(held.lane);
        }
        self.put_down.notify_waiters();
        if self.held_back.swap(false, Ordering::SeqCst) {
            self.wake();
        }
    }
}
