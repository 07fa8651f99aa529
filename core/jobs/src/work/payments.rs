//! What is asked of gateways when nobody waits for the answer.

use domain::payments::{GiveBack, WatchPayment};
use kernel::DomainError as _;

use crate::{Failure, InStore, Run};

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
