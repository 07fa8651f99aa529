//! Cash on delivery: the money is promised with the order, and taken at the door. Staff captures it then.

use stoa_sdk::{
    Callback, Captures, Describe, Gateway, GatewayInfo, Inquiry, Money, NextStep, PaymentOutcome, PaymentRef,
    PaymentRequest, PaymentSession, PaymentStatus, Result, invalid, outcome,
};

/// Cash on delivery.
#[derive(Debug)]
pub struct CashOnDelivery;
stoa_sdk::gateway!(CashOnDelivery: captures, inquiry);

impl Gateway for CashOnDelivery {
    fn describe() -> GatewayInfo {
        Describe::new::<Self>("cash-on-delivery", "Cash on delivery", env!("CARGO_PKG_VERSION")).done()
    }

    fn create_payment(request: PaymentRequest) -> Result<PaymentSession> {
        Ok(PaymentSession {
            gateway_reference: request.payment_id,
            next: NextStep::None,
            expires_at: None,
            state: Vec::new(),
        })
    }

    fn verify_payment(callback: Callback) -> Result<PaymentOutcome> {
        Ok(outcome(PaymentStatus::Authorized, callback.payment.expected))
    }
}

impl Captures for CashOnDelivery {
    fn capture(payment: PaymentRef, amount: Money) -> Result<PaymentOutcome> {
        if amount.currency != payment.expected.currency || amount.minor_units > payment.expected.minor_units {
            return Err(invalid("more than was promised can't be taken"));
        }
        let transaction = Some(payment.payment_id);
        Ok(PaymentOutcome { transaction_id: transaction, ..outcome(PaymentStatus::Captured, amount) })
    }

    fn void(payment: PaymentRef) -> Result<PaymentOutcome> {
        Ok(outcome(PaymentStatus::Voided, payment.expected))
    }
}

impl Inquiry for CashOnDelivery {
    fn inquire(payment: PaymentRef) -> Result<PaymentOutcome> {
        // Nobody else keeps books: what was taken at the door is known to the shop alone.
        let status = if payment.transaction_id.is_some() { PaymentStatus::Captured } else { PaymentStatus::Authorized };
        Ok(PaymentOutcome { transaction_id: payment.transaction_id.clone(), ..outcome(status, payment.expected) })
    }
}
