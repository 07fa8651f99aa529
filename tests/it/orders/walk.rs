//! From an empty cart to a paid order, by visitors and customers.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Mall, Shop};

use super::{differences, level, new_key, stocked};

fn home() -> Value {
    json!({ "name": "Vera", "line1": "Lane 1", "city": "Town", "country": "DE" })
}

/// Somebody puts something into a cart: the cart.
async fn fill(shop: &Shop<'_>, cart: Option<&str>, token: Option<&str>, variant: &str, quantity: i64) -> Answer {
    let request = shop.request(Method::POST, "/store/v1/cart/items");
    let request = cart.into_iter().fold(request, |request, cart| request.header("Stoa-Cart", cart));
    let request = token.into_iter().fold(request, |request, token| request.bearer_auth(token));
    Answer::of(request.json(&json!({ "variant_id": variant, "quantity": quantity }))).await
}

async fn order(shop: &Shop<'_>, cart: Option<&str>, token: Option<&str>, key: &str, body: &Value) -> Answer {
    let request = shop.request(Method::POST, "/store/v1/orders").header("Idempotency-Key", key);
    let request = cart.into_iter().fold(request, |request, cart| request.header("Stoa-Cart", cart));
    Answer::of(token.into_iter().fold(request, |request, token| request.bearer_auth(token)).json(body)).await
}

async fn pay(shop: &Shop<'_>, order: &Answer, token: Option<&str>) -> Answer {
    let request = shop.request(Method::POST, &format!("/store/v1/orders/{}/payments", order.text_at("/id")));
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request.header("Stoa-Order-Token", order.text_at("/access_token")),
    };
    Answer::of(request.header("Idempotency-Key", new_key()).json(&json!({ "gateway": "cash-on-delivery" }))).await
}

#[tokio::test]
async fn a_visitor_walks_from_an_empty_cart_to_a_paid_order() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "Lamp", 5).await;
    let coupon = json!({ "code": "SPRING", "kind": "percentage", "basis_points": 1000, "total_limit": 1 });
    shop.owner().post("/coupons", &coupon).await.expect(201);
    order(&shop, None, None, &new_key(), &json!({ "email": "v@x.example", "shipping_address": home() }))
        .await
        .expect_problem(409, "carts.empty");

    let cart = fill(&shop, None, None, &lamp, 2).await.expect(200).text_at("/cart_token");
    let coupon = shop.request(Method::PUT, "/store/v1/cart/coupon").header("Stoa-Cart", &cart);
    Answer::of(coupon.json(&json!({ "code": "spring" }))).await.expect(200);
    let without = json!({ "shipping_address": home() });
    order(&shop, Some(&cart), None, &new_key(), &without)
        .await
        .expect_problem(422, "order.email_needed")
        .blames("/email");
    let body = json!({ "email": "v@x.example", "shipping_address": home(), "note": "Ring twice." });
    let placed = order(&shop, Some(&cart), None, "key-1", &body).await.expect(201);
    assert_eq!((&placed.json["number"], &placed.json["totals"]["total"]["amount"]), (&json!(1), &json!(2250)));
    let again = order(&shop, Some(&cart), None, "key-1", &body).await.expect(201);
    assert_eq!((&again.text, again.header("location")), (&placed.text, placed.header("location")));
    let other = json!({ "email": "w@x.example", "shipping_address": home() });
    order(&shop, Some(&cart), None, "key-1", &other).await.expect_problem(422, "request.key_reused");
    order(&shop, Some(&cart), None, "key-2", &body).await.expect_problem(409, "carts.empty");
    pay(&shop, &placed, None).await.expect(201);
    assert_eq!(level(&shop, &lamp).await, (3, 0));
    assert_eq!(differences(&mall, &shop).await, []);
}

#[tokio::test]
async fn a_customer_whose_cart_came_along_buys_and_gets_back_what_came_to_nothing() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "Lamp", 5).await;
    let coupon = json!({ "code": "ONCE", "kind": "percentage", "basis_points": 1000, "total_limit": 1 });
    shop.owner().post("/coupons", &coupon).await.expect(201);
    let cart = fill(&shop, None, None, &lamp, 2).await.expect(200).text_at("/cart_token");
    let register = shop.request(Method::POST, "/store/v1/auth/register").header("Stoa-Cart", &cart);
    let person = json!({ "email": "carla@x.example", "password": "a good long password", "name": "Carla" });
    let token = Answer::of(register.json(&person)).await.expect(201).text_at("/access_token");
    fill(&shop, None, Some(&token), &lamp, 1).await.expect(200);
    let with_coupon = shop.request(Method::PUT, "/store/v1/cart/coupon").bearer_auth(&token);
    Answer::of(with_coupon.json(&json!({ "code": "ONCE" }))).await.expect(200);
    let body = json!({ "shipping_address": home() });
    let placed = order(&shop, None, Some(&token), &new_key(), &body).await.expect(201);
    assert_eq!((&placed.json["items"][0]["quantity"], &placed.json["email"]), (&json!(3), &json!("carla@x.example")));
    assert_eq!(placed.json["access_token"], Value::Null);

    let own = |method, path: &str| {
        Answer::of(
            shop.request(method, &format!("/store/v1/orders/{}{path}", placed.text_at("/id"))).bearer_auth(&token),
        )
    };
    own(Method::POST, "/to-cart").await.expect_problem(409, "order.not_for_cart");
    own(Method::POST, "/cancel").await.expect(200);
    let cart = own(Method::POST, "/to-cart").await.expect(200);
    assert_eq!(cart.json["items"][0]["quantity"], 3);
    own(Method::POST, "/to-cart").await.expect_problem(409, "order.not_for_cart");
    let with_coupon = shop.request(Method::PUT, "/store/v1/cart/coupon").bearer_auth(&token);
    Answer::of(with_coupon.json(&json!({ "code": "ONCE" }))).await.expect(200);
    let placed = order(&shop, None, Some(&token), &new_key(), &body).await.expect(201);
    assert_eq!(placed.json["number"], 2);
    pay(&shop, &placed, Some(&token)).await.expect(201);
    assert_eq!(level(&shop, &lamp).await, (2, 0));
    assert_eq!(differences(&mall, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_a_checkout_make_one_order_and_no_number_is_missing() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "Lamp", 100).await;
    let body = json!({ "email": "v@x.example", "shipping_address": home() });
    let buyers = (0..10).map(|_| async {
        let cart = fill(&shop, None, None, &lamp, 1).await.expect(200).text_at("/cart_token");
        let key = new_key();
        let copies = (0..8).map(|_| order(&shop, Some(&cart), None, &key, &body));
        let (done, waiting): (Vec<_>, Vec<_>) =
            futures_util::future::join_all(copies).await.into_iter().partition(|answer| answer.status == 201);
        assert!(!done.is_empty() && done.iter().all(|answer| answer.text == done[0].text));
        waiting.into_iter().for_each(|answer| drop(answer.expect_problem(409, "request.in_flight")));
        done[0].json["number"].as_i64().unwrap()
    });
    let mut numbers = futures_util::future::join_all(buyers).await;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    assert_eq!(differences(&mall, &shop).await, []);
}
