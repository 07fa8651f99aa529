//! Bad input gets a problem that names the field.

use std::time::Duration;

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
        (
            json!({ "name": "a", "price": price, "variants": [{ "options": { "a\u{0}": "b" } }] }),
            "/variants/0/options/a\u{0}",
        ),
        (json!({ "name": "\u{200b}", "price": price }), "/name"),
        (json!({ "name": "a\u{202e}b", "price": price }), "/name"),
        (json!({ "name": "a", "price": [1, "EUR"] }), "/price"),
        (json!(["a", price]), ""),
        (json!({ "name": "a", "price": price, "variants": vec![json!({}); 300_000] }), "/variants"),
        (json!({ "name": "a", "price": price, "options": vec![json!({}); 4] }), "/options/0/name"),
        (
            json!({ "name": "a", "price": price, "options": [{ "name": "A", "values": vec!["x"; 100_000] }] }),
            "/options/0/values",
        ),
    ];
    for (body, pointer) in cases {
        let answer = owner.post("/products", &body).await.blames(pointer).expect(422);
        assert!(["request.invalid", "catalog.bad_variants"].contains(&answer.text_at("/code").as_str()));
        assert!(answer.text.len() < 5_000, "a refusal is short");
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
    let packed = shop.owner().request(Method::POST, "/products").header("Content-Encoding", "gzip").json(&json!({}));
    Answer::of(packed).await.expect_problem(415, "request.unsupported_encoding");
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
        ("/products/%ff", "/path/slug"),
        ("/products?colour=red", "/query/colour"),
        ("/products?limit=1&limit=2", "/query/limit"),
        ("/products?limit=1&limit=x", "/query/limit"),
        ("/products?%6Cimit=1&Limit=1", "/query/Limit"),
        ("/products/lamp?fields=name", "/query/fields"),
    ] {
        shop.visit(path).await.expect_problem(422, "request.invalid").blames(pointer);
    }
    shop.owner().get("/products/not-an-id").await.expect_problem(422, "request.invalid").blames("/path/id");
    for (query, why) in [
        ("sort=random", "must be one of relevance, newest, price, -price, name, best_selling"),
        ("limit=x", "must be a whole number from 1 to 100"),
        ("limit=0", "must be a whole number from 1 to 100"),
    ] {
        let answer = shop.visit(&format!("/products?{query}")).await;
        assert_eq!(answer.json["errors"][0]["detail"], why, "{query}");
    }
    assert_eq!(shop.owner().get("/products/x").await.json["errors"][0]["detail"], "must be a UUID");
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

#[tokio::test]
async fn a_log_in_is_an_object_and_not_its_values_in_a_row() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let body = json!([format!("owner@{}.example", shop.slug), "a good long password"]);
    let answer = Answer::of(shop.request(Method::POST, "/admin/v1/auth/login").json(&body)).await;
    let answer = answer.expect_problem(422, "request.invalid").blames("");
    assert_eq!(answer.json["errors"][0]["detail"], "must be an object");
}

#[tokio::test]
async fn options_are_named_once_and_trimmed_like_the_product_s_own() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let body = |options: &str| {
        format!(
            r#"{{"name": "Shirt", "price": {{"amount": 1, "currency": "EUR"}},
            "options": [{{"name": " Size ", "values": [" S ", "M"]}}], "variants": [{{"options": {options}}}]}}"#
        )
    };
    let twice = raw(&shop, body(r#"{"Size": "S", "Size": "M"}"#)).await;
    twice.expect_problem(422, "request.invalid").blames("/variants/0/options/Size");
    let made = raw(&shop, body(r#"{" Size ": "S "}"#)).await.expect(201);
    assert_eq!(made.json["variants"][0]["options"], json!({ "Size": "S" }));
}

/// Sends a request as it stands, and answers the first line of what comes back.
async fn spoken(mall: &Mall, request: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(mall.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or("").to_owned()
}

#[tokio::test]
async fn a_request_names_one_host() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let host = format!("{}.localhost", shop.slug);
    let get = |target: &str, hosts: &[&str]| {
        let hosts: String = hosts.iter().map(|host| format!("Host: {host}\r\n")).collect();
        format!("GET {target} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")
    };
    let path = "/store/v1/products";
    let absolute = format!("http://{host}{path}");
    for (request, status) in [
        (get(path, &[&host]), "HTTP/1.1 200 OK"),
        (get(path, &[&host, &host]), "HTTP/1.1 400 Bad Request"),
        (get(path, &[&host, "other.localhost"]), "HTTP/1.1 400 Bad Request"),
        (get(path, &[]), "HTTP/1.1 400 Bad Request"),
        (get(&absolute, &["other.localhost"]), "HTTP/1.1 200 OK"),
        (get(&absolute.replace(&host, "other.localhost"), &[&host]), "HTTP/1.1 404 Not Found"),
    ] {
        assert_eq!(spoken(&mall, &request).await, status, "{request}");
    }
}

#[tokio::test]
async fn a_suspended_store_answers_no_page_as_an_unknown_one_does() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let origins = json!({ "allowed_origins": ["https://shop.example"] });
    shop.owner().patch("/store", "*", &origins).await.expect(200);
    let operator = mall.operator_token().await;
    let suspend = mall.request(Method::POST, &format!("/platform/v1/stores/{}/suspend", shop.id));
    Answer::of(suspend.bearer_auth(operator)).await.expect(200);
    let asked_by = |slug: &str, method: Method, surface: &str| {
        mall.request(method, &format!("/{surface}/v1/products"))
            .header("Stoa-Store", slug)
            .header("Origin", "https://shop.example")
            .header("Access-Control-Request-Method", "GET")
    };
    // What was resolved is believed for less than a second.
    let seen = tests::until("is the store gone", Duration::from_millis(50), async || {
        let seen = Answer::of(asked_by(&shop.slug, Method::GET, "store")).await;
        (seen.status == 404).then_some(seen)
    })
    .await;
    let allowed = |answer: &Answer| answer.header("access-control-allow-origin").to_owned();
    assert_eq!((seen.status.as_u16(), allowed(&seen).as_str()), (404, ""));
    let preflight = Answer::of(asked_by(&shop.slug, Method::OPTIONS, "store")).await;
    let unknown = Answer::of(asked_by("nobody", Method::OPTIONS, "store")).await;
    assert_eq!((preflight.status, allowed(&preflight)), (unknown.status, allowed(&unknown)));
    let staff = Answer::of(asked_by(&shop.slug, Method::OPTIONS, "admin")).await;
    assert_eq!(allowed(&staff), "https://shop.example", "its staff still works there");
}
