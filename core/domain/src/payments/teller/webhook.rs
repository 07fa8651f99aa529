//! A provider calls by itself.

use gateway::{Capability, GatewayError, RawRequest};
use kernel::Text as _;
use tenants::TenantId;

use super::Teller;
use crate::gateways::{self, GatewayName, GatewaysError};
use crate::payments::{PaymentError, PaymentId, queries};

/// A call of a provider.
pub type Webhook = RawRequest;

impl Teller {
    /// Sees to a provider's call: what it vouches for is applied, and about the rest it is asked.
    ///
    /// # Errors
    /// [`PaymentError::UnknownGateway`], [`PaymentError::Unauthentic`], [`PaymentError::NoReference`],
    /// [`PaymentError::GatewayAway`].
    pub async fn webhook(&self, store: TenantId, gateway: &str, mut request: Webhook) -> Result<(), PaymentError> {
        let name = GatewayName::parse(gateway).map_err(|_| PaymentError::NoReference)?;
        let mut tx = self.db.begin_read(store).await?;
        let enabled = match gateways::of_store(&mut tx, &self.vault, &name).await {
            Ok(enabled) => enabled.ok_or(PaymentError::NoReference)?,
            Err(GatewaysError::Db(err)) => return Err(err.into()),
            Err(_) => return Err(PaymentError::GatewayAway),
        };
        drop(tx);
        let ready = self.loader.ready(&self.db, store, enabled.version).await;
        let ready = ready
            .map_err(|err| if let GatewaysError::Db(err) = err { err.into() } else { PaymentError::GatewayAway })?;
        if !ready.info().can(Capability::Webhooks) {
            return Err(PaymentError::NoReference);
        }
        request.sandbox = enabled.sandbox;
        let event = ready.handle_webhook(&enabled.call(), &request).await.map_err(|err| match err {
            GatewayError::Unauthentic(_) | GatewayError::InvalidRequest(_) | GatewayError::Rejected(_) => {
                PaymentError::Unauthentic
            }
            GatewayError::Unsupported(_) => PaymentError::NoReference,
            _ => PaymentError::GatewayAway,
        })?;
        let mut tx = self.db.begin_read(store).await?;
        let found = queries::by_reference(&mut tx, gateway, &event.reference).await?;
        drop(tx);
        let id: PaymentId = found.ok_or(PaymentError::NoReference)?;
        match event.outcome {
            Some(outcome) => self.apply(store, id, &outcome, None).await.map(drop),
            None => self.look(store, id).await.map(drop),
        }
    }
}
