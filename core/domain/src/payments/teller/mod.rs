//! Who asks gateways: between transactions, never in one.
//!
//! What is to be asked is written down first; what was said is written after. Killed in between, a job asks what became of
//! it: nothing that may have moved money is asked for twice without having looked.

mod back;
mod begin;
mod refund;
mod staff;
mod watch;
mod webhook;

use std::sync::Arc;

use chrono::TimeDelta;
use gateway::{Call, Capability, Gateway, GatewayError, Outcome, PaymentRef};
use kernel::{Money, Text as _};
use serde_json::{Value, json};
use tenants::{DbError, TenantDb, TenantId};

use super::ops::settle::{Again, clean, settle};
use super::{Payment, PaymentError, PaymentId, queries};
use crate::gateways::{self, Enabled, GatewayName, GatewaysError, Loader, Vault};
use crate::orders::{OrderError, Whose};

pub use back::Returned;
pub use webhook::Webhook;

/// How often something is tried anew when somebody else was faster.
const TRIES: usize = 8;

/// How long whoever asks a gateway is waited for: longer than any call takes.
const PATIENCE: TimeDelta = super::ops::PATIENCE;

/// Asks gateways. Cheap to copy.
#[derive(Debug, Clone)]
pub struct Teller {
    db: TenantDb,
    vault: Vault,
    loader: Loader,
    base_url: String,
}

/// A payment with all that its gateway needs to be asked about it.
struct Asked {
    payment: Payment,
    gateway: Arc<dyn Gateway>,
    enabled: Enabled,
    about: PaymentRef,
}

impl Asked {
    fn call(&self) -> Call {
        self.enabled.call()
    }

    fn can(&self, capability: Capability) -> bool {
        self.gateway.info().can(capability)
    }
}

impl Teller {
    /// Asks in the name of the stores of `db`. `base_url` is how a browser reaches the deployment.
    #[must_use]
    pub fn new(db: TenantDb, vault: Vault, loader: Loader, base_url: String) -> Self {
        Self { db, vault, loader, base_url }
    }

    /// What a payment's gateway needs; none where it has none to ask, or that can't be asked at the moment.
    async fn asked(&self, store: TenantId, id: PaymentId) -> Result<Option<Asked>, PaymentError> {
        let mut tx = self.db.begin_read(store).await?;
        let payment = queries::get(&mut tx, id, Whose::Store).await?.ok_or(PaymentError::NoPayment(id))?;
        let Some(version) = payment.through else { return Ok(None) };
        let session = queries::session(&mut tx, id).await?.ok_or(PaymentError::NoPayment(id))?;
        let name = GatewayName::parse(&payment.gateway).map_err(|_| PaymentError::UnknownGateway)?;
        let enabled = match gateways::of_store(&mut tx, &self.vault, &name).await {
            Ok(enabled) => enabled.ok_or(PaymentError::GatewayRefused)?,
            Err(GatewaysError::Db(err)) => return Err(err.into()),
            Err(_) => return Err(PaymentError::GatewayRefused),
        };
        drop(tx);
        let gateway = self.loader.ready(&self.db, store, version).await.map_err(|err| match err {
            GatewaysError::Db(err) => PaymentError::Db(err),
            err => {
                tracing::error!(payment.id = %id, "The gateway of the payment `{id}` can't be made ready: {err}");
                PaymentError::GatewayAway
            }
        })?;
        let about = PaymentRef {
            payment: id.0,
            reference: payment.reference.clone().unwrap_or_default(),
            expected: Money { amount: payment.amount, currency: payment.currency },
            transaction: session.transaction,
            sandbox: session.sandbox,
            state: session.state.unwrap_or_default(),
        };
        Ok(Some(Asked { payment, gateway, enabled, about }))
    }

    /// Applies what a gateway said, in a transaction of its own: what it was asked, of the payment in the version `seen`; or
    /// what it tells by itself.
    async fn apply(
        &self,
        store: TenantId,
        id: PaymentId,
        outcome: &Outcome,
        seen: Option<i64>,
    ) -> Result<Payment, PaymentError> {
        let mut again = Again::May;
        for tries in 0.. {
            let mut tx = self.db.begin(store).await?;
            match settle(&mut tx, id, outcome, again, seen).await {
                Ok(payment) => {
                    tx.commit().await?;
                    return Ok(payment);
                }
                Err(err) => {
                    tx.roll_back().await?;
                    match err {
                        PaymentError::Order(OrderError::Coupon(_)) if again == Again::May && !err.may_pass() => {
                            again = Again::MayNot;
                        }
                        err if err.may_pass() && tries < TRIES => {}
                        err => return Err(err),
                    }
                }
            }
        }
        Err(OrderError::Raced.into())
    }

    /// Writes what a gateway refused into the payment's log, for staff.
    async fn note(
        &self,
        store: TenantId,
        asked: &Asked,
        kind: &'static str,
        err: &GatewayError,
    ) -> Result<(), DbError> {
        let mut tx = self.db.begin(store).await?;
        let status = asked.payment.status;
        queries::log(&mut tx, asked.payment.id, kind, Some(status), status, &why(&asked.enabled, err)).await?;
        tx.commit().await
    }
}

/// What a log says of a refusal. A gateway never sees a secret, but its provider does, and may repeat it.
fn why(enabled: &Enabled, err: &GatewayError) -> Value {
    json!({ "error": clean(&gateways::without_secrets(enabled, &err.to_string()), 500) })
}
