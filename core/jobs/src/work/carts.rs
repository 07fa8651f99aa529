//! Removing abandoned carts.

use domain::carts::{self, CleanCarts};

use crate::{Failure, InStore, Run};

impl Run for CleanCarts {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        loop {
            let mut tx = at.begin().await?;
            let more = carts::clean(&mut tx).await?;
            tx.commit().await?;
            if !more {
                return Ok(());
            }
        }
    }
}
