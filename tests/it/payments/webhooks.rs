//! What providers tell by themselves, and what others tell in their name.

use futures_util::future::join_all;
use kit::{Fault, How, Operation};
use reqwest::Method;
use serde_json::json;
use tests::{Answer, Mall, Shop};

use super::{Bank, buys, words};
use crate::orders::{differences, level, sql, staff};

async fn tells(shop: &Shop<'_>, gateway: &str, headers: &[(String, String)], body: &str) -> Answer {
    let request = shop.request(Method::POST, &format!("/store/v1/gateways/{gateway}/webhook"));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
    Answer::of(request.body(body.to_owned())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_pays_once_however_often_it_comes() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 2, "fake", None).await;
    let (early, before) = bank.providers.fake.webhook(&bought.reference).unwrap();
    tells(&shop, "fake", &early, &before).await.expect(204);
    assert_eq!(bought.status().await, "pending");
    bank.providers.fake.pay(&bought.reference).unwrap();
    let (headers, body) = bank.providers.fake.webhook(&bought.reference).unwrap();
    let calls = join_all((0..8).map(|_| tells(&shop, "fake", &headers, &body))).await;
    calls.into_iter().for_each(|answer| drop(answer.expect(204)));
    // What was sent before arrives after.
    tells(&shop, "fake", &early, &before).await.expect(204);
    assert_eq!(bought.returns(&format!("reference={}", bought.reference)).await, "captured");
    assert_eq!(bought.order().await, words("open", "paid"));
    assert_eq!(level(&shop, &lamp).await, (3, 0));
    assert_eq!(differences(&bank.mall, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_not_the_providers_is_refused() {
    let bank = Bank::open().await;
    let ((shop, lamp), (other, other_lamp)) = (bank.shop(5).await, bank.shop(5).await);
    let (bought, theirs) =
        (buys(&shop, &lamp, 1, "fake", None).await, buys(&other, &other_lamp, 1, "fake", None).await);
    bank.providers.fake.pay(&theirs.reference).unwrap();
    let (headers, body) = bank.providers.fake.webhook(&bought.reference).unwrap();
    let forged = body.replace("\"open\"", "\"paid\"");
    assert_ne!(forged, body);
    tells(&shop, "fake", &headers, &forged).await.expect_problem(401, "payment.unauthentic");
    tells(&shop, "fake", &[], &forged).await.expect_problem(401, "payment.unauthentic");
    let old = headers.iter().map(|(name, value)| match name.as_str() {
        "fake-time" => (name.clone(), "1000".to_owned()),
        _ => (name.clone(), value.clone()),
    });
    let old: Vec<_> = old.collect();
    tells(&shop, "fake", &old, &body).await.expect_problem(401, "payment.unauthentic");
    // Signed, for another store.
    let (headers, body) = bank.providers.fake.webhook(&theirs.reference).unwrap();
    tells(&shop, "fake", &headers, &body).await.expect_problem(401, "payment.unauthentic");
    tells(&other, "fake", &headers, &body).await.expect(204);
    for gateway in ["zarinpal", "nowhere", "cash-on-delivery", "%20"] {
        tells(&shop, gateway, &headers, &body).await.expect_problem(404, "payment.unknown_reference");
    }
    assert_eq!((bought.status().await, theirs.status().await), ("pending".to_owned(), "captured".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moved_another_payment_is_no_word_about_this_one_even_where_it_went_back() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let (paid, other) = (buys(&shop, &lamp, 1, "fake", None).await, buys(&shop, &lamp, 1, "fake", None).await);
    for bought in [&paid, &other] {
        bank.providers.fake.pay(&bought.reference).unwrap();
    }
    assert_eq!(paid.returns(&format!("reference={}", paid.reference)).await, "captured");
    // At the provider's own page, all of it goes back.
    let page = format!("{}/v1/payments/{}/refunds", bank.providers.fake.url(), other.reference);
    let back = reqwest::Client::new().post(page).bearer_auth(format!("fake_{}", shop.slug));
    let sent = back.json(&json!({ "id": "by-hand", "amount": super::LAMP })).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    let (headers, body) = bank.providers.fake.webhook(&other.reference).unwrap();
    let told: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(told["status"], "refunded");
    let take = format!(
        "UPDATE payments SET transaction_id = '{}' WHERE id = '{}'",
        told["transaction"].as_str().unwrap(),
        paid.payment
    );
    sql(&bank.mall, &take).await;
    for _ in 0..2 {
        tells(&shop, "fake", &headers, &body).await.expect(204);
    }
    assert_eq!((other.status().await, paid.status().await), ("indeterminate".to_owned(), "captured".to_owned()));
    let events = shop.owner().get("/events?limit=100").await.expect(200);
    let held = events.json["items"].as_array().unwrap().iter().filter(|it| it["type"] == "payment.held");
    assert_eq!(held.count(), 1, "{}", events.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_without_end_are_refused_by_store_and_address() {
    let mall = Mall::open_with(|config| {
        config.limits = true;
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let call = async |shop: &Shop<'_>, address: &str| {
        tells(shop, "nowhere", &[("X-Forwarded-For".to_owned(), address.to_owned())], "{}").await
    };
    let mut answered = 0;
    let refused = loop {
        let calls = join_all((0..50).map(|_| call(&shop, "192.0.2.1"))).await;
        answered += calls.iter().filter(|answer| answer.status == 404).count();
        if let Some(refused) = calls.into_iter().find(|answer| answer.status != 404) {
            break refused.expect_problem(429, "request.too_many");
        }
    };
    assert!(answered >= 600, "{answered}");
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
    call(&shop, "192.0.2.2").await.expect_problem(404, "payment.unknown_reference");
    call(&other, "192.0.2.1").await.expect_problem(404, "payment.unknown_reference");
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_is_promised_first_is_taken_or_let_go_by_staff() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let mut settings = bank.fake(&shop);
    settings["take"] = json!("later");
    bank.sets(&shop, "fake", settings).await;
    let (kept, left) = (buys(&shop, &lamp, 2, "fake", None).await, buys(&shop, &lamp, 1, "fake", None).await);
    for bought in [&kept, &left] {
        bank.providers.fake.pay(&bought.reference).unwrap();
        assert_eq!(bought.returns(&format!("reference={}", bought.reference)).await, "authorized");
        assert_eq!(bought.order().await, words("open", "authorized"));
    }
    assert_eq!(level(&shop, &lamp).await, (2, 0), "what is promised to be paid is sold");

    // A provider that does not answer leaves the promise as it is, and the same can be asked again.
    let path = format!("/payments/{}/capture", kept.payment);
    let owner = shop.owner();
    let capture = async || Answer::of(owner.request(Method::POST, &path).header("Idempotency-Key", "take-1")).await;
    let fault = |how| Fault { on: Operation::Capture, how, times: 1, amount: None, merchant: None };
    bank.providers.fake.misbehave(fault(How::LoseAnswer));
    assert_eq!(capture().await.expect(200).json["payment"]["status"], "authorized");
    bank.mall.run_jobs_due_by(1).await;
    assert_eq!((kept.status().await, kept.order().await), ("captured".to_owned(), words("open", "paid")));
    staff(&shop, &path, None).await.expect_problem(409, "payment.wrong_step");

    let voided = staff(&shop, &format!("/payments/{}/void", left.payment), None).await.expect(200);
    assert_eq!(voided.json["payment"]["status"], "voided");
    assert_eq!(left.order().await.0, "cancelled");
    assert_eq!(bank.providers.fake.status(&left.reference), Some(kit::fake::Status::Voided));
    assert_eq!(level(&shop, &lamp).await, (3, 0));
    assert_eq!(differences(&bank.mall, &shop).await, []);
}
