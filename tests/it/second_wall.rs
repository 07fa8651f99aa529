//! The second wall: every query names its tenant, whatever the policies do. Read off the plans of all queries that the
//! build knows, made by an administrator whom no policy binds.

use std::collections::HashSet;

use serde_json::Value;
use sqlx::PgConnection;
use tests::{TestDatabase, admin_connection};

/// The queries of the workspace, as `sqlx` keeps them.
fn queries() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../.sqlx");
    let files = std::fs::read_dir(folder).unwrap();
    let read = |path| serde_json::from_str::<Value>(&std::fs::read_to_string(path).unwrap()).unwrap();
    files.map(|file| read(file.unwrap().path())["query"].as_str().unwrap().to_owned()).collect()
}

/// What of `sql` touches a store's table without saying whose rows it means.
async fn unnamed(conn: &mut PgConnection, tables: &HashSet<String>, sql: &str) -> Vec<String> {
    let highest = (1..=40).rev().find(|n| sql.contains(&format!("${n}"))).unwrap_or(0);
    let arguments = if highest == 0 { String::new() } else { format!("({})", vec!["NULL"; highest].join(", ")) };
    // With a plan for any value, no condition can be folded away.
    sqlx::raw_sql(&format!("SET plan_cache_mode = force_generic_plan; PREPARE probe AS {sql}"))
        .execute(&mut *conn)
        .await
        .unwrap();
    let plan: Value = sqlx::query_scalar(&format!("EXPLAIN (FORMAT JSON, VERBOSE) EXECUTE probe{arguments}"))
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    sqlx::raw_sql("DEALLOCATE probe").execute(&mut *conn).await.unwrap();
    let mut found = Vec::new();
    look(&plan[0]["Plan"], tables, &mut found);
    let inserts = sql.split_once("INSERT INTO ").map(|(_, rest)| rest.split(')').next().unwrap_or(""));
    let table = |columns: &str| columns.split(['(', ' ']).next().unwrap_or("").to_owned();
    if let Some(columns) = inserts.filter(|columns| tables.contains(&table(columns)) && !columns.contains("tenant_id"))
    {
        found.push(format!("INSERT INTO {columns})"));
    }
    found
}

fn look(plan: &Value, tables: &HashSet<String>, found: &mut Vec<String>) {
    let reads = plan["Node Type"].as_str().is_some_and(|node| node.contains("Scan"));
    let in_store = reads && plan["Schema"] == "public";
    if let Some(table) = plan["Relation Name"].as_str().filter(|table| in_store && tables.contains(*table)) {
        let conditions = ["Index Cond", "Recheck Cond", "Filter", "Hash Cond", "Join Filter"];
        let named = conditions
            .iter()
            .filter_map(|name| plan[name].as_str())
            .any(|condition| condition.contains("tenant_id = $"));
        if !named {
            found.push(format!("{} of {table}: {plan}", plan["Node Type"]));
        }
    }
    for part in plan["Plans"].as_array().into_iter().flatten() {
        // A bitmap's index is read for the scan above it, which repeats the condition.
        if part["Node Type"] != "Bitmap Index Scan" {
            look(part, tables, found);
        }
    }
}

async fn tables(conn: &mut PgConnection) -> HashSet<String> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
    )
    .fetch_all(conn)
    .await
    .unwrap();
    names.into_iter().collect()
}

#[tokio::test]
async fn every_query_names_its_tenant() {
    let database = TestDatabase::new().await;
    let mut conn = admin_connection(&database.admin_url).await;
    let tables = tables(&mut conn).await;
    let queries = queries();
    assert!(queries.len() > 40 && tables.len() >= 8);
    for sql in queries {
        let found = unnamed(&mut conn, &tables, &sql).await;
        assert!(found.is_empty(), "{sql}\n{found:#?}");
    }
}

#[tokio::test]
async fn a_query_that_does_not_is_found() {
    let database = TestDatabase::new().await;
    let mut conn = admin_connection(&database.admin_url).await;
    let tables = tables(&mut conn).await;
    for sql in [
        "SELECT name FROM products WHERE id = $1",
        "SELECT p.name FROM products p JOIN variants v ON v.product_id = p.id WHERE p.tenant_id = $1",
        "SELECT (SELECT count(*) FROM variants v WHERE v.product_id = p.id) FROM products p WHERE p.tenant_id = $1",
        "UPDATE users SET name = $1 WHERE id = $2",
        "DELETE FROM refresh_tokens WHERE hash = $1",
        "INSERT INTO locations (id, name, is_default, created_at) VALUES ($1, $2, true, now())",
    ] {
        let found = unnamed(&mut conn, &tables, sql).await;
        assert!(!found.is_empty(), "{sql} passes");
    }
}
