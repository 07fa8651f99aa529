//! A gateway that does wrong whatever its setting `fault` says, and nothing else: it shows that conformance runs find that. No
//! build brings it.

use stoa_sdk::http::{Request, Response};
use stoa_sdk::json::{Json, json, minor_units, text};
use stoa_sdk::{
    Callback, Describe, Error, Gateway, GatewayInfo, Money, NextStep, PaymentOutcome, PaymentRequest, PaymentSession,
    PaymentStatus, RawRequest, RefundOutcome, RefundRequest, RefundStatus, Refunds, Result, WebhookEvent, Webhooks,
    field, hmac_sha256, invalid, now, outcome, random, rejected, secret, setting, unauthentic,
};

/// The faulty gateway.
#[derive(Debug)]
pub struct Faulty;
stoa_sdk::gateway!(Faulty: refunds, webhooks);

const URL: &str = "https://api.example.com/v1";

/// Whether this is what is wrong with it.
fn fault(name: &str) -> bool {
    setting("fault").as_deref() == Some(name)
}

impl Gateway for Faulty {
    fn describe() -> GatewayInfo {
        Describe::new::<Self>("faulty", "Faulty", env!("CARGO_PKG_VERSION"))
            .hosts(&["api.example.com"])
            .currencies(&["EUR"])
            .settings(&json!({
                "type": "object",
                "additionalProperties": false,
                "required": ["key"],
                "properties": {
                    "key": { "type": "string", "minLength": 1, "writeOnly": true },
                    "fault": { "type": "string" },
                },
            }))
            .done()
    }

    fn create_payment(request: PaymentRequest) -> Result<PaymentSession> {
        if request.amount.currency != "EUR" && !fault("takes-any-currency") {
            return Err(invalid("it takes euros only"));
        }
        let chance: String = random(4).iter().map(|byte| format!("{byte:02x}")).collect();
        let id = if fault("key-of-chance") { chance } else { request.payment_id };
        let ask = sending(if fault("forgets-its-key") { "none".into() } else { secret("key")? }, "/payments");
        let answer = if fault("pastes-its-json") {
            let body =
                format!(r#"{{"id":"{id}","amount":{},"for":"{}"}}"#, request.amount.minor_units, request.description);
            let body: Json = serde_json_of(&body);
            ask.json(&body).ask()?
        } else {
            ask.json(&json!({ "id": id, "amount": request.amount.minor_units, "for": request.description })).ask()?
        };
        let body = read(&answer, Error::NotSent)?;
        let gateway_reference = if fault("believes-any-answer") {
            text(&body["reference"]).unwrap_or_else(|| "unknown".into())
        } else {
            text(&body["reference"]).ok_or_else(|| Error::NotSent("the answer names no payment".into()))?
        };
        let secret = if fault("tells-its-key") { secret("key")? } else { String::new() };
        Ok(PaymentSession {
            next: NextStep::Redirect(format!("https://api.example.com/pay/{gateway_reference}")),
            gateway_reference,
            expires_at: None,
            state: secret.into_bytes(),
        })
    }

    fn verify_payment(callback: Callback) -> Result<PaymentOutcome> {
        let payment = callback.payment;
        if fault("believes-browsers") && field(&callback.query, "status") == Some("ok") {
            return Ok(captured(payment.expected, "browser".into()));
        }
        let named = field(&callback.query, "reference").unwrap_or(&payment.gateway_reference);
        if named != payment.gateway_reference && !fault("asks-for-what-browsers-name") {
            return Err(unauthentic("the buyer came back from another payment"));
        }
        let ask = sending(secret("key")?, &format!("/payments/{named}/settle")).json(&json!({}));
        let body = match ask.send().and_then(|answer| read(&answer, Error::Indeterminate)) {
            Err(Error::Indeterminate(_)) if fault("takes-silence-for-no") => {
                return Ok(PaymentOutcome {
                    status: PaymentStatus::Failed,
                    ..captured(payment.expected, String::new())
                });
            }
            answer => answer?,
        };
        let unread = || Error::Indeterminate("the answer can't be read".into());
        let paid = minor_units(&body["paid"]).ok_or_else(unread)?;
        let minor_units = if fault("repeats-the-books") { payment.expected.minor_units } else { paid };
        let transaction = text(&body["transaction"]).ok_or_else(unread)?;
        let transaction = if fault("names-money-by-the-time") { now().to_string() } else { transaction };
        Ok(captured(Money { minor_units, currency: "EUR".into() }, transaction))
    }
}

impl Refunds for Faulty {
    fn refund(request: RefundRequest) -> Result<RefundOutcome> {
        let ask = sending(secret("key")?, &format!("/payments/{}/refunds", request.payment.gateway_reference))
            .json(&json!({ "id": request.refund_id, "amount": request.amount.minor_units }));
        let answer = if fault("repeats-refunds") { ask.ask()? } else { ask.send()? };
        let body = read(&answer, Error::Indeterminate)?;
        let reference = text(&body["reference"]).ok_or_else(|| Error::Indeterminate("it can't be read".into()))?;
        Ok(RefundOutcome { status: RefundStatus::Succeeded, gateway_reference: Some(reference), raw_code: None })
    }
}

impl Webhooks for Faulty {
    fn handle_webhook(request: RawRequest) -> Result<WebhookEvent> {
        let (time, given) = (field(&request.headers, "time"), field(&request.headers, "signature"));
        let signed = [time.unwrap_or_default().as_bytes(), b".", &request.body].concat();
        let made: String = hmac_sha256("key", &signed)?.iter().map(|byte| format!("{byte:02x}")).collect();
        if given != Some(made.as_str()) && !fault("believes-any-message") {
            return Err(unauthentic("the signature is not the provider's"));
        }
        let fresh = time.and_then(|time| time.parse().ok()).is_some_and(|time: u64| now().abs_diff(time) < 300_000);
        if !fresh && !fault("believes-any-message") {
            return Err(unauthentic("the message is too old"));
        }
        let body = Response { status: 200, headers: Vec::new(), body: request.body }.json().unwrap_or_default();
        let gateway_reference = text(&body["reference"]).ok_or_else(|| unauthentic("it names no payment"))?;
        Ok(WebhookEvent { gateway_reference, outcome: None })
    }
}

fn sending(key: String, path: &str) -> Request {
    Request::post(format!("{URL}{path}")).bearer(&key)
}

fn read(answer: &Response, lost: fn(String) -> Error) -> Result<Json> {
    let body = answer.json();
    if fault("gives-up-on-nonsense") {
        return Ok(body.expect("providers answer JSON"));
    }
    let body = body.ok_or_else(|| lost("the answer is no JSON".into()))?;
    match answer.status {
        200..=299 => Ok(body),
        400..=499 => Err(rejected(answer.status.to_string(), "it says no")),
        _ => Err(lost("the provider is not well".into())),
    }
}

/// What somebody pasted together, as the provider would read it.
fn serde_json_of(pasted: &str) -> Json {
    Response { status: 200, headers: Vec::new(), body: pasted.as_bytes().to_vec() }.json().unwrap_or_default()
}

fn captured(amount: Money, transaction: String) -> PaymentOutcome {
    PaymentOutcome { transaction_id: Some(transaction), ..outcome(PaymentStatus::Captured, amount) }
}
