//! NAME: a payment gateway for Stoa. It takes payments at a provider that exists nowhere: put yours in its place.

use stoa_sdk::http::{Request, Response};
use stoa_sdk::json::{Json, json, minor_units, text};
use stoa_sdk::*;

/// The gateway.
#[derive(Debug)]
pub struct Provider;
gateway!(Provider: refunds);

const URL: &str = "https://api.example.com/v1";

impl Gateway for Provider {
    fn describe() -> GatewayInfo {
        let key = json!({ "title": "Key", "type": "string", "minLength": 1, "maxLength": 200, "writeOnly": true });
        let settings = json!({ "type": "object", "additionalProperties": false, "required": ["key"], "properties": { "key": key } });
        Describe::new::<Self>("NAME", "NAME", env!("CARGO_PKG_VERSION")).hosts(&["api.example.com"]).settings(&settings).done()
    }

    fn create_payment(request: PaymentRequest) -> Result<PaymentSession> {
        // The payment's id makes one payment of it, however often it is sent: so a lost answer harms nobody, and `ask` is right.
        let body = json!({ "id": request.payment_id, "amount": request.amount.minor_units, "currency": request.amount.currency,
            "description": request.description, "return_url": request.callback_url });
        let answer = read(&post("/payments")?.json(&body).ask()?, Error::NotSent)?;
        let (Some(reference), Some(page)) = (text(&answer["id"]), text(&answer["page"])) else {
            return Err(Error::NotSent("the answer names no payment".into()));
        };
        Ok(PaymentSession { gateway_reference: reference, next: NextStep::Redirect(page), expires_at: None, state: Vec::new() })
    }

    fn verify_payment(callback: Callback) -> Result<PaymentOutcome> {
        let payment = callback.payment;
        let unread = || Error::Indeterminate("the answer can't be read".into());
        let answer = read(&post(&format!("/payments/{}/settle", payment.gateway_reference))?.json(&json!({})).send()?, Error::Indeterminate)?;
        let status = match answer["status"].as_str() {
            Some("paid") => PaymentStatus::Captured,
            Some("open") => PaymentStatus::Pending,
            Some("cancelled") => PaymentStatus::Cancelled,
            _ => return Err(unread()),
        };
        // What the provider says was paid, never what the shop expects: Stoa compares the two.
        let minor_units = minor_units(&answer["amount"]).ok_or_else(unread)?;
        let amount = Money { minor_units, currency: text(&answer["currency"]).ok_or_else(unread)? };
        Ok(PaymentOutcome { status, amount, refunded: None, transaction_id: text(&answer["transaction"]), instrument: None,
            raw_code: text(&answer["status"]), already_verified: false })
    }
}

impl Refunds for Provider {
    fn refund(request: RefundRequest) -> Result<RefundOutcome> {
        let body = json!({ "id": request.refund_id, "amount": request.amount.minor_units });
        let path = format!("/payments/{}/refunds", request.payment.gateway_reference);
        // It moves money: after `send`, a lost answer is `indeterminate`, and nothing is repeated.
        let answer = read(&post(&path)?.json(&body).send()?, Error::Indeterminate)?;
        let reference = text(&answer["id"]).ok_or_else(|| Error::Indeterminate("the answer names no refund".into()))?;
        Ok(RefundOutcome { status: RefundStatus::Succeeded, gateway_reference: Some(reference), raw_code: None })
    }
}

fn post(path: &str) -> Result<Request> {
    Ok(Request::post(format!("{URL}{path}")).bearer(&secret("key")?))
}

fn read(answer: &Response, lost: fn(String) -> Error) -> Result<Json> {
    let body = answer.json().ok_or_else(|| lost(format!("the answer, with status {}, is no JSON", answer.status)))?;
    match answer.status {
        200..=299 => Ok(body),
        401 => Err(misconfigured("the provider does not know the key")),
        400..=499 => Err(rejected(text(&body["code"]).unwrap_or_default(), text(&body["message"]).unwrap_or_default())),
        _ => Err(lost(format!("the provider answered {}", answer.status))),
    }
}
