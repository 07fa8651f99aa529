//! What staff asks of gateways: to take what was promised, or to let it go.

use gateway::{Capability, GatewayError, Outcome};
use tenants::TenantId;

use super::{Asked, PATIENCE, Teller, why};
use crate::idempotency::{self, Claim, Kept};
use crate::payments::machine::PaymentState;
use crate::payments::ops::money::{change, locked, save, tell_staff};
use crate::payments::{Payment, PaymentError, PaymentId};

impl Teller {
    /// Asks the gateway for what was written down that it is to be asked for. An answer that is lost is looked for by a job.
    ///
    /// # Errors
    /// [`PaymentError::GatewayRefused`], [`PaymentError::GatewayAway`]: the promise stands as it did.
    pub async fn carry_out_asked(&self, store: TenantId, id: PaymentId) -> Result<(), PaymentError> {
        let Some(asked) = self.asked(store, id).await? else { return Ok(()) };
        match asked.payment.doing.as_deref() {
            Some("capture" | "void") if asked.payment.busy_until.is_none() => {
                self.carry_out(store, asked).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Keeps what came of asking in the place of the answer that was kept with the asking; or none, where it came to nothing
    /// and may be asked for anew.
    ///
    /// # Errors
    /// [`PaymentError::Db`].
    pub async fn answered(&self, store: TenantId, claim: &Claim, kept: Option<&Kept>) -> Result<(), PaymentError> {
        let mut tx = self.db.begin(store).await?;
        match kept {
            Some(kept) => idempotency::keep_instead(&mut tx, claim, kept).await?,
            None => idempotency::forget(&mut tx, claim).await?,
        }
        Ok(tx.commit().await?)
    }

    pub(super) async fn carry_out(&self, store: TenantId, asked: Asked) -> Result<Payment, PaymentError> {
        let id = asked.payment.id;
        let mut tx = self.db.begin(store).await?;
        let (before, _) = locked(&mut tx, id).await?;
        if before.version != asked.payment.version {
            return Ok(before);
        }
        let busy_until = Some(tx.now() + PATIENCE);
        let seen = save(&mut tx, &before, Payment { busy_until, ..before.clone() }).await?.version;
        tx.commit().await?;
        let takes = before.doing.as_deref() == Some("capture");
        let said: Result<Outcome, GatewayError> = match takes {
            true => asked.gateway.capture(&asked.call(), &asked.about, asked.about.expected).await,
            false => asked.gateway.void(&asked.call(), &asked.about).await,
        };
        match said {
            Ok(outcome) => self.apply(store, id, &outcome, Some(seen)).await,
            Err(err) if err.may_have_taken_effect() => self.lose_sight(store, &asked, &err).await,
            Err(err) => self.stands(store, &asked, seen, &err).await,
        }
    }

    /// The gateway surely did nothing.
    async fn stands(
        &self,
        store: TenantId,
        asked: &Asked,
        seen: i64,
        err: &GatewayError,
    ) -> Result<Payment, PaymentError> {
        let not_sent = matches!(err, GatewayError::NotSent(_));
        let mut tx = self.db.begin(store).await?;
        let (before, _) = locked(&mut tx, asked.payment.id).await?;
        // The gateway has told something else by itself.
        if before.version != seen {
            return Ok(before);
        }
        let takes = before.doing.as_deref() == Some("capture");
        let mut after = Payment { busy_until: None, ..before.clone() };
        if takes {
            // What staff asks for, it asks again.
            after.doing = None;
            after.held_for = after.held_for.filter(|why| why != Payment::UNANSWERED);
        } else if !not_sent {
            // What is not let go may have been taken before: that is asked after, where it can be, and staff told.
            after.held_for = Some(Payment::PROMISE.to_owned());
            match asked.can(Capability::Inquiry) {
                true => after.busy_until = Some(tx.now()),
                false => after.doing = None,
            }
            if !before.is_held_for(Payment::PROMISE) {
                tell_staff(&mut tx, &before).await?;
            }
        }
        let kind = if takes { "not_captured" } else { "not_voided" };
        let said = why(&asked.enabled, err);
        let payment = change(&mut tx, &before, after, kind, said).await?;
        tx.commit().await?;
        if payment.status == PaymentState::Authorized || takes {
            return Err(if not_sent { PaymentError::GatewayAway } else { PaymentError::GatewayRefused });
        }
        Ok(payment)
    }
}
