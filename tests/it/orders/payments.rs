//! Paying on delivery.

use reqwest::Method;
use serde_json::json;
use tests::{Answer, Mall};
use uuid::Uuid;

use super::{By, differences, level, new_key, ordered, pay, pay_with, sql, staff, stocked, visitor};

#[tokio::test]
async fn a_visitor_pays_on_delivery() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "Lamp", 5).await;
    let order = ordered(&mall, &shop, By::Visitor, &[(&lamp, 2)]).await;

    let seen = visitor(&shop, Method::GET, &format!("/orders/{order}"), order).await.expect(200);
    assert_eq!((&seen.json["status"], &seen.json["payment_status"]), (&json!("open"), &json!("unpaid")));
    assert_eq!((&seen.json["number"], &seen.json["totals"]["total"]["amount"]), (&json!(1), &json!(2500)));
    assert_eq!(level(&shop, &lamp).await, (5, 0), "an unpaid order holds nothing");
    let methods = shop.visit("/payment-methods").await.expect(200);
    assert_eq!(methods.json["items"][0]["gateway"], "cash-on-delivery");

    let started = pay(&shop, order).await.expect(201);
    assert_eq!((&started.json["status"], &started.json["next"]["kind"]), (&json!("captured"), &json!("none")));
    let payment = started.text_at("/id");
    let polled = visitor(&shop, Method::GET, &format!("/payments/{payment}"), order).await.expect(200);
    assert_eq!(polled.json["captured"]["amount"], 2500);
    let seen = visitor(&shop, Method::GET, &format!("/orders/{order}"), order).await.expect(200);
    assert_eq!((&seen.json["payment_status"], &seen.json["expires_at"]), (&json!("paid"), &json!(null)));
    assert_eq!(level(&shop, &lamp).await, (3, 0));
    let moved = shop.owner().get(&format!("/stock/movements?order_id={order}")).await.expect(200);
    assert_eq!((&moved.json["items"][0]["delta"], &moved.json["items"][0]["reason"]), (&json!(-2), &json!("sold")));
    pay(&shop, order).await.expect_problem(409, "order.wrong_step");
    assert_eq!(differences(&mall, &shop).await, []);
}

#[tokio::test]
async fn nobody_gets_at_the_order_of_somebody_else() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let lamp = stocked(&shop, "Lamp", 5).await;
    let session = shop.register("carla@x.example").await.expect(201);
    let carla: Uuid = session.text_at("/user/id").parse().unwrap();
    let (of_visitor, of_carla) = (
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await,
        ordered(&mall, &shop, By::Customer(carla), &[(&lamp, 1)]).await,
    );
    let nowhere = domain::orders::OrderId::generate();

    let path = |order| format!("/store/v1/orders/{order}");
    Answer::of(shop.request(Method::GET, &path(of_visitor))).await.expect_problem(401, "access.unauthenticated");
    let as_carla =
        |order| Answer::of(shop.request(Method::GET, &path(order)).bearer_auth(session.text_at("/access_token")));
    as_carla(of_carla).await.expect(200);
    let (foreign, missing) = (as_carla(of_visitor).await.expect(404), as_carla(nowhere).await.expect(404));
    assert_eq!(foreign.masked(&of_visitor.to_string()), missing.masked(&nowhere.to_string()));
    // A token opens its own order, in its own store.
    visitor(&shop, Method::GET, &format!("/orders/{of_carla}"), of_visitor).await.expect(404);
    visitor(&other, Method::GET, &format!("/orders/{of_visitor}"), of_visitor).await.expect(404);
    let own =
        Answer::of(shop.request(Method::GET, "/store/v1/orders").bearer_auth(session.text_at("/access_token"))).await;
    assert_eq!(own.expect(200).json["items"].as_array().unwrap().len(), 1);
    let pay = shop.request(Method::POST, &format!("{}/payments", path(of_carla))).header("Idempotency-Key", new_key());
    let pay = pay.header("Stoa-Order-Token", of_visitor.to_string()).json(&json!({ "gateway": "cash-on-delivery" }));
    Answer::of(pay).await.expect_problem(404, "order.no_order");
}

#[tokio::test]
async fn who_asks_twice_is_answered_once() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "Lamp", 5).await;
    let order = ordered(&mall, &shop, By::Visitor, &[(&lamp, 2)]).await;
    let copies = futures_util::future::join_all((0..20).map(|_| pay_with(&shop, order, "key-1"))).await;
    let (done, waiting): (Vec<_>, Vec<_>) = copies.into_iter().partition(|answer| answer.status == 201);
    assert!(!done.is_empty() && done.iter().all(|answer| answer.text == done[0].text));
    waiting.into_iter().for_each(|answer| drop(answer.expect_problem(409, "request.in_flight")));
    let again = pay_with(&shop, order, "key-1").await.expect(201);
    assert_eq!((&again.text, again.header("location")), (&done[0].text, done[0].header("location")));
    let request = shop.request(Method::POST, &format!("/store/v1/orders/{order}/payments"));
    let request = request.header("Stoa-Order-Token", order.to_string()).header("Idempotency-Key", "key-1");
    let own = format!("http://{}.localhost:{}/", shop.slug, mall.address.port());
    let other = request.json(&json!({ "gateway": "cash-on-delivery", "return_url": own }));
    Answer::of(other).await.expect_problem(422, "request.key_reused");
    assert_eq!(level(&shop, &lamp).await, (3, 0));
    assert_eq!(differences(&mall, &shop).await, []);
}

#[tokio::test]
async fn an_order_of_which_a_line_is_short_is_cancelled_and_says_what_is_left() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (lamp, tent, stove) =
        (stocked(&shop, "Lamp", 5).await, stocked(&shop, "Tent", 1).await, stocked(&shop, "Stove", 0).await);
    let order = ordered(&mall, &shop, By::Visitor, &[(&lamp, 5), (&tent, 2), (&stove, 1)]).await;
    let refused = pay_with(&shop, order, "key-1").await.expect_problem(409, "order.out_of_stock");
    let shortages = refused.json["shortages"].as_array().unwrap();
    assert_eq!(shortages.len(), 2);
    assert_eq!(
        (&shortages[0]["variant_id"], &shortages[0]["requested"], &shortages[0]["available"]),
        (&json!(tent), &json!(2), &json!(1))
    );
    let again = pay_with(&shop, order, "key-1").await.expect_problem(409, "order.out_of_stock");
    assert_eq!(again.json["shortages"], refused.json["shortages"]);
    let seen = visitor(&shop, Method::GET, &format!("/orders/{order}"), order).await.expect(200);
    assert_eq!((&seen.json["status"], &seen.json["payment_status"]), (&json!("cancelled"), &json!("unpaid")));
    pay(&shop, order).await.expect_problem(409, "order.wrong_step");
    assert_eq!([level(&shop, &lamp).await, level(&shop, &tent).await], [(5, 0), (1, 0)]);
    assert_eq!(differences(&mall, &shop).await, []);
}

#[tokio::test]
async fn money_that_the_carrier_brings_later_is_captured_or_let_go() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    sql(&mall, "UPDATE store_settings SET cash_on_delivery_is_paid = false").await;
    let lamp = stocked(&shop, "Lamp", 5).await;
    let (kept, left) = (
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 2)]).await,
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await,
    );
    let payment = pay(&shop, kept).await.expect(201);
    assert_eq!(payment.json["status"], "authorized");
    assert_eq!(level(&shop, &lamp).await, (3, 0), "what is promised to be paid is sold");
    assert_eq!(differences(&mall, &shop).await, []);
    staff(&shop, &format!("/orders/{kept}/fulfilments"), Some(json!({}))).await.expect(200);
    let captured = staff(&shop, &format!("/payments/{}/capture", payment.text_at("/id")), None).await.expect(200);
    assert_eq!(captured.json["payment"]["status"], "captured");
    let order = shop.owner().get(&format!("/orders/{kept}")).await.expect(200);
    assert_eq!((&order.json["status"], &order.json["payment_status"]), (&json!("completed"), &json!("paid")));
    staff(&shop, &format!("/payments/{}/void", payment.text_at("/id")), None)
        .await
        .expect_problem(409, "payment.wrong_step");

    let payment = pay(&shop, left).await.expect(201).text_at("/id");
    staff(&shop, &format!("/payments/{payment}/void"), None).await.expect(200);
    let order = shop.owner().get(&format!("/orders/{left}")).await.expect(200);
    assert_eq!(order.json["status"], "cancelled");
    assert_eq!(level(&shop, &lamp).await, (3, 0));
    staff(&shop, &format!("/payments/{payment}/capture"), None).await.expect_problem(409, "payment.wrong_step");
    assert_eq!(differences(&mall, &shop).await, []);
}

#[tokio::test]
async fn a_store_that_does_not_take_cash_says_so() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    sql(&mall, "UPDATE store_settings SET cash_on_delivery = false").await;
    let lamp = stocked(&shop, "Lamp", 5).await;
    let order = ordered(&mall, &shop, By::Visitor, &[(&lamp, 2)]).await;
    pay(&shop, order).await.expect_problem(422, "payment.unknown_gateway").blames("/gateway");
    assert_eq!(shop.visit("/payment-methods").await.expect(200).json["items"], json!([]));
}
