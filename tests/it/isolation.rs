//! Nothing leaks between stores, whichever wall is taken away.

use serde_json::json;
use tenants::schema::faults;
use tenants::{Database, DatabaseOptions, TenantDb, TenantId};
use tests::{Mall, Shop, TestDatabase, admin_pool};

async fn lamp_and_category(shop: &Shop<'_>) -> (String, String) {
    let lamp = shop.owner().add_product("Secret lamp").await.text_at("/id");
    let category = shop.owner().post("/categories", &json!({ "name": "Secret" })).await.expect(201).text_at("/id");
    (lamp, category)
}

/// Asks as `bikes` for everything that is `books`', and compares with what is nowhere.
async fn nothing_is_seen(books: &Shop<'_>, bikes: &Shop<'_>, lamp: &str, category: &str) {
    const NOWHERE: &str = "0192f0c1-2345-7000-8000-000000000000";
    let owner = bikes.owner();
    for (kind, id) in [("products", lamp), ("categories", category)] {
        let (foreign, missing) = (format!("/{kind}/{id}"), format!("/{kind}/{NOWHERE}"));
        let change = json!({ "name": "Mine now" });
        assert_eq!(owner.get(&foreign).await.masked(id), owner.get(&missing).await.masked(NOWHERE));
        let (there, nowhere) = (owner.patch(&foreign, "*", &change).await, owner.patch(&missing, "*", &change).await);
        assert_eq!(there.masked(id), nowhere.masked(NOWHERE));
        assert_eq!(there.status, 404);
        let (there, nowhere) = (owner.delete(&foreign, "*").await, owner.delete(&missing, "*").await);
        assert_eq!(there.masked(id), nowhere.masked(NOWHERE));
    }
    let stolen = json!({ "name": "x", "price": { "amount": 1, "currency": "EUR" }, "category_id": category });
    owner.post("/products", &stolen).await.expect_problem(422, "catalog.no_category");
    owner
        .post("/categories", &json!({ "name": "x", "parent_id": category }))
        .await
        .expect_problem(422, "catalog.no_category");
    assert_eq!(bikes.visit("/products").await.json["items"], json!([]));
    assert_eq!(bikes.visit("/categories").await.json["items"], json!([]));
    bikes.visit("/products/secret-lamp").await.expect(404);
    bikes.visit("/products?category=secret").await.expect(404);
    assert_eq!(owner.get("/products").await.json["items"], json!([]));
    books.visit("/products/secret-lamp").await.expect(200);
}

#[tokio::test]
async fn another_stores_things_are_as_missing_as_what_is_nowhere() {
    let mall = Mall::open().await;
    let (books, bikes) = (mall.open_store().await, mall.open_store().await);
    let (lamp, category) = lamp_and_category(&books).await;
    nothing_is_seen(&books, &bikes, &lamp, &category).await;
    bikes.owner().add_product("Secret lamp").await; // The slug is free there.
}

#[tokio::test]
async fn with_the_policies_switched_off_the_queries_hold() {
    let mall = Mall::open().await;
    let (books, bikes) = (mall.open_store().await, mall.open_store().await);
    let (lamp, category) = lamp_and_category(&books).await;
    let admin = admin_pool(&mall.database.admin_url).await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&admin)
    .await
    .unwrap();
    assert!(tables.len() >= 8);
    for table in tables {
        sqlx::query(&format!("ALTER TABLE public.{table} DISABLE ROW LEVEL SECURITY")).execute(&admin).await.unwrap();
    }
    nothing_is_seen(&books, &bikes, &lamp, &category).await;
}

fn app(database: &TestDatabase) -> TenantDb {
    let connect = database.urls.app.clone();
    TenantDb::new(Database::new(DatabaseOptions {
        connect,
        connections: 2,
        patience: std::time::Duration::from_secs(5),
    }))
}

#[tokio::test]
async fn with_the_tenant_left_out_of_a_query_the_policies_hold() {
    let mall = Mall::open().await;
    let (books, bikes) = (mall.open_store().await, mall.open_store().await);
    lamp_and_category(&books).await;
    lamp_and_category(&bikes).await;
    let db = app(&mall.database);
    let tables =
        ["products", "variants", "categories", "users", "user_roles", "refresh_tokens", "locations", "store_settings"];
    let id: uuid::Uuid = books.id.parse().unwrap();
    for table in tables {
        let mut tx = db.begin(TenantId(id)).await.unwrap();
        let owners: Vec<uuid::Uuid> =
            sqlx::query_scalar(&format!("SELECT DISTINCT tenant_id FROM {table}")).fetch_all(tx.conn()).await.unwrap();
        assert_eq!(owners, [id], "{table}");
        let mut nobody = db.begin(TenantId::generate()).await.unwrap();
        let none: i64 =
            sqlx::query_scalar(&format!("SELECT count(*) FROM {table}")).fetch_one(nobody.conn()).await.unwrap();
        assert_eq!(none, 0, "{table}");
    }
}

#[tokio::test]
async fn a_store_can_neither_write_into_another_nor_read_the_registry() {
    let mall = Mall::open().await;
    let (books, bikes) = (mall.open_store().await, mall.open_store().await);
    let (lamp, _) = lamp_and_category(&books).await;
    let db = app(&mall.database);
    let (books, bikes): (uuid::Uuid, uuid::Uuid) = (books.id.parse().unwrap(), bikes.id.parse().unwrap());
    let attempts = [
        format!("INSERT INTO locations VALUES ('{books}', gen_random_uuid(), 'x', false, now())"),
        format!("UPDATE locations SET tenant_id = '{books}'"),
        format!("INSERT INTO variants VALUES ('{bikes}', gen_random_uuid(), '{lamp}', 1, NULL, '{{}}', 1, 1)"),
        "SELECT * FROM platform.stores".to_owned(),
        "UPDATE platform.stores SET status = 'erased'".to_owned(),
        "SELECT * FROM platform.operators".to_owned(),
        "TRUNCATE products CASCADE".to_owned(),
        "ALTER TABLE products DISABLE ROW LEVEL SECURITY".to_owned(),
        "SET LOCAL row_security = off; SELECT * FROM products".to_owned(),
        "SET LOCAL ROLE stoa_owner".to_owned(),
        "SELECT platform.open_store('stolen', 'x', 'EUR', now())".to_owned(),
    ];
    for sql in attempts {
        let mut tx = db.begin(TenantId(bikes)).await.unwrap();
        let outcome = sqlx::raw_sql(&sql).execute(tx.conn()).await;
        assert!(outcome.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn a_sound_database_has_no_faults() {
    let database = TestDatabase::new().await;
    assert_eq!(faults(&database.urls.app).await.unwrap(), []);
}

/// A product in each store that has the same words, brand and category.
async fn twins(shop: &Shop<'_>) {
    let owner = shop.owner();
    let brand = owner.post("/brands", &json!({ "name": "Twin" })).await.expect(201).text_at("/id");
    let category = owner.post("/categories", &json!({ "name": "Twins" })).await.expect(201).text_at("/id");
    for name in ["Quokka lamp", "Quokka chair"] {
        let name = format!("{name} {}", shop.slug.replace('-', " "));
        let price = json!({ "amount": 1, "currency": "EUR" });
        let body = json!({ "name": name, "price": price, "brand_id": brand, "category_id": category });
        owner.post("/products", &body).await.expect(201);
    }
}

/// What `shop` finds of what both stores have is its own two.
async fn only_its_own_is_found(shop: &Shop<'_>) {
    let own = shop.slug.clone();
    for query in [
        "q=quokka",
        "q=quoka",
        "brand=twin",
        "q=twin",
        "category=twins&in_stock=false",
        "price_min=1",
        "sort=best_selling",
    ] {
        let found = shop.visit(&format!("/products?facets=true&with_total=true&{query}")).await.expect(200);
        let items = found.json["items"].as_array().unwrap();
        assert_eq!((items.len(), &found.json["total"]), (2, &json!(2)), "{query}: {}", found.text);
        assert!(items.iter().all(|item| item["slug"].as_str().unwrap().ends_with(&own)), "{query}: {}", found.text);
        assert_eq!(found.json["facets"]["brand"][0]["count"], json!(2), "{query}");
        assert_eq!(found.json["facets"]["category"][0]["count"], json!(2), "{query}");
    }
    let suggested = shop.visit("/suggestions?q=quok").await.expect(200);
    assert_eq!(suggested.json["products"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        shop.owner().get("/products?q=quokka").await.expect(200).json["items"].as_array().map(Vec::len),
        Some(2)
    );
}

#[tokio::test]
async fn searching_finds_and_counts_one_stores_products_whichever_wall_is_taken_away() {
    let mall = Mall::open().await;
    let (books, bikes) = (mall.open_store().await, mall.open_store().await);
    twins(&books).await;
    twins(&bikes).await;
    only_its_own_is_found(&books).await;
    only_its_own_is_found(&bikes).await;
    let cursor = books.visit("/products?q=quokka&limit=1").await.expect(200).text_at("/next_cursor");
    bikes.visit(&format!("/products?q=quokka&limit=1&cursor={cursor}")).await.expect_problem(422, "request.invalid");
    books.visit(&format!("/products?q=quokk&limit=1&cursor={cursor}")).await.expect_problem(422, "request.invalid");

    // Without the tenant in the function: the lexemes of a store are its own.
    let admin = admin_pool(&mall.database.admin_url).await;
    let function: String = sqlx::query_scalar(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'search_products' AND prosecdef",
    )
    .fetch_one(&admin)
    .await
    .unwrap();
    let tenant = "((d.tenant_id = ( SELECT current_tenant() AS current_tenant)) IS TRUE)";
    assert!(function.contains(tenant), "{function}");
    sqlx::raw_sql(&function.replace(tenant, "true")).execute(&admin).await.unwrap();
    only_its_own_is_found(&books).await;
    only_its_own_is_found(&bikes).await;

    // Without the store's prefix, but with the tenant.
    sqlx::raw_sql(&function).execute(&admin).await.unwrap();
    sqlx::raw_sql("CREATE OR REPLACE FUNCTION public.search_prefix() RETURNS text LANGUAGE sql STABLE RETURN ''; \
                   UPDATE search_documents d SET lexemes = array_to_tsvector(ARRAY(SELECT substr(w, 12) FROM unnest(tsvector_to_array(d.lexemes)) w))")
        .execute(&admin)
        .await
        .unwrap();
    only_its_own_is_found(&books).await;
    only_its_own_is_found(&bikes).await;

    // Without the policies.
    for table in [
        "search_documents",
        "search_words",
        "search_grams",
        "search_labels",
        "search_facets",
        "products",
        "brands",
        "categories",
        "category_ancestors",
        "category_products",
    ] {
        sqlx::query(&format!("ALTER TABLE public.{table} DISABLE ROW LEVEL SECURITY")).execute(&admin).await.unwrap();
    }
    only_its_own_is_found(&books).await;
    only_its_own_is_found(&bikes).await;
}

#[tokio::test]
async fn who_searches_can_do_nothing_else() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    lamp_and_category(&shop).await;
    let mut searcher = tests::admin_connection(&mall.database.admin_url).await;
    sqlx::raw_sql("SET ROLE stoa_search").execute(&mut searcher).await.unwrap();
    for sql in [
        "SELECT * FROM products",
        "SELECT * FROM users",
        "SELECT * FROM search_words",
        "UPDATE search_documents SET name = 'x'",
        "DELETE FROM search_documents",
        "SELECT * FROM platform.stores",
        "CREATE TABLE public.x (id int)",
    ] {
        let refusal = sqlx::raw_sql(sql).execute(&mut searcher).await.unwrap_err().to_string();
        assert!(refusal.contains("permission denied"), "{sql}: {refusal}");
    }
}
