//! What can be done with stock.

use std::collections::HashMap;

use kernel::{Limit, Page};
use tenants::{DbError, TenantTx};

use super::queries::{levels as queries, movements as movement_queries};
use super::{
    Adjusted, Adjustment, Filter, Level, LowStock, MOST_ON_HAND, Movement, MovementId, MovementsOf, Reason, StockError,
    Stocked, Thresholds, Wanted, locations, presence,
};
use crate::audit::Actor;
use crate::catalog::VariantId;

/// How many of each variant can be sold now, at all places together: what lies there and is promised to nobody. None of
/// those that are not there.
///
/// # Errors
/// [`DbError`].
pub async fn available(tx: &mut TenantTx, variants: &[VariantId]) -> Result<HashMap<VariantId, i64>, DbError> {
    let mut counts: HashMap<_, _> = variants.iter().map(|id| (*id, 0)).collect();
    counts.extend(queries::available(tx, variants).await?);
    Ok(counts)
}

/// Changes what lies somewhere, as `actor` says.
///
/// # Errors
/// [`StockError`]: what is not there, too few or too many.
pub async fn adjust(tx: &mut TenantTx, wanted: &Adjustment, actor: Actor) -> Result<Adjusted, StockError> {
    if matches!(wanted.reason, Reason::Sold | Reason::PutBack) {
        return Err(StockError::ReasonOfOrders);
    }
    let location = match wanted.location {
        Some(location) => location,
        None => locations::default_location(tx).await?,
    };
    let before = queries::lock_level(tx, wanted.variant, location).await?;
    let on_hand = match wanted.wanted {
        Wanted::By(delta) => before.on_hand.saturating_add(delta),
        Wanted::To(on_hand) => on_hand,
    };
    if on_hand < before.reserved {
        return Err(StockError::NotEnough { on_hand: before.on_hand, reserved: before.reserved });
    }
    if on_hand > MOST_ON_HAND {
        return Err(StockError::TooMany);
    }
    let level = Level { on_hand, ..before };
    let delta = on_hand - before.on_hand;
    if delta == 0 {
        return Ok(Adjusted { variant: wanted.variant, level, delta, movement: None });
    }
    let movement = MovementId::generate();
    queries::set_on_hand(tx, wanted.variant, &level).await?;
    movement_queries::insert(tx, movement, wanted, location, delta, actor).await?;
    if before.available() == 0 || level.available() == 0 {
        presence::refresh(tx, wanted.variant).await?;
    }
    Ok(Adjusted { variant: wanted.variant, level, delta, movement: Some(movement) })
}

/// Gives a variant that was just made what it begins with, at the default place.
///
/// # Errors
/// [`StockError`].
pub async fn begin_with(
    tx: &mut TenantTx,
    variant: VariantId,
    quantity: i64,
    actor: Actor,
) -> Result<Adjusted, StockError> {
    let initial =
        Adjustment { variant, location: None, wanted: Wanted::To(quantity), reason: Reason::Initial, note: None };
    adjust(tx, &initial, actor).await
}

/// From where on the store calls its stock low.
///
/// # Errors
/// [`DbError`].
pub async fn thresholds(tx: &mut TenantTx) -> Result<Thresholds, DbError> {
    queries::thresholds(tx).await
}

/// Changes that. The store's version is counted up by who calls.
///
/// # Errors
/// [`StockError::ThresholdsOutOfOrder`].
pub async fn change_thresholds(tx: &mut TenantTx, thresholds: Thresholds) -> Result<(), StockError> {
    if thresholds.critical > thresholds.medium {
        return Err(StockError::ThresholdsOutOfOrder);
    }
    Ok(queries::change_thresholds(tx, thresholds).await?)
}

/// The variants of which least is left, at all places together: those that are critical by the store's settings.
///
/// # Errors
/// [`DbError`].
pub async fn low(tx: &mut TenantTx, limit: Limit) -> Result<Vec<LowStock>, DbError> {
    let critical = queries::thresholds(tx).await?.critical;
    queries::low(tx, critical, limit).await
}

/// A page of the variants and what the store has of them, in the order of their ids, those behind `after`.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut TenantTx,
    filter: &Filter,
    after: Option<VariantId>,
    limit: Limit,
) -> Result<Page<Stocked>, DbError> {
    let range = queries::thresholds(tx).await?.range(filter.grade);
    Ok(Page::cut(queries::list(tx, filter, range, after, limit).await?, limit))
}

/// A page of movements, the newest first, those before `before`.
///
/// # Errors
/// [`DbError`].
pub async fn movements(
    tx: &mut TenantTx,
    of: MovementsOf,
    before: Option<MovementId>,
    limit: Limit,
) -> Result<Page<Movement>, DbError> {
    Ok(Page::cut(movement_queries::list(tx, of, before, limit).await?, limit))
}
