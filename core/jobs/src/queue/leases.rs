//! What goes on beside the workers: leases are lengthened, lapsed ones taken back, and jobs made ready when their time
//! has come.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tenants::DbError;
use tokio::time::sleep;
use tracing::{debug, info};

use super::{Desk, queries};

/// How often a job whose worker died is put back.
const LOSSES: i32 = 10;

impl Desk {
    /// Lengthens the leases of what runs here, and takes back lapsed ones, wherever they were. Runs until it is dropped.
    pub(crate) async fn keep_leases(self: Arc<Self>) {
        let mut beat = 0_u32;
        loop {
            if let Err(err) = self.look_at_leases(beat.is_multiple_of(2)).await {
                debug!("The leases could not be looked at: {err}");
            }
            beat = beat.wrapping_add(1);
            sleep(self.pace.lease / 6).await;
        }
    }

    async fn look_at_leases(&self, heartbeat: bool) -> Result<(), DbError> {
        let mut conn = self.db.conn().await?;
        let tokens = self.tokens();
        if heartbeat && !tokens.is_empty() {
            let held: HashSet<_> = queries::heartbeat(&mut conn, &tokens, self.pace.lease).await?.into_iter().collect();
            for token in tokens.into_iter().filter(|token| !held.contains(token)) {
                self.lose(token);
            }
        }
        let (back, given_up) = queries::reap(&mut conn, LOSSES).await?;
        drop(conn);
        for job in &given_up {
            self.given_up(job).await;
        }
        if back > 0 {
            info!(jobs.count = back, "Took back {back} jobs whose workers were not heard of any more");
            self.wake();
        }
        Ok(())
    }

    /// Makes scheduled jobs waiting ones when their time has come. Runs until it is dropped.
    pub(crate) async fn keep_time(self: Arc<Self>) {
        loop {
            let longest = self.pace.poll;
            let wait = match self.promote().await {
                Ok(next) => next.map_or(longest, |next| next.clamp(Duration::from_millis(5), longest)),
                Err(err) => {
                    debug!("Jobs whose time has come could not be looked for: {err}");
                    longest
                }
            };
            sleep(wait).await;
        }
    }

    async fn promote(&self) -> Result<Option<Duration>, DbError> {
        let (due, next) = queries::promote(&mut *self.db.conn().await?).await?;
        if due > 0 {
            self.wake();
        }
        Ok(next.map(|millis| Duration::from_millis(millis.try_into().unwrap_or(0))))
    }
}
