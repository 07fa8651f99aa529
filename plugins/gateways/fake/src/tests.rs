//! The signature of webhooks, and answers that are none. The rest is tried against the provider itself, in `plugins/kit`.

use stoa_sdk::KeyValue;
use stoa_sdk::fake::Host;

use super::*;

const NOW: u64 = 1_767_225_600_000;
const BODY: &str =
    r#"{"reference":"pay_1","status":"paid","amount":1250,"currency":"EUR","refunded":0,"transaction":"t1"}"#;

fn host() -> Host {
    Host::new().setting("url", "http://127.0.0.1:4000/").secret("api_key", "key").secret("webhook_secret", "hush")
}

fn signed(host: &Host, time: u64, body: &str) -> RawRequest {
    let sum = host.run(|| hmac_sha256("webhook_secret", format!("{time}.{body}").as_bytes())).unwrap();
    let signature = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    let header = |key: &str, value: String| KeyValue { key: key.into(), value };
    let headers = vec![header("fake-time", time.to_string()), header("fake-signature", signature)];
    RawRequest { headers, query: Vec::new(), body: body.into(), sandbox: true }
}

#[test]
fn a_signed_webhook_is_believed() {
    let request = signed(&host(), NOW, BODY);
    let event = host().run(|| Fake::handle_webhook(request)).unwrap();
    assert_eq!(event.gateway_reference, "pay_1");
    assert_eq!(event.outcome.unwrap().status, PaymentStatus::Captured);
}

#[test]
fn one_that_was_changed_is_not() {
    let good = signed(&host(), NOW, BODY);
    let mut bodies = good.clone();
    bodies.body[12] ^= 1;
    let mut short = good.clone();
    short.headers[1].value.truncate(10);
    let mut none = good.clone();
    none.headers.clear();
    let mut later = good.clone();
    later.headers[0].value = (NOW + 1).to_string();
    for forged in [bodies, short, none, later, signed(&host(), NOW - FRESH - 1, BODY), signed(&host(), NOW, "[]")] {
        let refused = host().run(|| Fake::handle_webhook(forged)).unwrap_err();
        assert!(matches!(refused, Error::Unauthentic(_)), "{refused}");
    }
}

#[test]
fn an_answer_that_says_nothing_is_indeterminate() {
    let payment = || PaymentRef {
        payment_id: "p".into(),
        gateway_reference: "pay_1".into(),
        expected: Money { minor_units: 1250, currency: "EUR".into() },
        transaction_id: None,
        sandbox: true,
        state: Vec::new(),
    };
    for (status, body) in [(502, "<html>"), (200, "[]"), (200, r#"{"status":"new"}"#), (500, "{}"), (404, "{}")] {
        let unknown = host().answers(status, body).run(|| Fake::void(payment())).unwrap_err();
        assert!(matches!(unknown, Error::Indeterminate(_)), "{unknown}");
    }
    let host = host().answers(409, r#"{"code":"payment.not_held","message":"nothing is held"}"#);
    assert!(matches!(host.run(|| Fake::void(payment())), Err(Error::Rejected(_))));
    assert_eq!(host.sent(0).url, "http://127.0.0.1:4000/v1/payments/pay_1/void");
}
