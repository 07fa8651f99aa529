//! Whether a product has anything left to sell, as its row says.

use std::collections::BTreeMap;

use tenants::{DbError, TenantTx};

use super::queries::levels as queries;
use crate::catalog::{ProductId, VariantId};
use crate::events::{self, Event, EventKind};

/// Looks whether the product of a variant has anything left, and writes it on the product where that is news.
///
/// Whoever changes a level across zero calls this in the same transaction, or after it: the product's row is locked before
/// the levels are read, so that the last to look has seen what all before it wrote.
///
/// # Errors
/// [`DbError`].
pub async fn refresh(tx: &mut TenantTx, variant: VariantId) -> Result<(), DbError> {
    let Some(product) = queries::lock_product(tx, variant).await? else { return Ok(()) };
    queries::write_presence(tx, ProductId(product)).await
}

/// Tells staff where little is left of a variant.
///
/// # Errors
/// [`DbError`].
pub async fn tell_if_low(tx: &mut TenantTx, variant: VariantId) -> Result<(), DbError> {
    let critical = queries::thresholds(tx).await?.critical;
    let left: i64 = queries::available(tx, &[variant]).await?.into_iter().map(|(_, left)| left).sum();
    if left > critical {
        return Ok(());
    }
    let facts = BTreeMap::from([("available", left)]);
    events::record(tx, Event::new(EventKind::StockLow, variant.0).with(&facts)).await.map(drop)
}
