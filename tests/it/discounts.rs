//! Dated discounts, and the prices that they make.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Mall, Shop, admin_pool};

fn price(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

fn from_now(minutes: i64) -> String {
    (Utc::now() + TimeDelta::minutes(minutes)).to_rfc3339()
}

fn all_off(basis_points: i64) -> Value {
    json!({ "name": "Sale", "kind": "percentage", "basis_points": basis_points, "everything": true })
}

/// The clock goes on by some minutes: everything that a discount says of time lies that much further back.
async fn later(mall: &Mall, minutes: i64) {
    let admin = admin_pool(&mall.database.admin_url).await;
    for sql in [
        "UPDATE discounts SET starts_at = starts_at - make_interval(mins => $1), ends_at = ends_at - make_interval(mins => $1)",
        "UPDATE catalog_state SET next_price_change_at = next_price_change_at - make_interval(mins => $1)",
    ] {
        sqlx::query(sql).bind(i32::try_from(minutes).unwrap()).execute(&admin).await.unwrap();
    }
}

/// The prices of a list, in its order: now, and before where that is shown.
async fn prices(shop: &Shop<'_>, query: &str) -> Vec<(i64, Option<i64>)> {
    let page = shop.visit(&format!("/products?{query}")).await.expect(200);
    let items = page.json["items"].as_array().cloned().unwrap_or_default();
    let read = |item: &Value| {
        assert_eq!(item["on_sale"], json!(!item["compare_at_price"].is_null()), "{item}");
        (item["price"]["amount"].as_i64().unwrap(), item["compare_at_price"]["amount"].as_i64())
    };
    items.iter().map(read).collect()
}

async fn add(shop: &Shop<'_>, name: &str, amount: i64) -> String {
    let body = json!({ "name": name, "price": price(amount) });
    shop.owner().post("/products", &body).await.expect(201).text_at("/id")
}

#[tokio::test]
async fn a_discount_begins_and_ends_by_the_clock() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    add(&shop, "Lamp", 1_005).await;
    let mut body = all_off(1_000);
    (body["starts_at"], body["ends_at"]) = (json!(from_now(60)), json!(from_now(120)));
    let made = owner.post("/discounts", &body).await.expect(201);
    assert_eq!(made.json["running"], false);
    assert_eq!(prices(&shop, "").await, [(1_005, None)], "it is too early");

    later(&mall, 61).await;
    assert_eq!(prices(&shop, "").await, [(905, Some(1_005))], "904.5 is rounded up");
    let seen = shop.visit("/products/lamp").await.expect(200);
    assert_eq!((&seen.json["price"], &seen.json["compare_at_price"]), (&price(905), &price(1_005)));
    let variant = &seen.json["variants"][0];
    assert_eq!((&variant["price"], &variant["compare_at_price"]), (&price(905), &price(1_005)));
    let staff = owner.get("/products").await.expect(200);
    let lamp = &staff.json["items"][0];
    assert_eq!((&lamp["price"], &lamp["current_price"]), (&price(1_005), &price(905)), "staff sees both");
    let path = format!("/discounts/{}", made.text_at("/id"));
    assert_eq!(owner.get(&path).await.expect(200).json["running"], true);

    later(&mall, 60).await;
    let token = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    let wish = format!("/store/v1/wishlist/items/{}", seen.text_at("/id"));
    Answer::of(shop.request(Method::PUT, &wish).bearer_auth(&token)).await;
    let wishes = Answer::of(shop.request(Method::GET, "/store/v1/wishlist").bearer_auth(&token)).await.expect(200);
    assert!(wishes.text.contains(r#""price":{"amount":1005"#), "a wishlist is the first to be asked: {}", wishes.text);
    assert_eq!(prices(&shop, "").await, [(1_005, None)], "it is over");
    assert_eq!(shop.visit("/products/lamp").await.expect(200).json["on_sale"], false);
}

#[tokio::test]
async fn whoever_comes_first_after_the_moment_may_ask_for_one_product_or_come_in_a_crowd() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    add(&shop, "Lamp", 1_000).await;
    let mut body = all_off(5_000);
    body["starts_at"] = json!(from_now(60));
    shop.owner().post("/discounts", &body).await.expect(201);
    later(&mall, 61).await;
    let asked = futures_util::future::join_all((0..40).map(|_| shop.visit("/products/lamp"))).await;
    for answer in asked {
        assert_eq!(answer.expect(200).json["price"], price(500));
    }
    let admin = admin_pool(&mall.database.admin_url).await;
    let state: (i64, Option<DateTime<Utc>>) =
        sqlx::query_as("SELECT version, next_price_change_at FROM catalog_state").fetch_one(&admin).await.unwrap();
    assert_eq!(state, (2, None), "a product, and one who made the prices");
}

#[tokio::test]
async fn of_two_discounts_the_better_one_counts_and_nothing_costs_less_than_nothing() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let (cheap, dear) = (add(&shop, "Cheap", 300).await, add(&shop, "Dear", 10_000).await);
    owner.post("/discounts", &all_off(1_000)).await.expect(201);
    let amount = json!({ "name": "5 off", "kind": "amount", "amount": price(500), "product_ids": [cheap, dear] });
    let amount = owner.post("/discounts", &amount).await.expect(201);
    assert_eq!(prices(&shop, "sort=price").await, [(0, Some(300)), (9_000, Some(10_000))]);
    let path = format!("/discounts/{}", amount.text_at("/id"));
    owner.patch(&path, "\"1\"", &json!({ "active": false })).await.expect(200);
    assert_eq!(prices(&shop, "sort=price").await, [(270, Some(300)), (9_000, Some(10_000))]);
    let switched = json!({ "active": true, "kind": "percentage", "basis_points": 5_000, "product_ids": [dear] });
    owner.patch(&path, "\"2\"", &switched).await.expect(200);
    assert_eq!(prices(&shop, "sort=price").await, [(270, Some(300)), (5_000, Some(10_000))]);
    owner.delete(&path, "\"2\"").await.expect_problem(412, "request.stale_version");
    owner.delete(&path, "\"3\"").await.expect(204);
    assert_eq!(prices(&shop, "sort=price").await, [(270, Some(300)), (9_000, Some(10_000))]);
    owner.get(&path).await.expect_problem(404, "catalog.no_discount");
}

#[tokio::test]
async fn lists_sort_by_what_things_cost_now_page_by_page() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let category = owner.post("/categories", &json!({ "name": "Lights" })).await.expect(201).text_at("/id");
    for (name, amount) in [("A", 400), ("B", 300), ("C", 200), ("D", 100)] {
        let body = json!({ "name": name, "price": price(amount), "category_id": category });
        owner.post("/products", &body).await.expect(201);
    }
    let a = shop.visit("/products/a").await.expect(200).text_at("/id");
    let half = json!({ "name": "A", "kind": "percentage", "basis_points": 9_000, "product_ids": [a] });
    owner.post("/discounts", &half).await.expect(201);
    for filter in ["", "&category=lights"] {
        let first = shop.visit(&format!("/products?sort=price&limit=3{filter}")).await.expect(200);
        let names: Vec<_> = first.json["items"].as_array().unwrap().iter().map(|item| &item["name"]).collect();
        assert_eq!(names, ["A", "D", "C"]);
        let rest = format!("/products?sort=price&limit=3{filter}&cursor={}", first.text_at("/next_cursor"));
        assert_eq!(shop.visit(&rest).await.expect(200).json["items"][0]["name"], "B");
    }
}

#[tokio::test]
async fn a_discount_is_for_products_categories_with_all_below_brands_or_everything() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let top = owner.post("/categories", &json!({ "name": "Top" })).await.expect(201).text_at("/id");
    let below = json!({ "name": "Below", "parent_id": top });
    let below = owner.post("/categories", &below).await.expect(201).text_at("/id");
    let brand = owner.post("/brands", &json!({ "name": "Nordwand" })).await.expect(201).text_at("/id");
    let mut paths = Vec::new();
    for (name, more) in [
        ("p0", json!({})),
        ("p1", json!({ "category_id": top })),
        ("p2", json!({ "category_id": below })),
        ("p3", json!({ "brand_id": brand })),
    ] {
        let mut body = json!({ "name": name, "price": price(100) });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        paths.push(format!("/products/{}", owner.post("/products", &body).await.expect(201).text_at("/id")));
    }
    let now = async || prices(&shop, "sort=name").await.iter().map(|(now, _)| *now).collect::<Vec<_>>();
    for (target, expected) in [
        (json!({ "category_ids": [top] }), [100, 50, 50, 100]),
        (json!({ "category_ids": [below] }), [100, 100, 50, 100]),
        (json!({ "brand_ids": [brand] }), [100, 100, 100, 50]),
        (json!({ "everything": true }), [50, 50, 50, 50]),
    ] {
        let mut body = json!({ "name": "Half", "kind": "percentage", "basis_points": 5_000 });
        body.as_object_mut().unwrap().extend(target.as_object().unwrap().clone());
        let made = owner.post("/discounts", &body).await.expect(201).text_at("/id");
        assert_eq!(now().await, expected, "{target}");
        owner.delete(&format!("/discounts/{made}"), "*").await.expect(204);
        assert_eq!(now().await, [100, 100, 100, 100]);
    }

    let half = json!({ "name": "H", "kind": "percentage", "basis_points": 5_000, "category_ids": [top], "brand_ids": [brand] });
    owner.post("/discounts", &half).await.expect(201);
    owner.patch(&paths[0], "*", &json!({ "category_id": below })).await.expect(200);
    owner.patch(&paths[3], "*", &json!({ "brand_id": null })).await.expect(200);
    assert_eq!(now().await, [50, 50, 50, 100], "prices follow what a product is");
    owner.patch(&paths[0], "*", &json!({ "price": price(61) })).await.expect(200);
    assert_eq!(now().await, [31, 50, 50, 100], "and what it costs");
    let new = json!({ "name": "p4", "price": price(10), "category_id": below });
    assert_eq!(owner.post("/products", &new).await.expect(201).json["current_price"], price(5));
}

#[tokio::test]
async fn a_discount_that_makes_no_sense_is_refused_by_its_fields() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let owner = shop.owner();
    let theirs = other.owner().add_product("Theirs").await.text_at("/id");
    let refused = async |change: Value, code: &str, pointer: &str| {
        let mut body = all_off(1_000);
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
            if value.is_null() {
                body.as_object_mut().unwrap().remove(name);
            }
        }
        owner.post("/discounts", &body).await.expect_problem(422, code).blames(pointer);
    };
    let (bad, invalid) = ("catalog.bad_discount", "request.invalid");
    refused(json!({ "basis_points": null }), bad, "/basis_points").await;
    refused(json!({ "amount": price(1) }), bad, "/amount").await;
    refused(json!({ "kind": "amount" }), bad, "/basis_points").await;
    refused(json!({ "everything": false }), bad, "/everything").await;
    refused(json!({ "ends_at": from_now(-1) }), bad, "/ends_at").await;
    refused(json!({ "basis_points": 0 }), invalid, "/basis_points").await;
    refused(json!({ "basis_points": 10_001 }), invalid, "/basis_points").await;
    refused(json!({ "kind": "free" }), invalid, "/kind").await;
    refused(json!({ "starts_at": "+262142-01-01T00:00:00Z" }), invalid, "/starts_at").await;
    refused(json!({ "kind": "amount", "basis_points": null, "amount": price(0) }), invalid, "/amount/amount").await;
    let dollar = json!({ "amount": 1, "currency": "USD" });
    refused(json!({ "kind": "amount", "basis_points": null, "amount": dollar }), invalid, "/amount/currency").await;
    refused(json!({ "product_ids": [theirs] }), "catalog.unknown_targets", "/product_ids/0").await;
    let nowhere = "0192f0c1-2345-7000-8000-000000000000";
    refused(json!({ "brand_ids": [nowhere] }), "catalog.unknown_targets", "/brand_ids/0").await;
    assert_eq!(owner.get("/discounts").await.expect(200).json["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_product_slips_between_a_discount_and_its_prices() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    for round in 0..5 {
        let names: Vec<_> = (0..6).map(|n| json!({ "name": format!("L{round}-{n}"), "price": price(1_000) })).collect();
        let added = futures_util::future::join_all(names.iter().map(|body| owner.post("/products", body)));
        let discount = all_off(1_000 * (round + 1));
        let (added, discount) = tokio::join!(added, owner.post("/discounts", &discount));
        added.into_iter().for_each(|answer| drop(answer.expect(201)));
        discount.expect(201);
        let wrong = prices(&shop, "limit=100").await.into_iter().filter(|(now, _)| *now != 1_000 - 100 * (round + 1));
        assert_eq!(wrong.collect::<Vec<_>>(), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_edits_at_once_leave_prices_that_agree() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    owner.post("/discounts", &all_off(1_000)).await.expect(201);
    let category = owner.post("/categories", &json!({ "name": "C" })).await.expect(201).text_at("/id");
    let body = json!({ "name": "Tent", "price": price(1_000), "category_id": category,
        "options": [{ "name": "Size", "values": ["S", "M"] }],
        "variants": [{ "options": { "Size": "S" } }, { "options": { "Size": "M" } }] });
    let tent = owner.post("/products", &body).await.expect(201);
    let path = format!("/products/{}", tent.text_at("/id"));
    let edit = async |n: i64| -> Answer {
        let variant = tent.text_at(&format!("/variants/{}/id", n % 2));
        match n % 4 {
            0 | 1 => owner.patch(&format!("{path}/variants/{variant}"), "*", &json!({ "price": price(100 + n) })).await,
            2 => owner.patch(&path, "*", &json!({ "active": n % 8 == 2 })).await,
            _ => owner.patch(&path, "*", &json!({ "name": format!("Tent {n}") })).await,
        }
    };
    let edits = futures_util::stream::iter((0..200).map(edit));
    let answers: Vec<_> = futures_util::StreamExt::collect(futures_util::StreamExt::buffer_unordered(edits, 40)).await;
    for answer in answers {
        answer.expect(200);
    }
    let after = owner.get(&path).await.expect(200);
    assert_eq!(after.json["version"], 201, "every edit was counted");
    let listed = |at: &str| after.json.pointer(at).and_then(Value::as_i64).unwrap();
    let lowest = listed("/variants/0/price/amount").min(listed("/variants/1/price/amount"));
    assert_eq!(listed("/price/amount"), lowest);
    for at in ["", "/variants/0", "/variants/1"] {
        let (list, now) = (listed(&format!("{at}/price/amount")), listed(&format!("{at}/current_price/amount")));
        assert_eq!(now, (list * 9 + 5) / 10, "{at}");
    }
    owner.patch(&path, "*", &json!({ "active": true })).await.expect(200);
    assert_eq!(prices(&shop, "category=c").await, [((lowest * 9 + 5) / 10, Some(lowest))]);
}
