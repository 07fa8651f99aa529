//! Staff, roles, keys and the audit.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Mall};

#[tokio::test]
async fn somebody_is_invited_works_and_leaves() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (id, token) = shop.join("pat", &["product_manager"]).await;
    shop.caller(&token).add_product("Lamp").await;
    shop.caller(&token).get("/staff").await.expect_problem(403, "access.denied");
    let owner = shop.owner();
    let staff = owner.get("/staff").await.expect(200);
    assert_eq!(staff.json["items"].as_array().map(Vec::len), Some(2));

    let path = format!("/staff/{id}");
    let version = owner.get(&path).await.expect(200).header("etag").to_owned();
    let changed = owner.patch(&path, &version, &json!({ "roles": ["support", "content_manager"] })).await.expect(200);
    assert_eq!(changed.json["roles"], json!(["content_manager", "support"]));
    owner.patch(&path, &version, &json!({ "roles": ["support"] })).await.expect_problem(412, "request.stale_version");
    owner.patch(&path, "*", &json!({ "roles": ["king"] })).await.expect_problem(422, "access.no_role").blames("/roles");
    owner.delete(&path, "*").await.expect(204);
    owner.get(&path).await.expect_problem(404, "staff.no_member");
    let began = std::time::Instant::now();
    while shop.caller(&token).get("/me").await.status == 200 {
        assert!(began.elapsed().as_millis() < 1_000, "somebody who left still gets in");
    }
    let log_in = json!({ "email": format!("pat@{}.example", shop.slug), "password": "a good long password" });
    Answer::of(shop.request(Method::POST, "/admin/v1/auth/login").json(&log_in)).await.expect(401);
}

#[tokio::test]
async fn an_invitation_is_good_once_and_not_after_it_was_withdrawn_or_its_sender_left() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let invite = async |name: &str, by: &str| {
        let email = format!("{name}@x.example");
        let sent = shop.caller(by).post("/staff", &json!({ "email": email, "name": name, "roles": ["support"] })).await;
        (sent.expect(201).text_at("/id"), mall.token_mailed_to(&email, "invited").await)
    };
    let accept = |token: &str| {
        let body = json!({ "token": token, "password": "a good long password" });
        Answer::of(shop.request(Method::POST, "/admin/v1/auth/invitations/accept").json(&body))
    };
    let (_, token) = invite("once", &shop.token).await;
    let tries = futures_util::future::join_all((0..5).map(|_| accept(&token))).await;
    assert_eq!(tries.iter().filter(|answer| answer.status == 200).count(), 1);
    owner
        .post("/staff", &json!({ "email": "once@x.example", "name": "x", "roles": ["support"] }))
        .await
        .expect_problem(409, "staff.member_already");

    let (id, token) = invite("withdrawn", &shop.token).await;
    assert_eq!(owner.get("/invitations").await.expect(200).json["items"].as_array().map(Vec::len), Some(1));
    owner.delete(&format!("/invitations/{id}"), "\"1\"").await.expect(204);
    accept(&token).await.expect_problem(401, "identity.bad_token");

    let (sender, by) = shop.join("sender", &["admin"]).await;
    let (_, token) = invite("orphan", &by).await;
    owner.delete(&format!("/staff/{sender}"), "*").await.expect(204);
    accept(&token).await.expect_problem(401, "identity.bad_token");
}

#[tokio::test]
async fn whoever_registered_with_an_address_first_does_not_get_what_the_address_is_invited_to() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let squatter = shop.register("boss@x.example").await.expect(201);
    shop.owner()
        .post("/staff", &json!({ "email": "boss@x.example", "name": "B", "roles": ["admin"] }))
        .await
        .expect(201);
    let log_in = json!({ "email": "boss@x.example", "password": "a good long password" });
    let door = || Answer::of(shop.request(Method::POST, "/admin/v1/auth/login").json(&log_in));
    door().await.expect(401);
    let token = mall.token_mailed_to("boss@x.example", "invited").await;
    let body = json!({ "token": token, "password": "the boss's own password" });
    Answer::of(shop.request(Method::POST, "/admin/v1/auth/invitations/accept").json(&body)).await.expect(200);
    door().await.expect(401);
    let refresh = json!({ "refresh_token": squatter.text_at("/refresh_token") });
    Answer::of(shop.request(Method::POST, "/store/v1/auth/refresh").json(&refresh)).await.expect(401);
}

#[tokio::test]
async fn a_store_makes_roles_of_its_own() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let owner = shop.owner();
    let role =
        json!({ "name": "photographer", "label": "Photographer", "permissions": ["catalog.read", "catalog.write"] });
    let made = owner.post("/roles", &role).await.expect(201);
    owner.post("/roles", &role).await.expect_problem(409, "access.role_taken").blames("/name");
    let built_in = json!({ "name": "owner", "label": "x", "permissions": [] });
    owner.post("/roles", &built_in).await.expect_problem(409, "access.role_taken");
    let wrong = json!({ "name": "x", "label": "x", "permissions": ["catalog.fly"] });
    owner.post("/roles", &wrong).await.expect_problem(422, "request.invalid").blames("/permissions/0");
    other.owner().get("/roles/photographer").await.expect_problem(404, "access.no_role");
    owner.patch("/roles/owner", "*", &json!({ "label": "x" })).await.expect_problem(409, "access.role_built_in");

    let (_, token) = shop.join("pia", &["photographer"]).await;
    shop.caller(&token).add_product("Lamp").await;
    owner.delete("/roles/photographer", "*").await.expect_problem(409, "access.role_in_use");
    let change = json!({ "permissions": ["catalog.read"] });
    owner.patch("/roles/photographer", made.header("etag"), &change).await.expect(200);
    let product = json!({ "name": "x", "price": { "amount": 1, "currency": "EUR" } });
    let began = std::time::Instant::now();
    while shop.caller(&token).post("/products", &product).await.status == 201 {
        assert!(began.elapsed().as_millis() < 1_000, "a permission that was taken still works");
    }
    shop.caller(&token).get("/products").await.expect(200);
    assert_eq!(owner.get("/roles").await.expect(200).json["items"].as_array().map(Vec::len), Some(9));
}

#[tokio::test]
async fn a_key_does_what_it_is_for_as_far_as_its_maker_may() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let (maker, token) = shop.join("mika", &["admin"]).await;
    let body = json!({ "name": "Sync", "scopes": ["catalog.read", "catalog.write"] });
    let made = shop.caller(&token).post("/api-keys", &body).await.expect(201);
    let (key, id) = (made.text_at("/key"), made.text_at("/api_key/id"));
    assert!(key.starts_with("stoa_"));
    let product = |name: &str| json!({ "name": name, "price": { "amount": 1, "currency": "EUR" } });

    shop.caller(&key).post("/products", &product("One")).await.expect(201);
    shop.caller(&key).get("/staff").await.expect_problem(403, "access.denied");
    shop.caller(&key).get("/me").await.expect_problem(403, "access.denied");
    other.caller(&key).get("/products").await.expect_problem(401, "identity.bad_token");
    let bare = Answer::of(mall.request(Method::GET, "/admin/v1/products").bearer_auth(&key)).await;
    assert_eq!(bare.expect(200).json["items"].as_array().map(Vec::len), Some(1), "a key alone names its store");
    let seen = shop.owner().get(&format!("/api-keys/{id}")).await.expect(200);
    assert!(seen.json["last_used_at"].is_string() && !seen.text.contains(&key[45..]), "the secret is shown once");

    // What the maker loses, the key loses.
    shop.owner().patch(&format!("/staff/{maker}"), "*", &json!({ "roles": ["support"] })).await.expect(200);
    let began = std::time::Instant::now();
    while shop.caller(&key).post("/products", &product("Two")).await.status == 201 {
        assert!(began.elapsed().as_millis() < 1_000, "a key outruns its maker");
    }
    shop.caller(&key).get("/products").await.expect(200);
    shop.owner().delete(&format!("/api-keys/{id}"), "\"1\"").await.expect(204);
    let began = std::time::Instant::now();
    while shop.caller(&key).get("/products").await.status == 200 {
        assert!(began.elapsed().as_millis() < 1_000, "a revoked key still works");
    }
    let past = json!({ "name": "x", "scopes": ["catalog.read"], "expires_at": "2020-01-01T00:00:00Z" });
    shop.owner().post("/api-keys", &past).await.expect(422).blames("/expires_at");
}

#[tokio::test]
async fn every_write_leaves_an_entry_that_cannot_be_changed() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let lamp = shop.owner().add_product("Lamp").await;
    let path = format!("/products/{}", lamp.text_at("/id"));
    let changed = shop.owner().patch(&path, "\"1\"", &json!({ "name": "Lamp 2" })).await.expect(200);
    shop.owner().patch(&path, "\"1\"", &json!({ "name": "Lamp 3" })).await.expect(412);
    let key = shop.owner().post("/api-keys", &json!({ "name": "K", "scopes": ["catalog.read"] })).await.expect(201);

    let audit = shop.owner().get("/audit").await.expect(200);
    let actions: Vec<_> =
        audit.json["items"].as_array().into_iter().flatten().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["addApiKey", "changeProduct", "addProduct"], "a refused change leaves none");
    let entry = &audit.json["items"][1];
    assert_eq!((&entry["before"]["name"], &entry["after"]["name"]), (&json!("Lamp"), &json!("Lamp 2")));
    assert_eq!(entry["request_id"], changed.header("stoa-request-id"));
    assert_eq!(entry["address"], "127.0.0.1");
    assert!(!audit.text.contains(&key.text_at("/key")) && !audit.text.contains("password"));
    assert_eq!(other.owner().get("/audit").await.expect(200).json["items"], json!([]));

    let admin = tests::admin_pool(&mall.database.admin_url).await;
    let writable: Vec<String> = sqlx::query_scalar(
        "SELECT grantee || ' ' || privilege_type || ' ' || table_name FROM information_schema.role_table_grants
         WHERE table_name LIKE 'audit%' AND privilege_type NOT IN ('INSERT', 'SELECT') AND grantee <> 'stoa_owner'",
    )
    .fetch_all(&admin)
    .await
    .unwrap();
    assert_eq!(writable, Vec::<String>::new());
}

#[tokio::test]
async fn what_staff_and_operators_do_to_their_own_accounts_is_written_down_too() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (_, token) = shop.join("sue", &["support"]).await;
    let email = format!("sue@{}.example", shop.slug);
    let change = json!({ "current_password": "a good long password", "new_password": "another long password" });
    let change = shop.request(Method::POST, "/admin/v1/auth/password/change").bearer_auth(&token).json(&change);
    Answer::of(change).await.expect(200);
    let asked = shop.request(Method::POST, "/admin/v1/auth/password/forgot").json(&json!({ "email": email }));
    Answer::of(asked).await.expect(204);
    let mailed = mall.token_mailed_to(&email, "new password").await;
    let reset = json!({ "token": mailed, "password": "a third long password" });
    let reset = Answer::of(shop.request(Method::POST, "/admin/v1/auth/password/reset").json(&reset)).await.expect(204);
    let audit = shop.owner().get("/audit").await.expect(200);
    let acts: Vec<_> =
        audit.json["items"].as_array().into_iter().flatten().map(|entry| entry["action"].clone()).collect();
    assert_eq!(acts, ["resetPassword", "changePassword", "acceptInvitation", "inviteStaff"]);
    assert_eq!(audit.json["items"][0]["request_id"], reset.header("stoa-request-id"));
    assert_eq!(audit.json["items"][2]["after"], json!({ "roles": ["support"] }));
    assert!(!audit.text.contains("long password") && !audit.text.contains(&mailed));
    // A shopper's password is nobody's business.
    let shopper = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    let change = json!({ "current_password": "a good long password", "new_password": "another long password" });
    let change = shop.request(Method::POST, "/store/v1/auth/password/change").bearer_auth(&shopper).json(&change);
    Answer::of(change).await.expect(200);
    assert_eq!(shop.owner().get("/audit").await.expect(200).json, audit.json);

    let operator = mall.operator_token().await;
    let change = json!({ "current_password": "a good long password", "new_password": "another long password" });
    let change = mall.request(Method::POST, "/platform/v1/auth/password/change").bearer_auth(&operator).json(&change);
    let operator = Answer::of(change).await.expect(200).text_at("/access_token");
    let audit = mall.request(Method::GET, "/platform/v1/audit").bearer_auth(&operator);
    assert_eq!(Answer::of(audit).await.expect(200).json["items"][0]["action"], "changePassword");
}

#[tokio::test]
async fn operators_come_and_go_and_what_they_do_is_written_down() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let operator = mall.operator_token().await;
    let ask = |method: Method, path: &str, token: &str, body: Option<Value>| {
        let request = mall.request(method, &format!("/platform/v1{path}")).bearer_auth(token);
        Answer::of(body.into_iter().fold(request, |request, body| request.json(&body)))
    };
    let only = ask(Method::GET, "/operators", &operator, None).await.expect(200).text_at("/items/0/id");
    ask(Method::DELETE, &format!("/operators/{only}"), &operator, None)
        .await
        .expect_problem(409, "identity.last_operator");
    let new = json!({ "email": "two@stoa.example", "password": "a good long password", "name": "Two" });
    let second = ask(Method::POST, "/operators", &operator, Some(new.clone())).await.expect(201).text_at("/id");
    ask(Method::POST, "/operators", &operator, Some(new)).await.expect_problem(409, "identity.email_taken");
    let log_in = json!({ "email": "two@stoa.example", "password": "a good long password" });
    let token = mall.post("/platform/v1/auth/login", &log_in).await.expect(200).text_at("/access_token");
    ask(Method::POST, &format!("/stores/{}/suspend", shop.id), &token, None).await.expect(200);
    ask(Method::DELETE, &format!("/operators/{second}"), &operator, None).await.expect(204);
    ask(Method::GET, "/stores", &token, None).await.expect(401);

    let audit = ask(Method::GET, "/audit", &operator, None).await.expect(200);
    let acts: Vec<_> =
        audit.json["items"].as_array().into_iter().flatten().map(|entry| entry["action"].clone()).collect();
    assert_eq!(acts, ["removeOperator", "suspendStore", "addOperator"]);
    assert_eq!(audit.json["items"][1]["after"]["status"], "suspended");
}
