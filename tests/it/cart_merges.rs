//! A visitor's cart becomes the customer's, once, however many try.

use std::sync::Arc;
use std::time::Duration;

use domain::carts::{self, CartToken, Quantity, Way, Who};
use domain::catalog::VariantId;
use domain::identity::UserId;
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use tenants::{Database, DatabaseOptions, TenantDb, TenantId};
use tests::{Answer, Mall, Shop, stocked};

async fn fill(shop: &Shop<'_>, variant: &str, quantity: i64) -> String {
    let body = json!({ "variant_id": variant, "quantity": quantity });
    Answer::of(shop.request(Method::POST, "/store/v1/cart/items").json(&body)).await.expect(200).text_at("/cart_token")
}

async fn product(mall: &Mall, shop: &Shop<'_>, name: &str, on_hand: i64) -> String {
    let variant = shop.owner().add_product(name).await.text_at("/variants/0/id");
    stocked(mall, shop, &variant, on_hand).await;
    variant
}

async fn log_in(shop: &Shop<'_>, email: &str, cart: &str) -> Answer {
    let body = json!({ "email": email, "password": "a good long password" });
    let request = shop.request(Method::POST, "/store/v1/auth/login").header("Stoa-Cart", cart).json(&body);
    Answer::of(request).await
}

async fn cart_of(shop: &Shop<'_>, access: &str) -> Value {
    Answer::of(shop.request(Method::GET, "/store/v1/cart").bearer_auth(access)).await.expect(200).json
}

async fn cart_of_token(shop: &Shop<'_>, token: &str) -> Value {
    Answer::of(shop.request(Method::GET, "/store/v1/cart").header("Stoa-Cart", token)).await.expect(200).json
}

#[tokio::test(flavor = "multi_thread")]
async fn registering_and_logging_in_bring_the_cart_along_once() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (lamp, vase) = (product(&mall, &shop, "Lamp", 10).await, product(&mall, &shop, "Vase", 3).await);
    shop.owner()
        .post("/coupons", &json!({ "code": "TEN", "kind": "percentage", "basis_points": 1_000 }))
        .await
        .expect(201);

    let first = fill(&shop, &lamp, 2).await;
    let body = json!({ "code": "ten" });
    Answer::of(shop.request(Method::PUT, "/store/v1/cart/coupon").header("Stoa-Cart", &first).json(&body))
        .await
        .expect(200);
    let body = json!({ "email": "sam@x.example", "password": "a good long password", "name": "Sam" });
    let register = || shop.request(Method::POST, "/store/v1/auth/register").header("Stoa-Cart", &first).json(&body);
    let access = Answer::of(register()).await.expect(201).text_at("/access_token");
    let cart = cart_of(&shop, &access).await;
    assert_eq!((&cart["items"][0]["quantity"], &cart["coupon"]["code"]), (&json!(2), &json!("TEN")));
    assert_eq!(cart_of_token(&shop, &first).await["id"], Value::Null, "the visitor's is gone");
    // The answer may have been lost, and the request come again.
    Answer::of(register()).await.expect(201);
    log_in(&shop, "sam@x.example", &first).await.expect(200);
    assert_eq!(cart_of(&shop, &access).await["items"][0]["quantity"], 2);

    let second = fill(&shop, &lamp, 3).await;
    let body = json!({ "variant_id": vase, "quantity": 2 });
    Answer::of(shop.request(Method::POST, "/store/v1/cart/items").header("Stoa-Cart", &second).json(&body))
        .await
        .expect(200);
    log_in(&shop, "sam@x.example", &second).await.expect(200);
    let third = fill(&shop, &vase, 3).await;
    log_in(&shop, "sam@x.example", &third).await.expect(200);
    let fourth = fill(&shop, &lamp, 9).await;
    log_in(&shop, "sam@x.example", &fourth).await.expect(200);
    let cart = cart_of(&shop, &access).await;
    let seen: Vec<_> =
        cart["items"].as_array().unwrap().iter().map(|item| item["quantity"].as_i64().unwrap()).collect();
    assert_eq!(seen, [10, 3], "as many as there are");

    let wrong = fill(&shop, &lamp, 1).await;
    let body = json!({ "email": "sam@x.example", "password": "not the password" });
    Answer::of(shop.request(Method::POST, "/store/v1/auth/login").header("Stoa-Cart", &wrong).json(&body))
        .await
        .expect(401);
    assert_eq!(cart_of_token(&shop, &wrong).await["items"][0]["quantity"], 1, "nothing moved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_waits_for_its_mail_leaves_the_cart_with_the_visitor() {
    let mall = Mall::open_with(|config| config.confirms_emails = true).await;
    let shop = mall.open_store().await;
    let lamp = product(&mall, &shop, "Lamp", 10).await;
    let token = fill(&shop, &lamp, 2).await;
    let body = json!({ "email": "sam@x.example", "password": "a good long password", "name": "Sam" });
    Answer::of(shop.request(Method::POST, "/store/v1/auth/register").header("Stoa-Cart", &token).json(&body))
        .await
        .expect(202);
    assert_eq!(cart_of_token(&shop, &token).await["items"][0]["quantity"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_stores_cart_is_brought_along_by_nobody() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let theirs = product(&mall, &other, "Theirs", 10).await;
    let token = fill(&other, &theirs, 2).await;
    let access = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    log_in(&shop, "sam@x.example", &token).await.expect(200);
    assert_eq!(cart_of(&shop, &access).await["items"], json!([]));
    assert_eq!(cart_of_token(&other, &token).await["items"][0]["quantity"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_merges_and_adds_of_one_cart_at_once_end_in_the_one_right_sum() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = product(&mall, &shop, "Lamp", 1_000_000).await;
    let account = shop.register("sam@x.example").await.expect(201);
    let customer = UserId(account.text_at("/user/id").parse().unwrap());
    let variant = VariantId(lamp.parse().unwrap());
    let connect = mall.database.urls.app.clone();
    let options = DatabaseOptions { connect, connections: 40, patience: Duration::from_secs(120) };
    let (db, store) = (Arc::new(TenantDb::new(Database::new(options))), TenantId(shop.id.parse().unwrap()));
    let one = Quantity::new(1).unwrap();
    let add = async |who: &Who| {
        let mut tx = db.begin(store).await.unwrap();
        let cart = carts::add(&mut tx, who, variant, one).await.unwrap();
        tx.commit().await.unwrap();
        cart.token
    };
    let merge = async |token: &CartToken| {
        let mut tx = db.begin(store).await.unwrap();
        carts::merge(&mut tx, token, customer).await.unwrap();
        tx.commit().await.unwrap();
    };
    let mut tokens = Vec::new();
    for _ in 0..100 {
        tokens.push(add(&Who::Visitor(None)).await.unwrap());
    }
    // 500 adds to the customer's cart; 100 visitors' carts of one each, each brought along five times at once.
    let (add, merge, tokens) = (&add, &merge, &tokens);
    let tries = (0..1_000_usize).map(|number| async move {
        match number % 2 {
            0 => drop(add(&Who::Customer(customer)).await),
            _ => merge(&tokens[(number / 2) % tokens.len()]).await,
        }
    });
    futures_util::stream::iter(tries).buffer_unordered(200).collect::<Vec<()>>().await;
    let mut tx = db.begin_read(store).await.unwrap();
    let cart = carts::view(&mut tx, &Who::Customer(customer), &Way::default()).await.unwrap();
    assert_eq!(cart.lines.iter().map(|line| line.item.quantity.get()).collect::<Vec<_>>(), [600]);
    drop(tx);
    let admin = tests::admin_pool(&mall.database.admin_url).await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM carts").fetch_one(&admin).await.unwrap();
    assert_eq!(left, 1, "all visitors' carts are gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn adds_and_merges_over_http_at_once_lose_nothing() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = product(&mall, &shop, "Lamp", 1_000).await;
    let access = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    let token = fill(&shop, &lamp, 5).await;
    let body = json!({ "variant_id": lamp, "quantity": 1 });
    let adds = (0..30).map(|_| {
        let request = shop.request(Method::POST, "/store/v1/cart/items").bearer_auth(&access).json(&body);
        async move { Answer::of(request).await.expect(200) }
    });
    let log_ins = (0..6).map(|_| log_in(&shop, "sam@x.example", &token));
    let (_, answers) = tokio::join!(futures_util::future::join_all(adds), futures_util::future::join_all(log_ins));
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(cart_of(&shop, &access).await["items"][0]["quantity"], 35);
}
