//! Putting away what is over.

use std::time::Duration;

use chrono::TimeDelta;
use domain::jobs;
use domain::upkeep::{self, SweepPlatform, SweepStore, SweepStores};

use crate::queue::remove_failed;
use crate::{Failure, InPlatform, InStore, Run, RunPlatform};

/// Over how long the stores are spread, so that they are not all swept at once.
const SPREAD: TimeDelta = TimeDelta::hours(20);
/// How long a job that was given up can be looked at, and tried again.
const FAILED_KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);

impl Run for SweepStore {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let mut tx = at.begin().await?;
        upkeep::sweep_store(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}

impl RunPlatform for SweepStores {
    async fn run(self, at: &InPlatform) -> Result<(), Failure> {
        let mut tx = at.shared.platform.begin().await?;
        jobs::enqueue_for_every_store(&mut tx, &SweepStore {}, SPREAD).await?;
        Ok(tx.commit().await?)
    }
}

impl RunPlatform for SweepPlatform {
    async fn run(self, at: &InPlatform) -> Result<(), Failure> {
        let mut tx = at.shared.platform.begin().await?;
        upkeep::sweep_platform(&mut tx).await?;
        tx.commit().await?;
        Ok(remove_failed(&mut *at.shared.queue.conn().await?, FAILED_KEPT).await?)
    }
}
