//! How a store's prices are meant.

use tenants::{DbError, TenantTx};

use super::queries;

/// What of a store's settings its totals depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TradeSettings {
    /// Whether prices include tax.
    pub tax_included: bool,
}

/// The settings of the store of `tx`.
///
/// # Errors
/// [`DbError`].
pub async fn settings(tx: &mut TenantTx) -> Result<TradeSettings, DbError> {
    queries::settings(tx).await
}

/// Changes them. The store's version is counted up by who calls.
///
/// # Errors
/// [`DbError`].
pub async fn change_settings(tx: &mut TenantTx, settings: TradeSettings) -> Result<(), DbError> {
    queries::change_settings(tx, settings).await
}
