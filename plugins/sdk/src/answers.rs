//! What gateways answer mostly, with the rest left out.

use crate::{Money, NextStep, PaymentOutcome, PaymentSession, PaymentStatus};

/// A payment that has begun: the buyer goes to this address.
pub fn redirect(reference: impl Into<String>, url: impl Into<String>) -> PaymentSession {
    let next = NextStep::Redirect(url.into());
    PaymentSession { gateway_reference: reference.into(), next, expires_at: None, state: Vec::new() }
}

/// What the provider says of a payment, and nothing more: `PaymentOutcome { transaction_id, ..outcome(status, amount) }`.
#[must_use]
pub fn outcome(status: PaymentStatus, amount: Money) -> PaymentOutcome {
    PaymentOutcome {
        status,
        amount,
        refunded: None,
        transaction_id: None,
        instrument: None,
        raw_code: None,
        already_verified: false,
    }
}
