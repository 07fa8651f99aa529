//! What is sent to Zarinpal, and what becomes of what comes back. The answers are written as its documentation shows them.

use stoa_sdk::RefundStatus;
use stoa_sdk::bindings::http::HttpError;
use stoa_sdk::fake::Host;

use super::*;

const MERCHANT: &str = "11111111-2222-3333-4444-555555555555";
const AUTHORITY: &str = "A00000000000000000000000000000000001";

fn host() -> Host {
    Host::new().secret("merchant_id", MERCHANT)
}

fn irr(minor_units: u64) -> Money {
    Money { minor_units, currency: "IRR".into() }
}

fn request(amount: Money) -> PaymentRequest {
    PaymentRequest {
        payment_id: "0198a000-0000-7000-8000-000000000001".into(),
        order_number: "1001".into(),
        amount,
        description: "Order 1001".into(),
        callback_url: "https://shop.example/return".into(),
        webhook_url: "https://shop.example/webhook".into(),
        customer_email: Some("sara@example.com".into()),
        customer_phone: Some("+98 912 345 6789".into()),
        sandbox: false,
    }
}

fn payment() -> PaymentRef {
    PaymentRef {
        payment_id: "0198a000-0000-7000-8000-000000000001".into(),
        gateway_reference: AUTHORITY.into(),
        expected: irr(500_000),
        transaction_id: Some("201".into()),
        sandbox: false,
        state: Vec::new(),
    }
}

fn back(query: &[(&str, &str)]) -> Callback {
    let query = query.iter().map(|(key, value)| stoa_sdk::KeyValue { key: (*key).into(), value: (*value).into() });
    Callback { payment: payment(), query: query.collect(), body: Vec::new() }
}

fn ok() -> Callback {
    back(&[("Authority", AUTHORITY), ("Status", "OK")])
}

fn began() -> String {
    format!(
        r#"{{"data":{{"code":100,"message":"Success","authority":"{AUTHORITY}","fee_type":"Merchant","fee":0}},"errors":[]}}"#
    )
}

#[test]
fn five_hundred_thousand_rials_are_sent_as_such() {
    let host = host().answers(200, &began());
    let session = host.run(|| Zarinpal::create_payment(request(irr(500_000)))).unwrap();

    assert_eq!(host.sent(0).url, "https://payment.zarinpal.com/pg/v4/payment/request.json");
    let body = host.body(0);
    assert_eq!((&body["amount"], &body["currency"]), (&json!(500_000), &json!("IRR")));
    assert_eq!(body["merchant_id"], MERCHANT);
    assert_eq!(body["metadata"], json!({"order_id": "1001", "mobile": "09123456789", "email": "sara@example.com"}));
    assert_eq!(session.gateway_reference, AUTHORITY);
    let page = format!("https://payment.zarinpal.com/pg/StartPay/{AUTHORITY}");
    assert_eq!(session.next, NextStep::Redirect(page));
}

#[test]
fn a_store_that_keeps_tomans_pays_ten_rials_each_and_never_a_hundred() {
    let keeps = host().setting("prices_in", "toman").answers(200, &began());
    keeps.run(|| Zarinpal::create_payment(request(irr(500_000)))).unwrap();
    let says = host().answers(200, &began());
    let irt = Money { minor_units: 500_000, currency: "IRT".into() };
    says.run(|| Zarinpal::create_payment(request(irt.clone()))).unwrap();
    let both = host().setting("prices_in", "toman").answers(200, &began());
    both.run(|| Zarinpal::create_payment(request(irt))).unwrap();

    for host in [keeps, says, both] {
        assert_eq!((&host.body(0)["amount"], &host.body(0)["currency"]), (&json!(5_000_000), &json!("IRR")));
    }

    let verified =
        host().setting("prices_in", "toman").answers(200, r#"{"data":{"code":100,"ref_id":201},"errors":[]}"#);
    let outcome = verified.run(|| Zarinpal::verify_payment(ok())).unwrap();
    assert_eq!(verified.body(0)["amount"], json!(5_000_000));
    assert_eq!(outcome.amount, irr(500_000), "the shop compares it with its own books");
}

#[test]
fn what_zarinpal_does_not_take_is_not_sent() {
    let host = host();
    let euro = Money { minor_units: 500_000, currency: "EUR".into() };
    for money in [irr(999), euro, irr(0)] {
        let refused = host.run(|| Zarinpal::create_payment(request(money))).unwrap_err();
        assert!(matches!(refused, Error::InvalidRequest(_)), "{refused}");
    }
    assert_eq!(host.count(), 0);
}

#[test]
fn a_payment_is_verified_with_the_amount_of_the_books() {
    let host = host().answers(
        200,
        r#"{"data":{"code":100,"message":"Verified","card_hash":"1EBE","card_pan":"502229******5995","ref_id":201,"fee_type":"Merchant","fee":0},"errors":[]}"#,
    );
    let outcome = host.run(|| Zarinpal::verify_payment(ok())).unwrap();
    assert_eq!(host.body(0), json!({"merchant_id": MERCHANT, "amount": 500_000, "authority": AUTHORITY}));
    assert_eq!(outcome.status, PaymentStatus::Captured);
    assert_eq!(outcome.transaction_id.as_deref(), Some("201"));
    assert_eq!(outcome.instrument.as_deref(), Some("502229******5995"));
    assert!(!outcome.already_verified);
}

#[test]
fn a_payment_that_was_verified_before_is_paid_too() {
    // The code as a text, and `errors` as an object: seen in the wild.
    let host = host().answers(200, r#"{"data":{"code":"101","ref_id":"201"},"errors":{}}"#);
    let outcome = host.run(|| Zarinpal::verify_payment(ok())).unwrap();
    assert_eq!((outcome.status, outcome.already_verified), (PaymentStatus::Captured, true));
}

#[test]
fn a_refusal_is_read_in_every_shape() {
    for (status, body) in [
        (
            200,
            r#"{"data":[],"errors":{"code":-50,"message":"Session is not valid, amounts values is not the same.","validations":[]}}"#,
        ),
        (422, r#"{"data":{},"errors":{"code":"-50","message":"…"}}"#),
        (404, r#"{"data":[],"errors":[{"code":-50}]}"#),
        (200, r#"{"data":{"code":-50},"errors":[]}"#),
    ] {
        let refused = host().answers(status, body).run(|| Zarinpal::verify_payment(ok())).unwrap_err();
        let Error::Rejected(no) = refused else { panic!("{body}: {refused}") };
        assert_eq!((no.code.as_str(), no.message.contains("amount")), ("-50", true), "{body}");
    }
}

#[test]
fn nobody_knows_after_a_lost_answer() {
    for host in [
        host().fails(HttpError::TimedOut),
        host().fails(HttpError::Interrupted("reset".into())),
        host().answers(502, "<html>"),
        host().answers(200, r#"{"data":[],"errors":{"code":-52}}"#),
        host().answers(200, "{}"),
    ] {
        let unknown = host.run(|| Zarinpal::verify_payment(ok())).unwrap_err();
        assert!(matches!(unknown, Error::Indeterminate(_)), "{unknown}");
    }
    let nobody = host().fails(HttpError::NotSent("refused".into()));
    assert!(matches!(nobody.run(|| Zarinpal::verify_payment(ok())), Err(Error::NotSent(_))));
    // Nobody can pay what has no authority.
    let lost = host().fails(HttpError::TimedOut);
    assert!(matches!(lost.run(|| Zarinpal::create_payment(request(irr(500_000)))), Err(Error::NotSent(_))));
}

#[test]
fn what_the_browser_says_is_not_believed() {
    let other = back(&[("Authority", "A00000000000000000000000000000000002"), ("Status", "OK")]);
    let host_of_other = host();
    assert!(matches!(host_of_other.run(|| Zarinpal::verify_payment(other)), Err(Error::Unauthentic(_))));
    assert_eq!(host_of_other.count(), 0);

    let no = || back(&[("Authority", AUTHORITY), ("Status", "NOK")]);
    let gone = host().answers(200, r#"{"data":{"status":"FAILED","code":100},"errors":[]}"#);
    assert_eq!(gone.run(|| Zarinpal::verify_payment(no())).unwrap().status, PaymentStatus::Cancelled);
    let paid = host()
        .answers(200, r#"{"data":{"status":"PAID","code":100},"errors":[]}"#)
        .answers(200, r#"{"data":{"code":100,"ref_id":201},"errors":[]}"#);
    assert_eq!(paid.run(|| Zarinpal::verify_payment(no())).unwrap().status, PaymentStatus::Captured);

    let early = host().answers(200, r#"{"data":[],"errors":{"code":-51}}"#);
    assert_eq!(early.run(|| Zarinpal::verify_payment(ok())).unwrap().status, PaymentStatus::Pending);
}

#[test]
fn every_state_of_an_inquiry_has_its_word() {
    for (word, status) in [
        ("VERIFIED", PaymentStatus::Captured),
        ("PAID", PaymentStatus::Authorized),
        ("IN_BANK", PaymentStatus::Pending),
        ("FAILED", PaymentStatus::Failed),
        ("REVERSED", PaymentStatus::Voided),
    ] {
        let host = host().answers(200, &json!({"data": {"status": word, "code": 100}, "errors": []}).to_string());
        assert_eq!(host.run(|| Zarinpal::inquire(payment())).unwrap().status, status);
    }
}

#[test]
fn an_inquiry_finds_the_number_of_a_transaction_whose_answer_was_lost() {
    let host = host()
        .answers(200, r#"{"data":{"status":"VERIFIED","code":100},"errors":[]}"#)
        .answers(200, r#"{"data":{"code":101,"ref_id":201},"errors":[]}"#);
    let unknown = PaymentRef { transaction_id: None, ..payment() };
    let outcome = host.run(|| Zarinpal::inquire(unknown)).unwrap();
    assert_eq!((outcome.status, outcome.transaction_id.as_deref()), (PaymentStatus::Captured, Some("201")));
    assert_eq!(host.body(1), json!({"merchant_id": MERCHANT, "amount": 500_000, "authority": AUTHORITY}));
}

#[test]
fn what_was_paid_and_not_verified_is_listed_in_the_unit_of_the_store() {
    let list = r#"{"data":{"code":100,"message":"Success","authorities":[
        {"authority":"A1","amount":500000,"callback_url":"https://shop.example","referer":"/","date":"2026-01-01 10:00:00"},
        {"authority":"A2","amount":"500005"},{"authority":null}]},"errors":[]}"#;
    let rials = host().answers(200, list);
    let found = rials.run(|| Zarinpal::list_unverified(false)).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].gateway_reference.as_str(), &found[0].amount), ("A1", &irr(500_000)));
    let tomans = host().setting("prices_in", "toman").answers(200, list);
    assert_eq!(tomans.run(|| Zarinpal::list_unverified(false)).unwrap()[0].amount, irr(50_000));
    assert_eq!(tomans.lines().len(), 2);
    let none = host().answers(200, r#"{"data":{"code":100,"authorities":[]},"errors":[]}"#);
    assert_eq!(none.run(|| Zarinpal::list_unverified(true)), Ok(vec![]));
    assert_eq!(none.sent(0).url, "https://sandbox.zarinpal.com/pg/v4/payment/unVerified.json");
}

fn refund(amount: u64, before: u64) -> RefundRequest {
    RefundRequest {
        payment: payment(),
        refund_id: "0198a000-0000-7000-8000-000000000009".into(),
        amount: irr(amount),
        refunded_before: irr(before),
        reason: None,
    }
}

#[test]
fn money_goes_back_through_the_panel() {
    let panel = || host().secret("access_token", "panel").setting("terminal_id", "77");
    let found = r#"{"data":{"found":[{"id":"9","amount":1},{"id":"385404539","amount":500000}],"refunded":[]}}"#;
    let host = panel().answers(200, found).answers(
        200,
        r#"{"data":{"resource":{"terminal_id":"77","id":"55","amount":20000,"timeline":{"refund_amount":20000,"refund_time":"…","refund_status":"PENDING"}}}}"#,
    );
    let outcome = host.run(|| Zarinpal::refund(refund(20_000, 0))).unwrap();
    assert_eq!((outcome.status, outcome.gateway_reference.as_deref()), (RefundStatus::Succeeded, Some("55")));
    assert_eq!(host.sent(1).headers.iter().find(|h| h.key == "authorization").unwrap().value, "Bearer panel");
    let variables = &host.body(1)["variables"];
    assert_eq!((&variables["session_id"], &variables["amount"]), (&json!("385404539"), &json!(20_000)));

    let again = panel()
        .answers(200, r#"{"data":{"found":[{"id":"385404539","amount":500000}],"refunded":[{"id":"385404539"}]}}"#);
    assert!(matches!(again.run(|| Zarinpal::refund(refund(20_000, 0))), Err(Error::Indeterminate(_))));
    let lost = panel().answers(200, found).fails(HttpError::TimedOut);
    assert!(matches!(lost.run(|| Zarinpal::refund(refund(20_000, 0))), Err(Error::Indeterminate(_))));
    assert!(matches!(panel().run(|| Zarinpal::refund(refund(19_999, 0))), Err(Error::InvalidRequest(_))));
    let refused =
        panel().answers(200, found).answers(200, r#"{"errors":[{"message":"balance is not enough"}],"data":null}"#);
    assert!(matches!(refused.run(|| Zarinpal::refund(refund(20_000, 0))), Err(Error::Rejected(_))));
}
