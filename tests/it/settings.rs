//! The store's settings, as its staff changes them.

use reqwest::Method;
use serde_json::json;
use tests::{Answer, Mall};

use crate::orders::{By, new_key, ordered, pay, stocked};

#[tokio::test]
async fn a_store_says_how_it_deals_with_orders_and_stock() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let owner = shop.owner();
    let before = owner.get("/store").await.expect(200);
    for (name, value) in [
        ("order_expiry_minutes", json!(15)),
        ("cash_on_delivery", json!(true)),
        ("cash_on_delivery_is_paid", json!(true)),
        ("stock_critical", json!(10)),
        ("stock_medium", json!(50)),
        ("staff_letters", json!(true)),
    ] {
        assert_eq!(before.json[name], value, "{name}");
    }
    let wanted = json!({
        "order_expiry_minutes": 90, "cash_on_delivery_is_paid": false, "stock_critical": 2, "stock_medium": 4,
        "staff_letters": false,
    });
    Answer::of(owner.request(Method::PATCH, "/store").json(&wanted))
        .await
        .expect_problem(428, "request.version_required");
    let changed = owner.patch("/store", before.header("etag"), &wanted).await.expect(200);
    owner.patch("/store", before.header("etag"), &wanted).await.expect_problem(412, "request.stale_version");
    for (name, value) in wanted.as_object().unwrap() {
        assert_eq!(changed.json[name], *value, "{name}");
    }
    assert_eq!((&changed.json["cash_on_delivery"], &changed.json["tax_included"]), (&json!(true), &json!(true)));
    let entry = owner.get("/audit?limit=1").await.expect(200);
    assert_eq!(entry.json["items"][0]["before"]["order_expiry_minutes"], 15);
    assert_eq!(entry.json["items"][0]["after"]["order_expiry_minutes"], 90);
    assert_eq!(other.owner().get("/store").await.expect(200).json["order_expiry_minutes"], 15);

    let lamp = stocked(&shop, "Lamp", 3).await;
    let order = ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await;
    let seen = owner.get(&format!("/orders/{order}")).await.expect(200);
    let time = |name: &str| chrono_of(&seen.text_at(name));
    assert_eq!(time("/expires_at") - time("/created_at"), 90 * 60);
    assert_eq!(pay(&shop, order).await.expect(201).json["status"], "authorized");
    assert_eq!(
        owner.get("/products?stock_level=critical").await.expect(200).json["items"].as_array().unwrap().len(),
        1
    );

    owner.patch("/store", "*", &json!({ "cash_on_delivery": false })).await.expect(200);
    assert_eq!(shop.visit("/payment-methods").await.expect(200).json["items"], json!([]));
}

/// Seconds since 1970 of a time in RFC 3339.
fn chrono_of(text: &str) -> i64 {
    text.parse::<sqlx::types::chrono::DateTime<sqlx::types::chrono::Utc>>().unwrap().timestamp()
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused_by_name() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    for (body, pointer) in [
        (json!({ "order_expiry_minutes": 0 }), "/order_expiry_minutes"),
        (json!({ "order_expiry_minutes": 10_081 }), "/order_expiry_minutes"),
        (json!({ "order_expiry_minutes": null }), "/order_expiry_minutes"),
        (json!({ "stock_critical": -1 }), "/stock_critical"),
        (json!({ "stock_medium": 9 }), "/stock_medium"),
        (json!({ "stock_critical": 51 }), "/stock_medium"),
        (json!({ "staff_letters": "yes" }), "/staff_letters"),
    ] {
        let refused = shop.owner().patch("/store", "*", &body).await;
        assert_eq!(refused.status, 422, "{body}: {}", refused.text);
        refused.blames(pointer);
    }
    let (_, support) = shop.join("sue", &["support"]).await;
    shop.caller(&support).get("/store").await.expect(200);
    shop.caller(&support).patch("/store", "*", &json!({ "stock_critical": 1 })).await.expect(403);
}

#[tokio::test]
async fn a_buyer_is_sent_back_to_the_store_and_nowhere_else() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let origins = json!({ "allowed_origins": ["https://www.lamps.example", "http://localhost:3000"] });
    shop.owner().patch("/store", "*", &origins).await.expect(200);
    let admin = tests::admin_pool(&mall.database.admin_url).await;
    let host = "INSERT INTO platform.hosts (host, store_id, verified_at) VALUES ($1, $2::uuid, $3::timestamptz)";
    for (host_name, store, at) in [
        ("own.example", &shop.id, Some("2026-01-01")),
        ("unproved.example", &shop.id, None),
        ("theirs.example", &other.id, Some("2026-01-01")),
    ] {
        sqlx::query(&host.replace("$3::timestamptz", "$3::text::timestamptz"))
            .bind(host_name)
            .bind(store)
            .bind(at)
            .execute(&admin)
            .await
            .unwrap();
    }
    let lamp = stocked(&shop, "Lamp", 99).await;
    let pay_to = async |url: &str| {
        let order = ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await;
        let request = shop.request(Method::POST, &format!("/store/v1/orders/{order}/payments"));
        let request = request.header("Stoa-Order-Token", order.to_string()).header("Idempotency-Key", new_key());
        Answer::of(request.json(&json!({ "gateway": "cash-on-delivery", "return_url": url }))).await
    };
    let own = format!("http://{}.localhost:{}/thanks?order=1", shop.slug, mall.address.port());
    for good in
        [own.as_str(), "https://www.lamps.example/a/b#c", "http://localhost:3000/", "https://own.example/thanks"]
    {
        pay_to(good).await.expect(201);
    }
    let (port, user) = (own.replace(&format!(":{}", mall.address.port()), ":1"), own.replace("http://", "http://me@"));
    let theirs = format!("http://{}.localhost:{}/", other.slug, mall.address.port());
    for bad in [
        "https://evil.example/",
        "https://www.lamps.example.evil.example/",
        "http://www.lamps.example/",
        "http://own.example/",
        "https://own.example:8443/",
        "https://unproved.example/",
        "https://theirs.example/",
        "javascript:alert(1)",
        "//evil.example/",
        "",
        &port,
        &user,
        &theirs,
    ] {
        pay_to(bad).await.expect_problem(422, "store.foreign_return_url").blames("/return_url");
    }
}
