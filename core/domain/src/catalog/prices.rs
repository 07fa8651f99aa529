//! What things cost now.
//!
//! Lists sort and filter by price, so that every row holds its price of now; a discount that begins or ends changes many
//! of them at one moment, without anybody doing anything. `catalog_state` says when that will be. Whoever finds that the
//! moment has come makes all prices anew, before anything is read.
//!
//! Who writes one product and who changes the prices of many stand before one gate: the first go through side by side, the
//! second alone. So no product slips between a discount that is being written and the prices that it makes.

use chrono::{DateTime, Utc};
use tenants::{DbError, TenantTx};

use super::ProductId;
use super::queries::prices as queries;

/// Where the catalogue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    /// Another number: something that visitors see has changed.
    pub version: i64,
    /// When the next discount begins or ends.
    pub next_price_change_at: Option<DateTime<Utc>>,
    /// The latest moment for which all prices were made.
    pub priced_at: Option<DateTime<Utc>>,
}

impl State {
    /// Whether prices are no more what they are to be at `now`.
    #[must_use]
    pub fn prices_are_due(&self, now: DateTime<Utc>) -> bool {
        self.next_price_change_at.is_some_and(|at| at <= now)
    }
}

/// Where the catalogue stands, in the snapshot of `tx`.
///
/// # Errors
/// [`DbError`].
pub async fn state(tx: &mut TenantTx) -> Result<State, DbError> {
    queries::state(tx).await
}

/// Makes the prices what they are to be now, if their time has come. Of many at once, one does; the others find it done.
///
/// # Errors
/// [`DbError`].
pub async fn renew_prices(tx: &mut TenantTx) -> Result<(), DbError> {
    queries::enter_alone(tx).await?;
    if queries::state(tx).await?.prices_are_due(tx.now()) {
        reprice_all(tx).await?;
    }
    Ok(())
}

/// The moment to make prices for, for one who is past the gate: now, and never before one for which they were made already.
/// Who began earlier may have waited at the gate for a discount that began later.
pub(super) async fn moment(tx: &mut TenantTx) -> Result<DateTime<Utc>, DbError> {
    let (now, priced_at) = (tx.now(), queries::state(tx).await?.priced_at);
    Ok(priced_at.map_or(now, |at| at.max(now)))
}

/// Makes the prices of some products. Whoever calls it is past the gate.
pub(super) async fn reprice(tx: &mut TenantTx, products: &[ProductId]) -> Result<(), DbError> {
    let at = moment(tx).await?;
    queries::reprice(tx, products, at).await
}

/// Makes all prices anew. Whoever calls it is alone.
pub(super) async fn reprice_all(tx: &mut TenantTx) -> Result<(), DbError> {
    let at = moment(tx).await?;
    queries::reprice_all(tx, at).await?;
    queries::plan(tx, at).await
}
