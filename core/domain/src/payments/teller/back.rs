//! A buyer comes back from paying, or somebody says so.

use chrono::TimeDelta;
use gateway::{Callback, Capability, GatewayError, KeyValue, OutcomeStatus};
use kernel::Text as _;
use serde_json::json;
use tenants::TenantId;
use tenants::registry::this_store;
use url::Url;

use super::watch::REMEMBERED;
use super::{Asked, TRIES, Teller, why};
use crate::jobs;
use crate::mail::store_url;
use crate::orders::{self, Did, ExpireOrder, Locked, OrderError, Step, Whose};
use crate::payments::machine::{PaymentState, PaymentStep, step};
use crate::payments::ops::money::{advance, change, locked};
use crate::payments::ops::start::portions_of;
use crate::payments::{Payment, PaymentError, PaymentId, WatchPayment, queries};
use crate::stock::{self, Hold};

/// How long an order is held again for a payment whose buyer came back late.
const REOPENED: TimeDelta = TimeDelta::minutes(2);

/// Where a buyer who comes back goes.
#[derive(Debug, Clone)]
pub struct Returned {
    /// The address, with what became of the payment.
    pub location: String,
}

impl Teller {
    /// Sees to a buyer who comes back: early, late, again, or not at all from where it is said. The gateway says what became
    /// of the payment, nobody else.
    ///
    /// # Errors
    /// [`PaymentError::NoPayment`].
    pub async fn returned(
        &self,
        store: TenantId,
        id: PaymentId,
        query: Vec<KeyValue>,
        body: Vec<u8>,
    ) -> Result<Returned, PaymentError> {
        match self.verify(store, id, query, body).await {
            Err(err @ (PaymentError::NoPayment(_) | PaymentError::Db(_))) => return Err(err),
            Err(err) => tracing::debug!(payment.id = %id, "A buyer came back to no end: {err}"),
            // Money that may have come too late is looked after at once.
            Ok(payment) if payment.status == PaymentState::Cancelled && payment.reference.is_some() => {
                let mut tx = self.db.begin(store).await?;
                jobs::enqueue(&mut tx, &WatchPayment::of(id)).await?;
                tx.commit().await?;
            }
            Ok(_) => {}
        }
        let mut tx = self.db.begin_read(store).await?;
        let payment = queries::get(&mut tx, id, Whose::Store).await?.ok_or(PaymentError::NoPayment(id))?;
        let asked_for = queries::session(&mut tx, id).await?.and_then(|session| session.return_url);
        let store = this_store(&mut tx).await.map_err(|_| PaymentError::NoPayment(id))?;
        let own = || format!("{}/orders/{}", store_url(&self.base_url, store.slug.as_str()), payment.order);
        let mut url = Url::parse(&asked_for.unwrap_or_else(own)).map_err(|_| PaymentError::NoPayment(id))?;
        url.query_pairs_mut()
            .append_pair("order", &payment.order.to_string())
            .append_pair("status", payment.status.as_str());
        Ok(Returned { location: url.into() })
    }

    /// Has the gateway say what became of a payment, and settle it there, and applies what it says. A payment that is settled
    /// already is left alone.
    pub(super) async fn verify(
        &self,
        store: TenantId,
        id: PaymentId,
        query: Vec<KeyValue>,
        body: Vec<u8>,
    ) -> Result<Payment, PaymentError> {
        let Some(mut asked) = self.asked(store, id).await? else { return Err(PaymentError::UnknownGateway) };
        if asked.payment.status == PaymentState::Cancelled && asked.payment.reference.is_some() {
            // Anybody may come back, however often: only money that is there is worth stock.
            let reopened = if is_paid(&asked).await { self.reopen(store, id).await? } else { None };
            match reopened {
                Some(payment) => asked.payment = payment,
                // What is not verified is not taken: it goes back to the buyer.
                None if asked.can(Capability::Reconciliation) => return Ok(asked.payment),
                None => {}
            }
        } else if !matches!(asked.payment.status, PaymentState::Pending | PaymentState::Indeterminate) {
            return Ok(asked.payment);
        }
        let callback = Callback { payment: asked.about.clone(), query, body };
        match asked.gateway.verify_payment(&asked.call(), &callback).await {
            Ok(outcome) => self.apply(store, id, &outcome, Some(asked.payment.version)).await,
            Err(err) if err.may_have_taken_effect() => self.lose_sight(store, &asked, &err).await,
            // Anybody may say anything: it is as if nobody had come.
            Err(GatewayError::Unauthentic(_)) => Ok(asked.payment),
            Err(err) => {
                self.note(store, &asked, "not_verified", &err).await?;
                Ok(asked.payment)
            }
        }
    }

    /// The gateway did not say what became of the money: it is asked again soon.
    pub(super) async fn lose_sight(
        &self,
        store: TenantId,
        asked: &Asked,
        err: &GatewayError,
    ) -> Result<Payment, PaymentError> {
        let mut tx = self.db.begin(store).await?;
        let (mut payment, _) = locked(&mut tx, asked.payment.id).await?;
        if step(payment.status, PaymentStep::LoseSight).is_some() {
            let said = why(&asked.enabled, err);
            payment = advance(&mut tx, &payment, PaymentStep::LoseSight, "indeterminate", said).await?;
        } else if payment.busy_until.is_some_and(|until| until > tx.now()) {
            // Nobody is being asked any more, and what was asked for is to be asked after.
            let busy_until = Some(tx.now());
            let after = Payment { busy_until, ..payment.clone() };
            payment = change(&mut tx, &payment, after, "answer_lost", why(&asked.enabled, err)).await?;
        } else {
            // It was not seen before either, and is watched.
            return Ok(payment);
        }
        let due = tx.now() + TimeDelta::seconds(3);
        jobs::enqueue_at(&mut tx, &WatchPayment::of(payment.id), due).await?;
        tx.commit().await?;
        Ok(payment)
    }

    /// Takes stock and coupons again for a payment that was given up when its order expired: before its money is taken. None
    /// where that can't be.
    async fn reopen(&self, store: TenantId, id: PaymentId) -> Result<Option<Payment>, PaymentError> {
        for _ in 0..TRIES {
            let mut tx = self.db.begin(store).await?;
            let (before, order) = locked(&mut tx, id).await?;
            let legal = orders::machine::step(order.state, Step::Reopen).is_some() && !order.deleted;
            let forgotten = before.created_at + REMEMBERED < tx.now();
            // What is being let go meanwhile is not taken after all.
            if before.status != PaymentState::Cancelled || before.doing.is_some() || !legal || forgotten {
                return Ok(None);
            }
            let whole = orders::order(&mut tx, before.order, Whose::Store).await?;
            let portions = portions_of(&whole);
            if !stock::short(&mut tx, &portions).await?.is_empty() {
                return Ok(None);
            }
            let payment = advance(&mut tx, &before, PaymentStep::Reopen, "reopened", json!({})).await?;
            let until = tx.now() + REOPENED;
            let held = Locked { expires_at: Some(until), ..order };
            match orders::mark(&mut tx, before.order, &held, Step::Reopen, &Did::new("reopened")).await {
                Ok(_) => {}
                Err(err) => {
                    tx.roll_back().await?;
                    match err {
                        err if err.may_pass() => continue,
                        OrderError::Coupon(_) => return Ok(None),
                        err => return Err(err.into()),
                    }
                }
            }
            jobs::enqueue_at(&mut tx, &ExpireOrder { order: before.order.0 }, until).await?;
            if stock::take(&mut tx, before.order.0, &portions, Hold::Until(until)).await? {
                tx.commit().await?;
                return Ok(Some(payment));
            }
            tx.roll_back().await?;
        }
        Ok(None)
    }
}

/// Whether the gateway says that a payment is paid, or waits to be verified. One that can say neither is verified at once.
async fn is_paid(asked: &Asked) -> bool {
    let inquired = match asked.can(Capability::Inquiry) {
        true => asked.gateway.inquire(&asked.call(), &asked.about).await.ok(),
        false => None,
    };
    match inquired {
        Some(outcome) => matches!(outcome.status, OutcomeStatus::Authorized | OutcomeStatus::Captured),
        None if asked.can(Capability::Reconciliation) => {
            let listed = asked.gateway.list_unverified(&asked.call(), asked.about.sandbox).await;
            listed.is_ok_and(|listed| listed.iter().any(|one| one.reference == asked.about.reference))
        }
        None => false,
    }
}
