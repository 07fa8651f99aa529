//! Bad input gets a problem that names the field.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tests::{Answer, Mall, Shop};

async fn raw(shop: &Shop<'_>, body: impl Into<reqwest::Body>) -> Answer {
    Answer::of(shop.owner().request(Method::POST, "/products").header(CONTENT_TYPE, "application/json").body(body))
        .await
}

#[tokio::test]
async fn what_is_no_json_is_400_and_what_is_wrong_in_it_is_422() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    for body in [
        "",
        "{",
        "nonsense",
        "{\"name\": \"\\ud800\"}",
        "\u{feff}{}",
        &format!("{}{}", "[".repeat(200), "]".repeat(200)),
    ] {
        let answer = raw(&shop, body.to_owned()).await;
        assert!([400, 422].contains(&answer.status.as_u16()), "{body}: {}", answer.text);
        assert!(answer.text.contains("request_id"));
    }
    raw(&shop, "{").await.expect_problem(400, "request.bad_json");
    raw(&shop, vec![b'"', 0xff, 0xfe, b'"']).await.expect_problem(400, "request.bad_json");
    let deep = format!("{{\"name\": {}{}}}", "[".repeat(200), "]".repeat(200));
    raw(&shop, deep).await.expect(422);
    let deep = format!("{{\"name\": \"a\", \"price\": {}{}}}", "{\"amount\":".repeat(200), "}".repeat(200));
    raw(&shop, deep).await.expect(422);
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let price = json!({ "amount": 1, "currency": "EUR" });
    let cases: Vec<(Value, &str)> = vec![
        (json!({ "price": price }), "/name"),
        (json!({ "name": 7, "price": price }), "/name"),
        (json!({ "name": null, "price": price }), "/name"),
        (json!({ "name": "", "price": price }), "/name"),
        (json!({ "name": "a\u{0}b", "price": price }), "/name"),
        (json!({ "name": "x".repeat(201), "price": price }), "/name"),
        (json!({ "name": "a", "price": price, "description": "a\u{0}" }), "/description"),
        (json!({ "name": "a", "price": price, "description": null }), "/description"),
        (json!({ "name": "a", "price": price, "slug": "Not A Slug" }), "/slug"),
        (json!({ "name": "a", "price": price, "category_id": "x" }), "/category_id"),
        (json!({ "name": "a", "price": price, "active": "yes" }), "/active"),
        (json!({ "name": "a", "price": price, "tenant_id": "x" }), "/tenant_id"),
        (json!({ "name": "a", "price": price, "version": 3 }), "/version"),
        (json!({ "name": "a", "price": 5 }), "/price"),
        (json!({ "name": "a", "price": { "amount": -1, "currency": "EUR" } }), "/price/amount"),
        (json!({ "name": "a", "price": { "amount": 1_000_000_000_000_000_i64, "currency": "EUR" } }), "/price/amount"),
        (json!({ "name": "a", "price": { "amount": u64::MAX, "currency": "EUR" } }), "/price/amount"),
        (json!({ "name": "a", "price": { "amount": 1.5, "currency": "EUR" } }), "/price/amount"),
        (json!({ "name": "a", "price": { "amount": "1", "currency": "EUR" } }), "/price/amount"),
        (json!({ "name": "a", "price": { "amount": 1, "currency": "eur" } }), "/price/currency"),
        (json!({ "name": "a", "price": { "amount": 1, "currency": "EUR", "x": 1 } }), "/price/x"),
        (json!({ "name": "a", "price": price, "sku": "a b" }), "/sku"),
        (json!({ "name": "a", "price": price, "options": [{ "name": "", "values": ["x"] }] }), "/options/0/name"),
        (
            json!({ "name": "a", "price": price, "variants": [{ "price": { "amount": -1, "currency": "EUR" } }] }),
            "/variants/0/price/amount",
        ),
        (json!({ "name": "a", "price": price, "variants": [{ "options": { "a\u{0}": "b" } }] }), "/variants/0/options"),
    ];
    for (body, pointer) in cases {
        let answer = owner.post("/products", &body).await.blames(pointer).expect(422);
        assert!(["request.invalid", "catalog.bad_variants"].contains(&answer.text_at("/code").as_str()));
    }
    assert_eq!(owner.get("/products").await.json["items"], json!([]));
}

#[tokio::test]
async fn a_store_to_be_is_refused_by_its_field() {
    let mall = Mall::open().await;
    let with = |pointer: &str, value: Value| {
        let mut body = Mall::application("acme");
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for (pointer, value) in [
        ("/slug", json!("www")),
        ("/slug", json!("a.b")),
        ("/name", json!(" ")),
        ("/currency", json!("XXX")),
        ("/owner/email", json!("nobody")),
        ("/owner/password", json!("short")),
        ("/owner/password", json!(12_345_678)),
        ("/owner/name", json!("\u{7}")),
    ] {
        let answer = mall.post("/platform/v1/stores", &with(pointer, value)).await;
        assert!(!answer.text.contains("12345678"), "what was sent is not repeated");
        answer.expect_problem(422, "request.invalid").blames(pointer);
    }
}

#[tokio::test]
async fn what_is_too_large_or_of_another_kind_is_refused_before_it_is_read() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    raw(&shop, vec![b' '; 10 * 1024 * 1024]).await.expect_problem(413, "request.too_large");
    let form = shop.owner().request(Method::POST, "/products").header(CONTENT_TYPE, "text/plain").body("{}");
    Answer::of(form).await.expect_problem(415, "request.unsupported_media_type");
    let untyped = Answer::of(shop.owner().request(Method::POST, "/products").body("{}")).await;
    untyped.expect_problem(415, "request.unsupported_media_type");
    let headers = (0..40).fold(shop.request(Method::GET, "/store/v1/products"), |request, i| {
        request.header(format!("x-large-{i}"), "x".repeat(1_000))
    });
    Answer::of(headers).await.expect_problem(431, "request.headers_too_large");
    let unknown = Answer::of(mall.request(Method::POST, "/platform/v1/stores").body("x")).await;
    unknown.expect_problem(415, "request.unsupported_media_type");
}

#[tokio::test]
async fn wrong_parameters_paths_and_methods_are_problems_too() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    for (path, pointer) in [
        ("/products?limit=0", "/query/limit"),
        ("/products?limit=101", "/query/limit"),
        ("/products?limit=x", "/query/limit"),
        ("/products?sort=random", "/query/sort"),
        ("/products?cursor=%00", "/query/cursor"),
        ("/products?category=No%20Slug", "/query/category"),
        ("/products/No%20Slug", "/path/slug"),
        ("/products/%00", "/path/slug"),
    ] {
        shop.visit(path).await.expect_problem(422, "request.invalid").blames(pointer);
    }
    shop.owner().get("/products/not-an-id").await.expect_problem(422, "request.invalid").blames("/path/id");
    for path in ["/nowhere", "/store", "/store/v1", "/store/v1/nowhere", "/admin/v1/products/a/b/c", "/docs/nowhere"] {
        Answer::of(shop.request(Method::GET, path)).await.expect_problem(404, "request.unknown_path");
    }
    let wrong = Answer::of(shop.request(Method::DELETE, "/store/v1/products")).await;
    assert_eq!(wrong.expect_problem(405, "request.method_not_allowed").header("allow"), "GET, HEAD");
    let wrong = Answer::of(shop.request(Method::PUT, "/admin/v1/products/x")).await;
    assert_eq!(wrong.expect_problem(405, "request.method_not_allowed").header("allow"), "DELETE, GET, HEAD, PATCH");
    let head = Answer::of(shop.request(Method::HEAD, "/store/v1/products")).await.expect(200);
    assert_eq!(head.text, "");
}
