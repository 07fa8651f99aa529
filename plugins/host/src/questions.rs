//! What a gateway is asked, in the words of the contract.

use gateway::{Callback, KeyValue, PaymentRef, PaymentRequest, RawRequest, RefundRequest};
use kernel::Money;

use crate::bindings::stoa::gateway::types;

pub(crate) fn money(money: Money) -> types::Money {
    types::Money {
        // An amount is never negative.
        minor_units: money.amount.minor().unsigned_abs(),
        currency: money.currency.code().to_owned(),
    }
}

fn pairs(pairs: &[KeyValue]) -> Vec<types::KeyValue> {
    pairs.iter().map(|pair| types::KeyValue { key: pair.key.clone(), value: pair.value.clone() }).collect()
}

pub(crate) fn payment_request(request: &PaymentRequest) -> types::PaymentRequest {
    types::PaymentRequest {
        payment_id: request.payment.to_string(),
        order_number: request.order_number.clone(),
        amount: money(request.amount),
        description: request.description.clone(),
        callback_url: request.callback_url.clone(),
        webhook_url: request.webhook_url.clone(),
        customer_email: request.customer_email.clone(),
        customer_phone: request.customer_phone.clone(),
        sandbox: request.sandbox,
    }
}

pub(crate) fn payment(payment: &PaymentRef) -> types::PaymentRef {
    types::PaymentRef {
        payment_id: payment.payment.to_string(),
        gateway_reference: payment.reference.clone(),
        expected: money(payment.expected),
        transaction_id: payment.transaction.clone(),
        sandbox: payment.sandbox,
        state: payment.state.clone(),
    }
}

pub(crate) fn callback(callback: &Callback) -> types::Callback {
    types::Callback { payment: payment(&callback.payment), query: pairs(&callback.query), body: callback.body.clone() }
}

pub(crate) fn refund(request: &RefundRequest) -> types::RefundRequest {
    types::RefundRequest {
        payment: payment(&request.payment),
        refund_id: request.refund.to_string(),
        amount: money(request.amount),
        refunded_before: money(request.refunded_before),
        reason: request.reason.clone(),
    }
}

pub(crate) fn raw_request(request: &RawRequest) -> types::RawRequest {
    types::RawRequest {
        headers: pairs(&request.headers),
        query: pairs(&request.query),
        body: request.body.clone(),
        sandbox: request.sandbox,
    }
}
