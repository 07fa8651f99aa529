//! Taking a step of the machine, with all that it does.

use chrono::{DateTime, TimeDelta, Utc};
use tenants::TenantTx;

use super::super::machine::{self, CouponEffect, Outcome, PaymentStatus, StockEffect};
use super::super::queries::{read, read::Locked, write};
use super::super::{Cancelled, LapseOrder, NewEntry, OrderError, OrderId, OrderStatus, Step, Whose};
use crate::events::{self, Event, EventKind};
use crate::{jobs, promotions, stock};

/// How long a promise of money holds an order: no gateway keeps one for longer, and no parcel is paid for later.
pub(super) const PROMISED: TimeDelta = TimeDelta::days(30);

/// What is written about a step.
#[derive(Debug, Clone)]
pub struct Did {
    /// The line of the timeline.
    pub entry: NewEntry,
    /// What others hear of it.
    pub event: Option<EventKind>,
    /// Why the order was cancelled, if it was.
    pub cancelled_for: Option<Cancelled>,
}

impl Did {
    /// A step that stands in the timeline.
    pub fn new(kind: &'static str) -> Self {
        Self { entry: NewEntry::new(kind), event: None, cancelled_for: None }
    }

    /// And of which others hear.
    #[must_use]
    pub fn heard(self, event: EventKind) -> Self {
        Self { event: Some(event), ..self }
    }
}

/// Locks an order. Of those who change one at the same moment each finds what the one before left.
///
/// # Errors
/// [`OrderError::NoOrder`].
pub async fn lock(tx: &mut TenantTx, id: OrderId, whose: Whose) -> Result<Locked, OrderError> {
    read::lock(tx, id, whose).await?.ok_or(OrderError::NoOrder(id))
}

/// Writes a step of a locked order, but for what it does to stock: that comes last, see [`take_step`].
///
/// # Errors
/// [`OrderError::WrongStep`].
pub async fn mark(
    tx: &mut TenantTx,
    id: OrderId,
    locked: &Locked,
    step: Step,
    did: &Did,
) -> Result<Outcome, OrderError> {
    let outcome = machine::step(locked.state, step).ok_or(OrderError::WrongStep { state: locked.state, step })?;
    let waits = outcome.state.status == OrderStatus::Open
        && matches!(outcome.state.payment, PaymentStatus::Unpaid | PaymentStatus::Pending);
    let expires_at = locked.expires_at.filter(|_| waits);
    if outcome.coupon == CouponEffect::TakeAgain {
        super::place::take_coupons_again(tx, id).await?;
    }
    let why = did.cancelled_for.filter(|_| outcome.state.status == OrderStatus::Cancelled);
    write::set_state(tx, id, outcome.state, why, expires_at).await?;
    write::insert_entry(tx, id, &did.entry).await?;
    if let Some(event) = did.event {
        // Who is told of it reads the facts there, as they were.
        events::record(tx, Event::new(event, id.0).with(&did.entry.detail)).await?;
    }
    if step == Step::Authorize {
        // What is promised expires no more; if nobody takes the money or ships for it, this ends it.
        let due = tx.now() + PROMISED;
        jobs::enqueue_at(tx, &LapseOrder { order: id.0 }, due).await?;
    }
    if outcome.coupon == CouponEffect::GiveBack {
        promotions::give_back(tx, id.0).await?;
    }
    Ok(outcome)
}

/// Takes a step of a locked order that takes no new stock. Nothing but the commit comes after it.
///
/// # Errors
/// [`OrderError::WrongStep`].
pub async fn take_step(
    tx: &mut TenantTx,
    id: OrderId,
    locked: &Locked,
    step: Step,
    did: &Did,
) -> Result<Outcome, OrderError> {
    let outcome = mark(tx, id, locked, step, did).await?;
    match outcome.stock {
        StockEffect::Deduct => stock::sell(tx, id.0).await?,
        StockEffect::Release => stock::release(tx, id.0).await?,
        StockEffect::PutBack => stock::put_back(tx, id.0).await?,
        // Those who take stock say how much and for how long.
        StockEffect::None | StockEffect::Reserve | StockEffect::TakeAgain => {}
    }
    Ok(outcome)
}

/// Writes down what happened about a locked order and leaves its words as they are.
///
/// # Errors
/// [`OrderError::Db`].
pub async fn note(tx: &mut TenantTx, id: OrderId, did: &Did) -> Result<(), OrderError> {
    write::touch(tx, id).await?;
    write::insert_entry(tx, id, &did.entry).await?;
    if let Some(event) = did.event {
        events::record(tx, Event::new(event, id.0).with(&did.entry.detail)).await?;
    }
    Ok(())
}

/// Moves the end of a locked order that waits for its payment, and of what is promised to it, to `until`.
///
/// # Errors
/// [`OrderError::Db`].
pub async fn extend(tx: &mut TenantTx, id: OrderId, until: DateTime<Utc>) -> Result<(), OrderError> {
    write::set_end(tx, id, until).await?;
    Ok(stock::extend(tx, id.0, until).await?)
}
