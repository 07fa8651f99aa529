//! Writing and reading entries.

use kernel::{Limit, Page};
use tenants::{DbError, PlatformTx, TenantTx};

use super::{Entry, EntryId, Origin, Recorded, queries};

/// Writes an entry into the store of `tx`.
///
/// # Errors
/// [`DbError`].
pub async fn record(tx: &mut TenantTx, origin: &Origin, entry: &Entry) -> Result<(), DbError> {
    queries::insert(tx, EntryId::generate(), origin, entry).await
}

/// Writes an entry about an operator's act.
///
/// # Errors
/// [`DbError`].
pub async fn record_platform(tx: &mut PlatformTx, origin: &Origin, entry: &Entry) -> Result<(), DbError> {
    queries::insert_platform(tx, EntryId::generate(), origin, entry).await
}

/// A page of a store's entries, the newest first, those before `before`.
///
/// # Errors
/// [`DbError`].
pub async fn list(tx: &mut TenantTx, before: Option<EntryId>, limit: Limit) -> Result<Page<Recorded>, DbError> {
    Ok(Page::cut(queries::list(tx, before, limit).await?, limit))
}

/// A page of the platform's entries, the newest first, those before `before`.
///
/// # Errors
/// [`DbError`].
pub async fn list_platform(
    tx: &mut PlatformTx,
    before: Option<EntryId>,
    limit: Limit,
) -> Result<Page<Recorded>, DbError> {
    Ok(Page::cut(queries::list_platform(tx, before, limit).await?, limit))
}
