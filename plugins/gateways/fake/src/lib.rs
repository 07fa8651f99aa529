//! The fake provider of `plugins/kit`, for development and tests. It can all that a gateway can.

#[cfg(test)]
mod tests;

use stoa_sdk::http::{self, Request, Response};
use stoa_sdk::json::{Json, json, minor_units, text};
use stoa_sdk::{
    Callback, Captures, Describe, Error, Gateway, GatewayInfo, Inquiry, Money, NextStep, PaymentOutcome, PaymentRef,
    PaymentRequest, PaymentSession, PaymentStatus, RawRequest, Reconciliation, RefundOutcome, RefundRequest,
    RefundStatus, Refunds, Result, Unverified, WebhookEvent, Webhooks, field, hmac_sha256, misconfigured, now,
    rejected, secret, setting, unauthentic,
};

/// The fake gateway.
#[derive(Debug)]
pub struct Fake;
stoa_sdk::gateway!(Fake: captures, refunds, webhooks, inquiry, reconciliation);

/// How long a webhook is believed after it was signed, in milliseconds.
const FRESH: u64 = 300_000;

impl Gateway for Fake {
    fn describe() -> GatewayInfo {
        Describe::new::<Self>("fake", "Fake payments", env!("CARGO_PKG_VERSION"))
            .hosts(&["127.0.0.1", "localhost"])
            .settings(&json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object",
                "additionalProperties": false,
                "required": ["url", "api_key", "webhook_secret"],
                "properties": {
                    "url": { "title": "Address of the fake provider", "type": "string", "format": "uri" },
                    "api_key": { "title": "Key", "type": "string", "minLength": 1, "maxLength": 200, "writeOnly": true },
                    "webhook_secret": {
                        "title": "Secret of webhooks", "type": "string", "minLength": 1, "maxLength": 200,
                        "writeOnly": true,
                    },
                    "take": {
                        "title": "When money is taken", "description": "At once, or later, when staff captures it.",
                        "type": "string", "enum": ["at-once", "later"], "default": "at-once",
                    },
                },
            }))
            .done()
    }

    fn create_payment(request: PaymentRequest) -> Result<PaymentSession> {
        // Its id makes one payment of it however often it is sent, so that a lost answer harms nobody.
        let answer = authorized("POST", "/v1/payments")?
            .json(&json!({
                "id": request.payment_id,
                "order_number": request.order_number,
                "amount": request.amount.minor_units,
                "currency": request.amount.currency,
                "description": request.description,
                "callback_url": request.callback_url,
                "webhook_url": request.webhook_url,
                "hold": setting("take").as_deref() == Some("later"),
            }))
            .ask()?;
        let body = read(&answer, Error::NotSent)?;
        match (text(&body["reference"]), text(&body["page"])) {
            (Some(gateway_reference), Some(page)) => Ok(PaymentSession {
                gateway_reference,
                next: NextStep::Redirect(page),
                expires_at: minor_units(&body["expires_at"]),
                state: Vec::new(),
            }),
            _ => Err(Error::NotSent("the answer names no payment".into())),
        }
    }

    fn verify_payment(callback: Callback) -> Result<PaymentOutcome> {
        let payment = callback.payment;
        if field(&callback.query, "reference").is_some_and(|reference| reference != payment.gateway_reference) {
            return Err(unauthentic("the buyer came back from another payment"));
        }
        change(&payment, "settle", &json!({}))
    }
}

impl Captures for Fake {
    fn capture(payment: PaymentRef, amount: Money) -> Result<PaymentOutcome> {
        change(&payment, "capture", &json!({ "amount": amount.minor_units, "currency": amount.currency }))
    }

    fn void(payment: PaymentRef) -> Result<PaymentOutcome> {
        change(&payment, "void", &json!({}))
    }
}

impl Refunds for Fake {
    fn refund(request: RefundRequest) -> Result<RefundOutcome> {
        let body = json!({
            "id": request.refund_id,
            "amount": request.amount.minor_units,
            "currency": request.amount.currency,
            "reason": request.reason,
        });
        let answer = authorized("POST", &of(&request.payment, "/refunds"))?.json(&body).send()?;
        let body = read(&answer, Error::Indeterminate)?;
        let status = match body["status"].as_str() {
            Some("succeeded") => RefundStatus::Succeeded,
            Some("pending") => RefundStatus::Pending,
            Some("failed") => RefundStatus::Failed,
            _ => return Err(Error::Indeterminate("the answer does not say how far the refund is".into())),
        };
        Ok(RefundOutcome { status, gateway_reference: text(&body["reference"]), raw_code: text(&body["status"]) })
    }
}

impl Webhooks for Fake {
    /// Signed is `{time}.{body}`.
    fn handle_webhook(request: RawRequest) -> Result<WebhookEvent> {
        let time = field(&request.headers, "fake-time").unwrap_or_default();
        let signature = field(&request.headers, "fake-signature").unwrap_or_default();
        let signed = [time.as_bytes(), b".", &request.body].concat();
        let expected: String =
            hmac_sha256("webhook_secret", &signed)?.iter().map(|byte| format!("{byte:02x}")).collect();
        let different = expected.bytes().zip(signature.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
        if different != 0 || signature.len() != expected.len() {
            return Err(unauthentic("the signature is not the provider's"));
        }
        if time.parse::<u64>().map_or(true, |time| now().abs_diff(time) > FRESH) {
            return Err(unauthentic("the message is too old"));
        }
        let body: Json = Response { status: 200, headers: Vec::new(), body: request.body }.json().unwrap_or_default();
        let outcome = outcome(&body).ok_or_else(|| unauthentic("the message can't be read"))?;
        let gateway_reference = text(&body["reference"]).ok_or_else(|| unauthentic("the message names no payment"))?;
        Ok(WebhookEvent { gateway_reference, outcome: Some(outcome) })
    }
}

impl Inquiry for Fake {
    fn inquire(payment: PaymentRef) -> Result<PaymentOutcome> {
        let body = read(&authorized("GET", &of(&payment, ""))?.ask()?, Error::NotSent)?;
        outcome(&body).ok_or_else(|| Error::NotSent("the answer can't be read".into()))
    }
}

impl Reconciliation for Fake {
    fn list_unverified(_: bool) -> Result<Vec<Unverified>> {
        let body = read(&authorized("GET", "/v1/unsettled")?.ask()?, Error::NotSent)?;
        let rows = body["payments"].as_array().map_or(&[][..], Vec::as_slice);
        let read = |row: &Json| {
            Some(Unverified { gateway_reference: text(&row["reference"])?, amount: money(row, "amount")? })
        };
        Ok(rows.iter().filter_map(read).collect())
    }
}

fn authorized(method: &str, path: &str) -> Result<Request> {
    let url = setting("url").ok_or_else(|| misconfigured("`url` is not set"))?;
    Ok(Request::new(method, http::base(Some(url), "") + path).bearer(&secret("api_key")?))
}

fn of(payment: &PaymentRef, what: &str) -> String {
    format!("/v1/payments/{}{what}", payment.gateway_reference)
}

fn change(payment: &PaymentRef, what: &str, body: &Json) -> Result<PaymentOutcome> {
    let answer = authorized("POST", &of(payment, &format!("/{what}")))?.json(body).send()?;
    let body = read(&answer, Error::Indeterminate)?;
    outcome(&body).ok_or_else(|| Error::Indeterminate("the answer can't be read".into()))
}

fn read(answer: &Response, lost: fn(String) -> Error) -> Result<Json> {
    let unreadable = || lost(format!("the answer, with status {}, can't be read", answer.status));
    let body = answer.json().ok_or_else(unreadable)?;
    match answer.status {
        200..=299 => Ok(body),
        401 => Err(misconfigured("the provider does not know the key")),
        400..=499 => match (text(&body["code"]), text(&body["message"])) {
            (Some(code), Some(message)) => Err(rejected(code, message)),
            _ => Err(unreadable()),
        },
        _ => Err(unreadable()),
    }
}

fn outcome(body: &Json) -> Option<PaymentOutcome> {
    let status = match body["status"].as_str()? {
        "open" => PaymentStatus::Pending,
        "held" => PaymentStatus::Authorized,
        "paid" => PaymentStatus::Captured,
        "voided" => PaymentStatus::Voided,
        "failed" => PaymentStatus::Failed,
        "cancelled" => PaymentStatus::Cancelled,
        "refunded" => PaymentStatus::Refunded,
        _ => return None,
    };
    Some(PaymentOutcome {
        status,
        amount: money(body, "amount")?,
        refunded: money(body, "refunded"),
        transaction_id: text(&body["transaction"]),
        instrument: text(&body["instrument"]),
        raw_code: text(&body["status"]),
        already_verified: body["settled_before"].as_bool().unwrap_or_default(),
    })
}

fn money(body: &Json, name: &str) -> Option<Money> {
    Some(Money { minor_units: minor_units(&body[name])?, currency: text(&body["currency"])? })
}
