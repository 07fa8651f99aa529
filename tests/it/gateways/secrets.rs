//! Secrets of gateways go in, and never come out.

use serde_json::{Value, json};
use tests::{admin_pool, config};

use super::{mall, operator, set, with_key};

const KEY: &str = "hush-hush-5c1e9b70";

/// Every row of every table, as text.
async fn everything(admin_url: &str) -> String {
    let admin = admin_pool(admin_url).await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'platform')",
    )
    .fetch_all(&admin)
    .await
    .unwrap();
    let mut all = String::new();
    for table in tables {
        let rows: Vec<String> =
            sqlx::query_scalar(&format!("SELECT t::text FROM {table} t")).fetch_all(&admin).await.unwrap();
        all.push_str(&rows.join("\n"));
    }
    admin.close().await;
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_in_no_answer_no_entry_and_no_row() {
    let (mall, paper) = mall().await;
    let (operator, shop) = (operator(&mall).await, mall.open_store().await);
    operator.offer("bank", "1.0.0").await;
    let owner = shop.owner();
    let mut said = Vec::new();
    said.push(set(&owner, "bank", "*", &with_key(KEY)).await.expect(200));
    // What is wrong beside it, and with it.
    said.push(set(&owner, "bank", "*", &json!({ "settings": { "key": KEY, "shop": KEY } })).await.expect(422));
    said.push(
        set(&owner, "bank", "*", &json!({ "settings": { "key": [KEY], "second": { "x": KEY } } })).await.expect(422),
    );
    said.push(set(&owner, "bank", "*", &json!({ "settings": { "key": KEY }, "sandbox": KEY })).await.expect(422));
    said.push(set(&owner, "bank", "\"0\"", &with_key(KEY)).await.expect(412));
    // A provider that repeats what it was sent.
    said.push(set(&owner, "bank", "*", &json!({ "settings": { "shop": "talkative" } })).await.expect(200));
    let tried = owner.post("/gateways/bank/test", &json!({})).await.expect(200);
    assert_eq!(paper.last_settings().unwrap().secrets["key"], KEY, "the gateway has it");
    assert_eq!(
        (&tried.json["outcome"], tried.json["detail"].as_str().unwrap().contains("bad key …")),
        (&json!("refused"), true)
    );
    said.push(tried);
    for path in ["/gateways", "/gateways/bank", "/audit?limit=100", "/store", "/events?limit=100"] {
        said.push(owner.get(path).await);
    }
    said.push(operator.get("/gateways").await.expect(200));
    said.push(operator.get("/audit").await.expect(200));
    for answer in &said {
        assert!(!answer.text.contains(KEY) && !format!("{:?}", answer.headers).contains(KEY), "{}", answer.text);
    }
    let audit = owner.get("/audit?limit=100").await.expect(200);
    let entry = audit.json["items"].as_array().unwrap().iter().rfind(|entry| entry["action"] == "setGateway").unwrap();
    assert_eq!(entry["after"]["secrets_written"], json!(["key"]));
    assert_eq!(
        (&entry["before"]["secrets"]["key"], &entry["after"]["is"]["secrets"]["key"]),
        (&json!(false), &json!(true))
    );
    let rows = everything(&mall.database.admin_url).await;
    assert!(rows.contains("talkative") && !rows.contains(KEY));
    let hex: String = KEY.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!rows.contains(&hex), "bytes are shown so");
    assert!(!format!("{:?}", paper.last_settings().unwrap()).contains(KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_secret_that_is_moved_to_another_store_does_not_open() {
    let (mall, _paper) = mall().await;
    let (operator, books, bikes) = (operator(&mall).await, mall.open_store().await, mall.open_store().await);
    operator.offer("bank", "1.0.0").await;
    set(&books.owner(), "bank", "*", &with_key("the key of books")).await.expect(200);
    set(&bikes.owner(), "bank", "*", &with_key("the key of bikes")).await.expect(200);
    let admin = admin_pool(&mall.database.admin_url).await;
    let sql = "UPDATE store_gateway_secrets SET sealed = (SELECT sealed FROM store_gateway_secrets WHERE tenant_id = $1::uuid)
               WHERE tenant_id = $2::uuid";
    sqlx::query(sql).bind(&books.id).bind(&bikes.id).execute(&admin).await.unwrap();
    let refused = bikes.owner().post("/gateways/bank/test", &json!({})).await;
    refused.expect_problem(409, "gateways.secrets_unreadable");
    books.owner().post("/gateways/bank/test", &json!({})).await.expect(200);
    // Set anew, it works again; left out, it is not there.
    let left_out = set(&bikes.owner(), "bank", "*", &json!({ "settings": {} })).await;
    left_out.expect_problem(422, "gateways.bad_settings").blames("/settings/key");
    set(&bikes.owner(), "bank", "*", &with_key("a new key of bikes")).await.expect(200);
    bikes.owner().post("/gateways/bank/test", &json!({})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_master_key_opens_nothing() {
    let (mall, paper) = mall().await;
    let (operator, shop) = (operator(&mall).await, mall.open_store().await);
    operator.offer("bank", "1.0.0").await;
    set(&shop.owner(), "bank", "*", &with_key(KEY)).await.expect(200);
    let mut other = config(&mall.database);
    other.master = domain::MasterKey::new([43; 32]);
    other.gateways = paper.host();
    let there = tests::Mall::over(mall.database.clone(), &other).await;
    // Whoever logs in there has tokens of that deployment.
    let body = json!({ "email": format!("owner@{}.example", shop.slug), "password": "a good long password" });
    let login = there.shop_like(&shop).request(reqwest::Method::POST, "/admin/v1/auth/login").json(&body);
    let token = tests::Answer::of(login).await.expect(200).text_at("/access_token");
    let there = there.shop_like(&shop);
    let tried = there.caller(&token).post("/gateways/bank/test", &Value::Null).await;
    tried.expect_problem(409, "gateways.secrets_unreadable");
}
