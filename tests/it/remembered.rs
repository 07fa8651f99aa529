//! What is remembered of the catalogue: never of another store, never of before a change.

use std::time::{Duration, Instant};

use api::Memory;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use sqlx::PgConnection;
use tests::{Mall, Shop, admin_connection, config};
use uuid::Uuid;

async fn version(admin: &mut PgConnection, store: Uuid) -> i64 {
    let version = "SELECT version FROM catalog_state WHERE tenant_id = $1";
    sqlx::query_scalar(version).bind(store).fetch_optional(admin).await.unwrap().unwrap_or(0)
}

async fn name(shop: &Shop<'_>) -> String {
    shop.visit("/products/lamp").await.expect(200).text_at("/name")
}

#[tokio::test]
async fn an_answer_is_made_once_a_version() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let lamp = shop.owner().add_product("Lamp").await.text_at("/id");
    other.owner().add_product("Lamp").await;
    let places = ["/products/lamp", "/products", "/products?q=lamp&facets=true", "/suggestions?q=lam"];
    for place in places {
        shop.visit(place).await.expect(200);
    }
    // Past the triggers: nobody is told.
    let mut admin = admin_connection(&mall.database.admin_url).await;
    let silently =
        "SET session_replication_role = replica; UPDATE products SET name = 'Lump'; RESET session_replication_role";
    sqlx::raw_sql(silently).execute(&mut admin).await.unwrap();
    for place in places {
        let answer = shop.visit(place).await.expect(200);
        assert!(
            answer.text.contains("\"Lamp\"") && !answer.text.contains("Lump"),
            "{place} was made twice: {}",
            answer.text
        );
        let etag = answer.header("etag").to_owned();
        let again = shop.request(Method::GET, &format!("/store/v1{place}")).header("If-None-Match", &etag);
        assert_eq!(tests::Answer::of(again).await.status, 304);
        // Nor does another store get it, nor another question.
        assert!(other.visit(place).await.expect(200).text.contains("Lump"), "{place}");
    }
    assert!(shop.visit("/products?limit=7").await.expect(200).text.contains("Lump"));
    // A longer question than is remembered.
    let long = format!("/products?q=lamp%20{}", "x".repeat(1_200));
    assert!(shop.visit(&long).await.expect(200).text.contains("Lump"));
    shop.owner().patch(&format!("/products/{lamp}"), "*", &json!({ "name": "Lamp two" })).await.expect(200);
    for place in places {
        assert!(shop.visit(place).await.expect(200).text.contains("Lamp two"), "{place}");
    }
}

#[tokio::test]
async fn whatever_visitors_see_counts_the_version_up_once_a_transaction() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let store: Uuid = shop.id.parse().unwrap();
    let owner = shop.owner();
    let id = owner.post("/categories", &json!({ "name": "Lights" })).await.expect(201).text_at("/id");
    owner.post("/brands", &json!({ "name": "Bulb" })).await.expect(201);
    owner.post("/attributes", &json!({ "name": "Stuff" })).await.expect(201);
    let price = json!({ "amount": 1, "currency": "EUR" });
    let body = json!({ "name": "Lamp", "price": price, "category_id": id, "attributes": { "stuff": "Tin" } });
    let lamp = owner.post("/products", &body).await.expect(201);
    tests::stocked(&mall, &shop, &lamp.text_at("/variants/0/id"), 5).await;
    let mut admin = admin_connection(&mall.database.admin_url).await;
    for (sql, counts) in [
        ("UPDATE products SET name = 'A'; UPDATE products SET price_minor = 3; UPDATE variants SET price_minor = 3", true),
        ("UPDATE products SET rating_sum = 5, rating_count = 1", true),
        ("UPDATE products SET in_stock = NOT in_stock", true),
        ("UPDATE products SET active = false", true),
        ("UPDATE products SET sold = 9, version = version + 1, updated_at = now()", false),
        ("UPDATE products SET name = name", false),
        ("UPDATE variants SET sku = 'S'", true),
        ("UPDATE stock_levels SET reserved = 4", false),
        ("UPDATE stock_levels SET reserved = 5", true),
        ("UPDATE stock_levels SET on_hand = 6", true),
        ("UPDATE brands SET name = 'B'", true),
        ("UPDATE categories SET name = 'C'", true),
        ("UPDATE attributes SET name = 'D'", true),
        ("UPDATE product_attributes SET value = 'E'", true),
        ("UPDATE search_documents SET lexemes = ''", true),
        ("INSERT INTO product_images (tenant_id, id, product_id, position, name, content, width, height, sizes, bytes, created_at)
          SELECT tenant_id, id, id, 0, md5('a'), md5('a') || md5('b'), 1, 1, '[]', 1, now() FROM products", true),
        ("DELETE FROM product_images", true),
        ("DELETE FROM search_labels", true),
        ("INSERT INTO wishlist_items SELECT tenant_id, id, id, id, now() FROM products WHERE false", false),
        ("UPDATE products SET name = 'A'; ROLLBACK; BEGIN", false),
    ] {
        let before = version(&mut admin, store).await;
        sqlx::raw_sql(&format!("BEGIN; {sql}; COMMIT")).execute(&mut admin).await.unwrap_or_else(|err| panic!("{err}: {sql}"));
        assert_eq!(version(&mut admin, store).await - before, i64::from(counts), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_seen_at_once_where_it_is_made_and_everywhere_within_a_second() {
    let in_earnest = |config: &mut server::config::Config| config.memory.believed = Memory::BELIEVED;
    let here = Mall::open_with(in_earnest).await;
    let mut settings = config(&here.database);
    in_earnest(&mut settings);
    let there = Mall::over(here.database.clone(), &settings).await;
    let shop = here.open_store().await;
    let seen_there = there.shop_like(&shop);
    let owner = shop.owner();
    let lamp = owner.add_product("Lamp").await.text_at("/id");
    for round in 0..10 {
        join_all((0..8).flat_map(|_| [name(&shop), name(&seen_there)])).await;
        let new = format!("Lamp {round}");
        // While others read what is being changed.
        let change = json!({ "name": new, "slug": "lamp" });
        let place = format!("/products/{lamp}");
        let (changed, _) = tokio::join!(owner.patch(&place, "*", &change), join_all((0..8).map(|_| name(&shop))));
        changed.expect(200);
        let began = Instant::now();
        assert_eq!(name(&shop).await, new, "who changes something sees it");
        while name(&seen_there).await != new {
            assert!(began.elapsed() < Duration::from_secs(1), "still not seen there");
        }
    }
}
