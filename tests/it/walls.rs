//! The self-check finds what would let a row out of its store, each fault planted alone.

use server::config::DatabaseUrls;
use server::provision::{Admin, migrated};
use sqlx::ConnectOptions as _;
use tenants::schema::{LogIn, faults, refuse_strong_role};
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
    (
        "CREATE OR REPLACE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE RETURN \
         current_setting('app.other', true)::uuid",
        "current_tenant_changed",
    ),
    ("ALTER FUNCTION current_tenant() SET app.tenant_id = ''", "current_tenant_changed"),
    ("ALTER FUNCTION current_tenant() SECURITY DEFINER", "current_tenant_changed"),
    ("ALTER FUNCTION current_tenant() OWNER TO stoa_migrator", "current_tenant_changed"),
    (
        "CREATE SCHEMA elsewhere; CREATE FUNCTION elsewhere.peek(text) RETURNS int LANGUAGE sql SECURITY DEFINER \
         SET search_path = pg_catalog AS 'SELECT 1'",
        "definer_not_listed",
    ),
    (
        "CREATE FUNCTION platform.find_store(text) RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog \
         AS 'SELECT 1'",
        "definer_not_listed",
    ),
    (
        "CREATE OR REPLACE FUNCTION platform.open_store(new_slug text, new_name text, new_currency text, opened_at \
         timestamptz) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog BEGIN ATOMIC \
         DELETE FROM platform.stores; END",
        "definer_without_tenant",
    ),
    ("ALTER FUNCTION platform.this_store() OWNER TO stoa_migrator", "owner_past_policies"),
    ("ALTER TABLE products OWNER TO stoa_migrator", "owner_past_policies"),
    ("CREATE POLICY search_reads ON products FOR SELECT TO stoa_search USING (true)", "policy_not_of_the_one_form"),
    (
        "DROP POLICY search_reads ON search_documents; \
         CREATE POLICY search_reads ON search_documents TO stoa_search USING (true)",
        "policy_not_of_the_one_form",
    ),
    ("ALTER POLICY search_reads ON search_documents TO stoa_search, stoa_app", "policy_not_of_the_one_form"),
    ("GRANT SELECT ON products TO stoa_search", "searcher_too_strong"),
    ("GRANT UPDATE ON search_documents TO stoa_search", "searcher_too_strong"),
    ("ALTER TABLE variants OWNER TO stoa_search", "searcher_too_strong"),
    ("GRANT CREATE ON SCHEMA public TO stoa_search", "schema_open"),
    ("GRANT stoa_search TO stoa_app", "role_is_member"),
    (
        "CREATE FUNCTION search_products(text) RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog \
         AS 'SELECT 1'",
        "definer_not_listed",
    ),
    ("CREATE TABLE migrations.copied AS SELECT * FROM products", "stray_in_migrations"),
    ("GRANT SELECT ON platform.stores TO stoa_worker", "app_reads_platform"),
    ("GRANT UPDATE (name) ON platform.stores TO stoa_worker", "app_reads_platform"),
    ("CREATE RULE copy AS ON INSERT TO products DO ALSO NOTIFY copied", "rule_on_table"),
    ("CREATE SEQUENCE numbers; GRANT USAGE ON SEQUENCE numbers TO stoa_app", "sequence_granted"),
    ("ALTER DEFAULT PRIVILEGES FOR ROLE stoa_owner GRANT SELECT ON TABLES TO PUBLIC", "granted_by_default"),
    ("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO stoa_platform", "granted_by_default"),
    ("GRANT USAGE ON SCHEMA platform TO PUBLIC", "schema_open"),
    (
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET app.tenant_id = ''x'' ', current_database()); END $$",
        "setting_kept",
    ),
    ("SET LOCAL app.tenant_id = '018f0000-0000-7000-8000-000000000000'", "setting_of_the_server"),
];

/// What looks like a fault and is none.
const HARMLESS: &[&str] = &[
    // Members of an extension, in a schema of ours and with what extensions do: for everyone, LEAKPROOF, tables without keys.
    "CREATE FUNCTION theirs() RETURNS int LANGUAGE sql SECURITY DEFINER LEAKPROOF AS 'SELECT 1'; \
     CREATE TABLE spatial (id int); CREATE VIEW seen AS SELECT * FROM spatial; \
     ALTER EXTENSION plpgsql ADD FUNCTION theirs(); ALTER EXTENSION plpgsql ADD TABLE spatial; \
     ALTER EXTENSION plpgsql ADD VIEW seen",
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = ''3s'' ', current_database()); END $$",
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
    for sound in HARMLESS {
        sqlx::raw_sql("BEGIN").execute(&mut conn).await.unwrap();
        sqlx::raw_sql(sound).execute(&mut conn).await.unwrap_or_else(|err| panic!("{sound}: {err}"));
        let found: Vec<(String, String, String)> =
            sqlx::query_as(tenants::schema::FAULTS_SQL).fetch_all(&mut conn).await.unwrap();
        assert!(found.is_empty(), "{sound}: {found:?}");
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
        ("ALTER ROLE stoa_search LOGIN", "searcher_too_strong"),
        ("ALTER ROLE stoa_search BYPASSRLS", "owner_past_policies"),
        ("GRANT stoa_owner TO stoa_search", "searcher_too_strong"),
        ("ALTER ROLE stoa_app SET session_replication_role = replica", "setting_kept"),
        ("ALTER ROLE stoa_worker SET row_security = off", "setting_kept"),
        ("ALTER ROLE stoa_platform SET app.tenant_id = ''", "setting_kept"),
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

    let swapped = with(|urls| std::mem::swap(&mut urls.app, &mut urls.platform)).await;
    assert!(swapped.contains("stoa_platform: is not stoa_app"), "{swapped}");
    let other = TestDatabase::new().await.urls.platform;
    let elsewhere = with(|urls| urls.platform = other).await;
    assert!(elsewhere.contains("STOA_PLATFORM_URL") && elsewhere.contains("another database"), "{elsewhere}");
    let silent = with(|urls| urls.platform = urls.platform.clone().port(1)).await;
    assert!(silent.contains("STOA_PLATFORM_URL"), "{silent}");

    let empty = tests::config(&TestDatabase::empty().await);
    let refusal = server::serve::refuse_unsound(&empty).await.unwrap_err().to_string();
    assert!(refusal.contains("stoa migrate"), "{refusal}");
}

/// Why a server refuses a sound database that it is led to in a wrong way.
async fn with(wrong: impl FnOnce(&mut DatabaseUrls)) -> String {
    let mut config = tests::config(&TestDatabase::new().await);
    wrong(&mut config.database);
    format!("{:#}", server::serve::refuse_unsound(&config).await.unwrap_err())
}

#[tokio::test]
async fn a_server_logs_in_as_a_member_of_one_role_alone() {
    let database = TestDatabase::new().await;
    let admin = admin_pool(&database.admin_url).await;
    let make =
        "DROP ROLE IF EXISTS shopkeeper; CREATE ROLE shopkeeper LOGIN PASSWORD 'shopkeeper-password' IN ROLE stoa_app";
    sqlx::raw_sql(make).execute(&admin).await.unwrap();
    let log_in = database.urls.app.clone().username("shopkeeper").password("shopkeeper-password");
    let grant = |what: &'static str| sqlx::raw_sql(what).execute(&admin);
    grant("DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO shopkeeper', current_database()); END $$")
        .await
        .unwrap();
    assert_eq!(refuse_strong_role(&log_in, LogIn::App).await.unwrap(), None);
    let unfit = refuse_strong_role(&log_in, LogIn::Platform).await.unwrap().unwrap();
    assert_eq!(unfit.detail, "is a member of stoa_app, is not stoa_platform nor a member of it");
    grant("GRANT stoa_platform TO shopkeeper").await.unwrap();
    let strong = refuse_strong_role(&log_in, LogIn::App).await.unwrap().unwrap();
    assert_eq!(strong.detail, "is a member of stoa_platform");
    grant("REVOKE stoa_platform FROM shopkeeper; ALTER ROLE shopkeeper CREATEROLE").await.unwrap();
    let strong = refuse_strong_role(&log_in, LogIn::App).await.unwrap().unwrap();
    assert_eq!((strong.rule.as_str(), strong.detail.as_str()), ("log_in_too_strong", "has CREATEROLE"));
    grant("DROP OWNED BY shopkeeper; DROP ROLE shopkeeper").await.unwrap();
}

#[tokio::test]
async fn a_database_that_was_only_half_made_is_finished_and_closed_to_all_others() {
    let database = TestDatabase::empty().await;
    let admin = admin_pool(&database.admin_url).await;
    let name = database.name();
    let half = format!(
        "REVOKE ALL ON DATABASE {name} FROM stoa_app, stoa_migrator; GRANT CONNECT ON DATABASE {name} TO PUBLIC"
    );
    sqlx::raw_sql(&half).execute(&admin).await.unwrap();
    Admin::new(&database.admin_url).unwrap().create_database(name, None).await.unwrap();
    let acl: String = sqlx::query_scalar("SELECT datacl::text FROM pg_database WHERE datname = current_database()")
        .fetch_one(&admin)
        .await
        .unwrap();
    assert!(!acl.contains("{=") && !acl.contains(",="), "PUBLIC has something: {acl}");
    migrated(&database.urls).await.unwrap();
    let mut app = database.urls.app.connect().await.unwrap();
    for large_object in
        ["SELECT lo_create(0)", "SELECT lo_from_bytea(0, 'x')", "SELECT lo_get(1)", "SELECT lo_open(1, 1)"]
    {
        let refusal = sqlx::raw_sql(large_object).execute(&mut app).await.unwrap_err().to_string();
        assert!(refusal.contains("permission denied for function"), "{large_object}: {refusal}");
    }
}

#[tokio::test]
async fn two_migrations_at_once_are_as_good_as_one() {
    let database = TestDatabase::empty().await;
    let run = || migrated(&database.urls);
    let (one, two) = tokio::join!(run(), run());
    one.unwrap();
    two.unwrap();
    assert_eq!(faults(&database.urls.app).await.unwrap(), []);
}
