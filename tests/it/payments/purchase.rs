//! From the cart to the money, and back.

use futures_util::future::join_all;
use kit::{How, Operation, What};
use reqwest::Method;
use serde_json::json;
use tests::Answer;

use super::{Bank, LAMP, buys, ordered, start, words};
use crate::orders::{level, new_key, staff};

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_pays_through_zarinpal_and_gets_the_money_back() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let ways = shop.visit("/payment-methods").await.expect(200);
    let named: Vec<_> = ways.json["items"].as_array().unwrap().iter().map(|way| way["gateway"].clone()).collect();
    assert_eq!(named, [json!("cash-on-delivery"), json!("fake"), json!("zarinpal")]);

    let bought = buys(&shop, &lamp, 2, "zarinpal", None).await;
    assert_eq!((bought.status().await, bought.order().await), ("pending".to_owned(), words("open", "pending")));
    assert_eq!(level(&shop, &lamp).await, (5, 2), "it is held while the buyer is at the bank");
    let page = bank.providers.zarinpal.pay(&bought.reference).unwrap();
    assert!(page.contains(&format!("http://{}.localhost", shop.slug)), "the way back is the store's own: {page}");

    assert_eq!(bought.returns_ok().await, "captured");
    assert_eq!((bought.status().await, bought.order().await), ("captured".to_owned(), words("open", "paid")));
    assert_eq!(level(&shop, &lamp).await, (3, 0));
    let history = bank.agrees(&bought).await;
    assert_eq!(history["payment"]["captured"]["amount"], 2 * LAMP);
    bank.mall.letter_to("vera@x.example", "paid").await;

    let some = json!({ "amount": { "amount": 20_000, "currency": "IRR" }, "reason": "One is scratched." });
    let given = staff(&shop, &format!("/payments/{}/refunds", bought.payment), Some(some)).await.expect(201);
    assert_eq!(given.json["refunds"][0]["status"], "succeeded", "{}", given.text);
    assert_eq!(bought.order().await, words("open", "partially_refunded"));
    bank.agrees(&bought).await;
    bank.mall.letter_to("vera@x.example", "are given back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_pays_and_gets_all_of_it_back_with_a_cancellation() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let token = shop.register("carla@x.example").await.expect(201).text_at("/access_token");
    let bought = buys(&shop, &lamp, 1, "zarinpal", Some(&token)).await;
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    assert_eq!(bought.returns_ok().await, "captured");
    staff(&shop, &format!("/orders/{}/cancel", bought.order), None).await.expect(200);
    bank.mall.run_jobs_due_by(0).await;
    assert_eq!((bought.status().await, bought.order().await), ("refunded".to_owned(), words("cancelled", "refunded")));
    assert_eq!(level(&shop, &lamp).await, (5, 0));
    bank.agrees(&bought).await;
    assert_eq!(bank.settled(&bought.reference), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_can_begin_another_payment() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let first = buys(&shop, &lamp, 1, "zarinpal", None).await;
    bank.providers.zarinpal.give_up(&first.reference).unwrap();
    assert_eq!(first.returns(&format!("Authority={}&Status=NOK", first.reference)).await, "cancelled");
    assert_eq!(first.order().await, words("open", "unpaid"));
    assert_eq!(level(&shop, &lamp).await, (5, 0), "what nobody pays for is held for nobody");
    let placed = (first.order.clone(), first.access.clone());
    let second = start(&shop, &placed, None, "fake", &new_key()).await.expect(201);
    assert_eq!(second.json["status"], "pending");
    // One is open: there is no third.
    start(&shop, &placed, None, "zarinpal", &new_key()).await.expect_problem(409, "order.wrong_step");
    bank.agrees(&first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn however_often_one_begins_with_a_key_there_is_one_payment() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let placed = ordered(&shop, &lamp, 1, None).await;
    let copies = join_all((0..10).map(|_| start(&shop, &placed, None, "zarinpal", "key-1"))).await;
    let (done, busy): (Vec<_>, Vec<_>) = copies.into_iter().partition(|answer| answer.status == 201);
    busy.into_iter().for_each(|answer| drop(answer.expect_problem(409, "request.in_flight")));
    assert!(!done.is_empty() && done.iter().all(|answer| answer.text == done[0].text));
    assert_eq!(start(&shop, &placed, None, "zarinpal", "key-1").await.expect(201).text, done[0].text);
    start(&shop, &placed, None, "fake", "key-1").await.expect_problem(422, "request.key_reused");
    let requested = bank.providers.zarinpal.log().into_iter().filter(|it| it.what == What::Requested).count();
    assert_eq!(requested, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_away_or_says_no_leaves_the_order_to_be_paid_otherwise() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let placed = ordered(&shop, &lamp, 1, None).await;
    bank.zarinpal_misbehaves(Operation::Request, How::Status(502));
    start(&shop, &placed, None, "zarinpal", "key-1").await.expect_problem(503, "payment.gateway_away");
    assert_eq!(level(&shop, &lamp).await, (5, 0));
    // The merchant's terminal is suspended.
    bank.zarinpal_misbehaves(Operation::Request, How::Code(-15));
    start(&shop, &placed, None, "zarinpal", "key-1").await.expect_problem(409, "payment.gateway_refused");
    start(&shop, &placed, None, "nowhere", "key-2").await.expect_problem(422, "payment.unknown_gateway");
    // The same key, since nothing came of it.
    let started = start(&shop, &placed, None, "zarinpal", "key-1").await.expect(201);
    assert_eq!(started.json["status"], "pending");
    assert_eq!(crate::orders::differences(&bank.mall, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_of_another_store_are_as_missing_as_those_that_are_nowhere() {
    let bank = Bank::open().await;
    let ((shop, lamp), (other, _)) = (bank.shop(5).await, bank.shop(5).await);
    let bought = buys(&shop, &lamp, 1, "zarinpal", None).await;
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    let nowhere = new_key();
    let back = async |id: &str| {
        let path = format!("/store/v1/payments/{id}/return?Authority={}&Status=OK", bought.reference);
        Answer::of(other.request(Method::GET, &path)).await.expect_problem(404, "payment.no_payment").masked(id)
    };
    assert_eq!(back(&bought.payment).await, back(&nowhere).await);
    let gets = async |id: &str| other.owner().get(&format!("/payments/{id}")).await.expect(404).masked(id);
    assert_eq!(gets(&bought.payment).await, gets(&nowhere).await);
    for step in ["capture", "void"] {
        let steps =
            async |id: &str| staff(&other, &format!("/payments/{id}/{step}"), None).await.expect(404).masked(id);
        assert_eq!(steps(&bought.payment).await, steps(&nowhere).await);
    }
    let refunds = async |id: &str| {
        staff(&other, &format!("/payments/{id}/refunds"), Some(json!({}))).await.expect(404).masked(id)
    };
    assert_eq!(refunds(&bought.payment).await, refunds(&nowhere).await);
    assert_eq!(bought.status().await, "pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_withdrawn_settles_what_was_begun_with_it() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 1, "zarinpal", None).await;
    let token = bank.mall.operator_token().await;
    let operator = |method, path: &str| bank.mall.request(method, &format!("/platform/v1{path}")).bearer_auth(&token);
    let listed = Answer::of(operator(Method::GET, "/gateways")).await.expect(200);
    let versions = listed.json["items"].as_array().unwrap();
    let zarinpal = versions.iter().find(|it| it["gateway"] == "zarinpal").unwrap();
    let path = format!("/gateways/zarinpal/versions/{}/withdraw", zarinpal["version"].as_str().unwrap());
    Answer::of(operator(Method::POST, &path)).await.expect(200);
    shop.owner().delete("/gateways/zarinpal", "*").await.expect(204);

    let another = ordered(&shop, &lamp, 1, None).await;
    start(&shop, &another, None, "zarinpal", &new_key()).await.expect_problem(422, "payment.unknown_gateway");
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    assert_eq!(bought.returns_ok().await, "captured");
    staff(&shop, &format!("/payments/{}/refunds", bought.payment), Some(json!({}))).await.expect(201);
    assert_eq!(bought.order().await, words("open", "refunded"));
    bank.agrees(&bought).await;
}
