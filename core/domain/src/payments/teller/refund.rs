//! Money is asked back for buyers.

use chrono::TimeDelta;
use gateway::{Capability, GatewayError, Outcome, OutcomeStatus, RefundRequest, RefundStatus};
use kernel::{Amount, Money};
use serde_json::json;
use tenants::TenantId;

use super::{Asked, PATIENCE, Teller, why};
use crate::jobs;
use crate::payments::ops::refunds::{Said, ask_refund, settle_refund};
use crate::payments::{GiveBack, PaymentError, Refund, RefundId, RefundState, queries};

/// How often a refund that nobody answers for is looked for: with the pauses, some days.
const MOST: u32 = 60;
/// The longest pause.
const LONGEST: TimeDelta = TimeDelta::hours(2);

impl Teller {
    /// Sees to a refund, and puts the next look at it into the queue where there has to be one.
    ///
    /// # Errors
    /// [`PaymentError::Db`], and what may pass.
    pub async fn give_back(&self, store: TenantId, job: &GiveBack) -> Result<(), PaymentError> {
        let id = RefundId(job.refund);
        if let Err(err) = self.carry_out_refund(store, id).await {
            tracing::debug!(refund.id = %id, "Seeing to the refund `{id}` came to nothing: {err}");
        }
        let mut tx = self.db.begin(store).await?;
        let Some(refund) = queries::refund(&mut tx, id).await? else { return Ok(()) };
        let open = matches!(refund.status, RefundState::Pending | RefundState::Indeterminate);
        if open && job.tries < MOST {
            let pause = TimeDelta::seconds(5_i64 << job.tries.min(11)).min(LONGEST);
            let (due, tries) = (tx.now() + pause, job.tries + 1);
            jobs::enqueue_at(&mut tx, &GiveBack { refund: id.0, tries }, due).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Asks the gateway for a refund, or what became of it where it was asked before.
    ///
    /// # Errors
    /// [`PaymentError::Db`], and what may pass.
    pub async fn carry_out_refund(&self, store: TenantId, id: RefundId) -> Result<(), PaymentError> {
        let mut tx = self.db.begin(store).await?;
        let found = ask_refund(&mut tx, id, PATIENCE).await?;
        tx.commit().await?;
        let Some((refund, before)) = found else { return Ok(()) };
        let Some(asked) = self.asked(store, refund.payment).await? else { return Ok(()) };
        let said = match before {
            false => Some(self.ask(&asked, &refund).await),
            true => self.find_out(&asked, &refund).await,
        };
        let mut tx = self.db.begin(store).await?;
        match said {
            Some(Ok(said)) => {
                settle_refund(&mut tx, id, &said).await?;
            }
            // It surely did nothing: it may be asked anew.
            Some(Err(())) => queries::note_asked(&mut tx, id, None).await?,
            None => {}
        }
        Ok(tx.commit().await?)
    }

    async fn ask(&self, asked: &Asked, refund: &Refund) -> Result<Said, ()> {
        let currency = asked.payment.currency;
        let request = RefundRequest {
            payment: asked.about.clone(),
            refund: refund.id.0,
            amount: Money { amount: refund.amount, currency },
            refunded_before: Money { amount: asked.payment.refunded, currency },
            reason: refund.reason.clone(),
        };
        match asked.gateway.refund(&asked.call(), &request).await {
            Ok(outcome) => Ok(Said {
                to: match outcome.status {
                    RefundStatus::Pending => RefundState::Pending,
                    RefundStatus::Succeeded => RefundState::Succeeded,
                    RefundStatus::Failed => RefundState::Failed,
                },
                reference: outcome.reference.as_deref().map(cut).filter(|text| !text.is_empty()),
                raw_code: outcome.raw_code.as_deref().map(cut).filter(|text| !text.is_empty()),
                detail: json!({ "refund_id": refund.id.0, "code": outcome.raw_code.as_deref().map(cut) }),
            }),
            Err(GatewayError::NotSent(_)) => Err(()),
            Err(err) if err.may_have_taken_effect() => Ok(Said { detail: why(&asked.enabled, &err), ..lost() }),
            // What is not settled yet can be taken back as a whole where it can't be given back.
            Err(GatewayError::Unsupported(_))
                if asked.can(Capability::Captures) && refund.amount == asked.payment.amount =>
            {
                self.take_back(asked).await
            }
            Err(err) => Ok(Said { to: RefundState::Failed, detail: why(&asked.enabled, &err), ..lost() }),
        }
    }

    async fn take_back(&self, asked: &Asked) -> Result<Said, ()> {
        match asked.gateway.void(&asked.call(), &asked.about).await {
            Ok(Outcome { status: OutcomeStatus::Voided | OutcomeStatus::Refunded, .. }) => {
                Ok(Said { to: RefundState::Succeeded, ..lost() })
            }
            Ok(_) => Ok(lost()),
            Err(GatewayError::NotSent(_)) => Err(()),
            Err(err) if err.may_have_taken_effect() => Ok(Said { detail: why(&asked.enabled, &err), ..lost() }),
            Err(err) => Ok(Said { to: RefundState::Failed, detail: why(&asked.enabled, &err), ..lost() }),
        }
    }

    /// What became of a refund that was asked for; none where nobody can say yet.
    async fn find_out(&self, asked: &Asked, refund: &Refund) -> Option<Result<Said, ()>> {
        if !asked.can(Capability::Inquiry) {
            return Some(Ok(lost()));
        }
        let outcome = asked.gateway.inquire(&asked.call(), &asked.about).await.ok()?;
        let done = || Some(Ok(Said { to: RefundState::Succeeded, ..lost() }));
        if matches!(outcome.status, OutcomeStatus::Refunded | OutcomeStatus::Voided) {
            return done();
        }
        let Some(Money { amount: given, .. }) = outcome.refunded else { return Some(Ok(lost())) };
        let before = asked.payment.refunded;
        let with = Amount::new(before.minor() + refund.amount.minor())?;
        if given >= with {
            return done();
        }
        // The provider counts none of it: by its id, asking again gives back once.
        let nothing = given == before && refund.reference.is_none();
        if nothing { Some(self.ask(asked, refund).await) } else { None }
    }
}

fn lost() -> Said {
    Said { to: RefundState::Indeterminate, reference: None, raw_code: None, detail: json!({}) }
}

fn cut(text: &str) -> String {
    super::clean(text.trim(), 200)
}
