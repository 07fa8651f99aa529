//! What becomes of orders and their stock with time.

use domain::catalog::VariantId;
use domain::orders::{ExpireOrder, Expiry, LapseOrder, OrderId};
use domain::stock::{self, CountSold, RefreshStock};
use domain::{jobs, payments};
use kernel::DomainError as _;

use crate::{Failure, InStore, Run};

impl Run for ExpireOrder {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let mut tx = at.begin().await?;
        let expiry = payments::expire_order(&mut tx, OrderId(self.order)).await;
        // Nothing is enqueued behind the stock that an expiry frees: that comes last.
        if let Expiry::NotBefore(then) = expiry.map_err(|err| Failure::again(err.code()))? {
            jobs::enqueue_at(&mut tx, &self, then).await?;
        }
        Ok(tx.commit().await?)
    }
}

impl Run for CountSold {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        loop {
            let mut tx = at.begin().await?;
            let some = stock::count_sold(&mut tx).await?;
            tx.commit().await?;
            if !some {
                return Ok(());
            }
        }
    }
}

impl Run for LapseOrder {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let mut tx = at.begin().await?;
        payments::lapse_order(&mut tx, OrderId(self.order)).await.map_err(|err| Failure::again(err.code()))?;
        Ok(tx.commit().await?)
    }
}

impl Run for RefreshStock {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        for variant in &self.variants {
            // One at a time: a product's row is held no longer than it takes.
            let mut tx = at.begin().await?;
            stock::refresh(&mut tx, VariantId(*variant)).await?;
            stock::tell_if_low(&mut tx, VariantId(*variant)).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
