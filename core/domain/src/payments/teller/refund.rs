//! Money is asked back for buyers.

use chrono::TimeDelta;
use gateway::{Capability, GatewayError, Outcome, OutcomeStatus, RefundRequest, RefundStatus};
use kernel::{Amount, Money};
use serde_json::json;
use tenants::TenantId;

use super::{Asked, PATIENCE, TRIES, Teller, why};
use crate::jobs;
use crate::orders::OrderError;
use crate::payments::jobs::STEADY;
use crate::payments::ops::refunds::{Said, ask_refund, say_it_waits, settle_refund};
use crate::payments::{GiveBack, PaymentError, Refund, RefundId, RefundState, queries};

/// How long a refund may be under way before staff is told.
const PATIENT: TimeDelta = TimeDelta::days(1);
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
        if !refund.is_under_way() {
            return Ok(());
        }
        if refund.told_at.is_none() && refund.created_at + PATIENT <= tx.now() {
            say_it_waits(&mut tx, &refund).await?;
        }
        let pause = TimeDelta::seconds(5_i64 << job.tries.min(STEADY)).min(LONGEST);
        let (due, tries) = (tx.now() + pause, job.tries.saturating_add(1));
        jobs::enqueue_at(&mut tx, &GiveBack { refund: id.0, tries }, due).await?;
        Ok(tx.commit().await?)
    }

    /// Asks the gateway for a refund, or what became of it where it was asked before.
    ///
    /// # Errors
    /// [`PaymentError::Db`], and what may pass.
    pub async fn carry_out_refund(&self, store: TenantId, id: RefundId) -> Result<(), PaymentError> {
        let found = queries::refund(&mut self.db.begin_read(store).await?, id).await?;
        let Some(refund) = found.filter(Refund::is_under_way) else { return Ok(()) };
        // What can't be asked for is not noted as asked for. What was given back before can't change: one is under way at a time.
        let Some(asked) = self.asked(store, refund.payment).await? else { return Ok(()) };
        let mut tx = self.db.begin(store).await?;
        let found = ask_refund(&mut tx, id, PATIENCE).await?;
        tx.commit().await?;
        let Some((refund, before)) = found else { return Ok(()) };
        let said = match before {
            false => Some(self.ask(&asked, &refund).await),
            true => self.find_out(&asked, &refund).await,
        };
        match said {
            Some(said) => self.settle_refund(store, id, said).await,
            None => Ok(()),
        }
    }

    /// Writes what a gateway said of a refund. It may never say it again: what may pass is tried anew.
    async fn settle_refund(&self, store: TenantId, id: RefundId, said: Result<Said, ()>) -> Result<(), PaymentError> {
        for tries in 0.. {
            let written = async {
                let mut tx = self.db.begin(store).await?;
                match &said {
                    Ok(said) => drop(settle_refund(&mut tx, id, said).await?),
                    // It surely did nothing: it may be asked anew.
                    Err(()) => queries::note_asked(&mut tx, id, None).await?,
                }
                Ok(tx.commit().await?)
            };
            match written.await {
                Err(err @ PaymentError::Db(_)) if tries < TRIES => {
                    tracing::debug!(refund.id = %id, "Writing what became of the refund `{id}` is tried anew: {err}");
                }
                Err(err) if err.may_pass() && tries < TRIES => {}
                written => return written,
            }
        }
        Err(OrderError::Raced.into())
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
