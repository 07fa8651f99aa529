//! Money that is given back: written down first, asked for then, and settled by what the gateway says.

use chrono::TimeDelta;
use kernel::Amount;
use serde_json::json;
use tenants::TenantTx;

use super::super::machine::{PaymentState, PaymentStep, step};
use super::super::{
    GiveBack, Given, Payment, PaymentError, PaymentId, Refund, RefundId, RefundState, RefundWanted, queries,
};
use super::money::{OWN_HAND, change, locked, save, tell_staff};
use super::read::{History, payment};
use crate::audit::Actor;
use crate::events::{self, Event, EventKind};
use crate::jobs;
use crate::orders::{self, Did, Locked, NewEntry, OrderError, OrderId, PaymentStatus, Step, Whose};

/// Gives back some of a payment, or all that is left. A gateway that has the money is asked after the commit.
///
/// # Errors
/// [`PaymentError::NoPayment`], [`PaymentError::TooMuch`], [`PaymentError::WrongStep`], [`PaymentError::UnderWay`].
pub async fn refund(
    tx: &mut TenantTx,
    id: PaymentId,
    wanted: &RefundWanted,
    actor: Option<Actor>,
) -> Result<(History, RefundId), PaymentError> {
    let (before, order) = locked(tx, id).await?;
    let refund = give_back(tx, &before, &order, wanted, actor, OWN_HAND).await?;
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
    let some = payments.iter().find(|payment| payment.left() > 0).ok_or(PaymentError::NothingCaptured)?;
    refund(tx, some.id, wanted, actor).await
}

/// Gives money back of a payment whose order is locked.
pub(super) async fn give_back(
    tx: &mut TenantTx,
    before: &Payment,
    order: &Locked,
    wanted: &RefundWanted,
    actor: Option<Actor>,
    later: TimeDelta,
) -> Result<RefundId, PaymentError> {
    let left = before.left();
    let minor = wanted.amount.map_or(left, Amount::minor);
    // Some or all is decided when it is there; that either is legal is what matters now.
    if step(before.status, PaymentStep::RefundSome).is_none() {
        return Err(PaymentError::WrongStep { state: before.status, step: PaymentStep::RefundSome });
    }
    if queries::under_way(tx, before.id).await?.is_some() {
        return Err(PaymentError::UnderWay);
    }
    let returning = Amount::new(before.returning.minor() + minor).filter(|_| (1..=left).contains(&minor));
    let returning = returning.ok_or(PaymentError::TooMuch(left))?;
    let id = RefundId::generate();
    queries::insert_refund(tx, id, before.id, minor, wanted, actor).await?;
    let after = Payment { returning, ..before.clone() };
    if before.through.is_none() {
        let after = save(tx, before, after).await?;
        let refund = queries::refund(tx, id).await?.ok_or(OrderError::Raced)?;
        given_back(tx, &after, order, &refund, actor).await?;
        return Ok(id);
    }
    change(tx, before, after, "refund_asked", json!({ "refund_id": id.0, "amount": minor })).await?;
    let due = tx.now() + later;
    jobs::enqueue_at(tx, &GiveBack { refund: id.0, tries: 0 }, due).await?;
    Ok(id)
}

/// Writes that a refund is on its way for good. The order is locked.
async fn given_back(
    tx: &mut TenantTx,
    before: &Payment,
    order: &Locked,
    refund: &Refund,
    actor: Option<Actor>,
) -> Result<(), PaymentError> {
    let minor = refund.amount.minor();
    queries::settle_refund(tx, refund.id, RefundState::Succeeded, None, None).await?;
    let (Some(refunded), Some(returning)) =
        (Amount::new(before.refunded.minor() + minor), Amount::new(before.returning.minor() - minor))
    else {
        return Err(PaymentError::TooMuch(before.left()));
    };
    let how = if refunded == before.captured { PaymentStep::RefundAll } else { PaymentStep::RefundSome };
    let status = step(before.status, how).ok_or(PaymentError::WrongStep { state: before.status, step: how })?;
    let detail = json!({ "refund_id": refund.id.0, "amount": minor });
    let after = Payment { status, refunded, returning, ..before.clone() };
    let after = change(tx, before, after, "refunded", detail.clone()).await?;
    let did = Did { entry: NewEntry::new("refunded").with(detail).by(actor), ..Did::new("refunded") };
    let did = did.heard(EventKind::OrderRefunded);
    // What an order that was paid otherwise had no use for leaves its words as they are.
    let counts = |payment: &Payment| !payment.surplus || order.state.payment == PaymentStatus::RefundDue;
    if !counts(&after) {
        return Ok(orders::note(tx, before.order, &did).await?);
    }
    let others = queries::of_order(tx, before.order).await?;
    let kept: i64 = others
        .iter()
        .map(|payment| if payment.id == after.id { &after } else { payment })
        .filter(|payment| counts(payment))
        .map(|payment| payment.captured.minor() - payment.refunded.minor())
        .sum();
    let how = if kept == 0 { Step::RefundAll } else { Step::RefundSome };
    orders::mark(tx, before.order, order, how, &did).await?;
    Ok(())
}

/// What came of asking a gateway for a refund.
#[derive(Debug, Clone)]
pub(in crate::payments) struct Said {
    pub(in crate::payments) to: RefundState,
    pub(in crate::payments) reference: Option<String>,
    pub(in crate::payments) raw_code: Option<String>,
    /// What the log has to say.
    pub(in crate::payments) detail: serde_json::Value,
}

/// Settles a refund of which its gateway does not say what became of it, as staff found at the provider's.
///
/// # Errors
/// [`PaymentError::NoRefund`], [`PaymentError::RefundIsSettled`], [`PaymentError::UnderWay`].
pub async fn settle_by_hand(
    tx: &mut TenantTx,
    id: PaymentId,
    refund: RefundId,
    given: Given,
    actor: Actor,
) -> Result<History, PaymentError> {
    let (before, _) = locked(tx, id).await.map_err(|err| match err {
        PaymentError::NoPayment(_) => PaymentError::NoRefund(refund),
        err => err,
    })?;
    let found = queries::refund(tx, refund).await?.filter(|found| found.payment == id);
    let found = found.ok_or(PaymentError::NoRefund(refund))?;
    if !found.is_under_way() {
        return Err(PaymentError::RefundIsSettled(found.status));
    }
    // What a gateway has taken on is its to end, for a day.
    if found.status == RefundState::Pending && found.told_at.is_none() {
        return Err(PaymentError::UnderWay);
    }
    let to = match given {
        Given::Back => RefundState::Succeeded,
        Given::Not => RefundState::Failed,
    };
    let detail = json!({ "refund_id": refund.0, "to": to.as_str() });
    queries::log(tx, id, "refund_settled_by_hand", Some(before.status), before.status, &detail).await?;
    settle_as(tx, refund, &Said { to, reference: None, raw_code: None, detail }, Some(actor)).await?;
    payment(tx, id, Whose::Store).await
}

/// Writes what a gateway says of a refund. Once: what is settled stays.
pub(in crate::payments) async fn settle_refund(
    tx: &mut TenantTx,
    id: RefundId,
    said: &Said,
) -> Result<RefundState, PaymentError> {
    settle_as(tx, id, said, None).await
}

async fn settle_as(
    tx: &mut TenantTx,
    id: RefundId,
    said: &Said,
    actor: Option<Actor>,
) -> Result<RefundState, PaymentError> {
    let found = queries::refund(tx, id).await?.ok_or(OrderError::Raced)?;
    let (before, order) = locked(tx, found.payment).await?;
    let refund = queries::refund(tx, id).await?.ok_or(OrderError::Raced)?;
    if matches!(refund.status, RefundState::Succeeded | RefundState::Failed) {
        return Ok(refund.status);
    }
    match said.to {
        RefundState::Succeeded => {
            queries::settle_refund(tx, id, refund.status, said.reference.as_deref(), said.raw_code.as_deref()).await?;
            given_back(tx, &before, &order, &refund, actor).await?;
        }
        RefundState::Failed => {
            queries::settle_refund(tx, id, said.to, said.reference.as_deref(), said.raw_code.as_deref()).await?;
            let returning = Amount::new(before.returning.minor() - refund.amount.minor()).unwrap_or(Amount::ZERO);
            let after = Payment { returning, ..before.clone() };
            let after = change(tx, &before, after, "refund_failed", said.detail.clone()).await?;
            if before.surplus || order.state.payment == PaymentStatus::RefundDue {
                owe(tx, &after).await?;
            }
        }
        to if to != refund.status || said.reference != refund.reference => {
            queries::settle_refund(tx, id, to, said.reference.as_deref(), said.raw_code.as_deref()).await?;
            let kind = if to == RefundState::Pending { "refund_pending" } else { "refund_indeterminate" };
            queries::log(tx, before.id, kind, Some(before.status), before.status, &said.detail).await?;
        }
        _ => {}
    }
    Ok(said.to)
}

/// Tells staff that nobody says what became of a refund: its provider's own pages do.
pub(in crate::payments) async fn say_it_waits(tx: &mut TenantTx, refund: &Refund) -> Result<(), PaymentError> {
    let (payment, _) = locked(tx, refund.payment).await?;
    let found = queries::refund(tx, refund.id).await?;
    if !found.is_some_and(|found| found.is_under_way() && found.told_at.is_none()) {
        return Ok(());
    }
    queries::note_told(tx, refund.id).await?;
    let detail = json!({ "refund_id": refund.id.0, "amount": refund.amount.minor() });
    queries::log(tx, payment.id, "refund_unanswered", Some(payment.status), payment.status, &detail).await?;
    tell_staff(tx, &payment).await
}

/// Says that what is left of a payment has to be given back by hand.
pub(super) async fn owe(tx: &mut TenantTx, payment: &Payment) -> Result<(), PaymentError> {
    let detail = json!({ "payment_id": payment.id.0, "amount": payment.left() });
    events::record(tx, Event::new(EventKind::OrderRefundDue, payment.order.0).with(&detail)).await?;
    Ok(())
}

/// Writes that a gateway is about to be asked for a refund; none where somebody else asks, or it is settled. The answer says
/// whether it was asked before.
pub(in crate::payments) async fn ask_refund(
    tx: &mut TenantTx,
    id: RefundId,
    patience: TimeDelta,
) -> Result<Option<(Refund, bool)>, PaymentError> {
    let Some(found) = queries::refund(tx, id).await? else { return Ok(None) };
    let (before, _) = locked(tx, found.payment).await?;
    let Some(refund) = queries::refund(tx, id).await? else { return Ok(None) };
    let asked = refund.asked_at;
    let settled = matches!(refund.status, RefundState::Succeeded | RefundState::Failed);
    let busy = refund.status == RefundState::Pending
        && refund.reference.is_none()
        && asked.is_some_and(|at| at + patience > tx.now());
    if settled || busy || before.status == PaymentState::Refunded {
        return Ok(None);
    }
    if asked.is_none() {
        let now = tx.now();
        queries::note_asked(tx, id, Some(now)).await?;
    }
    Ok(Some((refund, asked.is_some())))
}
