//! A payment is begun at its gateway.

use chrono::{DateTime, TimeDelta, Utc};
use gateway::{GatewayError, Next, PaymentRequest, Session};
use kernel::Text as _;
use serde_json::{Value, json};
use tenants::registry::this_store;
use tenants::{TenantId, TenantTx};

use super::{Asked, Teller, why};
use crate::mail::store_url;
use crate::orders::{self, Whose};
use crate::payments::machine::{PaymentState, PaymentStep};
use crate::payments::ops::money::{advance, locked};
use crate::payments::ops::settle::{clean, fail};
use crate::payments::{Payment, PaymentError, PaymentId, queries};

/// How long a session lasts whose gateway does not say.
const SESSION: TimeDelta = TimeDelta::minutes(15);
/// How far ahead an order is held for a payment, at most.
const LONGEST: TimeDelta = TimeDelta::minutes(30);

impl Teller {
    /// Asks the gateway to begin a payment that was written down. Asked twice with one payment it makes one.
    ///
    /// # Errors
    /// [`PaymentError::GatewayAway`], [`PaymentError::GatewayRefused`]: the payment failed, and another can be begun.
    pub async fn begin(&self, store: TenantId, id: PaymentId) -> Result<Payment, PaymentError> {
        let asked = match self.asked(store, id).await {
            Ok(asked) => asked.ok_or(PaymentError::NoPayment(id))?,
            Err(err @ (PaymentError::GatewayAway | PaymentError::GatewayRefused)) => {
                self.give_up(store, id, &json!({ "error": err.to_string() })).await?;
                return Err(err);
            }
            Err(err) => return Err(err),
        };
        if asked.payment.status != PaymentState::Created {
            return Ok(asked.payment);
        }
        let request = self.request(store, &asked).await?;
        match asked.gateway.create_payment(&asked.call(), &request).await {
            Ok(session) => {
                let payment = self.present(store, id, &session).await?;
                if matches!(session.next, Next::None) && payment.status == PaymentState::Pending {
                    return self.verify(store, id, Vec::new(), Vec::new()).await;
                }
                Ok(payment)
            }
            Err(err) => {
                // Nobody can have paid: the buyer was sent nowhere.
                self.give_up(store, id, &why(&asked.enabled, &err)).await?;
                Err(match err {
                    GatewayError::NotSent(_) | GatewayError::Indeterminate(_) | GatewayError::Internal { .. } => {
                        PaymentError::GatewayAway
                    }
                    _ => PaymentError::GatewayRefused,
                })
            }
        }
    }

    async fn request(&self, store: TenantId, asked: &Asked) -> Result<PaymentRequest, PaymentError> {
        let mut tx = self.db.begin_read(store).await?;
        let order = orders::order(&mut tx, asked.payment.order, Whose::Store).await?;
        let store = this_store(&mut tx).await.map_err(|_| PaymentError::GatewayAway)?;
        // From its registered name, never from a request.
        let here = format!("{}/store/v1", store_url(&self.base_url, store.slug.as_str()));
        let (id, gateway) = (asked.payment.id, &asked.payment.gateway);
        Ok(PaymentRequest {
            payment: id.0,
            order_number: order.number.to_string(),
            amount: asked.about.expected,
            description: clean(&format!("{}: {}", store.name.as_str(), order.number), 200),
            callback_url: format!("{here}/payments/{id}/return"),
            webhook_url: format!("{here}/gateways/{gateway}/webhook"),
            customer_email: order.reader().map(|email| email.as_str().to_owned()),
            customer_phone: order.address.phone.clone(),
            sandbox: asked.about.sandbox,
        })
    }

    /// Writes that the buyer is sent to the gateway, and gives the order the time that this takes.
    async fn present(&self, store: TenantId, id: PaymentId, session: &Session) -> Result<Payment, PaymentError> {
        let reference = session.reference.trim();
        let fits = (1..=200).contains(&reference.chars().count()) && !reference.contains(char::is_control);
        let mut tx = self.db.begin(store).await?;
        let (payment, order) = locked(&mut tx, id).await?;
        if payment.status != PaymentState::Created {
            return Err(PaymentError::WrongStep { state: payment.status, step: PaymentStep::Present });
        }
        if !fits || queries::by_reference(&mut tx, &payment.gateway, reference).await?.is_some() {
            let said = json!({ "error": "the gateway named the payment as no payment, or as another" });
            fail(&mut tx, payment, &order, PaymentStep::Fail, "failed", &said).await?;
            tx.commit().await?;
            return Err(PaymentError::GatewayRefused);
        }
        let mut payment = advance(&mut tx, &payment, PaymentStep::Present, "pending", json!({})).await?;
        let next = shown(&session.next);
        queries::present(&mut tx, id, reference, &session.state, &next).await?;
        (payment.reference, payment.next) = (Some(reference.to_owned()), Some(next));
        let end = end_of(&tx, session);
        orders::extend(&mut tx, payment.order, end).await?;
        tx.commit().await?;
        Ok(payment)
    }

    /// Ends a payment that was never begun at its gateway.
    pub(super) async fn give_up(&self, store: TenantId, id: PaymentId, said: &Value) -> Result<(), PaymentError> {
        let mut tx = self.db.begin(store).await?;
        let (payment, order) = locked(&mut tx, id).await?;
        if payment.status == PaymentState::Created {
            fail(&mut tx, payment, &order, PaymentStep::Fail, "failed", said).await?;
        }
        Ok(tx.commit().await?)
    }
}

fn end_of(tx: &TenantTx, session: &Session) -> DateTime<Utc> {
    let told = session.expires_at.and_then(|at| DateTime::from_timestamp_millis(i64::try_from(at).ok()?));
    told.unwrap_or(tx.now() + SESSION).min(tx.now() + LONGEST)
}

fn shown(next: &Next) -> Value {
    match next {
        Next::Redirect(url) => json!({ "kind": "redirect", "url": url }),
        Next::PostForm(form) => {
            let fields: serde_json::Map<_, _> =
                form.fields.iter().map(|field| (field.key.clone(), Value::from(field.value.clone()))).collect();
            json!({ "kind": "post_form", "url": form.url, "fields": fields })
        }
        Next::None => json!({ "kind": "none" }),
    }
}
