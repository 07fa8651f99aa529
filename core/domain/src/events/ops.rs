//! Recording and reading events.

use chrono::{DateTime, Utc};
use kernel::{Limit, Page};
use tenants::{DbError, TenantTx};

use super::{Event, EventId, EventKind, PassOn, Recorded, queries};
use crate::jobs;

/// Records that something has happened. Whoever is to hear of it does once `tx` is committed.
///
/// # Errors
/// [`DbError`].
pub async fn record(tx: &mut TenantTx, event: Event) -> Result<EventId, DbError> {
    let id = EventId::generate();
    queries::insert(tx, id, &event).await?;
    jobs::enqueue(tx, &PassOn { event: id.0 }).await?;
    Ok(id)
}

/// An event; none where it is not there, any more or at all.
///
/// # Errors
/// [`DbError`].
pub async fn event(tx: &mut TenantTx, id: EventId) -> Result<Option<Recorded>, DbError> {
    queries::get(tx, id).await
}

/// A page of the store's events, the newest first, those before `before`, of one kind or of all.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut TenantTx,
    kind: Option<EventKind>,
    before: Option<EventId>,
    limit: Limit,
) -> Result<Page<Recorded>, DbError> {
    let rows = match kind {
        Some(kind) => queries::list_of_kind(tx, kind, before, limit).await?,
        None => queries::list(tx, before, limit).await?,
    };
    Ok(Page::cut(rows, limit))
}

/// Notes that an event was handed on to `recipient` by the way `kind`. False where it already was: then nothing is left
/// to do. What hands it on belongs into the same transaction.
///
/// # Errors
/// [`DbError`].
pub async fn mark_delivered(tx: &mut TenantTx, event: EventId, kind: &str, recipient: &str) -> Result<bool, DbError> {
    queries::insert_delivery(tx, event, kind, recipient).await
}

/// Whether an event was handed on to `recipient` by the way `kind`.
///
/// # Errors
/// [`DbError`].
pub async fn was_delivered(tx: &mut TenantTx, event: EventId, kind: &str, recipient: &str) -> Result<bool, DbError> {
    queries::has_delivery(tx, event, kind, recipient).await
}

/// Forgets what happened before that time.
///
/// # Errors
/// [`DbError`].
pub async fn remove_before(tx: &mut TenantTx, time: DateTime<Utc>) -> Result<(), DbError> {
    queries::remove_before(tx, time).await
}
