//! What is asked of gateways when nobody waits for the answer.

use chrono::TimeDelta;
use domain::jobs;
use domain::payments::{self, GiveBack, SweepEveryonesPayments, SweepPayments, WatchPayment};
use kernel::DomainError as _;

use crate::{Failure, InPlatform, InStore, Run, RunPlatform};

/// Over how long the stores are spread.
const SPREAD: TimeDelta = TimeDelta::minutes(50);

impl Run for WatchPayment {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        at.shared.teller.watch(at.tenant, &self).await.map_err(|err| Failure::again(err.code()))
    }
}

impl Run for GiveBack {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        at.shared.teller.give_back(at.tenant, &self).await.map_err(|err| Failure::again(err.code()))
    }
}

impl Run for SweepPayments {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let mut tx = at.begin().await?;
        payments::sweep(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}

impl RunPlatform for SweepEveryonesPayments {
    async fn run(self, at: &InPlatform) -> Result<(), Failure> {
        let mut tx = at.shared.platform.begin().await?;
        jobs::enqueue_for_every_store(&mut tx, &SweepPayments {}, SPREAD).await?;
        Ok(tx.commit().await?)
    }
}
