//! What a gateway says of a payment, applied: once, in whatever order it is said, and only where it says what the shop's own
//! books say.

use gateway::{Capability, Outcome, OutcomeStatus};
use serde_json::{Value, json};
use tenants::TenantTx;

use super::super::machine::{PaymentState, PaymentStep, step};
use super::super::{Payment, PaymentError, PaymentId, WatchPayment, queries};
use super::end::{gateway_can, give_all_back};
use super::money::{advance, change, give_up, locked, tell_staff};
use super::start::portions_of;
use crate::events::EventKind;
use crate::jobs;
use crate::orders::{
    self, Cancelled, Did, Locked, NewEntry, OrderError, OrderStatus, PaymentStatus, Step, Whose, machine,
};
use crate::stock::{self, Hold};

/// Whether an order whose stock and coupons were given up may take them again for money that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::payments) enum Again {
    /// It may.
    May,
    /// It was tried: a coupon can't be had.
    MayNot,
}

/// Applies what a gateway says. The transaction is to be dropped and begun anew where it answers what may pass; and with
/// [`Again::MayNot`] where it is a coupon's refusal. What it says of the payment as it was in the version `seen` was asked
/// for; what a gateway tells by itself may be of any time.
pub(in crate::payments) async fn settle(
    tx: &mut TenantTx,
    id: PaymentId,
    outcome: &Outcome,
    again: Again,
    seen: Option<i64>,
) -> Result<Payment, PaymentError> {
    let (found, order) = locked(tx, id).await?;
    if !found.is_held_for(Payment::UNANSWERED) {
        return apply(tx, found, &order, outcome, again, seen).await;
    }
    // It says something: nobody has to find it out any more.
    let heard = Payment { held_for: None, ..found.clone() };
    let payment = apply(tx, heard.clone(), &order, outcome, again, seen).await?;
    if payment.version == found.version {
        return change(tx, &found, heard, "answered", said(outcome)).await;
    }
    Ok(payment)
}

async fn apply(
    tx: &mut TenantTx,
    payment: Payment,
    order: &Locked,
    outcome: &Outcome,
    again: Again,
    seen: Option<i64>,
) -> Result<Payment, PaymentError> {
    let id = payment.id;
    let moves = matches!(outcome.status, OutcomeStatus::Authorized | OutcomeStatus::Captured);
    if moves {
        let agreed = outcome.amount.amount == payment.amount && outcome.amount.currency == payment.currency;
        if !agreed {
            return hold(tx, &payment, "amount", outcome).await;
        }
    }
    if moves || outcome.status == OutcomeStatus::Refunded {
        if let Some(transaction) = &outcome.transaction
            && queries::is_anothers_transaction(tx, &payment, transaction).await?
        {
            return hold(tx, &payment, "transaction", outcome).await;
        }
        let cut = |text: &Option<String>, most| text.as_deref().map(|text| clean(text, most)).filter(|t| !t.is_empty());
        let (transaction, instrument) = (cut(&outcome.transaction, 200), cut(&outcome.instrument, 100));
        queries::note_transaction(tx, id, transaction.as_deref(), instrument.as_deref()).await?;
    }
    let said = said(outcome);
    match outcome.status {
        OutcomeStatus::Captured => captured(tx, payment, order, &said, again).await,
        OutcomeStatus::Authorized => authorized(tx, payment, order, &said, seen).await,
        OutcomeStatus::Pending => pending(tx, payment, &said).await,
        OutcomeStatus::Failed => ended(tx, payment, order, PaymentStep::Fail, "failed", &said).await,
        OutcomeStatus::Cancelled | OutcomeStatus::Voided | OutcomeStatus::Refunded => {
            ended(tx, payment, order, PaymentStep::GiveUp, outcome_word(outcome.status), &said).await
        }
    }
}

/// The money is there.
async fn captured(
    tx: &mut TenantTx,
    before: Payment,
    order: &Locked,
    said: &Value,
    again: Again,
) -> Result<Payment, PaymentError> {
    if step(before.status, PaymentStep::Capture).is_none() {
        // It was told before.
        return Ok(before);
    }
    let mut payment = advance(tx, &before, PaymentStep::Capture, "captured", said.clone()).await?;
    let paid = Did::new("paid").heard(EventKind::OrderPaid);
    let id = before.order;
    let was_this_ones = before.status == PaymentState::Authorized;
    match (order.state.status, order.state.payment) {
        (_, PaymentStatus::Pending) => {
            give_others_up(tx, &payment).await?;
            orders::take_step(tx, id, order, Step::Capture, &paid).await?;
        }
        (OrderStatus::Open | OrderStatus::Cancelled, PaymentStatus::Authorized) if was_this_ones => {
            orders::take_step(tx, id, order, Step::Capture, &paid).await?;
        }
        (_, PaymentStatus::Unpaid)
            if again == Again::May && !order.deleted && machine::step(order.state, Step::Revive).is_some() =>
        {
            let whole = orders::order(tx, id, Whose::Store).await?;
            let portions = portions_of(&whole);
            if !stock::short(tx, &portions).await?.is_empty() {
                return surplus(tx, payment, order).await;
            }
            orders::mark(tx, id, order, Step::Revive, &paid).await?;
            if !stock::take(tx, id.0, &portions, Hold::Sold).await? {
                return Err(OrderError::Raced.into());
            }
        }
        _ => payment = surplus(tx, payment, order).await?,
    }
    Ok(payment)
}

/// Money that its order has no use for goes back.
async fn surplus(tx: &mut TenantTx, before: Payment, order: &Locked) -> Result<Payment, PaymentError> {
    let id = before.order;
    let after = Payment { surplus: true, ..before.clone() };
    let after = change(tx, &before, after, "not_needed", json!({})).await?;
    let mut state = order.state;
    if (state.status, state.payment) == (OrderStatus::Open, PaymentStatus::Unpaid) {
        // Its stock is gone: it can't be paid any more.
        let did = Did {
            entry: NewEntry::new("out_of_stock"),
            event: Some(EventKind::OrderCancelled),
            cancelled_for: Some(Cancelled::OutOfStock),
        };
        state = orders::mark(tx, id, order, Step::RunShort, &did).await?.state;
    }
    if machine::step(state, Step::OweRefund).is_some() {
        let order = Locked { state, ..order.clone() };
        orders::mark(tx, id, &order, Step::OweRefund, &Did::new("paid_in_vain")).await?;
    }
    give_all_back(tx, &after, None).await?;
    queries::get(tx, before.id, Whose::Store).await?.ok_or(PaymentError::NoPayment(before.id))
}

/// The money is promised.
async fn authorized(
    tx: &mut TenantTx,
    before: Payment,
    order: &Locked,
    said: &Value,
    seen: Option<i64>,
) -> Result<Payment, PaymentError> {
    if order.state.payment == PaymentStatus::Pending && step(before.status, PaymentStep::Authorize).is_some() {
        let payment = advance(tx, &before, PaymentStep::Authorize, "authorized", said.clone()).await?;
        let did = Did::new("authorized").heard(EventKind::OrderAuthorized);
        orders::take_step(tx, before.order, order, Step::Authorize, &did).await?;
        return Ok(payment);
    }
    // Said by the way, it may be older than what was asked for since.
    let since = seen == Some(before.version);
    match before.status {
        // What was asked for was not done.
        PaymentState::Authorized if before.doing.is_some() && since => {
            let after = Payment { doing: None, busy_until: None, ..before.clone() };
            change(tx, &before, after, "not_done", said.clone()).await
        }
        // It does not let go: that is staff's.
        PaymentState::Failed | PaymentState::Cancelled | PaymentState::Voided
            if before.is_held_for(Payment::PROMISE) =>
        {
            if before.doing.is_none() || !since {
                return Ok(before);
            }
            let after = Payment { doing: None, busy_until: None, ..before.clone() };
            change(tx, &before, after, "not_let_go", said.clone()).await
        }
        // A promise that nobody waits for is let go.
        PaymentState::Failed | PaymentState::Cancelled | PaymentState::Voided if before.doing.is_none() => {
            let after = Payment { doing: Some("void".to_owned()), busy_until: None, ..before.clone() };
            let after = change(tx, &before, after, "void_asked", said.clone()).await?;
            jobs::enqueue(tx, &WatchPayment::of(before.id)).await?;
            Ok(after)
        }
        _ => Ok(before),
    }
}

/// The buyer is not done.
async fn pending(tx: &mut TenantTx, before: Payment, said: &Value) -> Result<Payment, PaymentError> {
    if before.status != PaymentState::Indeterminate || before.held_for.is_some() {
        return Ok(before);
    }
    advance(tx, &before, PaymentStep::Present, "pending", said.clone()).await
}

/// It came to nothing, or is over.
async fn ended(
    tx: &mut TenantTx,
    before: Payment,
    order: &Locked,
    how: PaymentStep,
    kind: &str,
    said: &Value,
) -> Result<Payment, PaymentError> {
    match before.status {
        PaymentState::Authorized => {
            let payment = advance(tx, &before, PaymentStep::Void, kind, said.clone()).await?;
            let did = Did {
                entry: NewEntry::new("voided"),
                event: Some(EventKind::OrderCancelled),
                cancelled_for: Some(Cancelled::Lapsed),
            };
            if machine::step(order.state, Step::Void).is_some() {
                orders::take_step(tx, before.order, order, Step::Void, &did).await?;
            }
            Ok(payment)
        }
        // The gateway knows that the promise is let go.
        PaymentState::Voided | PaymentState::Cancelled | PaymentState::Failed
            if before.doing.is_some() || before.is_held_for(Payment::PROMISE) =>
        {
            let status = step(before.status, PaymentStep::LetGo).unwrap_or(before.status);
            let after = Payment { status, doing: None, busy_until: None, held_for: None, ..before.clone() };
            // Where money is there before it is verified, its buyer had paid, and has it again.
            if status != before.status && gateway_can(tx, &before, Capability::Reconciliation).await? {
                let back = json!({ "payment_id": before.id.0, "amount": before.amount.minor() });
                let did = Did { entry: NewEntry::new("refunded").with(back), ..Did::new("refunded") };
                orders::note(tx, before.order, &did.heard(EventKind::OrderRefunded)).await?;
            }
            change(tx, &before, after, "let_go", said.clone()).await
        }
        _ if step(before.status, how).is_some() => fail(tx, before, order, how, kind, said).await,
        _ => Ok(before),
    }
}

/// Ends a payment, and frees what its order holds: another may be begun.
pub(in crate::payments) async fn fail(
    tx: &mut TenantTx,
    before: Payment,
    order: &Locked,
    how: PaymentStep,
    kind: &str,
    said: &Value,
) -> Result<Payment, PaymentError> {
    let payment = advance(tx, &before, how, kind, said.clone()).await?;
    if order.state.payment == PaymentStatus::Pending {
        orders::take_step(tx, before.order, order, Step::FailPayment, &Did::new("payment_failed")).await?;
    }
    Ok(payment)
}

/// What does not agree is never paid: staff looks at it.
async fn hold(
    tx: &mut TenantTx,
    before: &Payment,
    why: &'static str,
    outcome: &Outcome,
) -> Result<Payment, PaymentError> {
    if before.held_for.is_some() || step(before.status, PaymentStep::Capture).is_none() {
        return Ok(before.clone());
    }
    let status = step(before.status, PaymentStep::LoseSight).unwrap_or(before.status);
    let after = Payment { status, held_for: Some(why.to_owned()), ..before.clone() };
    let after = change(tx, before, after, "held", said(outcome)).await?;
    tell_staff(tx, &after).await?;
    Ok(after)
}

/// Another payment of the order that is open is given up: if it succeeds, too, its money goes back.
async fn give_others_up(tx: &mut TenantTx, payment: &Payment) -> Result<(), PaymentError> {
    for other in queries::of_order(tx, payment.order).await? {
        if other.id != payment.id && other.is_open() {
            give_up(tx, &other).await?;
        }
    }
    Ok(())
}

/// What the log says of an outcome.
fn said(outcome: &Outcome) -> Value {
    json!({
        "status": outcome_word(outcome.status),
        "amount": outcome.amount.amount.minor(),
        "currency": outcome.amount.currency.code(),
        "transaction": outcome.transaction.as_deref().map(|text| clean(text, 200)),
        "code": outcome.raw_code.as_deref().map(|text| clean(text, 100)),
        "told_before": outcome.already_verified,
    })
}

fn outcome_word(status: OutcomeStatus) -> &'static str {
    match status {
        OutcomeStatus::Pending => "pending",
        OutcomeStatus::Authorized => "authorized",
        OutcomeStatus::Captured => "captured",
        OutcomeStatus::Voided => "voided",
        OutcomeStatus::Failed => "failed",
        OutcomeStatus::Cancelled => "cancelled",
        OutcomeStatus::Refunded => "refunded",
    }
}

/// One line of bounded length, without what a database does not keep.
pub(in crate::payments) fn clean(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}
