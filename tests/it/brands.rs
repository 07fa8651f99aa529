//! Brands, written by staff and read by visitors.

use serde_json::{Value, json};
use tests::Mall;

fn price(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

#[tokio::test]
async fn a_brand_is_written_and_is_seen_with_what_it_has_for_sale() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let made = owner.post("/brands", &json!({ "name": "Nordwand" })).await.expect(201);
    assert_eq!((made.text_at("/slug"), made.header("etag")), ("nordwand".into(), "\"1\""));
    let (id, path) = (made.text_at("/id"), format!("/brands/{}", made.text_at("/id")));
    assert_eq!(owner.get(&path).await.expect(200).json, made.json);
    assert_eq!(shop.visit("/brands").await.expect(200).json["items"], json!([]), "it has nothing for sale yet");

    let tent = json!({ "name": "Tent", "price": price(100), "brand_id": id });
    let tent = owner.post("/products", &tent).await.expect(201);
    assert_eq!(tent.text_at("/brand_id"), id);
    let hidden = json!({ "name": "Secret", "price": price(100), "brand_id": id, "active": false });
    owner.post("/products", &hidden).await.expect(201);
    let seen = shop.visit("/brands").await.expect(200);
    assert_eq!(seen.json["items"][0]["product_count"], 1, "what is not active is not counted");
    let brand = json!({ "slug": "nordwand", "name": "Nordwand" });
    assert_eq!(shop.visit("/products/tent").await.expect(200).json["brand"], brand);
    assert_eq!(shop.visit("/products").await.expect(200).json["items"][0]["brand"], brand);
    assert_eq!(owner.get("/products").await.expect(200).json["items"][0]["brand"], "nordwand");

    owner.delete(&path, "*").await.expect_problem(409, "catalog.brand_in_use");
    let renamed = json!({ "name": "Südwand", "slug": "suedwand" });
    owner.patch(&path, "\"1\"", &renamed).await.expect(200);
    owner.patch(&path, "\"1\"", &renamed).await.expect_problem(412, "request.stale_version");
    assert_eq!(shop.visit("/products/tent").await.expect(200).json["brand"]["name"], "Südwand");
    let tent = format!("/products/{}", tent.text_at("/id"));
    owner.patch(&tent, "*", &json!({ "active": false })).await.expect(200);
    assert_eq!(shop.visit("/brands").await.expect(200).json["items"], json!([]), "nothing of it is for sale");
    owner.patch(&tent, "*", &json!({ "brand_id": null })).await.expect(200);
    let secret = owner.get("/products?active=false").await.json["items"].clone();
    for product in secret.as_array().unwrap() {
        owner.patch(&format!("/products/{}", product["id"].as_str().unwrap()), "*", &json!({ "brand_id": null })).await;
    }
    owner.delete(&path, "*").await.expect(204);
    owner.get(&path).await.expect_problem(404, "catalog.no_brand");
}

#[tokio::test]
async fn a_brand_of_another_store_is_as_missing_as_one_that_is_nowhere() {
    const NOWHERE: &str = "0192f0c1-2345-7000-8000-000000000000";
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let theirs = other.owner().post("/brands", &json!({ "name": "Theirs" })).await.expect(201).text_at("/id");
    let owner = shop.owner();
    let lamp = format!("/products/{}", owner.add_product("Lamp").await.text_at("/id"));
    for id in [theirs.as_str(), NOWHERE] {
        let new = json!({ "name": "Tent", "price": price(100), "brand_id": id });
        owner.post("/products", &new).await.expect_problem(422, "catalog.no_brand").blames("/brand_id");
        let changed = owner.patch(&lamp, "*", &json!({ "brand_id": id })).await;
        changed.expect_problem(422, "catalog.no_brand").blames("/brand_id");
    }
    assert_eq!(owner.get("/brands").await.expect(200).json["items"], json!([]));
    owner.post("/brands", &json!({ "name": "Theirs" })).await.expect(201);
    let taken = json!({ "name": "Other", "slug": "theirs" });
    owner.post("/brands", &taken).await.expect_problem(409, "catalog.slug_taken").blames("/slug");
    assert_eq!(owner.post("/brands", &json!({ "name": "Theirs" })).await.expect(201).text_at("/slug"), "theirs-2");
}
