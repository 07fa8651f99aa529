//! Removing the objects that no picture needs.

use domain::images::{self, SweepImages};

use crate::{Failure, InStore, Run};

impl Run for SweepImages {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        loop {
            let names = images::leftovers(&mut at.begin_read().await?).await?;
            if names.is_empty() {
                break;
            }
            // The objects go before their names are forgotten: whoever is killed in between begins again.
            for name in &names {
                at.shared.objects.remove(at.tenant, name).await.map_err(Failure::again)?;
            }
            let mut tx = at.begin().await?;
            images::forget_leftovers(&mut tx, &names).await?;
            tx.commit().await?;
        }
        let mut tx = at.begin().await?;
        images::sweep_again(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}
