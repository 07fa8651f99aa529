//! Reading the catalogue with the prices of now: a discount begins and ends by the clock, and who comes first afterwards sees
//! to it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::catalog::{self, State};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use tenants::{DbError, TenantDb, TenantId, TenantTx};

/// How long a reader waits for new prices before it takes those that are there.
const PATIENCE: Duration = Duration::from_secs(3);

type Renewal = Shared<BoxFuture<'static, ()>>;

/// The renewals of prices that are under way here: one a store, however many wait for it.
#[derive(Clone, Default)]
pub(crate) struct Prices(Arc<Mutex<HashMap<TenantId, Renewal>>>);

impl Prices {
    /// A transaction that reads the catalogue of a store, and where that stands in its snapshot.
    pub(crate) async fn begin(&self, db: &TenantDb, store: TenantId) -> Result<(TenantTx, State), DbError> {
        let mut tx = db.begin_read(store).await?;
        let state = catalog::state(&mut tx).await?;
        if !state.prices_are_due(tx.now()) {
            return Ok((tx, state));
        }
        // Its snapshot is from before, and the connection is better used by who makes the prices.
        drop(tx);
        if tokio::time::timeout(PATIENCE, self.renewal(db, store)).await.is_err() {
            tracing::warn!(store.id = %store, "New prices take longer than readers wait: the old ones are shown");
        }
        let mut tx = db.begin_read(store).await?;
        let state = catalog::state(&mut tx).await?;
        Ok((tx, state))
    }

    fn renewal(&self, db: &TenantDb, store: TenantId) -> Renewal {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(renewal) = under_way.get(&store).filter(|renewal| renewal.peek().is_none()) {
            return renewal.clone();
        }
        // In a task of its own: it goes on when who waits for it is gone.
        let task = tokio::spawn(renew(self.clone(), db.clone(), store));
        let renewal = task.map(drop).boxed().shared();
        under_way.insert(store, renewal.clone());
        renewal
    }
}

async fn renew(prices: Prices, db: TenantDb, store: TenantId) {
    if let Err(err) = written(&db, store).await {
        tracing::error!(store.id = %store, "Prices could not be made anew: {err}");
    }
    prices.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&store);
}

async fn written(db: &TenantDb, store: TenantId) -> Result<(), DbError> {
    let mut tx = db.begin(store).await?;
    catalog::renew_prices(&mut tx).await?;
    tx.commit().await
}
