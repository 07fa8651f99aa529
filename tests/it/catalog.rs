//! Products and categories, written by staff and read by visitors.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Mall, Shop};

fn price(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

#[tokio::test]
async fn a_product_with_variants_is_written_and_read() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let category = owner.post("/categories", &json!({ "name": "Tents & Shelters" })).await.expect(201);
    let made = owner
        .post("/products", &json!({
            "name": "Dome Tent", "description": "Sleeps two.\nStands by itself.", "category_id": category.text_at("/id"),
            "price": price(19_900), "compare_at_price": price(24_900),
            "options": [{ "name": "Colour", "values": ["Moss", "Sand"] }],
            "variants": [
                { "sku": "tent-moss", "options": { "Colour": "Moss" } },
                { "sku": "tent-sand", "options": { "Colour": "Sand" }, "price": price(18_900) },
            ],
        }))
        .await
        .expect(201);
    assert_eq!(made.header("etag"), "\"1\"");
    let read = owner.get(&format!("/products/{}", made.text_at("/id"))).await.expect(200);
    assert_eq!(read.json, made.json, "what is answered first is what is read later");

    let seen = shop.visit("/products/dome-tent").await.expect(200);
    assert_eq!(seen.json["price"], price(18_900), "the lowest of its variants");
    assert_eq!((&seen.json["on_sale"], &seen.json["category"]["slug"]), (&json!(true), &json!("tents-shelters")));
    assert_eq!(seen.json["variants"][0]["sku"], "TENT-MOSS");
    assert_eq!(seen.json["variants"][1]["name"], "Dome Tent (Sand)");
    let listed = shop.visit("/products?category=tents-shelters").await.expect(200);
    assert_eq!(listed.json["items"][0]["id"], seen.json["id"]);
    shop.visit("/products?category=nothing").await.expect_problem(404, "catalog.no_category");
}

#[tokio::test]
async fn a_visitor_that_has_it_already_is_told_so() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    shop.owner().add_product("Lamp").await;
    let etag = shop.visit("/products/lamp").await.header("etag").to_owned();
    let ask =
        |etag: &str| Answer::of(shop.request(Method::GET, "/store/v1/products/lamp").header("If-None-Match", etag));
    let unchanged = ask(&etag).await.expect(304);
    assert_eq!((unchanged.text.as_str(), unchanged.header("etag")), ("", etag.as_str()));
    ask("\"another\"").await.expect(200);
}

#[tokio::test]
async fn a_change_needs_the_version_it_means_and_no_change_is_lost() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let path = format!("/products/{}", owner.add_product("Lamp").await.text_at("/id"));

    let without = Answer::of(owner.request(Method::PATCH, &path).json(&json!({ "name": "x" }))).await;
    without.expect_problem(428, "request.version_required");
    owner
        .patch(&path, "nonsense", &json!({ "name": "x" }))
        .await
        .expect_problem(422, "request.invalid")
        .blames("/header/If-Match");

    let written_otherwise = owner.patch(&path, "\"01\"", &json!({ "name": "x" })).await;
    written_otherwise.expect_problem(422, "request.invalid").blames("/header/If-Match");

    let names: Vec<_> = (0..8).map(|i| json!({ "name": format!("Lamp {i}") })).collect();
    let changes = futures_util::future::join_all(names.iter().map(|name| owner.patch(&path, "\"1\"", name))).await;
    let (done, stale): (Vec<_>, Vec<_>) = changes.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((done.len(), stale.len()), (1, 7));
    assert_eq!(done[0].header("etag"), "\"2\"");
    stale.into_iter().for_each(|answer| drop(answer.expect_problem(412, "request.stale_version")));

    owner.delete(&path, "\"1\"").await.expect_problem(412, "request.stale_version");
    owner.delete(&path, "\"2\"").await.expect(204);
    owner.delete(&path, "*").await.expect_problem(404, "catalog.no_product");
    owner.get(&path).await.expect_problem(404, "catalog.no_product");
    shop.visit("/products/lamp").await.expect_problem(404, "catalog.no_product");
}

#[tokio::test]
async fn what_is_left_out_of_a_change_stays_and_null_takes_away() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let category = owner.post("/categories", &json!({ "name": "Lights" })).await.expect(201).text_at("/id");
    let body = json!({ "name": "Lamp", "category_id": category, "price": price(100), "compare_at_price": price(200) });
    let path = format!("/products/{}", owner.post("/products", &body).await.expect(201).text_at("/id"));

    let change = json!({ "price": price(150), "description": "Bright." });
    let changed = owner.patch(&path, "\"1\"", &change).await.expect(200);
    assert_eq!((&changed.json["price"], &changed.json["compare_at_price"]), (&price(150), &price(200)));
    assert_eq!(changed.json["variants"][0]["price"], price(150));
    assert_eq!(changed.text_at("/slug"), "lamp");
    let change = json!({ "compare_at_price": null, "category_id": null, "active": false });
    let changed = owner.patch(&path, "\"2\"", &change).await.expect(200);
    assert_eq!((&changed.json["compare_at_price"], &changed.json["category_id"]), (&Value::Null, &Value::Null));
    shop.visit("/products/lamp").await.expect(404);
    assert_eq!(shop.visit("/products").await.json["items"], json!([]));
    assert_eq!(owner.get("/products?active=false").await.json["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(owner.get("/products?active=true").await.json["items"], json!([]));
}

#[tokio::test]
async fn names_in_any_script_get_slugs_of_their_own_even_at_the_same_moment() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    for name in ["زعفران سرگل", "🦀🦀", "日本茶", "Ärmel", "!!!", "…"] {
        let slug = owner.add_product(name).await.text_at("/slug");
        let seen = shop.visit(&format!("/products/{slug}")).await.expect(200);
        assert_eq!(seen.text_at("/name"), name);
    }
    let same = futures_util::future::join_all((0..6).map(|_| owner.add_product("Same name"))).await;
    let slugs: std::collections::BTreeSet<_> = same.iter().map(|answer| answer.text_at("/slug")).collect();
    assert_eq!(slugs.len(), 6, "{slugs:?}");
    assert!(slugs.contains("same-name") && slugs.contains("same-name-2"));
    let chosen = json!({ "name": "Other", "slug": "same-name", "price": price(1) });
    owner.post("/products", &chosen).await.expect_problem(409, "catalog.slug_taken").blames("/slug");
}

#[tokio::test]
async fn what_does_not_fit_together_is_named_all_at_once() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let bad = json!({
        "name": "Tent", "price": price(1), "sku": "X",
        "options": [{ "name": "Size", "values": ["S", "S"] }, { "name": "Size", "values": ["M"] }],
        "variants": [{ "sku": "A", "options": { "Size": "XL" } }, { "sku": "a", "options": { "Size": "XL" } }],
    });
    let refused = owner.post("/products", &bad).await.expect_problem(422, "catalog.bad_variants");
    let pointers = ["/options/0/values/1", "/options/1/name", "/sku", "/variants/0/options", "/variants/1/sku"];
    pointers.into_iter().fold(refused, Answer::blames);

    owner.post("/products", &json!({ "name": "A", "price": price(1), "sku": "ONE" })).await.expect(201);
    let taken = owner.post("/products", &json!({ "name": "B", "price": price(1), "sku": "one" })).await;
    assert!(taken.expect_problem(409, "catalog.sku_taken").blames("/sku").text.contains("ONE"));
    let second = json!({ "name": "B", "price": price(1), "options": [{ "name": "A", "values": ["x", "y"] }],
        "variants": [{ "options": { "A": "x" }, "sku": "TWO" }, { "options": { "A": "y" }, "sku": "one" }] });
    owner.post("/products", &second).await.expect_problem(409, "catalog.sku_taken").blames("/variants/1/sku");
    let no_category = json!({ "name": "C", "price": price(1), "category_id": "0192f0c1-2345-7000-8000-000000000000" });
    owner.post("/products", &no_category).await.expect_problem(422, "catalog.no_category").blames("/category_id");
    let other_money = json!({ "name": "D", "price": { "amount": 1, "currency": "USD" } });
    owner.post("/products", &other_money).await.expect_problem(422, "request.invalid").blames("/price/currency");
    assert_eq!(owner.get("/products").await.json["items"].as_array().map(Vec::len), Some(1), "refusals leave nothing");
}

#[tokio::test]
async fn categories_make_a_tree_that_is_emptied_from_below() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let mut parent = owner.post("/categories", &json!({ "name": "Level 1" })).await.expect(201).text_at("/id");
    let top = parent.clone();
    for level in 2..=8 {
        let body = json!({ "name": format!("Level {level}"), "parent_id": parent });
        parent = owner.post("/categories", &body).await.expect(201).text_at("/id");
    }
    let deeper = owner.post("/categories", &json!({ "name": "Level 9", "parent_id": parent })).await;
    deeper.expect_problem(422, "catalog.too_deep").blames("/parent_id");
    owner.delete(&format!("/categories/{top}"), "*").await.expect_problem(409, "catalog.category_in_use");
    let renamed = owner.patch(&format!("/categories/{top}"), "\"1\"", &json!({ "name": "Top" })).await.expect(200);
    assert_eq!((renamed.text_at("/slug"), renamed.text_at("/name")), ("level-1".into(), "Top".into()));
    assert_eq!(shop.visit("/categories").await.expect(200).json["items"].as_array().map(Vec::len), Some(8));
    assert_eq!(shop.visit("/categories/level-2").await.expect(200).json["parent_id"], json!(top));
    owner.delete(&format!("/categories/{parent}"), "\"1\"").await.expect(204);
}

/// Walks a list to its end, and answers the slugs in the order in which they came.
async fn walk(shop: &Shop<'_>, query: &str) -> Vec<String> {
    let (mut slugs, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = shop.visit(&format!("/products?limit=7&{query}{cursor}")).await.expect(200);
        let items = page.json["items"].as_array().cloned().unwrap_or_default();
        slugs.extend(items.iter().filter_map(|item| Some(item["slug"].as_str()?.to_owned())));
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return slugs,
        }
    }
}

#[tokio::test]
async fn every_order_shows_everything_once_in_order() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let category = owner.post("/categories", &json!({ "name": "All" })).await.expect(201).text_at("/id");
    let names = ["ångström", "Zebra", "apple", "Apple", "éclair", "egg", "۱", "زعفران"];
    for i in 0..40 {
        let body = json!({ "name": format!("{} {}", names[i % 8], i / 8), "slug": format!("p{i:02}"),
            "price": price(i64::try_from(i % 5).unwrap()), "category_id": category });
        owner.post("/products", &body).await.expect(201);
    }
    let newest: Vec<_> = (0..40).rev().map(|i| format!("p{i:02}")).collect();
    for filter in ["", "category=all&"] {
        assert_eq!(walk(&shop, &format!("{filter}sort=newest")).await, newest);
        let (up, down) =
            (walk(&shop, &format!("{filter}sort=price")).await, walk(&shop, &format!("{filter}sort=-price")).await);
        assert_eq!(up.iter().rev().collect::<Vec<_>>(), down.iter().collect::<Vec<_>>());
        assert_eq!(up[..8], ["p00", "p05", "p10", "p15", "p20", "p25", "p30", "p35"]);
        let by_name = walk(&shop, &format!("{filter}sort=name")).await;
        let mut all = by_name.clone();
        all.sort();
        assert_eq!((all.len(), by_name.len()), (40, 40));
        let place = |slug: &str| by_name.iter().position(|seen| seen == slug);
        assert!(place("p00") < place("p01") && place("p02") < place("p01"), "ångström and apple come before Zebra");
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_store_filter_and_order() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    for i in 0..3 {
        shop.owner().add_product(&format!("Lamp {i}")).await;
    }
    let cursor = shop.visit("/products?limit=1").await.expect(200).text_at("/next_cursor");
    shop.visit(&format!("/products?limit=2&cursor={cursor}")).await.expect(200);
    let refused = [
        other.visit(&format!("/products?cursor={cursor}")).await,
        shop.visit(&format!("/products?sort=price&cursor={cursor}")).await,
        shop.visit("/products?cursor=bm9uc2Vuc2U").await,
        shop.visit(&format!("/categories?cursor={cursor}")).await,
        shop.owner().get(&format!("/products?cursor={cursor}")).await,
    ];
    for answer in refused {
        answer.expect_problem(422, "request.invalid").blames("/query/cursor");
    }
}

#[tokio::test]
async fn staff_lists_what_is_nearly_gone() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let admin = tests::admin_pool(&mall.database.admin_url).await;
    for (name, on_hand, reserved) in
        [("none", 0, 0), ("ten", 15, 5), ("eleven", 11, 0), ("fifty", 50, 0), ("more", 51, 0)]
    {
        let variant = owner.add_product(name).await.text_at("/variants/0/id");
        let stock = "INSERT INTO stock_levels (tenant_id, variant_id, location_id, on_hand, reserved)
                     SELECT v.tenant_id, v.id, l.id, $2, $3 FROM variants v JOIN locations l ON l.tenant_id = v.tenant_id
                     WHERE v.id = $1::uuid";
        sqlx::query(stock).bind(variant).bind(on_hand).bind(reserved).execute(&admin).await.unwrap();
    }
    owner.add_product("never counted").await;
    let named = async |query: &str| {
        let page = owner.get(&format!("/products?{query}")).await.expect(200);
        let items = page.json["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(named("stock_level=critical").await, ["never counted", "ten", "none"]);
    assert_eq!(named("stock_level=medium").await, ["fifty", "eleven"]);
    assert_eq!(named("stock_level=good").await, ["more"]);
    sqlx::query("UPDATE store_settings SET stock_critical = 11, stock_medium = 49").execute(&admin).await.unwrap();
    assert_eq!(named("stock_level=medium&active=true").await, Vec::<String>::new());
    assert_eq!(named("stock_level=good").await, ["more", "fifty"], "what is little is the store's to say");
    let cursor = owner.get("/products?stock_level=good&limit=1").await.expect(200).text_at("/next_cursor");
    owner.get(&format!("/products?stock_level=critical&cursor={cursor}")).await.expect_problem(422, "request.invalid");
    owner.get("/products?stock_level=little").await.expect_problem(422, "request.invalid").blames("/query/stock_level");
}
