//! What products are described by.

use serde_json::{Value, json};
use tests::Mall;

fn lamp(attributes: &Value) -> Value {
    json!({ "name": "Lamp", "price": { "amount": 100, "currency": "EUR" }, "attributes": attributes })
}

#[tokio::test]
async fn a_product_has_values_of_attributes_named_by_slug_or_by_name() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let material = owner.post("/attributes", &json!({ "name": "Material" })).await.expect(201);
    assert_eq!((material.text_at("/slug"), material.header("etag")), ("material".into(), "\"1\""));
    owner.post("/attributes", &json!({ "name": "Höhe (cm)", "slug": "height" })).await.expect(201);
    let made = owner.post("/products", &lamp(&json!({ "material": "Brass", "Höhe (cm)": "40" }))).await.expect(201);
    let expected = json!({ "material": "Brass", "height": "40" });
    assert_eq!(made.json["attributes"], expected);
    assert_eq!(shop.visit("/products/lamp").await.expect(200).json["attributes"], expected);
    assert_eq!(shop.visit("/products").await.expect(200).json["items"][0]["attributes"], expected);

    let path = format!("/products/{}", made.text_at("/id"));
    let change = json!({ "attributes": { "Material": "Steel" } });
    let changed = owner.patch(&path, "\"1\"", &change).await.expect(200);
    assert_eq!(changed.json["attributes"], json!({ "material": "Steel" }), "what is sent is all that it has");
    owner.patch(&path, "\"2\"", &json!({ "name": "Other" })).await.expect(200);
    assert_eq!(owner.get(&path).await.expect(200).json["attributes"], json!({ "material": "Steel" }));

    let attribute = format!("/attributes/{}", material.text_at("/id"));
    owner.delete(&attribute, "*").await.expect_problem(409, "catalog.attribute_in_use");
    owner.patch(&attribute, "\"1\"", &json!({ "name": "Stoff" })).await.expect(200);
    owner.patch(&path, "*", &json!({ "attributes": {} })).await.expect(200);
    owner.delete(&attribute, "\"2\"").await.expect(204);
    owner.get(&attribute).await.expect_problem(404, "catalog.no_attribute");
}

#[tokio::test]
async fn what_is_no_attribute_of_the_store_is_refused_by_its_name() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let owner = shop.owner();
    other.owner().post("/attributes", &json!({ "name": "Theirs" })).await.expect(201);
    owner.post("/attributes", &json!({ "name": "Material" })).await.expect(201);
    let unknown = owner.post("/products", &lamp(&json!({ "theirs": "x", "a/b~c": "y" }))).await;
    let unknown = unknown.expect_problem(422, "catalog.no_attribute");
    unknown.blames("/attributes/theirs").blames("/attributes/a~1b~0c");
    let twice = owner.post("/products", &lamp(&json!({ "material": "x", "Material": "y" }))).await;
    twice.expect_problem(422, "catalog.no_attribute").blames("/attributes/material");
    let empty = owner.post("/products", &lamp(&json!({ "material": " " }))).await;
    empty.expect_problem(422, "request.invalid").blames("/attributes/material");
    let many: serde_json::Map<_, _> = (0..51).map(|n| (format!("a{n}"), json!("x"))).collect();
    let many = owner.post("/products", &lamp(&Value::Object(many))).await;
    many.expect_problem(422, "request.invalid").blames("/attributes");
    assert_eq!(owner.get("/products").await.expect(200).json["items"], json!([]), "refusals leave nothing");
    let named = owner.post("/attributes", &json!({ "name": "Material", "slug": "other" })).await;
    named.expect_problem(409, "catalog.name_taken").blames("/name");
    let taken = owner.post("/attributes", &json!({ "name": "Other", "slug": "material" })).await;
    taken.expect_problem(409, "catalog.slug_taken").blames("/slug");
    assert_eq!(owner.get("/attributes").await.expect(200).json["items"].as_array().map(Vec::len), Some(1));
}
