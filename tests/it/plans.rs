//! How statements are carried out where the tables are full: by tenant and key, whatever plan is kept for them.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::PgConnection;
use tests::{Mall, admin_connection, shelves};
use uuid::Uuid;

/// The tables that [`shelves::fill`] fills.
const LARGE: [&str; 10] = [
    "products",
    "variants",
    "category_products",
    "product_attributes",
    "product_images",
    "stock_levels",
    "reviews",
    "search_documents",
    "search_grams",
    "search_words",
];

/// Rows that a statement of a hot page may look at in one table: those of the page, and what is dropped on the way.
const MOST_ROWS: i64 = 250;

/// What visitors ask for all the time, by a piece of the statement.
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
    "FROM product_images",
    "FROM reviews WHERE tenant_id = $1 AND",
    "FROM catalog_state WHERE",
];

/// A statement of the build, prepared on a connection that sees one full store.
struct Shelf {
    conn: PgConnection,
    store: Uuid,
    /// The table of each index that begins with the tenant.
    indexes: BTreeMap<String, String>,
    /// The table of each index.
    tables: BTreeMap<String, String>,
    products: Vec<Uuid>,
    category: Uuid,
    brand: Uuid,
}

impl Shelf {
    async fn of(mall: &Mall, store: Uuid) -> Self {
        let mut conn = admin_connection(&mall.database.admin_url).await;
        let indexes: Vec<(String, String, bool)> = sqlx::query_as(
            "SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text, coalesce(a.attname = 'tenant_id', false)
             FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]",
        )
        .fetch_all(&mut conn)
        .await
        .unwrap();
        let products = "SELECT id FROM products WHERE tenant_id = $1 AND active ORDER BY md5(id::text) LIMIT 20";
        let products = sqlx::query_scalar(products).bind(store).fetch_all(&mut conn).await.unwrap();
        let named =
            async |conn: &mut PgConnection, sql| sqlx::query_scalar(sql).bind(store).fetch_one(conn).await.unwrap();
        let category = named(&mut conn, "SELECT id FROM categories WHERE tenant_id = $1 AND slug = 'hall-0'").await;
        let brand = named(&mut conn, "SELECT id FROM brands WHERE tenant_id = $1 AND slug = 'brand-lamp'").await;
        sqlx::raw_sql(&format!("SET ROLE stoa_app; SET app.tenant_id = '{store}'")).execute(&mut conn).await.unwrap();
        let tables = indexes.iter().map(|(index, table, _)| (index.clone(), table.clone())).collect();
        let indexes = indexes.into_iter().filter(|(_, _, begins)| *begins).map(|(index, table, _)| (index, table));
        Self { conn, store, indexes: indexes.collect(), tables, products, category, brand }
    }

    /// An argument that fits the type of `$n`, as a request would have it.
    fn argument(&self, sql: &str, n: usize, of: &str) -> String {
        let ids = |ids: &[Uuid]| format!("'{{{}}}'", ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(","));
        let names = |column: &str| sql.contains(&format!("{column} = ${n}"));
        match of {
            "uuid" if n == 1 => format!("'{}'", self.store),
            "uuid" if names("category_id") || names("ancestor_id") => format!("'{}'", self.category),
            "uuid" if names("brand_id") => format!("'{}'", self.brand),
            "uuid" => format!("'{}'", self.products[0]),
            "uuid[]" => ids(&self.products),
            "text" if names("p.slug") => "'full-7-33'".to_owned(),
            "text" if names("state") => "'approved'".to_owned(),
            "text" => "'lamp'".to_owned(),
            "text[]" => "'{lam,amp,lamp}'".to_owned(),
            "bigint" if sql.contains(&format!("LIMIT ${n}")) => "21".to_owned(),
            "bigint" => "3".to_owned(),
            "boolean" => "true".to_owned(),
            _ => "NULL".to_owned(),
        }
    }

    /// The plan of a statement with arguments like those of a request; none where the application may not run it.
    async fn plan(&mut self, sql: &str, mode: &str, runs: bool) -> Option<Value> {
        let prepare = format!("BEGIN; SET LOCAL plan_cache_mode = {mode}; PREPARE probe AS {sql}");
        sqlx::raw_sql(&prepare).execute(&mut self.conn).await.unwrap_or_else(|err| panic!("{err}: {sql}"));
        let types: Vec<String> =
            sqlx::query_scalar("SELECT unnest(parameter_types)::text FROM pg_prepared_statements WHERE name = 'probe'")
                .fetch_all(&mut self.conn)
                .await
                .unwrap();
        let arguments: Vec<_> = types.iter().enumerate().map(|(i, of)| self.argument(sql, i + 1, of)).collect();
        let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        let how = if runs { "ANALYZE, TIMING OFF, FORMAT JSON" } else { "FORMAT JSON" };
        let explained =
            sqlx::raw_sql(&format!("EXPLAIN ({how}) EXECUTE probe{arguments}")).fetch_one(&mut self.conn).await;
        sqlx::raw_sql("ROLLBACK; DEALLOCATE probe").execute(&mut self.conn).await.unwrap();
        match explained {
            Ok(row) => {
                let plan: Value = sqlx::Row::try_get(&row, 0).unwrap();
                Some(plan[0]["Plan"].clone())
            }
            Err(err) if err.as_database_error().and_then(|err| err.code()).as_deref() == Some("42501") => None,
            Err(err) => panic!("{err}: {sql}"),
        }
    }

    /// What of a plan looks past the store: a walk through a whole table, or an index that does not begin with the tenant.
    fn faults(&self, plan: &Value, found: &mut Vec<String>) {
        let text = |key: &str| plan[key].as_str().unwrap_or_default();
        let (node, index) = (text("Node Type"), text("Index Name"));
        let table = self.tables.get(index).map_or(text("Relation Name"), String::as_str);
        if LARGE.contains(&table) {
            let by_tenant = self.indexes.contains_key(index) && text("Index Cond").contains("tenant_id = ");
            match node {
                "Seq Scan" => found.push(format!("{node} of {table}")),
                "Index Scan" | "Index Only Scan" | "Bitmap Index Scan" if !by_tenant => {
                    found.push(format!("{node} of {table} by {index} with {:?}", text("Index Cond")));
                }
                _ => {}
            }
        }
        plan["Plans"].as_array().into_iter().flatten().for_each(|part| self.faults(part, found));
    }
}

/// The most rows that one part of a plan looked at in a large table.
fn rows_looked_at(plan: &Value) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a count of rows")]
    let number = |key: &str| plan[key].as_f64().unwrap_or_default() as i64;
    let of_node = (number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Index Recheck"))
        * number("Actual Loops");
    let large = plan["Relation Name"].as_str().is_some_and(|table| LARGE.contains(&table));
    let below = plan["Plans"].as_array().into_iter().flatten().map(rows_looked_at).max().unwrap_or_default();
    below.max(if large { of_node } else { 0 })
}

fn statements() -> Vec<String> {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.sqlx")).unwrap();
    let read = |path| serde_json::from_str::<Value>(&std::fs::read_to_string(path).unwrap()).unwrap();
    files.map(|file| read(file.unwrap().path())["query"].as_str().unwrap().to_owned()).collect()
}

const MODES: [&str; 2] = ["force_generic_plan", "force_custom_plan"];

#[tokio::test]
async fn statements_name_tenant_and_key_whatever_plan_is_kept() {
    let mall = Mall::open().await;
    let stores = shelves::fill(&mall, 50, 2_000).await;
    let mut shelf = Shelf::of(&mall, stores[7].1).await;
    let all = statements();
    let (mut wrong, mut looked_at) = (Vec::new(), 0);
    for sql in &all {
        for mode in MODES {
            let Some(plan) = shelf.plan(sql, mode, false).await else { continue };
            looked_at += 1;
            let mut found = Vec::new();
            shelf.faults(&plan, &mut found);
            if !found.is_empty() {
                wrong.push(format!("{mode}: {sql}\n{found:#?}"));
            }
        }
    }
    assert!(looked_at > 400, "only {looked_at} plans were read");
    assert!(wrong.is_empty(), "{} of {looked_at} plans look past the store:\n{}", wrong.len(), wrong.join("\n\n"));
    for piece in HOT {
        let fitting: Vec<_> = all.iter().filter(|sql| sql.starts_with("SELECT") && sql.contains(piece)).collect();
        assert!(!fitting.is_empty(), "no statement has {piece:?} any more: change this test with it");
        for sql in fitting {
            for mode in MODES {
                let plan = shelf.plan(sql, mode, true).await.unwrap_or_else(|| panic!("{sql} may not be run"));
                let rows = rows_looked_at(&plan);
                assert!(rows <= MOST_ROWS, "{mode}: {rows} rows are looked at: {sql}\n{plan:#}");
            }
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
