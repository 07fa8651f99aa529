//! Opening stores, and their life.

use reqwest::Method;
use serde_json::json;
use tests::{Answer, Mall};

#[tokio::test]
async fn a_merchant_opens_a_store_and_a_visitor_finds_its_products() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;

    let lamp = shop.owner().add_product("Trail Lamp").await;
    assert_eq!(lamp.header("location"), format!("/admin/v1/products/{}", lamp.text_at("/id")));

    let list = shop.visit("/products").await.expect(200);
    assert_eq!(list.json["items"][0]["slug"], "trail-lamp");
    assert_eq!(list.json["items"][0]["price"], json!({ "amount": 1250, "currency": "EUR" }));
    let detail = shop.visit("/products/trail-lamp").await.expect(200);
    assert_eq!(detail.json["variants"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_store_is_found_by_its_host_or_by_a_header_and_the_host_wins() {
    let mall = Mall::open().await;
    let (books, bikes) = (mall.open_store().await, mall.open_store().await);
    books.owner().add_product("A Book").await;
    bikes.owner().add_product("A Bike").await;

    let by = |host: String, header: Option<&str>| {
        let request = mall.request(Method::GET, "/store/v1/products").header("Host", host);
        Answer::of(header.into_iter().fold(request, |request, slug| request.header("Stoa-Store", slug)))
    };
    let host = |slug: &str| format!("{slug}.localhost:8080");
    let first = |answer: Answer| answer.expect(200).text_at("/items/0/slug");
    assert_eq!(first(by(host(&books.slug), None).await), "a-book");
    assert_eq!(first(by(host(&books.slug).to_uppercase(), Some(&bikes.slug)).await), "a-book");
    assert_eq!(first(by("localhost:8080".into(), Some(&bikes.slug)).await), "a-bike");
    assert_eq!(first(by("127.0.0.1".into(), Some(&bikes.slug)).await), "a-bike");
    by(host("nobody"), None).await.expect_problem(404, "store.not_found");
    by("localhost".into(), None).await.expect_problem(404, "store.not_found");
}

#[tokio::test]
async fn a_store_is_found_by_a_domain_of_its_own_once_that_is_proved() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let admin = tests::admin_pool(&mall.database.admin_url).await;
    let visit = || Answer::of(mall.request(Method::GET, "/store/v1/products").header("Host", "www.shop.example"));
    sqlx::query("INSERT INTO platform.hosts (host, store_id) VALUES ('www.shop.example', $1::uuid)")
        .bind(&shop.id)
        .execute(&admin)
        .await
        .unwrap();
    visit().await.expect_problem(404, "store.not_found");

    sqlx::query("UPDATE platform.hosts SET verified_at = now()").execute(&admin).await.unwrap();
    until(|| async { visit().await.status == 200 }).await;
}

#[tokio::test]
async fn a_slug_is_taken_once_whoever_comes_at_the_same_moment() {
    let mall = Mall::open().await;
    let body = Mall::application("acme");
    let tries = (0..10).map(|_| mall.post("/platform/v1/stores", &body));
    let answers = futures_util::future::join_all(tries).await;
    let (opened, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((opened.len(), refused.len()), (1, 9));
    for answer in refused {
        answer.expect_problem(409, "store.slug_taken").blames("/slug");
    }
    let admin = tests::admin_pool(&mall.database.admin_url).await;
    let counts: (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM platform.stores), (SELECT count(*) FROM users),
                (SELECT count(*) FROM locations), (SELECT count(*) FROM store_settings)",
    )
    .fetch_one(&admin)
    .await
    .unwrap();
    assert_eq!(counts, (1, 1, 1, 1), "a refused opening leaves nothing");
}

#[tokio::test]
async fn a_suspended_store_is_as_unknown_to_visitors_and_read_only_to_staff_until_it_is_resumed() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    shop.owner().add_product("Lamp").await;
    let operator = mall.operator_token().await;
    let step = |step: &str| {
        let path = format!("/platform/v1/stores/{}/{step}", shop.id);
        Answer::of(mall.request(Method::POST, &path).bearer_auth(&operator))
    };
    assert_eq!(step("suspend").await.expect(200).text_at("/status"), "suspended");
    let again = step("suspend").await.expect_problem(409, "store.wrong_status");
    assert!(again.text.contains("suspended") && again.text.contains("active"), "both states are named: {}", again.text);

    until(|| async { shop.visit("/products").await.status == 404 }).await;
    let unknown =
        Answer::of(mall.request(Method::GET, "/store/v1/products").header("Stoa-Store", "no-such-store")).await;
    assert_eq!(shop.visit("/products").await.masked(&shop.slug), unknown.masked("no-such-store"));
    shop.owner().get("/products").await.expect(200);
    let write =
        shop.owner().post("/products", &json!({ "name": "x", "price": { "amount": 1, "currency": "EUR" } })).await;
    write.expect_problem(403, "store.not_active");
    other.visit("/products").await.expect(200);

    step("resume").await.expect(200);
    until(|| async { shop.visit("/products").await.status == 200 }).await;
}

#[tokio::test]
async fn stores_are_an_operators_business() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    mall.get("/platform/v1/stores").await.expect_problem(401, "access.unauthenticated");
    let owner = Answer::of(mall.request(Method::GET, "/platform/v1/stores").bearer_auth(&shop.token)).await;
    owner.expect_problem(401, "identity.bad_token");

    let operator = mall.operator_token().await;
    let as_operator = |path: &str| Answer::of(mall.request(Method::GET, path).bearer_auth(&operator));
    for _ in 0..2 {
        mall.open_store().await;
    }
    let first = as_operator("/platform/v1/stores?limit=2").await.expect(200);
    let cursor = first.text_at("/next_cursor");
    let second = as_operator(&format!("/platform/v1/stores?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!(
        (first.json["items"].as_array().map(Vec::len), second.json["items"].as_array().map(Vec::len)),
        (Some(2), Some(1))
    );
    let missing = as_operator("/platform/v1/stores/0192f0c1-2345-7000-8000-000000000000").await;
    missing.expect_problem(404, "store.not_found");
}

#[tokio::test]
async fn the_owner_changes_the_store_and_a_page_of_an_allowed_origin_may_call_it() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let store = owner.get("/store").await.expect(200);
    let origin = "https://www.shop.example";
    let ask = |origin: &str| Answer::of(shop.request(Method::GET, "/store/v1/products").header("Origin", origin));
    assert_eq!(ask(origin).await.expect(200).header("access-control-allow-origin"), "");

    let change = json!({ "name": "New name", "allowed_origins": [origin] });
    let changed = owner.patch("/store", store.header("etag"), &change).await.expect(200);
    assert_eq!(changed.text_at("/name"), "New name");
    owner.patch("/store", store.header("etag"), &change).await.expect_problem(412, "request.stale_version");
    until(|| async { ask(origin).await.header("access-control-allow-origin") == origin }).await;
    assert_eq!(ask("https://evil.example").await.header("access-control-allow-origin"), "");

    let preflight = shop
        .request(Method::OPTIONS, "/admin/v1/products")
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "PATCH")
        .header("Access-Control-Request-Headers", "authorization,if-match");
    let preflight = Answer::of(preflight).await.expect(204);
    assert!(preflight.header("access-control-allow-methods").contains("PATCH"));
    assert!(preflight.header("access-control-allow-headers").to_lowercase().contains("if-match"));
    let refused = Answer::of(shop.request(Method::GET, "/admin/v1/products").header("Origin", origin)).await;
    assert_eq!(refused.expect(401).header("access-control-allow-origin"), origin, "a page can read its refusal");
    for bad in ["*", "http://shop.example", "https://shop.example/path"] {
        let answer = owner.patch("/store", "*", &json!({ "allowed_origins": [bad] })).await;
        answer.expect_problem(422, "request.invalid").blames("/allowed_origins/0");
    }
}

/// Waits for something that a replica may notice within a second.
async fn until<F: Future<Output = bool>>(mut holds: impl FnMut() -> F) {
    let patience = std::time::Duration::from_secs(5);
    let waited = tokio::time::timeout(patience, async { while !holds().await {} }).await;
    waited.expect("it did not come to hold");
}
