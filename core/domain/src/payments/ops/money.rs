//! Money that comes, is let go, or is given back.

use kernel::Amount;
use serde_json::json;
use tenants::TenantTx;

use super::super::machine::{self, PaymentState, PaymentStep};
use super::super::{Payment, PaymentError, PaymentId, RefundId, RefundWanted, queries};
use super::read::{History, payment};
use crate::audit::Actor;
use crate::events::EventKind;
use crate::orders::{self, Cancelled, Did, Locked, NewEntry, OrderError, OrderId, Step, Whose};

/// A payment with its order locked, read after the lock was had.
async fn locked(tx: &mut TenantTx, id: PaymentId) -> Result<(Payment, Locked), PaymentError> {
    let order = queries::get(tx, id, Whose::Store).await?.ok_or(PaymentError::NoPayment(id))?.order;
    let order = orders::lock(tx, order, Whose::Store).await?;
    let payment = queries::get(tx, id, Whose::Store).await?.ok_or(PaymentError::NoPayment(id))?;
    Ok((payment, order))
}

/// Moves a payment by a step, and writes that down.
pub(super) async fn advance(
    tx: &mut TenantTx,
    before: &Payment,
    step: PaymentStep,
    kind: &str,
    detail: serde_json::Value,
) -> Result<PaymentState, PaymentError> {
    let wrong = PaymentError::WrongStep { state: before.status, step };
    let to = machine::step(before.status, step).ok_or(wrong)?;
    let captured = if step == PaymentStep::Capture { before.amount } else { before.captured };
    move_to(tx, before, to, captured, before.refunded, kind, detail).await?;
    Ok(to)
}

async fn move_to(
    tx: &mut TenantTx,
    before: &Payment,
    to: PaymentState,
    captured: Amount,
    refunded: Amount,
    kind: &str,
    detail: serde_json::Value,
) -> Result<(), PaymentError> {
    if !queries::advance(tx, before, to, captured, refunded).await? {
        return Err(OrderError::Raced.into());
    }
    Ok(queries::log(tx, before.id, kind, Some(before.status), to, &detail).await?)
}

/// Notes that the money which was promised is there.
///
/// # Errors
/// [`PaymentError::NoPayment`], [`PaymentError::WrongStep`].
pub async fn capture(tx: &mut TenantTx, id: PaymentId, actor: Actor) -> Result<History, PaymentError> {
    let (before, order) = locked(tx, id).await?;
    if before.status != PaymentState::Authorized {
        return Err(PaymentError::WrongStep { state: before.status, step: PaymentStep::Capture });
    }
    advance(tx, &before, PaymentStep::Capture, "captured", json!({})).await?;
    let did = Did { entry: NewEntry::new("paid").by(Some(actor)), ..Did::new("paid") }.heard(EventKind::OrderPaid);
    orders::take_step(tx, before.order, &order, Step::Capture, &did).await?;
    payment(tx, id, Whose::Store).await
}

/// Lets the promise of money go: the order is cancelled.
///
/// # Errors
/// [`PaymentError::NoPayment`], [`PaymentError::WrongStep`], [`OrderError::WrongStep`] once something was shipped.
pub async fn void(tx: &mut TenantTx, id: PaymentId, actor: Actor) -> Result<History, PaymentError> {
    let (before, order) = locked(tx, id).await?;
    advance(tx, &before, PaymentStep::Void, "voided", json!({})).await?;
    let did = Did {
        entry: NewEntry::new("voided").by(Some(actor)),
        event: Some(EventKind::OrderCancelled),
        cancelled_for: Some(Cancelled::Staff),
    };
    orders::take_step(tx, before.order, &order, Step::Void, &did).await?;
    payment(tx, id, Whose::Store).await
}

/// Gives back some of a payment, or all that is left.
///
/// # Errors
/// [`PaymentError::NoPayment`], [`PaymentError::TooMuch`], [`PaymentError::WrongStep`].
pub async fn refund(
    tx: &mut TenantTx,
    id: PaymentId,
    wanted: &RefundWanted,
    actor: Option<Actor>,
) -> Result<(History, RefundId), PaymentError> {
    let (before, order) = locked(tx, id).await?;
    let refund = give_back(tx, &before, &order, wanted, actor).await?;
    Ok((payment(tx, id, Whose::Store).await?, refund))
}

/// Gives back some of what was paid for an order, or all that is left.
///
/// # Errors
/// [`PaymentError::NothingCaptured`], and those of [`refund`].
pub async fn refund_order(
    tx: &mut TenantTx,
    id: OrderId,
    wanted: &RefundWanted,
    actor: Option<Actor>,
) -> Result<(History, RefundId), PaymentError> {
    orders::lock(tx, id, Whose::Store).await?;
    let payments = queries::of_order(tx, id).await?;
    let some =
        payments.iter().find(|payment| payment.refunded < payment.captured).ok_or(PaymentError::NothingCaptured)?;
    refund(tx, some.id, wanted, actor).await
}

/// Gives money back of a payment whose order is locked.
pub(super) async fn give_back(
    tx: &mut TenantTx,
    before: &Payment,
    order: &Locked,
    wanted: &RefundWanted,
    actor: Option<Actor>,
) -> Result<RefundId, PaymentError> {
    let left = before.captured.minor() - before.refunded.minor();
    let minor = wanted.amount.map_or(left, Amount::minor);
    let step = if minor == left { PaymentStep::RefundAll } else { PaymentStep::RefundSome };
    let to = machine::step(before.status, step).ok_or(PaymentError::WrongStep { state: before.status, step })?;
    let (Some(amount), Some(refunded)) = (Amount::new(minor), Amount::new(before.refunded.minor() + minor)) else {
        return Err(PaymentError::TooMuch(left));
    };
    if !(1..=left).contains(&minor) {
        return Err(PaymentError::TooMuch(left));
    }
    let id = RefundId::generate();
    queries::insert_refund(tx, id, before.id, amount, wanted, actor).await?;
    let detail = json!({ "refund_id": id.0, "amount": minor });
    move_to(tx, before, to, before.captured, refunded, "refunded", detail.clone()).await?;
    let all = others_left(tx, before).await? == 0 && minor == left;
    let did = Did { entry: NewEntry::new("refunded").with(detail).by(actor), ..Did::new("refunded") };
    let step = if all { Step::RefundAll } else { Step::RefundSome };
    orders::mark(tx, before.order, order, step, &did.heard(EventKind::OrderRefunded)).await?;
    Ok(id)
}

/// What of the order's other payments could be given back.
async fn others_left(tx: &mut TenantTx, payment: &Payment) -> Result<i64, PaymentError> {
    let others = queries::of_order(tx, payment.order).await?;
    Ok(others
        .iter()
        .filter(|other| other.id != payment.id)
        .map(|other| other.captured.minor() - other.refunded.minor())
        .sum())
}
