//! Reading orders, and writing beside them.

use kernel::{Limit, Page, Text as _};
use serde_json::json;
use tenants::{DbError, TenantTx};

use super::super::queries::{list as list_queries, read, write};
use super::super::{
    ListedOrder, NewEntry, Order, OrderError, OrderFilter, OrderId, OrderNote, OrderStatus, PaymentStatus, Whose,
};
use super::steps::lock;
use crate::audit::Actor;
use crate::carts;
use crate::catalog::ProductId;
use crate::identity::UserId;

/// An order with its lines and timeline. What staff removed, staff alone sees.
///
/// # Errors
/// [`OrderError::NoOrder`].
pub async fn order(tx: &mut TenantTx, id: OrderId, whose: Whose) -> Result<Order, OrderError> {
    read::get(tx, id, whose).await?.ok_or(OrderError::NoOrder(id))
}

/// Whether `customer` has paid for `product`, and has not been given all of the money back.
///
/// # Errors
/// [`DbError`].
pub async fn has_bought(tx: &mut TenantTx, customer: UserId, product: ProductId) -> Result<bool, DbError> {
    read::has_bought(tx, customer, product).await
}

/// A page of a customer's own orders, the newest first, those before `before`.
///
/// # Errors
/// [`DbError`].
pub async fn list_own(
    tx: &mut TenantTx,
    customer: UserId,
    before: Option<OrderId>,
    limit: Limit,
) -> Result<Page<ListedOrder>, DbError> {
    Ok(Page::cut(list_queries::own(tx, customer, before, limit).await?, limit))
}

/// A page of the store's orders, the newest first, those before `before`.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut TenantTx,
    filter: &OrderFilter,
    before: Option<OrderId>,
    limit: Limit,
) -> Result<Page<ListedOrder>, DbError> {
    Ok(Page::cut(list_queries::all(tx, filter, before, limit).await?, limit))
}

/// Adds what staff has to say to an order's timeline. Buyers do not see it.
///
/// # Errors
/// [`OrderError::NoOrder`].
pub async fn add_note(tx: &mut TenantTx, id: OrderId, note: &OrderNote, actor: Actor) -> Result<Order, OrderError> {
    lock(tx, id, Whose::Store).await?;
    let entry = NewEntry { shown: false, ..NewEntry::new("note").with(json!({ "text": note.as_str() })) };
    write::insert_entry(tx, id, &entry.by(Some(actor))).await?;
    write::touch(tx, id).await?;
    order(tx, id, Whose::Store).await
}

/// Puts what an order would have bought into a cart again, as much of it as there is. Once.
///
/// # Errors
/// [`OrderError::NoOrder`], [`OrderError::NotForCart`], [`OrderError::Cart`].
pub async fn put_into_cart(
    tx: &mut TenantTx,
    id: OrderId,
    whose: Whose,
    who: &carts::Who,
) -> Result<carts::PutBack, OrderError> {
    lock(tx, id, whose).await?;
    let order = order(tx, id, whose).await?;
    let over = matches!(order.state.status, OrderStatus::Cancelled | OrderStatus::Expired);
    let done = order.timeline.iter().any(|entry| entry.kind == TO_CART);
    if !over || done || order.state.payment != PaymentStatus::Unpaid {
        return Err(OrderError::NotForCart(order.state));
    }
    let lines: Vec<_> =
        order.lines.iter().filter_map(|line| Some((line.variant, carts::Quantity::new(line.quantity)?))).collect();
    let put_back = carts::put_back(tx, who, &lines).await?;
    write::insert_entry(tx, id, &NewEntry::new(TO_CART)).await?;
    Ok(put_back)
}

/// What the timeline says where the items were put into a cart again.
const TO_CART: &str = "put_into_cart";
