//! Long lists: walked while they change, and read by plans that name tenant and key.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::Value;
use sqlx::PgConnection;
use tests::{Answer, Mall, admin_connection, shelves};
use uuid::Uuid;

/// A page of a store's list.
async fn page(mall: &Mall, store: &str, query: &str) -> Answer {
    let request = mall.request(Method::GET, &format!("/store/v1/products?{query}")).header("Stoa-Store", store);
    Answer::of(request).await.expect(200)
}

/// Inserts, reprices, renames, sells and hides while somebody walks.
async fn stir(conn: &mut PgConnection, store: Uuid, round: i32) {
    let steps = [
        "INSERT INTO products (tenant_id, id, slug, name, description, active, price_minor, list_minor, created_at, updated_at)
         SELECT $1, overlay(md5($2::text || n) placing lpad(to_hex(1700000000000 + (n * 997 + $2) % 20000), 12, '0') || '7' from 1 for 13)::uuid,
                'new-' || $2 || '-' || n, 'Wooden table new ' || n, '', true, (n * 7919 + $2) % 30000, (n * 7919 + $2) % 30000, now(), now()
         FROM generate_series(1, 20) n",
        "UPDATE products SET price_minor = (price_minor * 31 + 17) % 20000, list_minor = (price_minor * 31 + 17) % 20000,
                sold = (sold + 2500) % 5000, name = 'Wooden ' || name
         WHERE tenant_id = $1 AND slug LIKE 'full-%7' AND (sold + $2) % 10 = 0",
    ];
    for step in steps {
        sqlx::query(step).bind(store).bind(round).execute(&mut *conn).await.unwrap();
    }
}

#[tokio::test]
async fn a_walk_shows_nothing_twice_and_misses_nothing_that_stood_still() {
    let mall = Mall::open().await;
    let stores = shelves::fill(&mall, 1, 10_000).await;
    let (slug, id) = &stores[0];
    let mut conn = admin_connection(&mall.database.admin_url).await;
    let still: Vec<String> =
        sqlx::query_scalar("SELECT slug FROM products WHERE tenant_id = $1 AND active AND slug NOT LIKE 'full-%7'")
            .bind(id)
            .fetch_all(&mut conn)
            .await
            .unwrap();
    let wooden: BTreeSet<String> = sqlx::query_scalar(
        "SELECT slug FROM products WHERE tenant_id = $1 AND active AND slug NOT LIKE 'full-%7' AND name LIKE 'Wooden%'",
    )
    .bind(id)
    .fetch_all(&mut conn)
    .await
    .unwrap()
    .into_iter()
    .collect();
    let still: BTreeSet<_> = still.into_iter().collect();
    assert!(still.len() > 8000 && wooden.len() > 400);
    let mut round = 0;
    for (query, all) in [
        ("sort=newest", &still),
        ("sort=price", &still),
        ("sort=-price", &still),
        ("sort=name", &still),
        ("sort=best_selling", &still),
        ("sort=relevance&q=wooden", &wooden),
        ("sort=price&q=wooden", &wooden),
        ("sort=-price&q=woden", &wooden),
        ("sort=name&q=wooden", &wooden),
        ("sort=best_selling&q=wooden", &wooden),
        ("sort=newest&q=wooden", &wooden),
    ] {
        let (mut seen, mut cursor) = (BTreeMap::<String, u32>::new(), String::new());
        loop {
            let answer = page(&mall, slug, &format!("limit=100&{query}{cursor}")).await;
            for item in answer.json["items"].as_array().unwrap() {
                *seen.entry(item["slug"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            if round % 8 == 0 {
                stir(&mut conn, *id, round).await;
            }
            round += 1;
            match answer.json["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let missed: Vec<_> = all.iter().filter(|slug| !seen.contains_key(*slug)).take(5).collect();
        let twice: Vec<_> = seen.iter().filter(|(slug, times)| **times > 1 && all.contains(*slug)).take(5).collect();
        assert!(missed.is_empty() && twice.is_empty(), "{query}: missed {missed:?}, twice {twice:?}");
    }
}

/// A statement of the build, that hot lists are made of, by a piece of it.
const HOT: &[&str] = &[
    "p.active AND p.id < $2 ORDER BY p.id DESC",
    "p.active AND (p.price_minor, p.id) > ($2, $3)",
    "p.active AND (p.price_minor, p.id) < ($2, $3)",
    "p.active AND (p.name COLLATE",
    "p.active AND (p.sold, p.id) < ($2, $3)",
    "AND e.product_id < $3 ORDER BY e.product_id DESC",
    "AND (e.price_minor, e.product_id) > ($5, $3)",
    "AND (e.price_minor, e.product_id) < ($5, $3)",
    "AND (e.name COLLATE",
    "p.slug = $2 AND p.active",
    "p.id = ANY ($2) ORDER BY array_position",
    "FROM search_grams g",
    "FROM search_labels l\n           LEFT JOIN",
    "FROM search_facets f\n",
    "l.kind = 'brand' LIMIT",
    "l.kind = 'category' LIMIT",
    "FROM category_ancestors a JOIN categories c",
];

fn statements() -> Vec<String> {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.sqlx")).unwrap();
    let read = |path| serde_json::from_str::<Value>(&std::fs::read_to_string(path).unwrap()).unwrap();
    files.map(|file| read(file.unwrap().path())["query"].as_str().unwrap().to_owned()).collect()
}

/// What of a plan reads many rows to find few: a walk through a whole table, a sort of one, an index without the tenant.
fn faults(plan: &Value, found: &mut Vec<String>) {
    let node = plan["Node Type"].as_str().unwrap_or_default();
    let condition = plan["Index Cond"].as_str().unwrap_or_default();
    const LARGE: [&str; 6] =
        ["products", "variants", "category_products", "search_documents", "search_grams", "search_words"];
    let large = plan["Relation Name"].as_str().is_some_and(|table| LARGE.contains(&table));
    match node {
        "Seq Scan" if large => found.push(format!("{node} of {}", plan["Relation Name"])),
        "Index Scan" | "Index Only Scan" if !condition.contains("tenant_id = ") => {
            found.push(format!("{node} by {} with {condition:?}", plan["Index Name"]));
        }
        _ => {}
    }
    plan["Plans"].as_array().into_iter().flatten().for_each(|part| faults(part, found));
}

#[tokio::test]
async fn hot_statements_name_tenant_and_key_whatever_plan_is_kept() {
    let mall = Mall::open().await;
    let stores = shelves::fill(&mall, 50, 2_000).await;
    let mut conn = admin_connection(&mall.database.admin_url).await;
    sqlx::raw_sql(&format!("SET ROLE stoa_app; SET app.tenant_id = '{}'", stores[7].1))
        .execute(&mut conn)
        .await
        .unwrap();
    let all = statements();
    for piece in HOT {
        let fitting: Vec<_> = all.iter().filter(|sql| sql.contains(piece)).collect();
        assert!(!fitting.is_empty(), "no statement has {piece:?} any more: change this test with it");
        for sql in fitting {
            let highest = (1..=20).rev().find(|n| sql.contains(&format!("${n}"))).unwrap_or(0);
            let arguments = vec!["NULL"; highest].join(", ");
            sqlx::raw_sql(&format!("SET plan_cache_mode = force_generic_plan; PREPARE probe AS {sql}"))
                .execute(&mut conn)
                .await
                .unwrap();
            let plan: Value = sqlx::query_scalar(&format!("EXPLAIN (FORMAT JSON) EXECUTE probe({arguments})"))
                .fetch_one(&mut conn)
                .await
                .unwrap();
            sqlx::raw_sql("DEALLOCATE probe").execute(&mut conn).await.unwrap();
            let mut found = Vec::new();
            faults(&plan[0]["Plan"], &mut found);
            let sorts = plan.to_string().contains("\"Sort\"") && piece.contains("ORDER BY e");
            assert!(found.is_empty() && !sorts, "{sql}\n{found:#?}\n{plan:#}");
        }
    }
    searching_reads_the_index_of_lexemes_and_little_else(&mall, stores[7].1).await;
}

/// The plan of what the one function that searches asks, and how many rows and pages it looked at.
async fn searching_reads_the_index_of_lexemes_and_little_else(mall: &Mall, store: Uuid) {
    let mut conn = admin_connection(&mall.database.admin_url).await;
    let body: String = sqlx::query_scalar(
        "SELECT pg_get_function_sqlbody(oid) FROM pg_proc WHERE proname = 'search_products' AND prosecdef",
    )
    .fetch_one(&mut conn)
    .await
    .unwrap();
    let statement = body.trim().trim_start_matches("BEGIN ATOMIC").trim_end_matches("END").trim().trim_end_matches(';');
    let numbered = [
        "wanted",
        "groups",
        "prefixes",
        "exact",
        "loose",
        "is_active",
        "lowest",
        "highest",
        "is_on_sale",
        "is_in_stock",
    ]
    .iter()
    .zip(1..)
    .fold(statement.to_owned(), |sql, (name, n)| sql.replace(&format!("search_products.{name}"), &format!("${n}")));
    sqlx::raw_sql(&format!(
        "SET ROLE stoa_search; SET app.tenant_id = '{}'; SET plan_cache_mode = force_generic_plan; \
        PREPARE probe (text[], int[], bool[], tsquery, tsquery, bool, bigint, bigint, bool, bool) AS {numbered}",
        store
    ))
    .execute(&mut conn)
    .await
    .unwrap();
    let plan: Value = sqlx::query_scalar(
        "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE probe('{wooden,~wooden}', '{1,1}', '{t,f}', 'wooden', 'wooden:*', true, NULL, NULL, NULL, NULL)",
    )
    .fetch_one(&mut conn)
    .await
    .unwrap();
    let text = plan.to_string();
    assert!(text.contains("search_documents_lexemes") && !text.contains("Seq Scan"), "{plan:#}");
    let pages = plan[0]["Plan"]["Shared Hit Blocks"].as_i64().unwrap()
        + plan[0]["Plan"]["Shared Read Blocks"].as_i64().unwrap();
    let rows = plan[0]["Plan"]["Actual Rows"].as_i64().unwrap();
    assert!((50..400).contains(&rows) && pages < 600, "{rows} rows, {pages} pages: {plan:#}");
}
