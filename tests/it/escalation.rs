//! Nobody can give what they do not have, nor reset, edit or remove someone who has what they have not; the last owner
//! stays; tokens are good where they were made for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use domain::MasterKey;
use domain::identity::{Surface, TokenKeys};
use reqwest::Method;
use serde_json::{Value, json};
use tenants::TenantId;
use tests::{Answer, Mall};
use uuid::Uuid;

#[tokio::test]
async fn a_manager_of_staff_cannot_reach_beyond_itself_by_any_way() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let role = |name: &str, permissions: &[&str]| json!({ "name": name, "label": "x", "permissions": permissions });
    owner.post("/roles", &role("strong", &["catalog.write"])).await.expect(201);
    owner.post("/roles", &role("weak", &["catalog.read"])).await.expect(201);
    let (own_id, token) = shop.join("ursula", &["user_manager"]).await;
    let (admin_id, _) = shop.join("ada", &["admin"]).await;
    let (strong_id, _) = shop.join("strong-one", &["strong"]).await;
    let (weak_id, _) = shop.join("weak-one", &["weak"]).await;
    let owner_id = owner.get("/me").await.expect(200).text_at("/user/id");
    owner.post("/staff", &json!({ "email": "new-admin@x.example", "name": "x", "roles": ["admin"] })).await.expect(201);
    let pending = owner.get("/invitations").await.expect(200).text_at("/items/0/id");
    let me = shop.caller(&token);

    let invite = |roles: &[&str]| json!({ "email": "friend@x.example", "name": "F", "roles": roles });
    let roles = |roles: &[&str]| json!({ "roles": roles });
    let staff = |id: &str| format!("/staff/{id}");
    let replacing = json!({ "email": "new-admin@x.example", "name": "x", "roles": ["support"] });
    let attempts: Vec<(&str, Answer)> = vec![
        ("invite an owner", me.post("/staff", &invite(&["owner"])).await),
        ("invite an admin", me.post("/staff", &invite(&["admin"])).await),
        ("hide a strong role among weak ones", me.post("/staff", &invite(&["support", "weak", "strong"])).await),
        ("become owner", me.patch(&staff(&own_id), "*", &roles(&["owner"])).await),
        ("become admin beside", me.patch(&staff(&own_id), "*", &roles(&["user_manager", "admin"])).await),
        ("take a strong custom role", me.patch(&staff(&own_id), "*", &roles(&["user_manager", "strong"])).await),
        ("make a friend strong", me.patch(&staff(&weak_id), "*", &roles(&["strong"])).await),
        ("make a friend owner", me.patch(&staff(&weak_id), "*", &roles(&["owner"])).await),
        ("demote the owner", me.patch(&staff(&owner_id), "*", &roles(&["support"])).await),
        ("demote an admin", me.patch(&staff(&admin_id), "*", &roles(&["support"])).await),
        ("remove the owner", me.delete(&staff(&owner_id), "*").await),
        ("remove an admin", me.delete(&staff(&admin_id), "*").await),
        ("remove somebody strong", me.delete(&staff(&strong_id), "*").await),
        ("reset the owner", me.post(&format!("/staff/{owner_id}/reset-password"), &json!({})).await),
        ("reset an admin", me.post(&format!("/staff/{admin_id}/reset-password"), &json!({})).await),
        ("withdraw an admin's invitation", me.delete(&format!("/invitations/{pending}"), "*").await),
        ("replace an admin's invitation", me.post("/staff", &replacing).await),
        ("make a role beyond", me.post("/roles", &role("mine", &["catalog.write"])).await),
        ("make a role of everything", me.post("/roles", &role("all", &["staff.write", "store.close"])).await),
        ("widen a weak role", me.patch("/roles/weak", "*", &json!({ "permissions": ["catalog.write"] })).await),
        ("narrow a strong role", me.patch("/roles/strong", "*", &json!({ "permissions": ["catalog.read"] })).await),
        ("remove a strong role", me.delete("/roles/strong", "*").await),
        ("make a key", me.post("/api-keys", &json!({ "name": "k", "scopes": ["staff.write"] })).await),
    ];
    assert!(attempts.len() >= 20);
    for (what, answer) in attempts {
        assert_eq!(answer.status, 403, "{what}: {}", answer.text);
    }
    me.post("/staff", &invite(&["support", "weak"])).await.expect(201);
    assert_eq!(owner.get("/me").await.expect(200).json["roles"], json!(["owner"]));
}

#[tokio::test]
async fn a_key_cannot_make_a_stronger_key_and_an_admin_no_owner() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (_, admin) = shop.join("ada", &["admin"]).await;
    let scopes = |scopes: &[&str]| json!({ "name": "k", "scopes": scopes });
    let admin = shop.caller(&admin);
    admin.post("/api-keys", &scopes(&["store.close"])).await.expect_problem(403, "access.beyond_own");
    let key = admin.post("/api-keys", &scopes(&["keys.write", "catalog.read"])).await.expect(201).text_at("/key");
    let key = shop.caller(&key);
    key.post("/api-keys", &scopes(&["catalog.write"])).await.expect_problem(403, "access.beyond_own");
    key.post("/api-keys", &scopes(&["catalog.read"])).await.expect(201);
    let owner_key = shop.owner().post("/api-keys", &scopes(&["store.close"])).await.expect(201).text_at("/api_key/id");
    admin.delete(&format!("/api-keys/{owner_key}"), "*").await.expect_problem(403, "access.beyond_own");
    let invite = json!({ "email": "x@x.example", "name": "x", "roles": ["owner"] });
    admin.post("/staff", &invite).await.expect_problem(403, "access.beyond_own");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_owner_stays_whoever_tries_at_the_same_moment() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner_id = shop.owner().get("/me").await.expect(200).text_at("/user/id");
    let alone = shop.owner().patch(&format!("/staff/{owner_id}"), "*", &json!({ "roles": ["admin"] })).await;
    alone.expect_problem(409, "staff.last_owner");
    shop.owner().delete(&format!("/staff/{owner_id}"), "*").await.expect_problem(409, "staff.last_owner");

    for round in 0..5 {
        let (second_id, second) = shop.join(&format!("second{round}"), &["owner"]).await;
        let (first, second) = (shop.owner(), shop.caller(&second));
        let (paths, demoted) =
            ([format!("/staff/{owner_id}"), format!("/staff/{second_id}")], json!({ "roles": ["support"] }));
        let (one, two) = tokio::join!(first.patch(&paths[1], "*", &demoted), second.patch(&paths[0], "*", &demoted));
        let done = [&one, &two].into_iter().filter(|answer| answer.status == 200).count();
        assert!(done <= 1, "both owners are gone: {} {}", one.text, two.text);
        let admin = tests::admin_pool(&mall.database.admin_url).await;
        let owners: i64 =
            sqlx::query_scalar("SELECT count(*) FROM user_roles WHERE role = 'owner'").fetch_one(&admin).await.unwrap();
        assert!(owners >= 1);
        // As it was, for the next round.
        sqlx::query("DELETE FROM user_roles WHERE user_id <> $1::uuid").bind(&owner_id).execute(&admin).await.unwrap();
        sqlx::query("INSERT INTO user_roles SELECT tenant_id, id, 'owner' FROM users WHERE id = $1::uuid ON CONFLICT DO NOTHING")
            .bind(&owner_id)
            .execute(&admin)
            .await
            .unwrap();
        sqlx::query("DELETE FROM user_roles WHERE role <> 'owner'").execute(&admin).await.unwrap();
        let began = std::time::Instant::now();
        while shop.owner().get("/staff").await.status != 200 {
            assert!(began.elapsed().as_secs() < 3);
        }
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[tokio::test]
async fn tokens_are_good_where_they_were_made_for_and_tricks_with_their_heads_do_not_help() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let customer = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    let operator = mall.operator_token().await;
    let at_admin = |token: &str| Answer::of(shop.request(Method::GET, "/admin/v1/products").bearer_auth(token));
    let at_store = |token: &str| Answer::of(shop.request(Method::GET, "/store/v1/me").bearer_auth(token));
    let at_platform = |token: &str| Answer::of(mall.request(Method::GET, "/platform/v1/stores").bearer_auth(token));
    for token in [&customer, &operator, &other.token] {
        at_admin(token).await.expect_problem(401, "identity.bad_token");
    }
    for token in [&shop.token, &operator, &other.token] {
        at_store(token).await.expect_problem(401, "identity.bad_token");
    }
    for token in [&customer, &shop.token] {
        at_platform(token).await.expect_problem(401, "identity.bad_token");
    }
    at_admin(&shop.token).await.expect(200);

    let parts: Vec<_> = shop.token.split('.').collect();
    let decoded = |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    let (head, body) = (decoded(parts[0]), decoded(parts[1]));
    let with = |value: &Value, field: &str, new: Value| {
        let mut value = value.clone();
        value[field] = new;
        value
    };
    let signature = parts[2];
    let public = mall.get("/.well-known/jwks.json").await.text_at("/keys/1/x");
    let forged = [
        format!("{}.{}.", part(&with(&head, "alg", json!("none"))), parts[1]),
        format!("{}.{}.{signature}", part(&with(&head, "alg", json!("HS256"))), parts[1]),
        format!("{}.{}.{public}", part(&with(&head, "alg", json!("HS256"))), parts[1]),
        format!("{}.{}.{signature}", part(&with(&head, "kid", json!("ed25519-0"))), parts[1]),
        format!("{}.{}.{signature}", part(&with(&head, "kid", json!("../../etc/passwd"))), parts[1]),
        format!("{}.{}.{signature}", part(&with(&head, "kid", Value::Null)), parts[1]),
        format!(
            "{}.{}.{signature}",
            part(&with(&head, "jwk", json!({ "kty": "OKP", "crv": "Ed25519", "x": public }))),
            parts[1]
        ),
        format!("{}.{}.{signature}", part(&with(&head, "typ", json!("JWT"))), parts[1]),
        format!("{}.{}.{signature}", parts[0], part(&with(&body, "sub", json!(Uuid::now_v7())))),
        format!("{}.{}.{signature}", parts[0], part(&with(&body, "exp", json!(9_999_999_999_i64)))),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.{signature}.x", parts[0], parts[1]),
    ];
    for token in &forged {
        at_admin(token).await.expect(401);
    }
    // Our own signature on a log-in that never was, and on somebody else's.
    let keys = TokenKeys::new(MasterKey::new([42; 32]));
    let surface = Surface::Admin(TenantId(shop.id.parse().unwrap()));
    let sub: Uuid = body["sub"].as_str().unwrap().parse().unwrap();
    for (sub, sid) in [(sub, Uuid::now_v7()), (Uuid::now_v7(), Uuid::now_v7())] {
        at_admin(&keys.sign(surface, sub, sid, Utc::now()).unwrap().token).await.expect(401);
    }
    for key in ["stoa_", "stoa_x_y", &format!("stoa_{}_{}", shop.id.replace('-', ""), "A".repeat(43))] {
        at_admin(key).await.expect(401);
    }
}
