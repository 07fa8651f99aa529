//! Making an order.

use chrono::TimeDelta;
use kernel::Amount;
use tenants::{DbError, TenantTx};

use super::super::queries::write as queries;
use super::super::queries::write::OrderSettings;
use super::super::{ExpireOrder, NewEntry, NewOrder, Order, OrderError, OrderId, Whose};
use super::order;
use crate::events::{self, Event, EventKind};
use crate::jobs;
use crate::promotions::{self, Buyer, CouponId};

/// How the store of `tx` deals with orders.
///
/// # Errors
/// [`DbError`].
pub async fn settings(tx: &mut TenantTx) -> Result<OrderSettings, DbError> {
    queries::settings(tx).await
}

/// Changes that, for orders and payments from now on. The store's version is counted up by who calls.
///
/// # Errors
/// [`DbError`].
pub async fn change_settings(tx: &mut TenantTx, settings: OrderSettings) -> Result<(), DbError> {
    queries::change_settings(tx, settings).await
}

/// Makes an order. It waits for its payment as long as the store says.
///
/// The number comes last: who takes one holds the store's counter until the end of the transaction, so that none is missing
/// whatever fails. Commit soon.
///
/// # Errors
/// [`OrderError::Db`].
pub async fn place(tx: &mut TenantTx, id: OrderId, new: &NewOrder) -> Result<Order, OrderError> {
    let minutes = queries::settings(tx).await?.expiry_minutes;
    let expires_at = tx.now() + TimeDelta::minutes(minutes.into());
    queries::insert_lines(tx, id, new).await?;
    queries::insert_entry(tx, id, &NewEntry::new("placed")).await?;
    events::record(tx, Event::new(EventKind::OrderPlaced, id.0)).await?;
    take_coupons(tx, id, new).await?;
    jobs::enqueue_at(tx, &ExpireOrder { order: id.0 }, expires_at).await?;
    if queries::insert(tx, id, new, expires_at).await?.is_none() {
        queries::insert_counter(tx).await?;
        queries::insert(tx, id, new, expires_at).await?;
    }
    order(tx, id, Whose::Store).await
}

/// Takes a use of each coupon, in the order of their ids: each holds its row until the end.
async fn take_coupons(tx: &mut TenantTx, id: OrderId, new: &NewOrder) -> Result<(), OrderError> {
    if new.coupons.is_empty() {
        return Ok(());
    }
    let has_ordered = queries::has_ordered(tx, new.customer, &new.email).await?;
    let buyer = Buyer { email: new.email.clone(), customer: new.customer, has_ordered };
    let mut coupons: Vec<_> = new.coupons.iter().map(|coupon| (CouponId(coupon.id), coupon.discount_minor)).collect();
    coupons.sort_unstable();
    for (coupon, minor) in coupons {
        promotions::take_coupon(tx, coupon, id.0, &buyer, Amount::new(minor).unwrap_or(Amount::ZERO)).await?;
    }
    Ok(())
}
