//! Long lists, walked while they change.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use sqlx::PgConnection;
use tests::{Answer, Mall, admin_connection, shelves};
use tokio::sync::mpsc;
use uuid::Uuid;

/// A page of a store's list.
async fn page(mall: &Mall, store: &str, query: &str) -> Answer {
    let request = mall.request(Method::GET, &format!("/store/v1/products?{query}")).header("Stoa-Store", store);
    Answer::of(request).await.expect(200)
}

/// What changes while somebody walks: products come in between, others cost, sell and are called otherwise. Those whose
/// slug ends in 7 do; all others stand still.
const STIR: [&str; 3] = [
    "INSERT INTO products (tenant_id, id, slug, name, description, brand_id, category_id, active, price_minor, list_minor,
                           created_at, updated_at)
     SELECT $1, overlay(md5($2::text || n) placing lpad(to_hex(1700000000000 + (n * 997 + $2) % 20000), 12, '0') || '7' from 1 for 13)::uuid,
            'new-' || $2 || '-' || n, 'Wooden table new ' || n, '', p.brand_id, p.category_id, true,
            (n * 7919 + $2) % 30000, (n * 7919 + $2) % 30000, now(), now()
     FROM generate_series(1, 20) n JOIN products p ON p.tenant_id = $1 AND p.slug = 'full-0-' || (1 + n)",
    "UPDATE products SET price_minor = (price_minor * 31 + 17) % 20000, list_minor = (price_minor * 31 + 17) % 20000,
            sold = (sold + 2500) % 5000, name = 'Wooden ' || left(name, 100)
     WHERE tenant_id = $1 AND slug LIKE 'full-%7' AND (sold + $2) % 10 = 0",
    "INSERT INTO category_products (tenant_id, category_id, product_id, price_minor, name)
     SELECT p.tenant_id, a.ancestor_id, p.id, p.price_minor, p.name
     FROM products p JOIN category_ancestors a ON a.tenant_id = $1 AND a.category_id = p.category_id
     WHERE p.tenant_id = $1 AND p.active AND (p.slug LIKE 'full-%7' OR p.slug LIKE 'new-' || $2 || '-%')
     ON CONFLICT (tenant_id, product_id, category_id) DO UPDATE SET price_minor = excluded.price_minor, name = excluded.name
     WHERE (category_products.price_minor, category_products.name) IS DISTINCT FROM (excluded.price_minor, excluded.name)",
];

/// Stirs once for each word, until nobody gives one any more; answers how often that was.
async fn stir(mut conn: PgConnection, store: Uuid, mut words: mpsc::Receiver<()>) -> i32 {
    let mut round = 0;
    while words.recv().await.is_some() {
        sqlx::query("BEGIN").execute(&mut conn).await.unwrap();
        for step in STIR {
            sqlx::query(step).bind(store).bind(round).execute(&mut conn).await.unwrap();
        }
        sqlx::query("COMMIT").execute(&mut conn).await.unwrap();
        round += 1;
    }
    round
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_shows_nothing_twice_and_misses_nothing_that_stood_still() {
    let mall = Mall::open().await;
    let stores = shelves::fill(&mall, 1, 10_000).await;
    let (slug, id) = &stores[0];
    let mut conn = admin_connection(&mall.database.admin_url).await;
    let mut standing = async |which: &str| -> BTreeSet<String> {
        let sql = format!(
            "SELECT slug FROM products p WHERE tenant_id = $1 AND active AND slug NOT LIKE 'full-%7' AND {which}"
        );
        sqlx::query_scalar(&sql).bind(id).fetch_all(&mut conn).await.unwrap().into_iter().collect()
    };
    let all = standing("true").await;
    let wooden = standing("name LIKE 'Wooden%'").await;
    let hall = standing(
        "EXISTS (SELECT FROM category_products e JOIN categories c ON c.tenant_id = $1 AND c.id = e.category_id
                 WHERE e.tenant_id = $1 AND e.product_id = p.id AND c.slug = 'hall-0')",
    )
    .await;
    let brand = standing("brand_id = (SELECT id FROM brands WHERE tenant_id = $1 AND slug = 'brand-lamp')").await;
    assert!(all.len() > 8000 && wooden.len() > 400 && hall.len() > 1500 && brand.len() > 300);
    let (words, spoken) = mpsc::channel(1);
    let stirring = {
        let conn = admin_connection(&mall.database.admin_url).await;
        tokio::spawn(stir(conn, *id, spoken))
    };
    let sorts = ["newest", "price", "-price", "name", "best_selling", "relevance"];
    let walks = sorts.iter().flat_map(|sort| {
        [
            ("", &all),
            ("&category=hall-0", &hall),
            ("&brand=brand-lamp", &brand),
            ("&q=wooden", &wooden),
            ("&q=woden", &wooden),
        ]
        .map(|(filter, standing)| (format!("sort={sort}{filter}"), standing))
    });
    for (query, standing) in walks {
        let (mut seen, mut cursor, mut pages) = (BTreeMap::<String, u32>::new(), String::new(), 0);
        loop {
            // While the page is read, and once a fourth page, so that the walk comes to an end.
            if pages % 4 == 0 {
                words.try_send(()).ok();
            }
            pages += 1;
            let answer = page(&mall, slug, &format!("limit=100&{query}{cursor}")).await;
            for item in answer.json["items"].as_array().unwrap() {
                *seen.entry(item["slug"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            match answer.json["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let missed: Vec<_> = standing.iter().filter(|slug| !seen.contains_key(*slug)).take(5).collect();
        let twice: Vec<_> =
            seen.iter().filter(|(slug, times)| **times > 1 && standing.contains(*slug)).take(5).collect();
        assert!(missed.is_empty() && twice.is_empty(), "{query}: missed {missed:?}, twice {twice:?}");
    }
    drop(words);
    assert!(stirring.await.unwrap() > 30, "little has changed meanwhile");
}
