//! What lies where, as staff says and visitors see.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Mall, Owner};
use uuid::Uuid;

async fn adjust(owner: &Owner<'_>, key: &str, body: &Value) -> Answer {
    let request = owner.request(Method::POST, "/stock/adjustments").header("Idempotency-Key", key);
    Answer::of(request.json(body)).await
}

async fn adjust_once(owner: &Owner<'_>, body: &Value) -> Answer {
    adjust(owner, &Uuid::now_v7().to_string(), body).await
}

/// A product of one variant: the variant's id, and the path of the product.
async fn lamp(owner: &Owner<'_>) -> (String, String) {
    let made = owner.add_product("Lamp").await;
    (made.text_at("/variants/0/id"), format!("/products/{}", made.text_at("/id")))
}

#[tokio::test]
async fn what_comes_and_goes_adds_up_and_is_seen_by_visitors() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let (variant, _) = lamp(&owner).await;
    assert_eq!(shop.visit("/products/lamp").await.expect(200).json["in_stock"], false);

    let came = json!({ "variant_id": variant, "delta": 5, "reason": "received", "note": "Two boxes" });
    let came = adjust_once(&owner, &came).await.expect(201);
    assert_eq!(
        (&came.json["on_hand"], &came.json["available"], &came.json["delta"]),
        (&json!(5), &json!(5), &json!(5))
    );
    let seen = shop.visit("/products/lamp").await.expect(200);
    assert_eq!((&seen.json["in_stock"], &seen.json["variants"][0]["in_stock"]), (&json!(true), &json!(true)));
    assert_eq!(shop.visit("/products").await.expect(200).json["items"][0]["in_stock"], true);

    let counted = json!({ "variant_id": variant, "on_hand": 3, "reason": "counted" });
    assert_eq!(adjust_once(&owner, &counted).await.expect(201).json["delta"], -2);
    let again = adjust_once(&owner, &counted).await.expect(201);
    assert_eq!((&again.json["delta"], &again.json["movement_id"]), (&json!(0), &Value::Null));

    let listed = owner.get("/stock?stock_level=critical").await.expect(200);
    assert_eq!(
        (&listed.json["items"][0]["variant_id"], &listed.json["items"][0]["on_hand"]),
        (&json!(variant), &json!(3))
    );
    assert_eq!(owner.get("/stock?stock_level=good").await.expect(200).json["items"], json!([]));

    let broke = json!({ "variant_id": variant, "delta": -3, "reason": "damaged" });
    adjust_once(&owner, &broke).await.expect(201);
    assert_eq!(shop.visit("/products/lamp").await.expect(200).json["in_stock"], false);

    let moved = owner.get(&format!("/stock/movements?variant_id={variant}&limit=2")).await.expect(200);
    let deltas = |page: &Answer| {
        page.json["items"].as_array().unwrap().iter().map(|m| m["delta"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(deltas(&moved), [-3, -2]);
    assert_eq!(moved.json["items"][0]["actor_kind"], "user");
    let next = format!("/stock/movements?variant_id={variant}&limit=2&cursor={}", moved.text_at("/next_cursor"));
    assert_eq!(deltas(&owner.get(&next).await.expect(200)), [5]);
}

#[tokio::test]
async fn a_product_is_in_stock_while_one_of_its_variants_is() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let product = json!({
        "name": "Tent", "price": { "amount": 100, "currency": "EUR" },
        "options": [{ "name": "Colour", "values": ["Moss", "Sand"] }],
        "variants": [{ "options": { "Colour": "Moss" } }, { "options": { "Colour": "Sand" } }],
    });
    let made = owner.post("/products", &product).await.expect(201);
    for (variant, delta, shown) in [(0, 1, true), (1, 1, true), (0, -1, true), (1, -1, false)] {
        let variant = made.text_at(&format!("/variants/{variant}/id"));
        adjust_once(&owner, &json!({ "variant_id": variant, "delta": delta, "reason": "correction" }))
            .await
            .expect(201);
        assert_eq!(shop.visit("/products/tent").await.expect(200).json["in_stock"], shown);
    }
}

#[tokio::test]
async fn what_is_not_there_can_not_go() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let owner = shop.owner();
    let (variant, path) = lamp(&owner).await;
    let (others, _) = lamp(&other.owner()).await;
    let nowhere = Uuid::now_v7().to_string();
    let change = |variant: &str, delta: i64| json!({ "variant_id": variant, "delta": delta, "reason": "correction" });

    adjust_once(&owner, &change(&variant, 2)).await.expect(201);
    adjust_once(&owner, &change(&variant, -3)).await.expect_problem(409, "stock.not_enough");
    adjust_once(&owner, &change(&variant, 1_000_000_000)).await.expect_problem(409, "stock.too_many");
    let foreign = adjust_once(&owner, &change(&others, 1)).await.expect_problem(422, "stock.no_variant");
    let missing = adjust_once(&owner, &change(&nowhere, 1)).await.expect_problem(422, "stock.no_variant");
    assert_eq!(foreign.masked(&others), missing.masked(&nowhere));
    for (body, pointer) in [
        (json!({ "variant_id": variant, "delta": 1, "on_hand": 1, "reason": "counted" }), "/delta"),
        (json!({ "variant_id": variant, "reason": "counted" }), "/delta"),
        (json!({ "variant_id": variant, "delta": 0, "reason": "counted" }), "/delta"),
        (json!({ "variant_id": variant, "delta": 1.5, "reason": "counted" }), "/delta"),
        (json!({ "variant_id": variant, "on_hand": -1, "reason": "counted" }), "/on_hand"),
        (json!({ "variant_id": variant, "delta": 1, "reason": "sold" }), "/reason"),
        (json!({ "variant_id": variant, "delta": 1, "reason": "counted", "location_id": nowhere }), "/location_id"),
    ] {
        let refused = adjust_once(&owner, &body).await.blames(pointer);
        assert_eq!(refused.status, 422, "{body}");
    }
    owner.delete(&path, "*").await.expect_problem(409, "catalog.has_history");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_again_is_done_once() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let (variant, _) = lamp(&owner).await;
    let body = json!({ "variant_id": variant, "delta": 5, "reason": "received" });
    let without = Answer::of(owner.request(Method::POST, "/stock/adjustments").json(&body)).await;
    without.expect_problem(400, "request.idempotency_key_required");
    adjust(&owner, &"k".repeat(256), &body).await.expect(422).blames("/header/Idempotency-Key");

    let copies = futures_util::future::join_all((0..20).map(|_| adjust(&owner, "key-1", &body))).await;
    let (done, waiting): (Vec<_>, Vec<_>) = copies.into_iter().partition(|answer| answer.status == 201);
    assert!(done.iter().all(|answer| answer.text == done[0].text) && !done.is_empty());
    waiting.into_iter().for_each(|answer| drop(answer.expect_problem(409, "request.in_flight")));
    let again = adjust(&owner, "key-1", &json!({ "reason": "received", "delta": 5, "variant_id": variant })).await;
    assert_eq!(again.expect(201).text, done[0].text, "the order of fields does not matter");
    let other = json!({ "variant_id": variant, "delta": 6, "reason": "received" });
    adjust(&owner, "key-1", &other).await.expect_problem(422, "request.key_reused");
    // Another caller's key of the same name is another key.
    let (_, token) = shop.join("paula", &["product_manager"]).await;
    assert_eq!(adjust(&shop.caller(&token), "key-1", &other).await.expect(201).json["on_hand"], 11);
    assert_eq!(owner.get("/stock/movements").await.json["items"].as_array().unwrap().len(), 2);
    // What was refused changed nothing, and is not kept.
    let much = json!({ "variant_id": variant, "delta": -20, "reason": "lost" });
    adjust(&owner, "key-2", &much).await.expect_problem(409, "stock.not_enough");
    adjust_once(&owner, &json!({ "variant_id": variant, "delta": 9, "reason": "received" })).await.expect(201);
    adjust(&owner, "key-2", &much).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_take_at_once_and_nobody_takes_what_is_not_there() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let (variant, _) = lamp(&owner).await;
    adjust_once(&owner, &json!({ "variant_id": variant, "on_hand": 10, "reason": "initial" })).await.expect(201);
    let one = json!({ "variant_id": variant, "delta": -1, "reason": "lost" });
    let answers = futures_util::future::join_all((0..25).map(|_| adjust_once(&owner, &one))).await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(done.len(), 10);
    refused.into_iter().for_each(|answer| drop(answer.expect_problem(409, "stock.not_enough")));
    assert_eq!(shop.visit("/products/lamp").await.expect(200).json["in_stock"], false);
}

#[tokio::test]
async fn places_hold_stock_and_the_default_one_stays() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let first = owner.get("/locations").await.expect(200).text_at("/items/0/id");
    let made = owner.post("/locations", &json!({ "name": "Back room" })).await.expect(201);
    let path = format!("/locations/{}", made.text_at("/id"));
    owner.delete(&format!("/locations/{first}"), "*").await.expect_problem(409, "stock.default_location");
    owner.patch(&path, "\"1\"", &json!({ "is_default": false })).await.expect(422).blames("/is_default");
    owner.patch(&path, "\"9\"", &json!({ "is_default": true })).await.expect_problem(412, "request.stale_version");
    assert_eq!(owner.patch(&path, "\"1\"", &json!({ "is_default": true })).await.expect(200).json["is_default"], true);
    assert_eq!(owner.get(&format!("/locations/{first}")).await.expect(200).json["is_default"], false);

    let (variant, _) = lamp(&owner).await;
    let here = json!({ "variant_id": variant, "delta": 1, "reason": "received" });
    assert_eq!(adjust_once(&owner, &here).await.expect(201).text_at("/location_id"), made.text_at("/id"));
    let there = json!({ "variant_id": variant, "delta": 2, "reason": "received", "location_id": first });
    adjust_once(&owner, &there).await.expect(201);
    assert_eq!(owner.get("/stock").await.expect(200).json["items"][0]["on_hand"], 3);
    let one = owner.get(&format!("/stock?location_id={first}")).await.expect(200);
    assert_eq!(one.json["items"][0]["on_hand"], 2);
    owner.delete(&format!("/locations/{first}"), "*").await.expect_problem(409, "stock.location_in_use");
    let empty = owner.post("/locations", &json!({ "name": "Attic" })).await.expect(201);
    owner.delete(&format!("/locations/{}", empty.text_at("/id")), "\"1\"").await.expect(204);
}

#[tokio::test]
async fn movements_are_never_changed_and_checks_stand_behind_the_code() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let (variant, _) = lamp(&owner).await;
    adjust_once(&owner, &json!({ "variant_id": variant, "on_hand": 1, "reason": "initial" })).await.expect(201);
    let mut conn = tests::admin_connection(&mall.database.admin_url).await;
    sqlx::raw_sql(&format!("SET ROLE stoa_app; SET app.tenant_id = '{}'", shop.id)).execute(&mut conn).await.unwrap();
    for (sql, refusal) in [
        ("UPDATE stock_movements SET delta = 9", "42501"),
        ("DELETE FROM stock_movements", "42501"),
        ("DELETE FROM stock_levels", "42501"),
        ("UPDATE stock_levels SET on_hand = -1", "23514"),
        ("UPDATE stock_levels SET reserved = 2", "23514"),
        ("UPDATE stock_levels SET reserved = -1", "23514"),
    ] {
        let err = sqlx::raw_sql(sql).execute(&mut conn).await.unwrap_err();
        assert_eq!(err.as_database_error().unwrap().code().as_deref(), Some(refusal), "{sql}");
    }
}

#[tokio::test]
async fn a_product_is_made_with_what_there_is_of_it() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let price = json!({ "amount": 1250, "currency": "EUR" });
    let lamp = owner.post("/products", &json!({ "name": "Lamp", "price": price, "stock": 7 })).await.expect(201);
    let variant = lamp.text_at("/variants/0/id");
    assert_eq!(lamp.json["variants"][0]["in_stock"], true);
    assert_eq!(shop.visit("/products/lamp").await.expect(200).json["in_stock"], true);
    let moved = owner.get(&format!("/stock/movements?variant_id={variant}")).await.expect(200);
    let only = &moved.json["items"][0];
    assert_eq!(
        (&only["delta"], &only["reason"], moved.json["items"].as_array().unwrap().len()),
        (&json!(7), &json!("initial"), 1)
    );

    let shirt = json!({
        "name": "Shirt", "price": price, "options": [{ "name": "Size", "values": ["S", "M", "L"] }],
        "variants": [{ "options": { "Size": "S" }, "stock": 2 }, { "options": { "Size": "M" } }],
    });
    let shirt = owner.post("/products", &shirt).await.expect(201);
    assert_eq!(
        (&shirt.json["variants"][0]["in_stock"], &shirt.json["variants"][1]["in_stock"]),
        (&json!(true), &json!(false))
    );
    let path = format!("/products/{}/variants", shirt.text_at("/id"));
    let large = owner.post(&path, &json!({ "options": { "Size": "L" }, "stock": 3 })).await.expect(201);
    assert_eq!(large.json["in_stock"], true);
    // What has a history stays in the books; what has none goes.
    let of = |answer: &Answer, pointer: &str| format!("{path}/{}", answer.text_at(pointer));
    let refused = owner.delete(&of(&large, "/id"), "*").await.expect_problem(409, "catalog.has_history");
    assert!(refused.text_at("/detail").contains("the variant"), "{}", refused.text);
    owner.delete(&of(&shirt, "/variants/1/id"), "*").await.expect(204);

    for (body, pointer) in [
        (json!({ "name": "X", "price": price, "stock": -1 }), "/stock"),
        (json!({ "name": "X", "price": price, "stock": 1_000_000_001 }), "/stock"),
        (json!({ "name": "X", "price": price, "stock": 1.5 }), "/stock"),
        (
            json!({ "name": "X", "price": price, "stock": 1, "options": [{ "name": "A", "values": ["B"] }],
                    "variants": [{ "options": { "A": "B" } }] }),
            "/stock",
        ),
    ] {
        let refused = owner.post("/products", &body).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        refused.blames(pointer);
    }
    let key = json!({ "name": "Robot", "scopes": ["catalog.write", "catalog.read"] });
    let key = owner.post("/api-keys", &key).await.expect(201).text_at("/key");
    let body = json!({ "name": "Vase", "price": price, "stock": 1 });
    shop.caller(&key).post("/products", &body).await.expect_problem(403, "access.denied");
    assert_eq!(shop.visit("/products/vase").await.status, 404, "nothing of it is there");
}
