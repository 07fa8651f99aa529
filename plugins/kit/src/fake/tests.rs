//! The provider, over HTTP.

use std::net::{Ipv4Addr, SocketAddr};

use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use super::*;
use crate::visit::client;
use crate::{How, Operation, What};

async fn call(provider: &Provider, method: &str, path: &str, body: Value) -> (u16, Value) {
    let url: url::Url = format!("{}{path}", provider.url()).parse().unwrap();
    let client = client(&url).unwrap();
    let request = client.request(method.parse().unwrap(), url).bearer_auth("fake_acme").json(&body);
    let Ok(answer) = request.send().await else { return (0, Value::Null) };
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

async fn started() -> Provider {
    Provider::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap()
}

fn asked(webhook: &str, hold: bool) -> Value {
    json!({
        "id": "p1", "amount": 1250, "currency": "EUR", "callback_url": "http://127.0.0.1:9/back?x=1",
        "webhook_url": webhook, "hold": hold,
    })
}

#[tokio::test]
async fn a_payment_is_begun_once_paid_once_and_settled_once() {
    let provider = started().await;
    let (status, begun) = call(&provider, "POST", "/v1/payments", asked("http://127.0.0.1:9/", false)).await;
    assert_eq!((status, &begun["status"]), (200, &json!("open")), "{begun}");
    let (_, again) = call(&provider, "POST", "/v1/payments", asked("http://127.0.0.1:9/", false)).await;
    assert_eq!(begun["reference"], again["reference"]);
    let mut other = asked("http://127.0.0.1:9/", false);
    other["amount"] = json!(1);
    assert_eq!(call(&provider, "POST", "/v1/payments", other).await.0, 409);

    let reference = begun["reference"].as_str().unwrap();
    let back = provider.pay(reference).unwrap();
    assert_eq!(back, format!("http://127.0.0.1:9/back?x=1&reference={reference}"));
    provider.pay(reference).unwrap();
    let (_, list) = call(&provider, "GET", "/v1/unsettled", json!({})).await;
    assert_eq!(list["payments"][0]["reference"], reference);
    let settle = format!("/v1/payments/{reference}/settle");
    assert_eq!(call(&provider, "POST", &settle, json!({})).await.1["settled_before"], false);
    assert_eq!(call(&provider, "POST", &settle, json!({})).await.1["settled_before"], true);
    let (_, list) = call(&provider, "GET", "/v1/unsettled", json!({})).await;
    assert_eq!(list["payments"], json!([]));

    let refunds = format!("/v1/payments/{reference}/refunds");
    for (id, amount, status) in
        [("r1", 1_000, 200), ("r1", 1_000, 200), ("r1", 1, 409), ("r2", 251, 409), ("r2", 250, 200)]
    {
        assert_eq!(
            call(&provider, "POST", &refunds, json!({ "id": id, "amount": amount })).await.0,
            status,
            "{id} {amount}"
        );
    }
    assert_eq!(provider.status(reference), Some(Status::Refunded));
    let happened: Vec<_> = provider.log().iter().map(|entry| (entry.what, entry.amount)).collect();
    assert_eq!(
        happened,
        [
            (What::Requested, 1250),
            (What::Paid, 1250),
            (What::Verified, 1250),
            (What::Refunded, 1000),
            (What::Refunded, 250)
        ]
    );
}

#[tokio::test]
async fn what_is_promised_is_taken_or_let_go() {
    let provider = started().await;
    let (_, begun) = call(&provider, "POST", "/v1/payments", asked("http://127.0.0.1:9/", true)).await;
    let reference = begun["reference"].as_str().unwrap();
    let path = |what: &str| format!("/v1/payments/{reference}/{what}");
    assert_eq!(call(&provider, "POST", &path("capture"), json!({ "amount": 1 })).await.0, 409);
    provider.pay(reference).unwrap();
    assert_eq!(provider.status(reference), Some(Status::Held));
    assert_eq!(call(&provider, "POST", &path("capture"), json!({ "amount": 1251 })).await.0, 409);
    assert_eq!(call(&provider, "POST", &path("capture"), json!({ "amount": 1000 })).await.1["amount"], 1000);
    assert_eq!(call(&provider, "POST", &path("void"), json!({})).await.0, 409);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_effect() {
    let provider = started().await;
    let (_, begun) = call(&provider, "POST", "/v1/payments", asked("http://127.0.0.1:9/", false)).await;
    let reference = begun["reference"].as_str().unwrap();
    provider.pay(reference).unwrap();
    let fault = Fault { on: Operation::Verify, how: How::LoseAnswer, times: 1, amount: Some(1250), merchant: None };
    provider.misbehave(fault);
    let settle = format!("/v1/payments/{reference}/settle");
    assert_eq!(call(&provider, "POST", &settle, json!({})).await.1, Value::Null);
    assert_eq!(call(&provider, "POST", &settle, json!({})).await.1["settled_before"], true);
}

#[tokio::test]
async fn pressing_a_button_tells_the_shop_with_a_signature() {
    let shop = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let provider = started().await;
    let hook = format!("http://{}/hook", shop.local_addr().unwrap());
    let (_, begun) = call(&provider, "POST", "/v1/payments", asked(&hook, false)).await;
    let page: url::Url = begun["page"].as_str().unwrap().parse().unwrap();
    let browser = client(&page).unwrap();
    let shown = browser.get(page.clone()).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("value=\"pay-and-stay\""), "{shown}");
    let form = browser.post(page).header("content-type", "application/x-www-form-urlencoded").body("do=pay");
    let (answer, told) = tokio::join!(form.send(), async {
        let (mut socket, _) = shop.accept().await.unwrap();
        let mut bytes = vec![0; 4096];
        let read = socket.read(&mut bytes).await.unwrap();
        String::from_utf8_lossy(&bytes[..read]).into_owned()
    });
    assert_eq!(answer.unwrap().status().as_u16(), 303);
    assert!(told.starts_with("POST /hook"), "{told}");
    assert!(told.contains("fake-signature: "), "{told}");
}
