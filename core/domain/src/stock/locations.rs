//! Places that hold stock.

use chrono::{DateTime, Utc};
use kernel::{Limit, Line, Page};
use tenants::{DbError, TenantTx};

use super::StockError;
use super::queries::locations as queries;

kernel::typed_id! {
    /// The id of a place.
    LocationId
}

/// A place's name.
pub type LocationName = Line<100>;

/// Places of a store, at most.
pub const MOST_LOCATIONS: usize = 100;

/// A place that holds stock.
#[derive(Debug, Clone)]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// Its name for people.
    pub name: String,
    /// Whether stock lies here where nothing else is said.
    pub is_default: bool,
    /// Counts its changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What of a place is to be changed; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct LocationChange {
    /// Its name for people.
    pub name: Option<LocationName>,
    /// Makes it the default one, in place of that which was.
    pub becomes_default: bool,
}

/// The place where stock lies if nothing else is said. Every store has one.
pub(super) async fn default_location(tx: &mut TenantTx) -> Result<LocationId, DbError> {
    queries::default_location(tx).await
}

/// A page of the places, in the order in which they were made, those behind `after`.
///
/// # Errors
/// [`DbError`].
pub async fn list_locations(
    tx: &mut TenantTx,
    after: Option<LocationId>,
    limit: Limit,
) -> Result<Page<Location>, DbError> {
    Ok(Page::cut(queries::list(tx, after, limit).await?, limit))
}

/// A place.
///
/// # Errors
/// [`StockError::NoLocation`].
pub async fn location(tx: &mut TenantTx, id: LocationId) -> Result<Location, StockError> {
    queries::get(tx, id).await?.ok_or(StockError::NoLocation(id))
}

/// Adds a place.
///
/// # Errors
/// [`StockError::TooManyLocations`].
pub async fn add_location(tx: &mut TenantTx, name: &LocationName) -> Result<Location, StockError> {
    // Locked, so that two at once do not both find room for the last.
    if queries::lock_all(tx).await? >= MOST_LOCATIONS {
        return Err(StockError::TooManyLocations);
    }
    let id = LocationId::generate();
    queries::insert(tx, id, name).await?;
    location(tx, id).await
}

/// Changes a place where `expected` is still its version.
///
/// # Errors
/// [`StockError::NoLocation`], [`StockError::Stale`].
pub async fn change_location(
    tx: &mut TenantTx,
    id: LocationId,
    expected: Option<i64>,
    change: &LocationChange,
) -> Result<Location, StockError> {
    queries::lock_all(tx).await?;
    let before = location(tx, id).await?;
    if expected.is_some_and(|expected| expected != before.version) {
        return Err(StockError::Stale);
    }
    if change.becomes_default && !before.is_default {
        queries::unset_default(tx).await?;
    }
    queries::update(tx, id, change).await?;
    location(tx, id).await
}

/// Removes a place that never held anything, where `expected` is still its version.
///
/// # Errors
/// [`StockError::NoLocation`], [`StockError::Stale`], [`StockError::DefaultLocation`], [`StockError::LocationInUse`].
pub async fn remove_location(tx: &mut TenantTx, id: LocationId, expected: Option<i64>) -> Result<(), StockError> {
    queries::lock_all(tx).await?;
    let before = location(tx, id).await?;
    if expected.is_some_and(|expected| expected != before.version) {
        return Err(StockError::Stale);
    }
    if before.is_default {
        return Err(StockError::DefaultLocation);
    }
    queries::delete(tx, id).await
}
