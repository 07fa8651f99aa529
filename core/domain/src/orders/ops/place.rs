//! Making an order.

use chrono::TimeDelta;
use kernel::Amount;
use tenants::{DbError, TenantTx};

use super::super::queries::write as queries;
use super::super::queries::write::OrderSettings;
use super::super::{CopiedCoupon, ExpireOrder, NewEntry, NewOrder, Order, OrderError, OrderId, Whose};
use super::order;
use crate::events::{self, Event, EventKind};
use crate::identity::{Email, UserId};
use crate::jobs;
use crate::promotions::{self, Buyer, CouponId, PromotionsError};

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

/// Takes the uses of an order's coupons again, as it comes back to life. A refusal may have spoilt the transaction.
pub(super) async fn take_coupons_again(tx: &mut TenantTx, id: OrderId) -> Result<(), OrderError> {
    let order = order(tx, id, Whose::Store).await?;
    if order.coupons.is_empty() {
        return Ok(());
    }
    // Of whom nothing is known any more, nobody can say how often they used it.
    let email = order.reader().ok_or(PromotionsError::UnknownCode)?;
    take(tx, id, &order.coupons, order.customer, email).await
}

async fn take_coupons(tx: &mut TenantTx, id: OrderId, new: &NewOrder) -> Result<(), OrderError> {
    take(tx, id, &new.coupons, new.customer, new.email.clone()).await
}

/// Takes a use of each coupon, in the order of their ids: each holds its row until the end.
async fn take(
    tx: &mut TenantTx,
    id: OrderId,
    coupons: &[CopiedCoupon],
    customer: Option<UserId>,
    email: Email,
) -> Result<(), OrderError> {
    if coupons.is_empty() {
        return Ok(());
    }
    let has_ordered = queries::has_ordered(tx, customer, &email).await?;
    let buyer = Buyer { email, customer, has_ordered };
    let mut coupons: Vec<_> = coupons.iter().map(|coupon| (CouponId(coupon.id), coupon.discount_minor)).collect();
    coupons.sort_unstable();
    for (coupon, minor) in coupons {
        promotions::take_coupon(tx, coupon, id.0, &buyer, Amount::new(minor).unwrap_or(Amount::ZERO)).await?;
    }
    Ok(())
}
