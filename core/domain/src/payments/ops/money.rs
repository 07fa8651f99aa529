//! Money that comes, or is let go.

use chrono::TimeDelta;
use serde_json::json;
use tenants::TenantTx;

use super::super::machine::{self, PaymentState, PaymentStep};
use super::super::{Payment, PaymentError, PaymentId, WatchPayment, queries};
use super::read::{History, payment};
use crate::audit::Actor;
use crate::events::{self, Event, EventKind};
use crate::jobs;
use crate::orders::{self, Cancelled, Did, Locked, NewEntry, OrderError, Step, Whose};

/// How long whoever wrote down what a gateway is to be asked for has to ask, before a job does.
pub(super) const OWN_HAND: TimeDelta = TimeDelta::seconds(20);

/// A payment with its order locked, read after the lock was had.
pub(in crate::payments) async fn locked(tx: &mut TenantTx, id: PaymentId) -> Result<(Payment, Locked), PaymentError> {
    let order = queries::get(tx, id, Whose::Store).await?.ok_or(PaymentError::NoPayment(id))?.order;
    let order = orders::lock(tx, order, Whose::Store).await?;
    let payment = queries::get(tx, id, Whose::Store).await?.ok_or(PaymentError::NoPayment(id))?;
    Ok((payment, order))
}

/// Moves a payment by a step, and writes that down.
pub(in crate::payments) async fn advance(
    tx: &mut TenantTx,
    before: &Payment,
    step: PaymentStep,
    kind: &str,
    detail: serde_json::Value,
) -> Result<Payment, PaymentError> {
    let wrong = PaymentError::WrongStep { state: before.status, step };
    let mut after = Payment { status: machine::step(before.status, step).ok_or(wrong)?, ..before.clone() };
    if step == PaymentStep::Capture {
        after.captured = before.amount;
        after.held_for = None;
    }
    if !after.is_open() || step == PaymentStep::Present {
        (after.doing, after.busy_until) = (None, None);
    }
    change(tx, before, after, kind, detail).await
}

/// Writes what became of a payment, and logs it.
pub(in crate::payments) async fn change(
    tx: &mut TenantTx,
    before: &Payment,
    after: Payment,
    kind: &str,
    detail: serde_json::Value,
) -> Result<Payment, PaymentError> {
    let after = save(tx, before, after).await?;
    queries::log(tx, before.id, kind, Some(before.status), after.status, &detail).await?;
    Ok(after)
}

/// Writes what became of a payment.
pub(in crate::payments) async fn save(
    tx: &mut TenantTx,
    before: &Payment,
    after: Payment,
) -> Result<Payment, PaymentError> {
    if !queries::save(tx, before, &after).await? {
        return Err(OrderError::Raced.into());
    }
    Ok(Payment { version: before.version + 1, updated_at: tx.now(), ..after })
}

/// Gives a payment up. One of which its gateway does not say what became of it is held for staff: the money may be there.
pub(super) async fn give_up(tx: &mut TenantTx, payment: &Payment) -> Result<Payment, PaymentError> {
    if payment.status != PaymentState::Indeterminate || payment.held_for.is_some() {
        return advance(tx, payment, PaymentStep::GiveUp, "given_up", json!({})).await;
    }
    let held = Payment { held_for: Some(Payment::UNANSWERED.to_owned()), ..payment.clone() };
    let given_up = advance(tx, &held, PaymentStep::GiveUp, "given_up", json!({})).await?;
    tell_staff(tx, &given_up).await?;
    Ok(given_up)
}

/// Records that staff has to look at a payment.
pub(in crate::payments) async fn tell_staff(tx: &mut TenantTx, payment: &Payment) -> Result<(), PaymentError> {
    let facts = json!({ "payment_id": payment.id.0 });
    events::record(tx, Event::new(EventKind::PaymentHeld, payment.order.0).with(&facts)).await?;
    Ok(())
}

/// Notes that the money which was promised is there; or, where a gateway has it, that it is to be asked for it: that is
/// done after the commit.
///
/// # Errors
/// [`PaymentError::NoPayment`], [`PaymentError::WrongStep`], [`PaymentError::UnderWay`].
pub async fn capture(tx: &mut TenantTx, id: PaymentId, actor: Actor) -> Result<History, PaymentError> {
    let (before, order) = locked(tx, id).await?;
    if before.status != PaymentState::Authorized {
        return Err(PaymentError::WrongStep { state: before.status, step: PaymentStep::Capture });
    }
    if before.through.is_some() {
        ask_for(tx, &before, "capture", "capture_asked", OWN_HAND).await?;
        return payment(tx, id, Whose::Store).await;
    }
    advance(tx, &before, PaymentStep::Capture, "captured", json!({})).await?;
    let did = Did { entry: NewEntry::new("paid").by(Some(actor)), ..Did::new("paid") }.heard(EventKind::OrderPaid);
    orders::take_step(tx, before.order, &order, Step::Capture, &did).await?;
    payment(tx, id, Whose::Store).await
}

/// Lets the promise of money go: the order is cancelled. A gateway that has it is told after the commit.
///
/// # Errors
/// [`PaymentError::NoPayment`], [`PaymentError::WrongStep`], [`OrderError::WrongStep`] once something was shipped.
pub async fn void(tx: &mut TenantTx, id: PaymentId, actor: Actor) -> Result<History, PaymentError> {
    let (before, order) = locked(tx, id).await?;
    let_go(tx, &before, OWN_HAND).await?;
    let did = Did {
        entry: NewEntry::new("voided").by(Some(actor)),
        event: Some(EventKind::OrderCancelled),
        cancelled_for: Some(Cancelled::Staff),
    };
    orders::take_step(tx, before.order, &order, Step::Void, &did).await?;
    payment(tx, id, Whose::Store).await
}

/// Lets a promise go in the books, and has the gateway told.
pub(super) async fn let_go(tx: &mut TenantTx, before: &Payment, later: TimeDelta) -> Result<(), PaymentError> {
    if before.doing.is_some() {
        return Err(PaymentError::UnderWay);
    }
    let after = advance(tx, before, PaymentStep::Void, "voided", json!({})).await?;
    if before.through.is_some() {
        ask_for(tx, &after, "void", "void_asked", later).await?;
    }
    Ok(())
}

/// Notes that a gateway is to be asked for something: by a job `later`, if by nobody before.
async fn ask_for(
    tx: &mut TenantTx,
    before: &Payment,
    what: &str,
    kind: &str,
    later: TimeDelta,
) -> Result<(), PaymentError> {
    if before.doing.is_some() {
        return Err(PaymentError::UnderWay);
    }
    let after = Payment { doing: Some(what.to_owned()), busy_until: None, ..before.clone() };
    change(tx, before, after, kind, json!({})).await?;
    let (watch, due) = match later.is_zero() {
        true => (WatchPayment::of(before.id), tx.now()),
        false => (WatchPayment::in_case(before.id), tx.now() + later),
    };
    Ok(jobs::enqueue_at(tx, &watch, due).await?)
}
