//! Writing and reading entries.

use kernel::{Limit, Page};
use tenants::{DbError, PlatformTx, TenantTx};
use uuid::Uuid;

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

/// Forgets what entries keep of `persons`, and from where `actors` acted. The entries themselves stay.
///
/// # Errors
/// [`DbError`].
pub async fn forget(tx: &mut TenantTx, persons: &[String], actors: &[Uuid]) -> Result<(), DbError> {
    queries::forget(tx, persons, actors).await
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
