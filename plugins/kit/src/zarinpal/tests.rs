//! The sandbox, over HTTP, against what the documentation says.

use std::net::{Ipv4Addr, SocketAddr};

use serde_json::{Value, json};

use super::*;
use crate::visit::client;
use crate::{How, Operation, What};

const MERCHANT: &str = "11111111-2222-3333-4444-555555555555";

async fn started() -> Sandbox {
    Sandbox::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap()
}

async fn call(sandbox: &Sandbox, what: &str, body: Value) -> (u16, Value) {
    let url: url::Url = format!("{}/pg/v4/payment/{what}.json", sandbox.url()).parse().unwrap();
    let answer = client(&url).unwrap().post(url).json(&body).send().await;
    let Ok(answer) = answer else { return (0, Value::Null) };
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

fn asked() -> Value {
    json!({
        "merchant_id": MERCHANT, "amount": 500_000, "currency": "IRR", "description": "Order 1001",
        "callback_url": "http://127.0.0.1:9/back", "metadata": { "order_id": "1001" },
    })
}

async fn begun(sandbox: &Sandbox) -> String {
    let (_, answer) = call(sandbox, "request", asked()).await;
    answer["data"]["authority"].as_str().unwrap().to_owned()
}

fn about(authority: &str) -> Value {
    json!({ "merchant_id": MERCHANT, "amount": 500_000, "authority": authority })
}

#[tokio::test]
async fn a_payment_goes_its_way() {
    let sandbox = started().await;
    let authority = begun(&sandbox).await;
    assert_eq!((authority.len(), &authority[..1]), (36, "S"));
    assert_eq!(call(&sandbox, "inquiry", about(&authority)).await.1["data"]["status"], "IN_BANK");
    assert_eq!(call(&sandbox, "verify", about(&authority)).await.1["errors"]["code"], -51);
    assert_eq!(sandbox.pay(&authority), Some(format!("http://127.0.0.1:9/back?Authority={authority}&Status=OK")));
    let (_, list) = call(&sandbox, "unVerified", about(&authority)).await;
    assert_eq!(list["data"]["authorities"][0]["authority"], json!(authority));

    let mut less = about(&authority);
    less["amount"] = json!(50_000);
    assert_eq!(call(&sandbox, "verify", less).await.1["errors"]["code"], -50);
    let mut other = about(&authority);
    other["merchant_id"] = json!("99999999-2222-3333-4444-555555555555");
    assert_eq!(call(&sandbox, "verify", other).await.1["errors"]["code"], -53);
    assert_eq!(call(&sandbox, "verify", about("S1")).await.1["errors"]["code"], -54);

    let (_, verified) = call(&sandbox, "verify", about(&authority)).await;
    assert_eq!((&verified["data"]["code"], &verified["errors"]), (&json!(100), &json!([])));
    let (_, again) = call(&sandbox, "verify", about(&authority)).await;
    assert_eq!((&again["data"]["code"], &again["data"]["ref_id"]), (&json!(101), &verified["data"]["ref_id"]));
    let (_, list) = call(&sandbox, "unVerified", about(&authority)).await;
    assert_eq!(list["data"]["authorities"], json!([]));
    let happened: Vec<_> = sandbox.log().iter().map(|entry| entry.what).collect();
    assert_eq!(happened, [What::Requested, What::Paid, What::Verified]);

    assert_eq!(call(&sandbox, "reverse", about(&authority)).await.1["data"]["code"], 100);
    assert_eq!(call(&sandbox, "reverse", about(&authority)).await.1["errors"]["code"], -61);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let sandbox = started().await;
    for (field, value) in [
        ("merchant_id", json!("short")),
        ("amount", json!(999)),
        ("amount", json!("many")),
        ("currency", json!("USD")),
        ("description", json!("")),
        ("callback_url", json!("javascript:alert(1)")),
    ] {
        let mut body = asked();
        body[field] = value;
        let (status, answer) = call(&sandbox, "request", body).await;
        assert_eq!((status, &answer["errors"]["code"]), (422, &json!(-9)), "{field}");
        assert!(answer["errors"]["validations"][0].get(field).is_some(), "{field}: {answer}");
    }
}

#[tokio::test]
async fn a_payment_is_reversed_within_half_an_hour() {
    let sandbox = started().await;
    let authority = begun(&sandbox).await;
    let _ = sandbox.pay(&authority);
    sandbox.let_half_an_hour_pass();
    assert_eq!(call(&sandbox, "reverse", about(&authority)).await.1["errors"]["code"], -63);
    let given_up = begun(&sandbox).await;
    let _ = sandbox.give_up(&given_up);
    assert_eq!(call(&sandbox, "inquiry", about(&given_up)).await.1["data"]["status"], "FAILED");
}

#[tokio::test]
async fn it_misbehaves_as_told_and_only_so() {
    let sandbox = started().await;
    let authority = begun(&sandbox).await;
    let _ = sandbox.pay(&authority);
    let fault = |how| Fault { on: Operation::Verify, how, times: 1, amount: None, merchant: Some(MERCHANT.to_owned()) };
    sandbox.misbehave(fault(How::Code(-12)));
    sandbox.misbehave(fault(How::Status(502)));
    sandbox.misbehave(fault(How::LoseAnswer));
    sandbox.misbehave(fault(How::NumbersAsTexts));
    sandbox.misbehave(fault(How::EmptyInversed));
    assert_eq!(call(&sandbox, "verify", about(&authority)).await.1["errors"]["code"], -12);
    assert_eq!(call(&sandbox, "verify", about(&authority)).await.0, 502);
    assert_eq!(sandbox.status(&authority), Some(Status::Paid));
    assert_eq!(call(&sandbox, "verify", about(&authority)).await.1, Value::Null);
    assert_eq!(sandbox.status(&authority), Some(Status::Verified));
    assert_eq!(call(&sandbox, "verify", about(&authority)).await.1["data"]["code"], "101");
    assert_eq!(call(&sandbox, "verify", about(&authority)).await.1["errors"], json!({}));
    assert_eq!(call(&sandbox, "verify", about(&authority)).await.1["errors"], json!([]));
}
