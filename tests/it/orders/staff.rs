//! What staff does with orders.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Mall};

use super::{By, differences, new_key, ordered, pay, staff, stocked};

#[tokio::test]
async fn an_order_is_shipped_bit_by_bit_and_then_complete() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (lamp, tent) = (stocked(&shop, "Lamp", 5).await, stocked(&shop, "Tent", 5).await);
    let order = ordered(&mall, &shop, By::Visitor, &[(&lamp, 3), (&tent, 1)]).await;
    let path = format!("/orders/{order}/fulfilments");
    let some =
        |quantity: i64| Some(json!({ "lines": [{ "variant_id": lamp, "quantity": quantity }], "tracking": "T-1" }));
    staff(&shop, &path, some(1)).await.expect_problem(409, "order.wrong_step");
    pay(&shop, order).await.expect(201);
    staff(&shop, &path, some(4)).await.expect_problem(409, "order.too_many_shipped").blames("/lines/0/quantity");
    let nothing = json!({ "lines": [{ "variant_id": order.0, "quantity": 1 }] });
    staff(&shop, &path, Some(nothing)).await.expect_problem(422, "order.no_line");
    let partly = staff(&shop, &path, some(2)).await.expect(200);
    assert_eq!((&partly.json["fulfilment_status"], &partly.json["status"]), (&json!("partial"), &json!("open")));
    staff(&shop, &format!("/orders/{order}/cancel"), None).await.expect_problem(409, "order.wrong_step");
    let done = staff(&shop, &path, Some(json!({}))).await.expect(200);
    assert_eq!((&done.json["fulfilment_status"], &done.json["status"]), (&json!("fulfilled"), &json!("completed")));
    staff(&shop, &path, Some(json!({}))).await.expect_problem(409, "order.wrong_step");
    assert_eq!(differences(&mall, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_given_back_than_was_paid_whoever_asks_at_once() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "Lamp", 5).await;
    let order = ordered(&mall, &shop, By::Visitor, &[(&lamp, 2)]).await;
    let path = format!("/orders/{order}/refunds");
    let some = |amount: i64| Some(json!({ "amount": { "amount": amount, "currency": "EUR" }, "reason": "Scratched" }));
    staff(&shop, &path, some(1)).await.expect_problem(409, "payment.nothing_captured");
    let payment = pay(&shop, order).await.expect(201).text_at("/id");
    staff(&shop, &path, some(2501)).await.expect_problem(409, "payment.refund_too_large").blames("/amount/amount");
    let once = async |key: String| {
        let owner = shop.owner();
        let request = owner.request(Method::POST, &path).header("Idempotency-Key", key);
        Answer::of(request.json(&some(500).unwrap())).await
    };
    let first = once("key-1".to_owned()).await.expect(201);
    assert_eq!(once("key-1".to_owned()).await.expect(201).text, first.text);
    assert_eq!(first.json["payment_status"], "partially_refunded");
    let crowd = futures_util::future::join_all((0..10).map(|_| once(new_key()))).await;
    let (given, refused): (Vec<_>, Vec<_>) = crowd.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(given.len(), 4);
    for answer in refused {
        assert!(matches!(answer.json["code"].as_str(), Some("payment.nothing_captured" | "payment.refund_too_large")));
    }
    let history = shop.owner().get(&format!("/payments/{payment}")).await.expect(200);
    assert_eq!(
        (&history.json["payment"]["status"], history.json["refunds"].as_array().unwrap().len()),
        (&json!("refunded"), 5)
    );
    let order = shop.owner().get(&format!("/orders/{order}")).await.expect(200);
    assert_eq!(order.json["payment_status"], "refunded");
    assert_eq!(differences(&mall, &shop).await, []);
}

#[tokio::test]
async fn orders_are_found_and_noted() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let lamp = stocked(&shop, "Lamp", 9).await;
    let mut orders = Vec::new();
    for _ in 0..3 {
        orders.push(ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await.to_string());
    }
    pay(&shop, domain::orders::OrderId(orders[1].parse().unwrap())).await.expect(201);
    let ids = |page: &Answer| -> Vec<String> {
        page.json["items"].as_array().unwrap().iter().map(|order| order["id"].as_str().unwrap().to_owned()).collect()
    };
    let owner = shop.owner();
    let first = owner.get("/orders?limit=2").await.expect(200);
    assert_eq!(ids(&first), [orders[2].clone(), orders[1].clone()]);
    let second = owner.get(&format!("/orders?limit=2&cursor={}", first.text_at("/next_cursor"))).await.expect(200);
    assert_eq!((ids(&second), &second.json["next_cursor"]), (vec![orders[0].clone()], &Value::Null));
    for (query, count) in [
        ("payment_status=paid", 1),
        ("status=open", 3),
        ("status=open&payment_status=unpaid", 2),
        ("number=2", 1),
        ("email=vera@x.example&fulfilment_status=unfulfilled", 3),
        ("customer_id=0192f0c1-2345-7000-8000-000000000000", 0),
    ] {
        assert_eq!(ids(&owner.get(&format!("/orders?{query}")).await.expect(200)).len(), count, "{query}");
    }
    assert_eq!(ids(&other.owner().get("/orders").await.expect(200)).len(), 0);
    let noted = owner.post(&format!("/orders/{}/notes", orders[0]), &json!({ "text": "Wrap it." })).await.expect(200);
    assert_eq!(noted.json["timeline"][1]["detail"]["text"], "Wrap it.");
    let order = domain::orders::OrderId(orders[0].parse().unwrap());
    let seen = super::visitor(&shop, Method::GET, &format!("/orders/{order}"), order).await.expect(200);
    assert_eq!(seen.json["timeline"].as_array().unwrap().len(), 1, "notes are not the buyer's");
}
