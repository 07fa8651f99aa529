//! Orders that come to their end without being bought.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tenants::{DbError, TenantTx};

use super::super::machine::{self, MoneyEffect};
use super::super::queries::{list, write};
use super::super::{
    Cancelled, ExpireOrder, FulfilmentStatus, LapseOrder, NewEntry, OrderError, OrderId, OrderStatus, PaymentStatus,
    State, Step, Whose,
};
use super::steps::{Did, PROMISED, lock, take_step};
use crate::audit::Actor;
use crate::events::EventKind;
use crate::jobs;

/// How long after its time an order waits for the job that ends it, before it is put into the queue anew.
const LATE: TimeDelta = TimeDelta::hours(1);

/// Calls an order off. What is to become of the money is the answer; the payment's row is moved by who calls.
///
/// # Errors
/// [`OrderError::NoOrder`], [`OrderError::WrongStep`]: buyers can't call off what is paid.
pub async fn cancel(
    tx: &mut TenantTx,
    id: OrderId,
    whose: Whose,
    actor: Option<Actor>,
) -> Result<MoneyEffect, OrderError> {
    let locked = lock(tx, id, whose).await?;
    let by_staff = matches!(whose, Whose::Store);
    let waits = matches!(locked.state.payment, PaymentStatus::Unpaid | PaymentStatus::Pending);
    if locked.deleted || !by_staff && !waits {
        return Err(OrderError::WrongStep { state: locked.state, step: Step::Cancel });
    }
    let did = Did {
        entry: NewEntry::new("cancelled").by(actor),
        event: Some(EventKind::OrderCancelled),
        cancelled_for: Some(if by_staff { Cancelled::Staff } else { Cancelled::Buyer }),
    };
    Ok(take_step(tx, id, &locked, Step::Cancel, &did).await?.money)
}

/// What came of an order whose time may be over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// It expired now; this is to become of the money.
    Now(MoneyEffect),
    /// It has until then.
    NotBefore(DateTime<Utc>),
    /// It waits for nothing.
    Never,
}

/// Ends an order whose time is over.
///
/// # Errors
/// [`OrderError::Db`].
pub async fn expire(tx: &mut TenantTx, id: OrderId) -> Result<Expiry, OrderError> {
    let locked = match lock(tx, id, Whose::Store).await {
        Err(OrderError::NoOrder(_)) => return Ok(Expiry::Never),
        locked => locked?,
    };
    let waits = locked.state.status == OrderStatus::Open
        && matches!(locked.state.payment, PaymentStatus::Unpaid | PaymentStatus::Pending);
    let Some(end) = locked.expires_at.filter(|_| waits) else {
        return Ok(Expiry::Never);
    };
    if end > tx.now() {
        return Ok(Expiry::NotBefore(end));
    }
    let did = Did::new("expired").heard(EventKind::OrderExpired);
    Ok(Expiry::Now(take_step(tx, id, &locked, Step::Expire, &did).await?.money))
}

/// Ends an order whose money is still only promised and of which nothing has left: the promise is to be let go. None where
/// it is otherwise by now.
///
/// # Errors
/// [`OrderError::Db`].
pub async fn lapse(tx: &mut TenantTx, id: OrderId) -> Result<Option<MoneyEffect>, OrderError> {
    let locked = match lock(tx, id, Whose::Store).await {
        Err(OrderError::NoOrder(_)) => return Ok(None),
        locked => locked?,
    };
    let State { status, payment, fulfilment } = locked.state;
    let waits =
        (status, payment, fulfilment) == (OrderStatus::Open, PaymentStatus::Authorized, FulfilmentStatus::Unfulfilled);
    if locked.deleted || !waits {
        return Ok(None);
    }
    let did = Did {
        entry: NewEntry::new("lapsed"),
        event: Some(EventKind::OrderCancelled),
        cancelled_for: Some(Cancelled::Lapsed),
    };
    Ok(Some(take_step(tx, id, &locked, Step::Cancel, &did).await?.money))
}

/// Puts anew into the queue what ends orders whose time was over long ago: at most so many.
///
/// # Errors
/// [`DbError`].
pub async fn end_overdue(tx: &mut TenantTx, most: i64) -> Result<(), DbError> {
    for order in list::overdue(tx, tx.now() - LATE, most).await? {
        jobs::enqueue(tx, &ExpireOrder { order: order.0 }).await?;
    }
    // Of a payment that was begun so long ago, the promise is as old but for the day that its word may take.
    for order in list::promised(tx, tx.now() - PROMISED - TimeDelta::days(1), most).await? {
        jobs::enqueue(tx, &LapseOrder { order: order.0 }).await?;
    }
    Ok(())
}

/// Removes an order from sight. What is still to come of it comes to nothing: what is promised is freed, what was sold and
/// not shipped is put back. Its record stays.
///
/// # Errors
/// [`OrderError::NoOrder`], [`OrderError::Stale`], [`OrderError::WrongStep`].
pub async fn delete(
    tx: &mut TenantTx,
    id: OrderId,
    expected: Option<i64>,
    actor: Actor,
) -> Result<MoneyEffect, OrderError> {
    let locked = lock(tx, id, Whose::Store).await?;
    if locked.deleted {
        return Err(OrderError::NoOrder(id));
    }
    if expected.is_some_and(|expected| expected != locked.version) {
        return Err(OrderError::Stale);
    }
    write::set_deleted(tx, id).await?;
    let becomes = machine::step(locked.state, Step::Delete).map(|outcome| outcome.state.status);
    let ends = locked.state.status == OrderStatus::Open && becomes == Some(OrderStatus::Cancelled);
    let did = Did {
        entry: NewEntry::new("deleted").with(json!({ "was": locked.state.to_string() })).by(Some(actor)),
        event: ends.then_some(EventKind::OrderCancelled),
        cancelled_for: ends.then_some(Cancelled::Deleted),
    };
    Ok(take_step(tx, id, &locked, Step::Delete, &did).await?.money)
}
