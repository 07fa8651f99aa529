//! Making an order.

use chrono::TimeDelta;
use tenants::{DbError, TenantTx};

use super::super::queries::write as queries;
use super::super::queries::write::OrderSettings;
use super::super::{ExpireOrder, NewEntry, NewOrder, Order, OrderError, OrderId, Whose};
use super::order;
use crate::events::{self, Event, EventKind};
use crate::jobs;

/// How the store of `tx` deals with orders.
///
/// # Errors
/// [`DbError`].
pub async fn settings(tx: &mut TenantTx) -> Result<OrderSettings, DbError> {
    queries::settings(tx).await
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
    jobs::enqueue_at(tx, &ExpireOrder { order: id.0 }, expires_at).await?;
    if queries::insert(tx, id, new, expires_at).await?.is_none() {
        queries::insert_counter(tx).await?;
        queries::insert(tx, id, new, expires_at).await?;
    }
    order(tx, id, Whose::Store).await
}
