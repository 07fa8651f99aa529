//! What orders do to stock: promise it, sell it, free it, put it back.

use chrono::{DateTime, Utc};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::available;
use super::jobs::RefreshStock;
use super::queries::{levels as level_queries, orders as queries};
use crate::catalog::VariantId;
use crate::jobs;

/// So many of a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion {
    /// Of what.
    pub variant: VariantId,
    /// How many.
    pub quantity: i64,
}

/// What a level had to give or got back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moved {
    pub(super) variant: VariantId,
    /// None where the portion could not be had.
    pub(super) place: Option<Uuid>,
    pub(super) quantity: i64,
    /// What can be sold there now.
    pub(super) left: i64,
}

/// For how long an order takes stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Promised until then.
    Until(DateTime<Utc>),
    /// Sold.
    Sold,
}

/// Of which portions there is not enough now, with what there is. Locks nothing: who finds nothing short may still come
/// too late.
///
/// # Errors
/// [`DbError`].
pub async fn short(tx: &mut TenantTx, portions: &[Portion]) -> Result<Vec<(Portion, i64)>, DbError> {
    let ids: Vec<_> = portions.iter().map(|portion| portion.variant).collect();
    let there = available(tx, &ids).await?;
    let left = |portion: &Portion| there.get(&portion.variant).copied().unwrap_or(0);
    Ok(portions.iter().map(|portion| (*portion, left(portion))).filter(|(p, left)| *left < p.quantity).collect())
}

/// Takes every portion for an order, or none: false where one could not be had, and then the transaction must be dropped.
///
/// Portions are taken in the order of their ids, and this comes last before the commit: two orders never wait for one
/// another in a circle, and a level is locked for no longer than the commit takes.
///
/// # Errors
/// [`DbError`].
pub async fn take(tx: &mut TenantTx, order: Uuid, portions: &[Portion], hold: Hold) -> Result<bool, DbError> {
    let mut portions = portions.to_vec();
    portions.sort_unstable_by_key(|portion| portion.variant);
    let critical = level_queries::thresholds(tx).await?.critical;
    let moved = queries::take(tx, order, &portions, hold).await?;
    if moved.iter().any(|moved| moved.place.is_none()) {
        return Ok(false);
    }
    // News for the catalogue is none of the buyer's business: a job sees to it.
    let runs_low = |moved: &&Moved| moved.left <= critical && moved.left + moved.quantity > critical;
    let gone = moved.iter().filter(|moved| moved.left == 0 || runs_low(moved));
    refresh_later(tx, gone.map(|moved| moved.variant)).await?;
    Ok(true)
}

/// Sells what is promised to an order. Does nothing where nothing is.
///
/// # Errors
/// [`DbError`].
pub async fn sell(tx: &mut TenantTx, order: Uuid) -> Result<(), DbError> {
    queries::settle(tx, order, true).await.map(drop)
}

/// Frees what is promised to an order. Does nothing where nothing is.
///
/// # Errors
/// [`DbError`].
pub async fn release(tx: &mut TenantTx, order: Uuid) -> Result<(), DbError> {
    let moved = queries::settle(tx, order, false).await?;
    refresh_those_that_came_back(tx, &moved).await
}

/// Puts back what an order took and did not ship, once.
///
/// # Errors
/// [`DbError`].
pub async fn put_back(tx: &mut TenantTx, order: Uuid) -> Result<(), DbError> {
    let moved = queries::put_back(tx, order).await?;
    refresh_those_that_came_back(tx, &moved).await
}

/// Moves the end of what is promised to an order.
///
/// # Errors
/// [`DbError`].
pub async fn extend(tx: &mut TenantTx, order: Uuid, until: DateTime<Utc>) -> Result<(), DbError> {
    queries::extend(tx, order, until).await
}

async fn refresh_those_that_came_back(tx: &mut TenantTx, moved: &[Moved]) -> Result<(), DbError> {
    let back = moved.iter().filter(|moved| moved.left == moved.quantity && moved.quantity > 0);
    refresh_later(tx, back.map(|moved| moved.variant)).await
}

async fn refresh_later(tx: &mut TenantTx, variants: impl Iterator<Item = VariantId>) -> Result<(), DbError> {
    let mut variants: Vec<_> = variants.map(|id| id.0).collect();
    variants.dedup();
    if variants.is_empty() {
        return Ok(());
    }
    jobs::enqueue(tx, &RefreshStock { variants }).await
}
