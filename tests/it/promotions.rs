//! Coupons, shipping methods and tax rates: what staff does with them.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Mall};

fn euros(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_is_made_found_by_any_case_changed_and_removed() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let lamp = owner.add_product("Lamp").await.text_at("/id");
    let lights = owner.post("/categories", &json!({ "name": "Lights" })).await.expect(201).text_at("/id");
    let body = json!({
        "code": "Spring-10", "description": "For the spring", "kind": "percentage", "basis_points": 1000,
        "minimum_spend": euros(2_000), "product_ids": [lamp, lamp], "category_ids": [lights], "first_order_only": true,
        "stackable": true, "total_limit": 100, "per_customer_limit": 1, "starts_at": "2026-03-01T00:00:00Z",
        "ends_at": "2026-06-01T00:00:00Z",
    });
    let made = owner.post("/coupons", &body).await.expect(201);
    assert_eq!((&made.json["code"], &made.json["used"]), (&json!("SPRING-10"), &json!(0)));
    assert_eq!(made.json["product_ids"], json!([lamp]), "each once");
    let path = format!("/coupons/{}", made.text_at("/id"));
    assert_eq!(made.header("location"), format!("/admin/v1{path}"));
    assert_eq!(owner.get(&path).await.expect(200).json, made.json);
    let found = owner.get("/coupons?code=sPrInG-10&active=true").await.expect(200);
    assert_eq!(found.json["items"], json!([made.json]));
    assert_eq!(owner.get("/coupons?active=false").await.expect(200).json["items"], json!([]));

    let again = json!({ "code": "SPRING-10", "kind": "free_shipping" });
    owner.post("/coupons", &again).await.expect_problem(409, "promotions.code_taken").blames("/code");
    let change =
        json!({ "kind": "amount", "amount": euros(500), "ends_at": null, "category_ids": [], "active": false });
    let changed = owner.patch(&path, "\"1\"", &change).await.expect(200);
    assert_eq!((changed.header("etag"), &changed.json["basis_points"]), ("\"2\"", &Value::Null));
    assert_eq!((&changed.json["amount"], &changed.json["starts_at"]), (&euros(500), &json!("2026-03-01T00:00:00Z")));
    owner.patch(&path, "\"1\"", &json!({ "active": true })).await.expect_problem(412, "request.stale_version");
    assert_eq!(owner.get(&format!("{path}/uses")).await.expect(200).json, json!({ "items": [], "next_cursor": null }));
    owner.delete(&path, "\"2\"").await.expect(204);
    owner.get(&path).await.expect_problem(404, "promotions.no_coupon");
}

#[tokio::test(flavor = "multi_thread")]
async fn terms_that_do_not_fit_together_are_refused_by_name() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let owner = shop.owner();
    let theirs = other.owner().add_product("Theirs").await.text_at("/id");
    let refused = async |body: Value, pointer: &str| owner.post("/coupons", &body).await.expect(422).blames(pointer);
    refused(json!({ "code": "A", "kind": "percentage" }), "/basis_points").await;
    refused(json!({ "code": "A", "kind": "percentage", "basis_points": 0 }), "/basis_points").await;
    refused(json!({ "code": "A", "kind": "percentage", "basis_points": 10_001 }), "/basis_points").await;
    refused(json!({ "code": "A", "kind": "amount" }), "/amount").await;
    refused(json!({ "code": "A", "kind": "amount", "amount": euros(0) }), "/amount").await;
    refused(json!({ "code": "A", "kind": "amount", "amount": { "amount": 1, "currency": "USD" } }), "/amount/currency")
        .await;
    refused(json!({ "code": "A", "kind": "free_shipping", "basis_points": 5 }), "/basis_points").await;
    refused(json!({ "code": "a b", "kind": "free_shipping" }), "/code").await;
    refused(json!({ "code": "A", "kind": "free_shipping", "total_limit": 0 }), "/total_limit").await;
    let backwards = json!({ "code": "A", "kind": "free_shipping", "starts_at": "2026-03-01T00:00:00Z", "ends_at": "2026-03-01T00:00:00Z" });
    refused(backwards, "/ends_at").await;
    refused(json!({ "code": "A", "kind": "free_shipping", "product_ids": [theirs] }), "/product_ids/0").await;
    refused(json!({ "code": "A", "kind": "free_shipping", "used": 3 }), "/used").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_make_the_same_code_at_once_one_succeeds_and_other_stores_are_free_to() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    for round in 0..5 {
        let (upper, lower) = (format!("CODE{round}"), format!("code{round}"));
        let body = |code: &str| json!({ "code": code, "kind": "free_shipping" });
        let (owner, upper, lower) = (shop.owner(), body(&upper), body(&lower));
        let (one, two) = tokio::join!(owner.post("/coupons", &upper), owner.post("/coupons", &lower));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
        let theirs = other.owner().post("/coupons", &lower).await.expect(201).text_at("/id");
        shop.owner().get(&format!("/coupons/{theirs}")).await.expect_problem(404, "promotions.no_coupon");
        shop.owner().get(&format!("/coupons/{theirs}/uses")).await.expect_problem(404, "promotions.no_coupon");
    }
    assert_eq!(shop.owner().get("/coupons").await.expect(200).json["items"].as_array().map(Vec::len), Some(5));
    let page = shop.owner().get("/coupons?limit=3").await.expect(200);
    let cursor = page.text_at("/next_cursor");
    let rest = shop.owner().get(&format!("/coupons?limit=3&cursor={cursor}")).await.expect(200);
    assert_eq!((rest.json["items"].as_array().map(Vec::len), &rest.json["next_cursor"]), (Some(2), &Value::Null));
    other.owner().get(&format!("/coupons?limit=3&cursor={cursor}")).await.expect(422).blames("/query/cursor");
}

#[tokio::test(flavor = "multi_thread")]
async fn shipping_methods_and_tax_rates_are_the_stores_own() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let owner = shop.owner();
    let body =
        json!({ "name": "Parcel", "price": euros(490), "free_above": euros(5_000), "countries": ["DE", "AT", "DE"] });
    let made = owner.post("/shipping-methods", &body).await.expect(201);
    assert_eq!(made.json["countries"], json!(["AT", "DE"]));
    let path = format!("/shipping-methods/{}", made.text_at("/id"));
    let changed = owner.patch(&path, "\"1\"", &json!({ "free_above": null, "countries": [] })).await.expect(200);
    assert_eq!((&changed.json["free_above"], &changed.json["countries"]), (&Value::Null, &json!([])));
    other.owner().get(&path).await.expect_problem(404, "pricing.no_shipping_method");
    owner.patch(&path, "\"1\"", &json!({ "active": false })).await.expect_problem(412, "request.stale_version");
    owner
        .post("/shipping-methods", &json!({ "name": "P", "price": euros(1), "countries": ["XX"] }))
        .await
        .expect(422)
        .blames("/countries/0");
    owner.delete(&path, "*").await.expect(204);

    let books = owner.post("/categories", &json!({ "name": "Books" })).await.expect(201).text_at("/id");
    let standard = json!({ "name": "VAT", "country": "DE", "basis_points": 1900 });
    let made = owner.post("/tax-rates", &standard).await.expect(201);
    assert_eq!(made.json["applies_to_shipping"], json!(true));
    owner.post("/tax-rates", &standard).await.expect_problem(409, "pricing.tax_rate_taken").blames("/country");
    let reduced = json!({ "name": "VAT", "country": "DE", "basis_points": 700, "category_id": books });
    let reduced = owner.post("/tax-rates", &reduced).await.expect(201);
    let path = format!("/tax-rates/{}", reduced.text_at("/id"));
    owner
        .patch(&path, "\"1\"", &json!({ "applies_to_shipping": true }))
        .await
        .expect_problem(422, "pricing.category_on_shipping")
        .blames("/applies_to_shipping");
    assert_eq!(
        owner.patch(&path, "\"1\"", &json!({ "basis_points": 500 })).await.expect(200).json["basis_points"],
        500
    );
    let nowhere = json!({ "name": "T", "region": "CA", "basis_points": 1 });
    owner.post("/tax-rates", &nowhere).await.expect(422).blames("/region");
    for region in ["CA", "ca"] {
        let status = if region == "CA" { 201 } else { 409 };
        owner
            .post("/tax-rates", &json!({ "name": "T", "country": "US", "region": region, "basis_points": 725 }))
            .await
            .expect(status);
    }
    let theirs = other.owner().post("/categories", &json!({ "name": "Books" })).await.expect(201).text_at("/id");
    let strange = json!({ "name": "T", "country": "FR", "basis_points": 1, "category_id": theirs });
    owner.post("/tax-rates", &strange).await.expect(422).blames("/category_id");
    other.owner().get(&path).await.expect_problem(404, "pricing.no_tax_rate");
    assert_eq!(owner.get("/tax-rates").await.expect(200).json["items"].as_array().map(Vec::len), Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_prices_include_tax_is_a_setting_of_the_store() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let before = shop.owner().get("/store").await.expect(200);
    assert_eq!(before.json["tax_included"], json!(true));
    let changed =
        shop.owner().patch("/store", before.header("etag"), &json!({ "tax_included": false })).await.expect(200);
    assert_eq!((&changed.json["tax_included"], &changed.json["name"]), (&json!(false), &before.json["name"]));
    assert_eq!(other.owner().get("/store").await.expect(200).json["tax_included"], json!(true));
    let stale = shop.owner().patch("/store", before.header("etag"), &json!({ "tax_included": true })).await;
    stale.expect_problem(412, "request.stale_version");
    let entries = Answer::of(shop.owner().request(Method::GET, "/audit")).await.expect(200);
    assert_eq!(entries.json["items"][0]["after"]["tax_included"], json!(false));
}
