//! A buyer begins to pay.

use kernel::{Amount, Text as _};
use serde_json::json;
use tenants::TenantTx;

use super::super::machine::PaymentState;
use super::super::{Gateway, Payment, PaymentError, PaymentId, Started, queries};
use super::methods;
use crate::events::EventKind;
use crate::orders::{self, Cancelled, Did, NewEntry, Order, OrderError, OrderId, Shortage, Step, Whose};
use crate::stock::{self, Hold, Portion};

/// Begins a payment of an order. Where a line is short, the order is cancelled instead.
///
/// What it writes is not all: [`take_stock`] comes after it, last before the commit.
///
/// # Errors
/// [`PaymentError::UnknownGateway`], [`OrderError::NoOrder`], [`OrderError::Expired`], [`OrderError::WrongStep`].
pub async fn start(
    tx: &mut TenantTx,
    id: OrderId,
    whose: Whose,
    gateway: &Gateway,
    return_url: Option<&str>,
) -> Result<Started, PaymentError> {
    let locked = orders::lock(tx, id, whose).await?;
    if !methods(tx).await?.contains(&gateway.as_str()) {
        return Err(PaymentError::UnknownGateway);
    }
    if locked.deleted {
        return Err(OrderError::NoOrder(id).into());
    }
    if locked.expires_at.is_some_and(|end| end <= tx.now()) {
        return Err(OrderError::Expired.into());
    }
    let order = orders::order(tx, id, Whose::Store).await?;
    let portions: Vec<_> =
        order.lines.iter().map(|line| Portion { variant: line.variant, quantity: line.quantity }).collect();
    let short = stock::short(tx, &portions).await?;
    if !short.is_empty() {
        let short = shortages(&order, &short);
        let detail: Vec<_> = short
            .iter()
            .map(|s| json!({ "name": s.name, "requested": s.requested, "available": s.available }))
            .collect();
        let did = Did {
            entry: NewEntry::new("out_of_stock").with(json!({ "shortages": detail })),
            event: Some(EventKind::OrderOutOfStock),
            cancelled_for: Some(Cancelled::OutOfStock),
        };
        orders::take_step(tx, id, &locked, Step::RunShort, &did).await?;
        return Ok(Started::Short(short));
    }
    let settled = orders::settings(tx).await?.cash_on_delivery_is_paid;
    let payment = Payment {
        id: PaymentId::generate(),
        order: id,
        gateway: gateway.as_str().to_owned(),
        status: if settled { PaymentState::Captured } else { PaymentState::Authorized },
        amount: locked.total,
        currency: locked.currency,
        captured: if settled { locked.total } else { Amount::ZERO },
        refunded: Amount::ZERO,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    queries::insert(tx, &payment, return_url).await?;
    queries::log(tx, payment.id, "started", None, payment.status, &json!({})).await?;
    // What the carrier collects needs no waiting for a gateway: the order passes through `pending` in this transaction.
    let begun = orders::mark(tx, id, &locked, Step::StartPayment, &Did::new("payment_started")).await?;
    let locked = orders::Locked { state: begun.state, ..locked };
    let (step, did) = match settled {
        true => (Step::Capture, Did::new("paid").heard(EventKind::OrderPaid)),
        false => (Step::Authorize, Did::new("authorized").heard(EventKind::OrderAuthorized)),
    };
    orders::mark(tx, id, &locked, step, &did).await?;
    Ok(Started::Begun { payment, portions, hold: Hold::Sold })
}

/// Takes the stock that a payment needs. Nothing but the commit comes after it.
///
/// # Errors
/// [`OrderError::Raced`] where somebody was faster since [`start`] looked: drop the transaction and begin again, to find out
/// what is short.
pub async fn take_stock(
    tx: &mut TenantTx,
    order: OrderId,
    portions: &[Portion],
    hold: Hold,
) -> Result<(), PaymentError> {
    if stock::take(tx, order.0, portions, hold).await? { Ok(()) } else { Err(OrderError::Raced.into()) }
}

fn shortages(order: &Order, short: &[(Portion, i64)]) -> Vec<Shortage> {
    let name = |variant| order.lines.iter().find(|line| line.variant == variant).map(|line| line.name.clone());
    short
        .iter()
        .map(|(portion, available)| Shortage {
            variant: portion.variant,
            name: name(portion.variant).unwrap_or_default(),
            requested: portion.quantity,
            available: *available,
        })
        .collect()
}
