//! The self-check finds what would let a row out of its store, each fault planted alone.

use tenants::schema::faults;
use tests::{TestDatabase, admin_connection, admin_pool};

/// A fault, and the rule by which it is found.
const PLANTED: &[(&str, &str)] = &[
    ("ALTER TABLE products DISABLE ROW LEVEL SECURITY", "row_security_off"),
    ("ALTER TABLE products NO FORCE ROW LEVEL SECURITY", "row_security_not_forced"),
    ("DROP POLICY one_store ON products", "no_policy"),
    ("CREATE POLICY everything ON products USING (true)", "policy_not_of_the_one_form"),
    ("CREATE POLICY reads ON products FOR SELECT USING (true)", "policy_not_of_the_one_form"),
    ("ALTER POLICY one_store ON products WITH CHECK (true)", "policy_not_of_the_one_form"),
    ("CREATE TABLE plain (id uuid PRIMARY KEY)", "row_security_off"),
    ("CREATE TABLE keyless (tenant_id uuid NOT NULL)", "no_primary_key"),
    ("CREATE TABLE lonely (id uuid PRIMARY KEY, tenant_id uuid NOT NULL)", "key_without_tenant"),
    ("CREATE TABLE lax (tenant_id uuid, id uuid, UNIQUE (tenant_id, id))", "no_tenant_column"),
    ("ALTER TABLE products ALTER tenant_id SET DEFAULT current_tenant()", "no_tenant_column"),
    ("CREATE UNIQUE INDEX oracle ON products (slug)", "key_without_tenant"),
    ("ALTER TABLE products ADD CONSTRAINT oracle EXCLUDE (slug WITH =)", "key_without_tenant"),
    (
        "CREATE UNIQUE INDEX by_id ON products (id); CREATE TABLE hole (tenant_id uuid NOT NULL, product_id uuid \
         REFERENCES products (id), PRIMARY KEY (tenant_id, product_id))",
        "foreign_key_without_tenant",
    ),
    (
        "ALTER TABLE variants ADD CONSTRAINT nulls FOREIGN KEY (tenant_id, product_id) REFERENCES products (tenant_id, id) \
         ON DELETE SET NULL",
        "foreign_key_sets_tenant_null",
    ),
    ("CREATE VIEW everything AS SELECT * FROM products", "view_of_its_owner"),
    ("CREATE MATERIALIZED VIEW kept AS SELECT * FROM products", "materialized_view"),
    ("CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.products (tenant_id uuid)", "unknown_schema"),
    (
        "CREATE FUNCTION peek(t uuid) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1::bigint'",
        "definer_takes_tenant",
    ),
    ("CREATE FUNCTION loose() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'", "definer_without_search_path"),
    (
        "CREATE FUNCTION strong() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1'",
        "definer_of_superuser",
    ),
    ("CREATE FUNCTION anyones() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function_for_everyone"),
    ("GRANT EXECUTE ON FUNCTION platform.this_store() TO PUBLIC", "function_for_everyone"),
    ("CREATE FUNCTION leaky() RETURNS int LANGUAGE sql LEAKPROOF AS 'SELECT 1'", "leakproof_function"),
    ("GRANT SELECT ON products TO PUBLIC", "table_for_everyone"),
    ("GRANT SELECT (name) ON products TO PUBLIC", "table_for_everyone"),
    ("GRANT TRUNCATE ON products TO stoa_app", "too_much_granted"),
    ("GRANT SELECT ON platform.stores TO stoa_app", "app_reads_platform"),
    ("GRANT SELECT ON products TO stoa_platform", "platform_reads_stores"),
    ("ALTER TABLE products OWNER TO stoa_app", "role_owns"),
    ("GRANT CREATE ON SCHEMA public TO stoa_app", "schema_open"),
    ("ALTER TABLE platform.operators NO FORCE ROW LEVEL SECURITY", "row_security_not_forced"),
    ("CREATE POLICY open ON platform.operators USING (true)", "platform_policy_for_everyone"),
];

#[tokio::test]
async fn each_planted_fault_is_found_and_its_removal_too() {
    let database = TestDatabase::new().await;
    let mut conn = admin_connection(&database.admin_url).await;
    for (plant, rule) in PLANTED {
        // In a transaction that is rolled back: the next fault stands alone.
        sqlx::raw_sql("BEGIN").execute(&mut conn).await.unwrap();
        sqlx::raw_sql(plant).execute(&mut conn).await.unwrap_or_else(|err| panic!("{plant}: {err}"));
        let found: Vec<(String, String, String)> =
            sqlx::query_as(tenants::schema::FAULTS_SQL).fetch_all(&mut conn).await.unwrap();
        assert!(found.iter().any(|(found, _, _)| found == rule), "{plant}: {found:?}");
        sqlx::raw_sql("ROLLBACK").execute(&mut conn).await.unwrap();
    }
    assert_eq!(faults(&database.urls.app).await.unwrap(), []);
}

#[tokio::test]
async fn roles_that_are_too_strong_are_found() {
    let database = TestDatabase::new().await;
    let mut conn = admin_connection(&database.admin_url).await;
    for (plant, rule) in [
        ("ALTER ROLE stoa_app BYPASSRLS", "role_too_strong"),
        ("ALTER ROLE stoa_worker SUPERUSER", "role_too_strong"),
        ("GRANT stoa_owner TO stoa_app", "role_is_member"),
    ] {
        sqlx::raw_sql("BEGIN").execute(&mut conn).await.unwrap();
        sqlx::raw_sql(plant).execute(&mut conn).await.unwrap();
        let found: Vec<(String, String, String)> =
            sqlx::query_as(tenants::schema::FAULTS_SQL).fetch_all(&mut conn).await.unwrap();
        assert!(found.iter().any(|(found, _, _)| found == rule), "{plant}: {found:?}");
        sqlx::raw_sql("ROLLBACK").execute(&mut conn).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_refuses_a_database_that_does_not_keep_stores_apart() {
    let database = TestDatabase::new().await;
    let config = tests::config(&database);
    server::serve::refuse_unsound(&config).await.unwrap();

    let admin = admin_pool(&database.admin_url).await;
    sqlx::query("ALTER TABLE users NO FORCE ROW LEVEL SECURITY").execute(&admin).await.unwrap();
    let refusal = server::serve::refuse_unsound(&config).await.unwrap_err().to_string();
    assert!(refusal.contains("public.users") && refusal.contains("row_security_not_forced"), "{refusal}");

    let mut strong = tests::config(&TestDatabase::new().await);
    strong.database.app = database.admin_url.parse().unwrap();
    let refusal = server::serve::refuse_unsound(&strong).await.unwrap_err().to_string();
    assert!(refusal.contains("superuser"), "{refusal}");

    let empty = tests::config(&TestDatabase::empty().await);
    let refusal = server::serve::refuse_unsound(&empty).await.unwrap_err().to_string();
    assert!(refusal.contains("stoa migrate"), "{refusal}");
}

#[tokio::test]
async fn two_migrations_at_once_are_as_good_as_one() {
    let database = TestDatabase::empty().await;
    let run = || server::provision::migrated(&database.urls);
    let (one, two) = tokio::join!(run(), run());
    one.unwrap();
    two.unwrap();
    assert_eq!(faults(&database.urls.app).await.unwrap(), []);
}
