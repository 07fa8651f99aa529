//! Old addresses lead on to where a thing is found now.

use serde_json::{Value, json};
use tests::{Mall, Shop};

async fn rename(shop: &Shop<'_>, path: &str, slug: &str) {
    shop.owner().patch(path, "*", &json!({ "slug": slug })).await.expect(200);
}

/// Where a visitor is led who asks for `path`; none where it is found there.
async fn led(shop: &Shop<'_>, path: &str) -> Option<String> {
    let answer = shop.visit(path).await;
    match answer.status.as_u16() {
        200 => None,
        308 => Some(answer.header("location").to_owned()),
        status => Some(status.to_string()),
    }
}

#[tokio::test]
async fn an_old_slug_of_a_product_leads_to_it_after_any_number_of_renames() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let owner = shop.owner();
    let lamp = format!("/products/{}", owner.add_product("Lamp").await.text_at("/id"));
    rename(&shop, &lamp, "desk-lamp").await;
    rename(&shop, &lamp, "brass-lamp").await;
    let place = Some("/store/v1/products/brass-lamp".to_owned());
    assert_eq!(led(&shop, "/products/lamp").await, place);
    assert_eq!(led(&shop, "/products/desk-lamp").await, place);
    assert_eq!(led(&shop, "/products/brass-lamp").await, None);
    assert_eq!(led(&other, "/products/lamp").await, Some("404".into()), "a store knows its own slugs");

    rename(&shop, &lamp, "lamp").await;
    assert_eq!(led(&shop, "/products/lamp").await, None, "it was named back");
    assert_eq!(led(&shop, "/products/brass-lamp").await, Some("/store/v1/products/lamp".into()));

    owner.patch(&lamp, "*", &json!({ "active": false })).await.expect(200);
    for slug in ["lamp", "desk-lamp", "brass-lamp", "nowhere"] {
        assert_eq!(led(&shop, &format!("/products/{slug}")).await, Some("404".into()), "{slug}");
    }
    let (hidden, nowhere) = (shop.visit("/products/desk-lamp").await, shop.visit("/products/nowhere").await);
    assert_eq!(hidden.masked("desk-lamp"), nowhere.masked("nowhere"), "nothing tells that it is there");
    owner.delete(&lamp, "*").await.expect(204);
    assert_eq!(led(&shop, "/products/desk-lamp").await, Some("404".into()));
}

#[tokio::test]
async fn a_new_product_may_take_an_old_slug_and_then_wins() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let first = format!("/products/{}", owner.add_product("Lamp").await.text_at("/id"));
    rename(&shop, &first, "old-lamp").await;
    let second = owner.add_product("Lamp").await;
    assert_eq!(second.text_at("/slug"), "lamp", "the slug is free");
    assert_eq!(shop.visit("/products/lamp").await.expect(200).text_at("/id"), second.text_at("/id"));
    let second = format!("/products/{}", second.text_at("/id"));
    rename(&shop, &second, "new-lamp").await;
    assert_eq!(led(&shop, "/products/lamp").await, Some("/store/v1/products/new-lamp".into()), "who had it last");
}

#[tokio::test]
async fn an_old_slug_of_a_category_leads_to_it() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let category = shop.owner().post("/categories", &json!({ "name": "Lights" })).await.expect(201);
    let path = format!("/categories/{}", category.text_at("/id"));
    rename(&shop, &path, "lamps").await;
    rename(&shop, &path, "lighting").await;
    for old in ["lights", "lamps"] {
        let place = Some("/store/v1/categories/lighting".to_owned());
        assert_eq!(led(&shop, &format!("/categories/{old}")).await, place);
        assert_eq!(led(&other, &format!("/categories/{old}")).await, Some("404".into()));
    }
    shop.owner().post("/categories", &json!({ "name": "Lights" })).await.expect(201);
    assert_eq!(led(&shop, "/categories/lights").await, None, "a new one won it");
    let answer = shop.visit("/categories/lamps").await.expect(308);
    assert_eq!((&answer.json, answer.header("cache-control")), (&Value::Null, "public, no-cache"));
}
