//! A buyer begins to pay.

use chrono::TimeDelta;
use kernel::{Amount, Text as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tenants::TenantTx;

use super::super::machine::PaymentState;
use super::super::{Gateway, Payment, PaymentError, PaymentId, Started, WatchPayment, queries};
use super::money::save;
use crate::events::EventKind;
use crate::gateways::{self, GatewayName, GatewaysError, Vault};
use crate::idempotency::{Claim, IdempotencyError};
use crate::jobs;
use crate::orders::{self, Cancelled, Did, Locked, NewEntry, Order, OrderError, OrderId, Shortage, Step, Whose};
use crate::stock::{self, Hold, Portion};

/// Begins a payment of an order that the carrier collects. Where a line is short, the order is cancelled instead.
///
/// What it writes is not all: [`take_stock`] comes after it, last before the commit.
///
/// # Errors
/// [`PaymentError::UnknownGateway`], [`OrderError::NoOrder`], [`OrderError::Expired`], [`OrderError::WrongStep`].
pub async fn start(
    tx: &mut TenantTx,
    id: OrderId,
    whose: Whose,
    return_url: Option<&str>,
) -> Result<Started, PaymentError> {
    let locked = orders::lock(tx, id, whose).await?;
    let settings = orders::settings(tx).await?;
    if !settings.cash_on_delivery {
        return Err(PaymentError::UnknownGateway);
    }
    let portions = match portions(tx, id, &locked).await? {
        Ok(portions) => portions,
        Err(short) => return Ok(Started::Short(short)),
    };
    let settled = settings.cash_on_delivery_is_paid;
    let payment = Payment {
        status: if settled { PaymentState::Captured } else { PaymentState::Authorized },
        captured: if settled { locked.total } else { Amount::ZERO },
        ..new_payment(tx, id, &locked, Gateway::CASH_ON_DELIVERY)
    };
    queries::insert(tx, &payment, return_url, None).await?;
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

/// Begins a payment that a gateway is to be asked for after the commit, or finds the one that was begun with the same key:
/// whoever asked for that may have been killed.
///
/// What it writes is not all: [`take_stock`] comes after it, last before the commit.
///
/// # Errors
/// [`PaymentError::UnknownGateway`], [`OrderError::NoOrder`], [`OrderError::Expired`], [`OrderError::WrongStep`],
/// [`IdempotencyError::InFlight`], [`IdempotencyError::OtherRequest`].
pub async fn begin(
    tx: &mut TenantTx,
    vault: &Vault,
    id: OrderId,
    whose: Whose,
    gateway: &Gateway,
    return_url: Option<&str>,
    claim: &Claim,
) -> Result<Started, PaymentError> {
    let locked = orders::lock(tx, id, whose).await?;
    let key: [u8; 32] = Sha256::new().chain_update(claim.caller).chain_update(claim.key.as_str()).finalize().into();
    if let Some((found, request)) = queries::by_start(tx, key).await? {
        if request != claim.request {
            return Err(IdempotencyError::OtherRequest.into());
        }
        let payment = queries::get(tx, found, Whose::Store).await?.ok_or(PaymentError::NoPayment(found))?;
        match payment.status {
            // It came to nothing before the buyer heard of it: the key is as good as new.
            PaymentState::Failed if payment.reference.is_none() => {}
            PaymentState::Created if payment.busy_until.is_some_and(|until| until > tx.now()) => {
                return Err(IdempotencyError::InFlight.into());
            }
            PaymentState::Created => {
                let busy_until = Some(tx.now() + PATIENCE);
                let payment = save(tx, &payment, Payment { busy_until, ..payment.clone() }).await?;
                return Ok(Started::Again(payment));
            }
            _ => return Ok(Started::Again(payment)),
        }
    }
    let name = GatewayName::parse(gateway.as_str()).map_err(|_| PaymentError::UnknownGateway)?;
    let enabled = gateways::begin(tx, vault, &name).await.map_err(|err| match err {
        GatewaysError::Db(err) => PaymentError::Db(err),
        GatewaysError::NotEnabled => PaymentError::UnknownGateway,
        _ => PaymentError::GatewayRefused,
    })?;
    if !enabled.takes(locked.currency) {
        return Err(PaymentError::UnknownGateway);
    }
    let portions = match portions(tx, id, &locked).await? {
        Ok(portions) => portions,
        Err(short) => return Ok(Started::Short(short)),
    };
    let payment = Payment {
        through: Some(enabled.version),
        doing: Some("create".to_owned()),
        busy_until: Some(tx.now() + PATIENCE),
        ..new_payment(tx, id, &locked, gateway.as_str())
    };
    // The gateway is asked at once: that much time there must be.
    let until = locked.expires_at.map(|end| end.max(tx.now() + PATIENCE * 2));
    let locked = orders::Locked { expires_at: until, ..locked };
    orders::mark(tx, id, &locked, Step::StartPayment, &Did::new("payment_started")).await?;
    let begun = queries::Begun { key, request: claim.request, sandbox: enabled.sandbox };
    queries::insert(tx, &payment, return_url, Some(&begun)).await?;
    queries::log(tx, payment.id, "started", None, payment.status, &json!({})).await?;
    let due = tx.now() + PATIENCE * 2;
    jobs::enqueue_at(tx, &WatchPayment::in_case(payment.id), due).await?;
    let hold = until.map_or(Hold::Until(due), Hold::Until);
    Ok(Started::Begun { payment, portions, hold })
}

/// How long whoever asks a gateway is waited for: longer than any call takes.
pub(in crate::payments) const PATIENCE: TimeDelta = TimeDelta::seconds(30);

fn new_payment(tx: &TenantTx, order: OrderId, locked: &Locked, gateway: &str) -> Payment {
    Payment {
        id: PaymentId::generate(),
        order,
        gateway: gateway.to_owned(),
        status: PaymentState::Created,
        amount: locked.total,
        currency: locked.currency,
        captured: Amount::ZERO,
        refunded: Amount::ZERO,
        returning: Amount::ZERO,
        through: None,
        reference: None,
        next: None,
        surplus: false,
        held_for: None,
        doing: None,
        busy_until: None,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    }
}

/// What is to be taken for a locked order whose buyer begins to pay; what is short where the order is cancelled for that.
async fn portions(
    tx: &mut TenantTx,
    id: OrderId,
    locked: &Locked,
) -> Result<Result<Vec<Portion>, Vec<Shortage>>, PaymentError> {
    if locked.deleted {
        return Err(OrderError::NoOrder(id).into());
    }
    if locked.expires_at.is_some_and(|end| end <= tx.now()) {
        return Err(OrderError::Expired.into());
    }
    let order = orders::order(tx, id, Whose::Store).await?;
    let portions = portions_of(&order);
    let short = stock::short(tx, &portions).await?;
    if short.is_empty() {
        return Ok(Ok(portions));
    }
    let short = shortages(&order, &short);
    let detail: Vec<_> =
        short.iter().map(|s| json!({ "name": s.name, "requested": s.requested, "available": s.available })).collect();
    let did = Did {
        entry: NewEntry::new("out_of_stock").with(json!({ "shortages": detail })),
        event: Some(EventKind::OrderOutOfStock),
        cancelled_for: Some(Cancelled::OutOfStock),
    };
    orders::take_step(tx, id, locked, Step::RunShort, &did).await?;
    Ok(Err(short))
}

/// All that an order takes.
pub(in crate::payments) fn portions_of(order: &Order) -> Vec<Portion> {
    order.lines.iter().map(|line| Portion { variant: line.variant, quantity: line.quantity }).collect()
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
