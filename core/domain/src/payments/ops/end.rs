//! Orders that end, and what becomes of their money.

use chrono::{DateTime, TimeDelta, Utc};
use gateway::Capability;
use tenants::TenantTx;

use super::super::machine::{PaymentState, PaymentStep};
use super::super::{Payment, PaymentError, RefundWanted, queries};
use super::money::{give_up, let_go};
use super::refunds::{give_back, owe};
use crate::audit::Actor;
use crate::gateways;
use crate::orders::machine::MoneyEffect;
use crate::orders::{self, Did, Expiry, Order, OrderId, PaymentStatus, Step, Whose};

/// Who calls an order off, and whether its money may be given back for it.
#[derive(Debug, Clone, Copy)]
pub enum Canceller {
    /// Its buyer, before it is paid.
    Buyer(Whose),
    /// Staff that may give money back.
    Refunder(Actor),
    /// Staff that may not.
    Staff(Actor),
}

/// Calls an order off, and gives back what was paid for it.
///
/// # Errors
/// [`orders::OrderError::NoOrder`], [`orders::OrderError::WrongStep`], [`PaymentError::MayNotRefund`].
pub async fn cancel_order(tx: &mut TenantTx, id: OrderId, by: Canceller) -> Result<Order, PaymentError> {
    let (whose, actor) = match by {
        Canceller::Buyer(whose) => (whose, None),
        Canceller::Refunder(actor) | Canceller::Staff(actor) => (Whose::Store, Some(actor)),
    };
    let money = orders::cancel(tx, id, whose, actor).await?;
    if money == MoneyEffect::Refund && matches!(by, Canceller::Staff(_)) {
        return Err(PaymentError::MayNotRefund);
    }
    see_to(tx, id, money, actor).await?;
    Ok(orders::order(tx, id, Whose::Store).await?)
}

/// Removes an order from sight. The money of a paid one stays where it is.
///
/// # Errors
/// [`orders::OrderError::NoOrder`], [`orders::OrderError::Stale`].
pub async fn delete_order(
    tx: &mut TenantTx,
    id: OrderId,
    expected: Option<i64>,
    actor: Actor,
) -> Result<(), PaymentError> {
    let money = orders::delete(tx, id, expected, actor).await?;
    see_to(tx, id, money, Some(actor)).await
}

/// Ends an order whose time is over.
///
/// # Errors
/// [`PaymentError::Db`].
pub async fn expire_order(tx: &mut TenantTx, id: OrderId) -> Result<Expiry, PaymentError> {
    if let Some(later) = wait_for_word(tx, id).await? {
        return Ok(Expiry::NotBefore(later));
    }
    let expiry = orders::expire(tx, id).await?;
    if let Expiry::Now(money) = expiry {
        see_to(tx, id, money, None).await?;
    }
    Ok(expiry)
}

/// As long as a gateway does not say what became of the money, and is asked, its order waits: some more minutes each time, and
/// a day at most.
async fn wait_for_word(tx: &mut TenantTx, id: OrderId) -> Result<Option<DateTime<Utc>>, PaymentError> {
    let Ok(order) = orders::lock(tx, id, Whose::Store).await else { return Ok(None) };
    let over = order.expires_at.is_some_and(|end| end <= tx.now());
    if !over || order.state.payment != PaymentStatus::Pending {
        return Ok(None);
    }
    let payments = queries::of_order(tx, id).await?;
    let waits = |payment: &&Payment| {
        payment.status == PaymentState::Indeterminate && payment.updated_at + TimeDelta::days(1) > tx.now()
    };
    if !payments.iter().any(|payment| waits(&payment)) {
        return Ok(None);
    }
    let until = tx.now() + TimeDelta::minutes(5);
    orders::extend(tx, id, until).await?;
    Ok(Some(until))
}

/// Ends an order whose money was promised long ago and never taken.
///
/// # Errors
/// [`PaymentError::Db`].
pub async fn lapse_order(tx: &mut TenantTx, id: OrderId) -> Result<(), PaymentError> {
    match orders::lapse(tx, id).await? {
        Some(money) => see_to(tx, id, money, None).await,
        None => Ok(()),
    }
}

/// Moves the payments of an order as its end asks.
async fn see_to(tx: &mut TenantTx, id: OrderId, money: MoneyEffect, actor: Option<Actor>) -> Result<(), PaymentError> {
    if money == MoneyEffect::None {
        return Ok(());
    }
    let payments = queries::of_order(tx, id).await?;
    for payment in &payments {
        see_to_one(tx, payment, money, actor).await?;
    }
    if money == MoneyEffect::Refund && payments.iter().all(|payment| payment.refunded >= payment.captured) {
        // It cost nothing: nothing is due.
        let order = orders::lock(tx, id, Whose::Store).await?;
        orders::mark(tx, id, &order, Step::RefundAll, &Did::new("refunded")).await?;
    }
    Ok(())
}

async fn see_to_one(
    tx: &mut TenantTx,
    payment: &Payment,
    money: MoneyEffect,
    actor: Option<Actor>,
) -> Result<(), PaymentError> {
    use super::super::machine::step;
    match money {
        MoneyEffect::GiveUp if step(payment.status, PaymentStep::GiveUp).is_some() => {
            give_up(tx, payment).await?;
        }
        MoneyEffect::Void if step(payment.status, PaymentStep::Void).is_some() => {
            let_go(tx, payment, TimeDelta::zero()).await?;
        }
        MoneyEffect::Refund if payment.refunded < payment.captured => give_all_back(tx, payment, actor).await?,
        _ => {}
    }
    Ok(())
}

/// Gives back all that is left of a payment, or says that staff has to.
pub(super) async fn give_all_back(
    tx: &mut TenantTx,
    payment: &Payment,
    actor: Option<Actor>,
) -> Result<(), PaymentError> {
    if !gateway_can(tx, payment, Capability::Refunds).await? {
        return owe(tx, payment).await;
    }
    // The order is locked by this transaction; its words were just written.
    let order = orders::lock(tx, payment.order, Whose::Store).await?;
    let all = RefundWanted { amount: None, reason: None };
    give_back(tx, payment, &order, &all, actor, TimeDelta::zero()).await.map(drop)
}

/// Whether the gateway of a payment can do this at all; what needs no gateway can be done.
pub(super) async fn gateway_can(
    tx: &mut TenantTx,
    payment: &Payment,
    capability: Capability,
) -> Result<bool, PaymentError> {
    let Some(version) = payment.through else { return Ok(true) };
    let version = gateways::version_of(tx, version).await?;
    Ok(version.is_some_and(|version| version.capabilities.contains(&capability)))
}
