//! The variants of a product that is there.

use serde_json::{Value, json};
use tests::{Mall, Shop};

fn price(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

/// A tent in two sizes, and the path of it.
async fn tent(shop: &Shop<'_>) -> (Value, String) {
    let body = json!({
        "name": "Tent", "price": price(100), "options": [{ "name": "Size", "values": ["S", "M"] }],
        "variants": [{ "sku": "S", "options": { "Size": "S" } }, { "sku": "M", "options": { "Size": "M" }, "price": price(150) }],
    });
    let made = shop.owner().post("/products", &body).await.expect(201).json;
    let path = format!("/products/{}", made["id"].as_str().unwrap());
    (made, path)
}

fn of(path: &str, variant: &Value) -> String {
    format!("{path}/variants/{}", variant["id"].as_str().unwrap())
}

#[tokio::test]
async fn variants_are_added_changed_and_removed_and_one_stays() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let (made, path) = tent(&shop).await;
    let wider = json!({ "options": [{ "name": "Size", "values": ["S", "M", "L"] }] });
    owner.patch(&path, "\"1\"", &wider).await.expect(200);
    let large = json!({ "sku": "large", "options": { "Size": "L" }, "price": price(80) });
    let large = owner.post(&format!("{path}/variants"), &large).await.expect(201);
    assert_eq!((large.text_at("/sku"), large.text_at("/name")), ("LARGE".into(), "Tent (L)".into()));
    assert_eq!(owner.get(&of(&path, &large.json)).await.expect(200).json, large.json);
    let all = owner.get(&format!("{path}/variants")).await.expect(200);
    assert_eq!(all.json["items"][2], large.json, "it is shown behind the others");
    assert_eq!(shop.visit("/products/tent").await.expect(200).json["price"], price(80), "the lowest one leads");

    let change = json!({ "price": price(200), "sku": null });
    let changed = owner.patch(&of(&path, &large.json), "\"1\"", &change).await.expect(200);
    assert_eq!((&changed.json["price"], &changed.json["sku"]), (&price(200), &Value::Null));
    assert_eq!(changed.header("etag"), "\"2\"");
    assert_eq!(shop.visit("/products").await.expect(200).json["items"][0]["price"], price(100));
    owner.patch(&of(&path, &large.json), "\"1\"", &change).await.expect_problem(412, "request.stale_version");
    owner.delete(&of(&path, &large.json), "\"1\"").await.expect_problem(412, "request.stale_version");

    owner.delete(&of(&path, &large.json), "\"2\"").await.expect(204);
    owner.get(&of(&path, &large.json)).await.expect_problem(404, "catalog.no_variant");
    owner.delete(&of(&path, &made["variants"][0]), "*").await.expect(204);
    let last = of(&path, &made["variants"][1]);
    owner.delete(&last, "*").await.expect_problem(409, "catalog.last_variant");
    assert_eq!(owner.get(&path).await.expect(200).json["price"], price(150));
    assert_eq!(owner.get(&path).await.expect(200).json["version"], 6, "each of them changed the product");
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let (made, path) = tent(&shop).await;
    owner.post("/products", &json!({ "name": "Other", "price": price(1), "sku": "TAKEN" })).await.expect(201);
    let variants = format!("{path}/variants");
    for (body, code, pointer) in [
        (json!({ "options": { "Size": "XL" } }), "catalog.bad_variants", "/options"),
        (json!({ "options": {} }), "catalog.bad_variants", "/options"),
        (json!({ "options": { "Size": "S" } }), "catalog.bad_variants", "/options"),
        (json!({ "options": { "Size": "M", "Colour": "Red" } }), "catalog.bad_variants", "/options"),
    ] {
        owner.post(&variants, &body).await.expect_problem(422, code).blames(pointer);
    }
    let (small, medium) = (of(&path, &made["variants"][0]), of(&path, &made["variants"][1]));
    let taken = owner.patch(&small, "*", &json!({ "sku": "taken" })).await;
    taken.expect_problem(409, "catalog.sku_taken").blames("/sku");
    owner.patch(&small, "*", &json!({ "sku": "M" })).await.expect_problem(409, "catalog.sku_taken");
    let twin = owner.patch(&medium, "*", &json!({ "options": { "Size": "S" } })).await;
    twin.expect_problem(422, "catalog.bad_variants").blames("/options");

    for options in [
        json!([]),
        json!([{ "name": "Size", "values": ["S"] }]),
        json!([{ "name": "Size", "values": ["S", "M"] }, { "name": "Colour", "values": ["Red"] }]),
        json!([{ "name": "Colour", "values": ["S", "M"] }]),
    ] {
        let changed = owner.patch(&path, "*", &json!({ "options": options })).await;
        changed.expect_problem(422, "catalog.bad_variants").blames("/options");
    }
    let twice = json!({ "options": [{ "name": "Size", "values": ["S", "S", "M"] }] });
    owner.patch(&path, "*", &twice).await.expect_problem(422, "catalog.bad_variants").blames("/options/0/values/1");
    let around = json!({ "options": [{ "name": "Size", "values": ["M", "S"] }] });
    assert_eq!(owner.patch(&path, "\"1\"", &around).await.expect(200).json["options"][0]["values"], json!(["M", "S"]));
}

#[tokio::test]
async fn a_variant_belongs_to_its_product_and_that_to_its_store() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let owner = shop.owner();
    let (made, path) = tent(&shop).await;
    let (theirs, their_path) = tent(&other).await;
    let lamp = format!("/products/{}", owner.add_product("Lamp").await.text_at("/id"));
    let change = json!({ "price": price(1) });
    for variant in [of(&lamp, &made["variants"][0]), of(&path, &theirs["variants"][0])] {
        owner.get(&variant).await.expect_problem(404, "catalog.no_variant");
        owner.patch(&variant, "*", &change).await.expect_problem(404, "catalog.no_variant");
        owner.delete(&variant, "*").await.expect_problem(404, "catalog.no_variant");
    }
    let theirs = of(&their_path, &theirs["variants"][0]);
    owner.patch(&theirs, "*", &change).await.expect_problem(404, "catalog.no_product");
    owner.get(&format!("{their_path}/variants")).await.expect_problem(404, "catalog.no_product");
    let new = json!({ "options": { "Size": "S" } });
    owner.post(&format!("{their_path}/variants"), &new).await.expect_problem(404, "catalog.no_product");
    assert_eq!(other.visit("/products/tent").await.expect(200).json["price"], price(100));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_remove_the_last_two_at_once_one_is_told_to_leave_it() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    for _ in 0..5 {
        let (made, path) = tent(&shop).await;
        let (small, medium) = (of(&path, &made["variants"][0]), of(&path, &made["variants"][1]));
        let (one, two) = tokio::join!(owner.delete(&small, "*"), owner.delete(&medium, "*"));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
        assert_eq!(owner.get(&path).await.json["variants"].as_array().map(Vec::len), Some(1));
        owner.delete(&path, "*").await.expect(204);
    }
}
