//! Passing events on.

use domain::events::PassOn;

use crate::{Failure, InStore, Run};

impl Run for PassOn {
    async fn run(self, _: &InStore) -> Result<(), Failure> {
        Ok(())
    }
}
