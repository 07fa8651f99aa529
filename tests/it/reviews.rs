//! What shoppers say of products, and what staff lets be seen.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Mall, Shop};

/// Somebody reviews a product, logged in or not.
async fn review(shop: &Shop<'_>, token: Option<&str>, slug: &str, body: &Value) -> Answer {
    let request = shop.request(Method::POST, &format!("/store/v1/products/{slug}/reviews")).json(body);
    Answer::of(token.into_iter().fold(request, |request, token| request.bearer_auth(token))).await
}

/// A visitor reviews the lamp: the review's id.
async fn waiting(shop: &Shop<'_>, stars: i64) -> String {
    let body = json!({ "name": "Vera", "rating": stars, "title": "Hm", "body": "Bright enough." });
    let written = review(shop, None, "lamp", &body).await.expect(201);
    assert_eq!(written.text_at("/state"), "waiting");
    written.text_at("/id")
}

/// Staff decides about a review of this version, or of any.
async fn decide(shop: &Shop<'_>, id: &str, how: &str, version: &str) -> Answer {
    let request = shop.owner().request(Method::POST, &format!("/reviews/{id}/{how}"));
    Answer::of(request.header("If-Match", version)).await
}

/// What the shop shows of the lamp's rating, in the list and by itself.
async fn rating(shop: &Shop<'_>) -> Value {
    let product = shop.visit("/products/lamp").await.expect(200);
    let list = shop.visit("/products").await.expect(200);
    assert_eq!(product.json["rating"], list.json["items"][0]["rating"]);
    product.json["rating"].clone()
}

async fn seen(shop: &Shop<'_>) -> Vec<Value> {
    shop.visit("/products/lamp/reviews").await.expect(200).json["items"].as_array().cloned().unwrap()
}

#[tokio::test]
async fn a_review_is_seen_and_counted_once_staff_approves_it() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    shop.owner().add_product("Lamp").await;
    assert_eq!(rating(&shop).await, json!({ "average": null, "count": 0 }));
    let customer = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    let body = json!({ "rating": 4, "body": " Very\nbright. " });
    let written = review(&shop, Some(&customer), "lamp", &body).await.expect(201);
    assert_eq!((written.text_at("/name"), written.text_at("/body")), ("Sam Shopper".into(), "Very\nbright.".into()));
    assert_eq!((&written.json["title"], &written.json["verified_purchase"]), (&Value::Null, &json!(false)));
    let id = written.text_at("/id");
    let waits = shop.owner().get("/reviews?state=waiting").await.expect(200);
    assert_eq!((waits.text_at("/items/0/id"), waits.json["items"].as_array().unwrap().len()), (id.clone(), 1));
    assert_eq!((seen(&shop).await.len(), rating(&shop).await), (0, json!({ "average": null, "count": 0 })));

    let approved = decide(&shop, &id, "approve", "\"1\"").await.expect(200);
    assert_eq!((approved.text_at("/state"), approved.header("etag")), ("approved".into(), "\"2\""));
    let shown = seen(&shop).await;
    assert_eq!((shown.len(), &shown[0]["id"], &shown[0]["rating"]), (1, &json!(id), &json!(4)));
    assert!(shown[0].get("state").is_none() && shown[0].get("customer_id").is_none(), "{shown:?}");
    assert_eq!(rating(&shop).await, json!({ "average": 4.0, "count": 1 }));
    let third = waiting(&shop, 1).await;
    decide(&shop, &third, "approve", "*").await.expect(200);
    let last = waiting(&shop, 2).await;
    decide(&shop, &last, "approve", "*").await.expect(200);
    assert_eq!(rating(&shop).await, json!({ "average": 2.3, "count": 3 }), "7 of 3, to one decimal");

    let audit = shop.owner().get("/audit?limit=3").await.expect(200);
    let entry = &audit.json["items"][2];
    assert_eq!((&entry["action"], &entry["thing_id"]), (&json!("approveReview"), &json!(id)));
    assert_eq!((&entry["before"]["state"], &entry["after"]["state"]), (&json!("waiting"), &json!("approved")));
}

#[tokio::test]
async fn decisions_are_taken_back_and_said_twice_without_counting_twice() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    shop.owner().add_product("Lamp").await;
    let id = waiting(&shop, 5).await;
    let product = shop.owner().get("/products").await.text_at("/items/0/id");
    let version = shop.owner().get(&format!("/products/{product}")).await.header("etag").to_owned();

    let without = Answer::of(shop.owner().request(Method::POST, &format!("/reviews/{id}/approve"))).await;
    without.expect_problem(428, "request.version_required");
    decide(&shop, &id, "approve", "\"7\"").await.expect_problem(412, "request.stale_version");
    decide(&shop, &id, "approve", "\"1\"").await.expect(200);
    // The first answer was lost: the same again.
    let again = decide(&shop, &id, "approve", "\"1\"").await.expect(200);
    assert_eq!(again.header("etag"), "\"2\"");
    assert_eq!(rating(&shop).await, json!({ "average": 5.0, "count": 1 }));
    decide(&shop, &id, "reject", "\"1\"").await.expect_problem(412, "request.stale_version");
    decide(&shop, &id, "reject", "\"2\"").await.expect(200);
    assert_eq!((seen(&shop).await.len(), rating(&shop).await["count"].clone()), (0, json!(0)));
    decide(&shop, &id, "reject", "*").await.expect(200);
    decide(&shop, &id, "approve", "*").await.expect(200);
    assert_eq!(rating(&shop).await, json!({ "average": 5.0, "count": 1 }));

    let decided = shop.owner().get("/audit").await.expect(200);
    let actions = decided.json["items"].as_array().unwrap().iter().filter(|entry| entry["thing"] == "review");
    assert_eq!(actions.count(), 3, "what changed nothing leaves no entry");
    let unchanged = shop.owner().get(&format!("/products/{product}")).await;
    assert_eq!(unchanged.header("etag"), version, "a product that is being edited is not stale for a review");

    let path = format!("/reviews/{id}");
    shop.owner().delete(&path, "\"1\"").await.expect_problem(412, "request.stale_version");
    shop.owner().delete(&path, "\"4\"").await.expect(204);
    shop.owner().delete(&path, "*").await.expect_problem(404, "reviews.no_review");
    assert_eq!((seen(&shop).await.len(), rating(&shop).await["count"].clone()), (0, json!(0)));
}

#[tokio::test]
async fn a_customer_reviews_a_product_once_also_at_the_same_moment() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    shop.owner().add_product("Lamp").await;
    shop.owner().add_product("Rug").await;
    let customer = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    let body = json!({ "rating": 3, "body": "So so." });
    let tries = join_all((0..6).map(|_| review(&shop, Some(&customer), "lamp", &body))).await;
    let (written, refused): (Vec<_>, Vec<_>) = tries.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((written.len(), refused.len()), (1, 5));
    refused.into_iter().for_each(|answer| drop(answer.expect_problem(409, "reviews.already_reviewed")));
    review(&shop, Some(&customer), "rug", &body).await.expect(201);
    let other = shop.register("kim@x.example").await.expect(201).text_at("/access_token");
    review(&shop, Some(&other), "lamp", &body).await.expect(201);
    // Not even one that was rejected makes room for the next; one that was removed does.
    let id = written[0].text_at("/id");
    decide(&shop, &id, "reject", "*").await.expect(200);
    review(&shop, Some(&customer), "lamp", &body).await.expect(409);
    shop.owner().delete(&format!("/reviews/{id}"), "*").await.expect(204);
    review(&shop, Some(&customer), "lamp", &body).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_at_the_same_moment_add_up() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    shop.owner().add_product("Lamp").await;
    let ids = join_all((0..20).map(|i| waiting(&shop, i % 5 + 1))).await;
    let both = ids.iter().flat_map(|id| [decide(&shop, id, "approve", "*"), decide(&shop, id, "approve", "*")]);
    join_all(both).await.into_iter().for_each(|answer| drop(answer.expect(200)));
    assert_eq!(rating(&shop).await, json!({ "average": 3.0, "count": 20 }));

    // Rejected, approved and removed at once: whatever came last, the rating is what is seen.
    let remove = async |id: &String| shop.owner().delete(&format!("/reviews/{id}"), "*").await;
    let mixed = ids.iter().enumerate().map(async |(i, id)| match i % 4 {
        0 => decide(&shop, id, "reject", "*").await,
        1 => remove(id).await,
        2 => decide(&shop, id, "approve", "*").await,
        _ => tokio::join!(decide(&shop, id, "reject", "*"), remove(id)).1,
    });
    for answer in join_all(mixed).await {
        assert!([200, 204].contains(&answer.status.as_u16()), "{}", answer.text);
    }
    let shown = seen(&shop).await;
    let stars: i64 = shown.iter().filter_map(|review| review["rating"].as_i64()).sum();
    assert_eq!((shown.len(), stars), (5, 15));
    assert_eq!(rating(&shop).await, json!({ "average": 3.0, "count": 5 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_goes_takes_its_reviews_along_whoever_decides_about_them() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    for _ in 0..10 {
        let product = shop.owner().add_product("Lamp").await.text_at("/id");
        let ids = join_all((1..=4).map(|stars| waiting(&shop, stars))).await;
        let path = format!("/products/{product}");
        let decisions = join_all(ids.iter().map(|id| decide(&shop, id, "approve", "*")));
        let body = json!({ "name": "V", "rating": 1, "body": "Late." });
        let owner = shop.owner();
        let (removed, decisions, late) =
            tokio::join!(owner.delete(&path, "*"), decisions, review(&shop, None, "lamp", &body));
        removed.expect(204);
        for answer in decisions.into_iter().chain([late]) {
            assert!([200, 201, 404].contains(&answer.status.as_u16()), "{}", answer.text);
        }
        let left = shop.owner().get("/reviews").await.expect(200);
        assert_eq!(left.json["items"], json!([]));
    }
}

#[tokio::test]
async fn what_waits_or_was_rejected_and_what_is_not_for_sale_is_seen_nowhere() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let product = shop.owner().add_product("Lamp").await.text_at("/id");
    let (waits, rejected) = (waiting(&shop, 1).await, waiting(&shop, 1).await);
    decide(&shop, &rejected, "reject", "*").await.expect(200);
    for page in ["/products/lamp/reviews", "/products/lamp", "/products", "/products/lamp/reviews?limit=1"] {
        let text = shop.visit(page).await.expect(200).text;
        for secret in [waits.as_str(), rejected.as_str(), "Vera", "Bright enough"] {
            assert!(!text.contains(secret), "{page} shows {secret}");
        }
    }
    assert_eq!(rating(&shop).await, json!({ "average": null, "count": 0 }));
    for id in [&waits, &rejected] {
        shop.visit(&format!("/reviews/{id}")).await.expect(404);
        shop.visit(&format!("/products/lamp/reviews/{id}")).await.expect(404);
    }
    let body = json!({ "name": "V", "rating": 1, "body": "x" });
    let inactive = json!({ "active": false });
    decide(&shop, &waits, "approve", "*").await.expect(200);
    shop.owner().patch(&format!("/products/{product}"), "*", &inactive).await.expect(200);
    shop.visit("/products/lamp/reviews").await.expect_problem(404, "catalog.no_product");
    review(&shop, None, "lamp", &body).await.expect_problem(404, "catalog.no_product");
    review(&shop, None, "nothing", &body).await.expect_problem(404, "catalog.no_product");
    // Another store sees, writes and decides nothing of all this.
    other.visit("/products/lamp/reviews").await.expect(404);
    review(&other, None, "lamp", &body).await.expect(404);
    decide(&other, &waits, "reject", "*").await.expect_problem(404, "reviews.no_review");
    other.owner().get(&format!("/reviews/{waits}")).await.expect(404);
    assert_eq!(other.owner().get("/reviews").await.json["items"], json!([]));
    let of_product = other.owner().get(&format!("/reviews?product_id={product}")).await;
    assert_eq!(of_product.expect(200).json["items"], json!([]));
}

#[tokio::test]
async fn hostile_reviews_are_refused_by_field() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    shop.owner().add_product("Lamp").await;
    let good = json!({ "name": "V", "rating": 5, "title": "T", "body": "B" });
    let cases = [
        ("name", Value::Null, "/name"),
        ("name", json!("a\nb"), "/name"),
        ("name", json!("\u{200b}"), "/name"),
        ("name", json!("x".repeat(101)), "/name"),
        ("rating", json!(0), "/rating"),
        ("rating", json!(6), "/rating"),
        ("rating", json!(4.5), "/rating"),
        ("rating", json!("5"), "/rating"),
        ("rating", json!(1e300), "/rating"),
        ("title", json!(""), "/title"),
        ("title", json!("x".repeat(121)), "/title"),
        ("body", json!(" \n\t\u{2800}"), "/body"),
        ("body", json!("a\u{0}b"), "/body"),
        ("body", json!("x".repeat(5_001)), "/body"),
        ("state", json!("approved"), "/state"),
        ("verified_purchase", json!(true), "/verified_purchase"),
        ("customer_id", json!("0192f0c1-2345-7000-8000-000000000000"), "/customer_id"),
    ];
    for (field, value, pointer) in cases {
        let mut body = good.clone();
        body[field] = value;
        review(&shop, None, "lamp", &body).await.expect_problem(422, "request.invalid").blames(pointer);
    }
    let mut nameless = good.clone();
    nameless.as_object_mut().unwrap().remove("name");
    review(&shop, None, "lamp", &nameless).await.expect_problem(422, "request.invalid").blames("/name");
    review(&shop, Some(&shop.token), "lamp", &good).await.expect_problem(401, "identity.bad_token");
    review(&shop, Some("nonsense"), "lamp", &good).await.expect(401);
    review(&shop, None, "lamp", &good).await.expect(201);
    assert_eq!(shop.owner().get("/reviews").await.json["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn pages_show_every_review_once_the_newest_first() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let product = shop.owner().add_product("Lamp").await.text_at("/id");
    other.owner().add_product("Lamp").await;
    let mut ids = Vec::new();
    for stars in [5, 4, 3, 2, 1] {
        let id = waiting(&shop, stars).await;
        decide(&shop, &id, "approve", "*").await.expect(200);
        ids.insert(0, id);
    }
    let (mut walked, mut path) = (Vec::new(), "/products/lamp/reviews?limit=2".to_owned());
    loop {
        let page = shop.visit(&path).await.expect(200);
        walked
            .extend(page.json["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page.json["next_cursor"].as_str() else { break };
        path = format!("/products/lamp/reviews?limit=2&cursor={cursor}");
    }
    assert_eq!(walked, ids);
    let cursor = shop.visit("/products/lamp/reviews?limit=2").await.text_at("/next_cursor");
    for refused in [
        other.visit(&format!("/products/lamp/reviews?cursor={cursor}")).await,
        shop.owner().get(&format!("/reviews?cursor={cursor}")).await,
    ] {
        refused.expect_problem(422, "request.invalid").blames("/query/cursor");
    }
    let owner = shop.owner();
    let listed = owner.get(&format!("/reviews?limit=1&state=approved&product_id={product}")).await.expect(200);
    let cursor = listed.text_at("/next_cursor");
    owner.get(&format!("/reviews?limit=1&state=approved&cursor={cursor}")).await.expect(422);
    let next = owner.get(&format!("/reviews?limit=1&state=approved&product_id={product}&cursor={cursor}")).await;
    assert_eq!(next.expect(200).text_at("/items/0/id"), ids[1]);
    owner.get("/reviews?state=gone").await.expect_problem(422, "request.invalid").blames("/query/state");
    let has_it = shop.visit("/products/lamp/reviews").await.header("etag").to_owned();
    let again = shop.request(Method::GET, "/store/v1/products/lamp/reviews").header("If-None-Match", has_it);
    Answer::of(again).await.expect(304);
}

#[tokio::test]
async fn an_account_takes_its_reviews_along_and_their_stars() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    shop.owner().add_product("Lamp").await;
    let customer = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    let written = review(&shop, Some(&customer), "lamp", &json!({ "rating": 5, "body": "Mine." })).await.expect(201);
    decide(&shop, &written.text_at("/id"), "approve", "*").await.expect(200);
    let kept = waiting(&shop, 2).await;
    decide(&shop, &kept, "approve", "*").await.expect(200);
    assert_eq!(rating(&shop).await, json!({ "average": 3.5, "count": 2 }));
    let leave = || Answer::of(shop.request(Method::DELETE, "/store/v1/me").bearer_auth(&customer));
    leave().await.expect(204);
    assert_eq!((seen(&shop).await.len(), rating(&shop).await), (1, json!({ "average": 2.0, "count": 1 })));
    review(&shop, Some(&customer), "lamp", &json!({ "rating": 1, "body": "Ghost." })).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reviews_while_the_account_goes_leaves_nothing_behind() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    shop.owner().add_product("Lamp").await;
    for round in 0..10 {
        let email = format!("c{round}@x.example");
        let customer = shop.register(&email).await.expect(201).text_at("/access_token");
        let body = json!({ "rating": 5, "body": "Mine." });
        let leave = Answer::of(shop.request(Method::DELETE, "/store/v1/me").bearer_auth(&customer));
        let (written, left) = tokio::join!(review(&shop, Some(&customer), "lamp", &body), leave);
        left.expect(204);
        assert!([201, 401].contains(&written.status.as_u16()), "{}", written.text);
        assert_eq!(shop.owner().get("/reviews").await.json["items"], json!([]));
    }
}

#[tokio::test]
async fn one_address_writes_so_many_reviews_a_minute_in_one_store() {
    let mall = Mall::open_with(|config| {
        config.limits = true;
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    for shop in [&shop, &other] {
        shop.owner().add_product("Lamp").await;
    }
    let write = |shop: &Shop<'_>, address: &str| {
        let body = json!({ "name": "V", "rating": 1, "body": "x" });
        let request = shop.request(Method::POST, "/store/v1/products/lamp/reviews").json(&body);
        Answer::of(request.header("X-Forwarded-For", address.to_owned()))
    };
    for _ in 0..10 {
        write(&shop, "192.0.2.1").await.expect(201);
    }
    let refused = write(&shop, "192.0.2.1").await.expect_problem(429, "request.too_many");
    assert!(!refused.header("retry-after").is_empty());
    write(&shop, "192.0.2.2").await.expect(201);
    write(&other, "192.0.2.1").await.expect(201);
}

#[tokio::test]
async fn who_has_paid_for_a_product_reviews_it_as_a_buyer() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let price = json!({ "amount": 1250, "currency": "EUR" });
    let lamp = shop.owner().post("/products", &json!({ "name": "Lamp", "price": price, "stock": 9 })).await.expect(201);
    let variant = lamp.text_at("/variants/0/id");
    let mut verified = Vec::new();
    for (email, pays) in [("paid@x.example", true), ("unpaid@x.example", false)] {
        let token = shop.register(email).await.expect(201).text_at("/access_token");
        let send = async |path: &str, body: Value| {
            let request = shop.request(Method::POST, &format!("/store/v1{path}")).bearer_auth(&token);
            Answer::of(request.header("Idempotency-Key", crate::orders::new_key()).json(&body)).await
        };
        send("/cart/items", json!({ "variant_id": variant, "quantity": 1 })).await.expect(200);
        let home = json!({ "name": "P", "line1": "L", "city": "C", "country": "DE" });
        let order = send("/orders", json!({ "shipping_address": home })).await.expect(201).text_at("/id");
        if pays {
            send(&format!("/orders/{order}/payments"), json!({ "gateway": "cash-on-delivery" })).await.expect(201);
        }
        let review = send("/products/lamp/reviews", json!({ "rating": 5, "body": "It glows." })).await.expect(201);
        verified.push(review.json["verified_purchase"].clone());
    }
    assert_eq!(verified, [json!(true), json!(false)]);
}
