//! Passing events on: to people by letter. Each is told of each event once, however often this runs.

use chrono::TimeDelta;
use domain::access::Permission;
use domain::events::{self, EventId, EventKind, PassOn, Recorded};
use domain::identity::{AccountLetter, UserId};
use domain::jobs;
use domain::mail::{Occasion, OrderNews};
use domain::orders::OrderLetter;
use domain::staff::{self, StaffLetter};
use domain::stock;
use tenants::TenantTx;

use crate::{Failure, InStore, Run};

/// The way by which people are told.
const LETTER: &str = "letter";
/// The reader of letters about an order, whoever that is by then.
pub(super) const BUYER: &str = "buyer";
/// How long letters to staff wait for more of the same to happen: one letter tells of all.
const GATHERED: TimeDelta = TimeDelta::minutes(5);

impl Run for PassOn {
    async fn run(self, at: &InStore) -> Result<(), Failure> {
        let mut tx = at.begin().await?;
        let Some(event) = events::event(&mut tx, EventId(self.event)).await? else { return Ok(()) };
        match EventKind::read(&event.kind) {
            Some(EventKind::CustomerRegistered) => welcome(&mut tx, &event).await?,
            Some(EventKind::ReviewWaiting) => {
                tell_staff(at, &mut tx, &event, Permission::ReviewsWrite, Occasion::ReviewsWaiting).await?;
            }
            Some(EventKind::StockLow) => {
                tell_staff(at, &mut tx, &event, Permission::StockWrite, Occasion::StockLow).await?;
            }
            Some(
                kind @ (EventKind::OrderPlaced
                | EventKind::OrderAuthorized
                | EventKind::OrderPaid
                | EventKind::OrderFulfilled
                | EventKind::OrderCancelled
                | EventKind::OrderOutOfStock
                | EventKind::OrderExpired
                | EventKind::OrderRefunded),
            ) => tell_buyer(&mut tx, &event, kind).await?,
            Some(kind @ EventKind::OrderRefundDue) => {
                tell_buyer(&mut tx, &event, kind).await?;
                tell_staff(at, &mut tx, &event, Permission::OrdersRefund, Occasion::PaymentsWaiting).await?;
            }
            Some(EventKind::PaymentHeld) => {
                tell_staff(at, &mut tx, &event, Permission::PaymentsWrite, Occasion::PaymentsWaiting).await?;
            }
            None => return Err(Failure::again("this build does not know this type of event")),
        }
        Ok(tx.commit().await?)
    }
}

/// Welcomes a customer, and asks for the address to be confirmed.
async fn welcome(tx: &mut TenantTx, event: &Recorded) -> Result<(), Failure> {
    if events::mark_delivered(tx, event.id, LETTER, &event.subject.to_string()).await? {
        jobs::enqueue(tx, &AccountLetter { user: event.subject, occasion: Occasion::Confirm }).await?;
    }
    Ok(())
}

/// Tells the buyer of an order what happened to it.
async fn tell_buyer(tx: &mut TenantTx, event: &Recorded, kind: EventKind) -> Result<(), Failure> {
    if OrderNews::is_told(kind) && events::mark_delivered(tx, event.id, LETTER, BUYER).await? {
        jobs::enqueue(tx, &OrderLetter { event: event.id.0 }).await?;
    }
    // With these, stock was sold or put back.
    if matches!(kind, EventKind::OrderAuthorized | EventKind::OrderPaid | EventKind::OrderCancelled) {
        stock::count_sold_later(tx).await?;
    }
    Ok(())
}

/// Tells staff who may do something about it that something waits, where the store wants that.
async fn tell_staff(
    at: &InStore,
    tx: &mut TenantTx,
    event: &Recorded,
    who: Permission,
    occasion: Occasion,
) -> Result<(), Failure> {
    if !staff::wants_letters(tx).await? {
        return Ok(());
    }
    let due = tx.now() + GATHERED;
    for UserId(user) in staff::who_may(tx, at.shared.grants.as_ref(), who).await? {
        if events::mark_delivered(tx, event.id, LETTER, &user.to_string()).await? {
            jobs::enqueue_at(tx, &StaffLetter { user, occasion }, due).await?;
        }
    }
    Ok(())
}
