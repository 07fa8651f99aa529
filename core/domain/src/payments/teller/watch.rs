//! What became of payments of which nobody says anything.

use chrono::TimeDelta;
use gateway::{Capability, GatewayError, OutcomeStatus};
use serde_json::json;
use tenants::{TenantId, TenantTx};

use super::{Asked, Teller};
use crate::jobs;
use crate::orders::Whose;
use crate::payments::jobs::STEADY;
use crate::payments::machine::PaymentState;
use crate::payments::ops::money::{change, locked, save, tell_staff};
use crate::payments::{Payment, PaymentError, PaymentId, WatchPayment, queries};

/// How long a payment of which nothing new is heard is asked for: buyers pay at the last moment, and providers tell late.
pub(super) const REMEMBERED: TimeDelta = TimeDelta::days(1);
/// The longest pause.
const LONGEST: TimeDelta = TimeDelta::hours(1);

impl Teller {
    /// Asks a gateway what became of a payment, and puts the next look into the queue where there has to be one.
    ///
    /// # Errors
    /// [`PaymentError::Db`], and what may pass.
    pub async fn watch(&self, store: TenantId, watch: &WatchPayment) -> Result<(), PaymentError> {
        let id = PaymentId(watch.payment);
        let looked = self.look(store, id).await;
        if let Err(err) = &looked {
            if matches!(err, PaymentError::NoPayment(_)) {
                return Ok(());
            }
            tracing::debug!(payment.id = %id, "Looking at the payment `{id}` came to nothing: {err}");
        }
        let mut tx = self.db.begin(store).await?;
        let Some(payment) = queries::get(&mut tx, id, Whose::Store).await? else { return Ok(()) };
        self.tell_of_silence(&mut tx, &payment).await?;
        if is_watched(&payment, tx.now()) {
            let tries = watch.tries.saturating_add(1);
            // A verify whose answer was lost is settled within a minute; after that, there is time.
            let pause = TimeDelta::seconds(5_i64 << tries.min(STEADY)).min(LONGEST);
            let due = tx.now() + pause;
            jobs::enqueue_at(&mut tx, &WatchPayment { payment: id.0, tries }, due).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Holds for staff a payment whose gateway was asked to do something a day ago, and has not said since whether it did.
    async fn tell_of_silence(&self, tx: &mut TenantTx, payment: &Payment) -> Result<(), PaymentError> {
        if !is_asked(payment) || payment.held_for.is_some() {
            return Ok(());
        }
        let asked_at = queries::asked_at(tx, payment.id).await?;
        if asked_at.is_none_or(|at| at + REMEMBERED > tx.now()) {
            return Ok(());
        }
        let (before, _) = locked(tx, payment.id).await?;
        if is_asked(&before) && before.held_for.is_none() {
            let held = Payment { held_for: Some(Payment::UNANSWERED.to_owned()), ..before.clone() };
            let held = change(tx, &before, held, "unanswered", json!({})).await?;
            tell_staff(tx, &held).await?;
        }
        Ok(())
    }

    /// Asks what became of a payment, and applies it.
    pub(super) async fn look(&self, store: TenantId, id: PaymentId) -> Result<Payment, PaymentError> {
        let Some(asked) = self.asked(store, id).await? else { return Err(PaymentError::NoPayment(id)) };
        let now = self.db.begin_read(store).await?.now();
        if asked.payment.busy_until.is_some_and(|until| until > now) {
            return Ok(asked.payment);
        }
        match (asked.payment.status, asked.payment.doing.as_deref()) {
            // Whoever was to ask the gateway was killed, and the buyer did not ask again.
            (PaymentState::Created, _) => {
                self.give_up(store, id, &json!({ "error": "it was never begun at the gateway" })).await?;
                Ok(asked.payment)
            }
            (_, Some("capture" | "void")) if asked.payment.busy_until.is_none() => self.carry_out(store, asked).await,
            (PaymentState::Voided | PaymentState::Failed | PaymentState::Cancelled, Some("void")) => {
                let payment = self.inquire(store, asked).await?;
                let again = payment.doing.is_some() && !payment.is_held_for(Payment::PROMISE);
                if again { self.forget_ask(store, id).await } else { Ok(payment) }
            }
            (_, Some("capture")) => self.inquire(store, asked).await,
            (PaymentState::Voided | PaymentState::Failed, _) if asked.payment.is_held_for(Payment::PROMISE) => {
                self.inquire(store, asked).await
            }
            (PaymentState::Pending | PaymentState::Indeterminate | PaymentState::Cancelled, _)
                if asked.payment.reference.is_some() =>
            {
                self.settle_late(store, asked).await
            }
            _ => Ok(asked.payment),
        }
    }

    /// A payment that was paid and never verified is verified; of another its state is asked for.
    async fn settle_late(&self, store: TenantId, asked: Asked) -> Result<Payment, PaymentError> {
        let waits = asked.can(Capability::Reconciliation) && {
            let listed = asked.gateway.list_unverified(&asked.call(), asked.about.sandbox).await;
            listed.is_ok_and(|listed| listed.iter().any(|one| one.reference == asked.about.reference))
        };
        if waits {
            let payment = self.verify(store, asked.payment.id, Vec::new(), Vec::new()).await?;
            // What its order has no use for any more is let go, or taken and given back, as the answer says.
            if payment.status != PaymentState::Cancelled {
                return Ok(payment);
            }
        }
        self.inquire(store, asked).await
    }

    async fn inquire(&self, store: TenantId, asked: Asked) -> Result<Payment, PaymentError> {
        if !asked.can(Capability::Inquiry) {
            return match asked.payment.status {
                // Nobody else can say: verifying twice settles once, by the contract.
                PaymentState::Indeterminate => self.verify(store, asked.payment.id, Vec::new(), Vec::new()).await,
                _ => Ok(asked.payment),
            };
        }
        match asked.gateway.inquire(&asked.call(), &asked.about).await {
            // Paid, and to be verified: a list that is too long, or that could not be had, did not say so.
            Ok(outcome) if outcome.status == OutcomeStatus::Authorized && is_to_verify(&asked) => {
                self.verify(store, asked.payment.id, Vec::new(), Vec::new()).await
            }
            Ok(outcome) => self.apply(store, asked.payment.id, &outcome, Some(asked.payment.version)).await,
            Err(GatewayError::NotSent(_)) => Ok(asked.payment),
            Err(err) => {
                self.note(store, &asked, "not_found_out", &err).await?;
                Ok(asked.payment)
            }
        }
    }

    /// A promise was asked to be let go and is still there: it is asked again.
    async fn forget_ask(&self, store: TenantId, id: PaymentId) -> Result<Payment, PaymentError> {
        let mut tx = self.db.begin(store).await?;
        let (before, _) = locked(&mut tx, id).await?;
        let after = Payment { busy_until: None, ..before.clone() };
        let payment = save(&mut tx, &before, after).await?;
        tx.commit().await?;
        Ok(payment)
    }
}

/// Whether what a gateway calls promised is to be verified first.
fn is_to_verify(asked: &Asked) -> bool {
    asked.can(Capability::Reconciliation)
        && matches!(asked.payment.status, PaymentState::Pending | PaymentState::Indeterminate)
}

/// Whether a gateway was asked to do something of which it has not said what became.
fn is_asked(payment: &Payment) -> bool {
    matches!(payment.doing.as_deref(), Some("capture" | "void"))
}

/// Whether a payment is to be looked at again.
fn is_watched(payment: &Payment, now: chrono::DateTime<chrono::Utc>) -> bool {
    // What a gateway was asked to do is not let out of sight before it has said what became of it.
    let asked = is_asked(payment);
    let fresh = payment.updated_at + REMEMBERED > now;
    let may_still = payment.is_open() || payment.status == PaymentState::Cancelled;
    payment.through.is_some() && (asked || fresh && may_still)
}
