//! The tree of categories: what visitors see of it, and how it is moved about.

use serde_json::{Value, json};
use tests::{Mall, Shop};

async fn category(shop: &Shop<'_>, name: &str, parent: Option<&str>) -> String {
    let mut body = json!({ "name": name });
    if let Some(parent) = parent {
        body["parent_id"] = json!(parent);
    }
    shop.owner().post("/categories", &body).await.expect(201).text_at("/id")
}

async fn product(shop: &Shop<'_>, name: &str, category: &str) -> String {
    let body = json!({ "name": name, "category_id": category, "price": { "amount": 100, "currency": "EUR" } });
    shop.owner().post("/products", &body).await.expect(201).text_at("/id")
}

/// The slugs of the categories with how much is for sale in each.
async fn counts(shop: &Shop<'_>) -> Vec<(String, i64)> {
    let all = shop.visit("/categories").await.expect(200);
    let items = all.json["items"].as_array().cloned().unwrap_or_default();
    let read = |item: &Value| (item["slug"].as_str().unwrap().to_owned(), item["product_count"].as_i64().unwrap());
    items.iter().map(read).collect()
}

fn counted<const N: usize>(expected: [(&str, i64); N]) -> Vec<(String, i64)> {
    expected.iter().map(|(slug, count)| ((*slug).to_owned(), *count)).collect()
}

#[tokio::test]
async fn a_category_counts_what_is_for_sale_in_it_and_below() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let a = category(&shop, "A", None).await;
    let b = category(&shop, "B", Some(&a)).await;
    let c = category(&shop, "C", Some(&b)).await;
    let top = product(&shop, "In A", &a).await;
    let deep = product(&shop, "In C", &c).await;
    assert_eq!(counts(&shop).await, counted([("a", 2), ("b", 1), ("c", 1)]));
    let listed = shop.visit("/products?category=a").await.expect(200);
    assert_eq!(listed.json["items"].as_array().map(Vec::len), Some(2), "lists go down the tree, too");

    let seen = shop.visit("/categories/b").await.expect(200);
    assert_eq!(seen.json["path"], json!([{ "slug": "a", "name": "A" }]));
    assert_eq!(seen.json["children"][0]["slug"], "c");
    assert_eq!(seen.json["children"][0]["product_count"], 1);

    let deep = format!("/products/{deep}");
    owner.patch(&deep, "*", &json!({ "active": false })).await.expect(200);
    assert_eq!(counts(&shop).await, counted([("a", 1), ("b", 0), ("c", 0)]), "what is not active counts nowhere");
    assert_eq!(shop.visit("/categories/b").await.expect(200).json["top_product"], Value::Null);
    owner.patch(&deep, "*", &json!({ "active": true, "category_id": a })).await.expect(200);
    assert_eq!(counts(&shop).await, counted([("a", 2), ("b", 0), ("c", 0)]));
    owner.delete(&format!("/products/{top}"), "*").await.expect(204);
    assert_eq!(counts(&shop).await, counted([("a", 1), ("b", 0), ("c", 0)]));
}

#[tokio::test]
async fn the_top_product_is_the_one_that_staff_chose_while_it_is_for_sale_there() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let owner = shop.owner();
    let a = category(&shop, "A", None).await;
    let b = category(&shop, "B", Some(&a)).await;
    let (chosen, _) = (product(&shop, "Chosen", &b).await, product(&shop, "Other", &b).await);
    let path = format!("/categories/{a}");
    owner.patch(&path, "*", &json!({ "top_product_id": chosen })).await.expect(200);
    let top = async |slug: &str| {
        let seen = shop.visit(&format!("/categories/{slug}")).await.expect(200);
        seen.json["top_product"]["slug"].as_str().map(str::to_owned)
    };
    assert_eq!(top("a").await.as_deref(), Some("chosen"), "it lies below");
    let listed = shop.visit("/categories").await.expect(200);
    assert_eq!(listed.json["items"][0]["top_product"]["price"]["amount"], 100);
    let product = format!("/products/{chosen}");
    owner.patch(&product, "*", &json!({ "active": false })).await.expect(200);
    assert_eq!(top("a").await.as_deref(), Some("other"), "it is not for sale: the newest leads");
    owner.patch(&product, "*", &json!({ "active": true, "category_id": null })).await.expect(200);
    assert_eq!(top("a").await.as_deref(), Some("other"), "it is elsewhere");
    owner.delete(&product, "*").await.expect(204);
    assert_eq!(owner.get(&path).await.expect(200).json["top_product_id"], Value::Null);
    let theirs = other.owner().add_product("Theirs").await.text_at("/id");
    let refused = owner.patch(&path, "*", &json!({ "top_product_id": theirs })).await;
    refused.expect_problem(422, "catalog.no_product").blames("/top_product_id");
}

#[tokio::test]
async fn a_category_is_moved_with_all_below_it_and_never_below_itself() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let owner = shop.owner();
    let a = category(&shop, "A", None).await;
    let b = category(&shop, "B", Some(&a)).await;
    let c = category(&shop, "C", Some(&b)).await;
    let d = category(&shop, "D", None).await;
    product(&shop, "In C", &c).await;
    let half = json!({ "name": "H", "kind": "percentage", "basis_points": 5_000, "category_ids": [d] });
    owner.post("/discounts", &half).await.expect(201);
    let to = async |id: &str, parent: Value| {
        owner.patch(&format!("/categories/{id}"), "*", &json!({ "parent_id": parent })).await
    };
    to(&b, json!(d)).await.expect(200);
    assert_eq!(counts(&shop).await, counted([("a", 0), ("b", 1), ("c", 1), ("d", 1)]));
    let moved = shop.visit("/products/in-c").await.expect(200);
    assert_eq!(moved.json["price"]["amount"], 50, "it came under a discount");
    for (id, parent) in [(&d, &c), (&d, &b), (&d, &d)] {
        to(id, json!(parent)).await.expect_problem(422, "catalog.category_cycle").blames("/parent_id");
    }
    let theirs = category(&other, "Theirs", None).await;
    to(&d, json!(theirs)).await.expect_problem(422, "catalog.no_category").blames("/parent_id");
    to(&b, Value::Null).await.expect(200);
    assert_eq!(counts(&shop).await, counted([("a", 0), ("b", 1), ("c", 1), ("d", 0)]));
    assert_eq!(shop.visit("/products/in-c").await.expect(200).json["price"]["amount"], 100);
    assert_eq!(shop.visit("/categories/c").await.expect(200).json["path"], json!([{ "slug": "b", "name": "B" }]));
}

#[tokio::test]
async fn nesting_ends_at_eight_however_it_is_come_by() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (mut parent, mut made) = (category(&shop, "L", None).await, 1);
    let top = parent.clone();
    for level in 2..=50 {
        let body = json!({ "name": format!("L{level}"), "parent_id": parent });
        let added = shop.owner().post("/categories", &body).await;
        if added.status == 201 {
            (parent, made) = (added.text_at("/id"), made + 1);
        } else {
            added.expect_problem(422, "catalog.too_deep").blames("/parent_id");
        }
    }
    assert_eq!(made, 8);
    let above = category(&shop, "Above", None).await;
    let moved = shop.owner().patch(&format!("/categories/{top}"), "*", &json!({ "parent_id": above })).await;
    moved.expect_problem(422, "catalog.too_deep").blames("/parent_id");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_moves_at_once_make_no_circle() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    for round in 0..8 {
        let (a, b) =
            (category(&shop, &format!("A{round}"), None).await, category(&shop, &format!("B{round}"), None).await);
        let (to_b, to_a) = (json!({ "parent_id": b }), json!({ "parent_id": a }));
        let (path_a, path_b) = (format!("/categories/{a}"), format!("/categories/{b}"));
        let (one, two) = tokio::join!(owner.patch(&path_a, "*", &to_b), owner.patch(&path_b, "*", &to_a));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422], "{} {}", one.text, two.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn products_that_come_while_their_category_moves_are_counted_where_it_went() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let (a, b) = (category(&shop, "A", None).await, category(&shop, "B", None).await);
    let moving = category(&shop, "Moving", Some(&a)).await;
    let path = format!("/categories/{moving}");
    for round in 0..6 {
        let target = if round % 2 == 0 { &b } else { &a };
        let names: Vec<_> = (0..4).map(|n| format!("P{round}-{n}")).collect();
        let added = futures_util::future::join_all(names.iter().map(|name| product(&shop, name, &moving)));
        let to = json!({ "parent_id": target });
        let (_, moved) = tokio::join!(added, owner.patch(&path, "*", &to));
        moved.expect(200);
        let all = (round + 1) * 4;
        let (in_a, in_b) = if round % 2 == 0 { (0, all) } else { (all, 0) };
        assert_eq!(counts(&shop).await, counted([("a", in_a), ("b", in_b), ("moving", all)]));
    }
}
