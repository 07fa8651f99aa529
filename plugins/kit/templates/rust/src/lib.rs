//! NAME: a payment gateway for Stoa. It takes payments at a provider that exists nowhere: put yours in its place.

use stoa_sdk::http::Request;
use stoa_sdk::json::{json, money, text};
use stoa_sdk::*;

/// The gateway.
#[derive(Debug)]
pub struct Provider;
gateway!(Provider: refunds);

impl Gateway for Provider {
    fn describe() -> GatewayInfo {
        let key = json!({ "title": "Key", "type": "string", "minLength": 1, "maxLength": 200, "writeOnly": true });
        let settings = json!({
            "type": "object", "additionalProperties": false, "required": ["key"], "properties": { "key": key },
        });
        let info = Describe::new::<Self>("NAME", "NAME", env!("CARGO_PKG_VERSION"));
        info.hosts(&["api.example.com"]).settings(&settings).done()
    }

    fn create_payment(request: PaymentRequest) -> Result<PaymentSession> {
        // The id makes one payment of it, however often it is sent: a lost answer harms nobody, and `ask` is right.
        let body = json!({
            "id": request.payment_id, "amount": request.amount.minor_units, "currency": request.amount.currency,
            "description": request.description, "return_url": request.callback_url,
        });
        let answer = post("/payments")?.json(&body).ask()?.read(Error::NotSent)?;
        match (text(&answer["id"]), text(&answer["page"])) {
            (Some(id), Some(page)) => Ok(redirect(id, page)),
            _ => Err(Error::NotSent("the answer names no payment".into())),
        }
    }

    fn verify_payment(callback: Callback) -> Result<PaymentOutcome> {
        let unread = || Error::Indeterminate("the answer does not say what became of it".into());
        let path = format!("/payments/{}/settle", callback.payment.gateway_reference);
        let answer = post(&path)?.json(&json!({})).send()?.read(Error::Indeterminate)?;
        let status = match answer["status"].as_str() {
            Some("paid") => PaymentStatus::Captured,
            Some("open") => PaymentStatus::Pending,
            Some("cancelled") => PaymentStatus::Cancelled,
            _ => return Err(unread()),
        };
        // What the provider says was paid, never what the shop expects: Stoa compares the two.
        let amount = money(&answer["amount"], &answer["currency"]).ok_or_else(unread)?;
        Ok(PaymentOutcome { transaction_id: text(&answer["transaction"]), ..outcome(status, amount) })
    }
}

impl Refunds for Provider {
    fn refund(request: RefundRequest) -> Result<RefundOutcome> {
        let path = format!("/payments/{}/refunds", request.payment.gateway_reference);
        let body = json!({ "id": request.refund_id, "amount": request.amount.minor_units });
        // It moves money: after `send`, a lost answer is `indeterminate`, and nothing is repeated.
        let answer = post(&path)?.json(&body).send()?.read(Error::Indeterminate)?;
        let id = text(&answer["id"]).ok_or_else(|| Error::Indeterminate("the answer names no refund".into()))?;
        Ok(RefundOutcome { status: RefundStatus::Succeeded, gateway_reference: Some(id), raw_code: None })
    }
}

fn post(path: &str) -> Result<Request> {
    Ok(Request::post(format!("https://api.example.com/v1{path}")).bearer(&secret("key")?))
}
