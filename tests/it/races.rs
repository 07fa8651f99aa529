//! What happens at the same moment.

use serde_json::json;
use tests::{Answer, Mall, Shop};

async fn log_in(shop: &Shop<'_>, password: &str) -> Answer {
    let body = json!({ "email": format!("owner@{}.example", shop.slug), "password": password });
    Answer::of(shop.request(reqwest::Method::POST, "/admin/v1/auth/login").json(&body)).await
}

async fn renew(shop: &Shop<'_>, token: &str) -> Answer {
    let body = json!({ "refresh_token": token });
    Answer::of(shop.request(reqwest::Method::POST, "/admin/v1/auth/refresh").json(&body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn using_a_token_twice_ends_the_log_in_even_while_it_is_renewed() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    for _ in 0..20 {
        let first = log_in(&shop, "a good long password").await.expect(200).text_at("/refresh_token");
        let second = renew(&shop, &first).await.expect(200).text_at("/refresh_token");
        let (again, renewed) = tokio::join!(renew(&shop, &first), renew(&shop, &second));
        again.expect(401);
        if renewed.status == 200 {
            renew(&shop, &renewed.text_at("/refresh_token")).await.expect_problem(401, "identity.bad_token");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_in_with_the_old_password_outlives_a_new_one() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let mut password = "a good long password".to_owned();
    for round in 0..6 {
        let token = log_in(&shop, &password).await.expect(200).text_at("/access_token");
        let next = format!("{password}{round}");
        let change = shop.request(reqwest::Method::POST, "/admin/v1/auth/password/change").bearer_auth(token);
        let change = change.json(&json!({ "current_password": password, "new_password": next }));
        let attempts = (0..4).map(|_| log_in(&shop, &password));
        let (changed, attempts) = tokio::join!(Answer::of(change), futures_util::future::join_all(attempts));
        changed.expect(200);
        for attempt in attempts.into_iter().filter(|attempt| attempt.status == 200) {
            renew(&shop, &attempt.text_at("/refresh_token")).await.expect(401);
        }
        password = next;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_category_that_goes_under_ones_hands_is_no_fault_of_ours() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    for round in 0..15 {
        let category =
            owner.post("/categories", &json!({ "name": format!("C{round}") })).await.expect(201).text_at("/id");
        let product = json!({ "name": "P", "category_id": category, "price": { "amount": 1, "currency": "EUR" } });
        let child = json!({ "name": "Child", "parent_id": category });
        let path = format!("/categories/{category}");
        let (added, nested, removed, again) = tokio::join!(
            owner.post("/products", &product),
            owner.post("/categories", &child),
            owner.delete(&path, "*"),
            owner.delete(&path, "*"),
        );
        for (answer, allowed) in [(added, [201, 422]), (nested, [201, 422])] {
            assert!(allowed.contains(&answer.status.as_u16()), "{}", answer.text);
        }
        for answer in [removed, again] {
            assert!([204, 404, 409].contains(&answer.status.as_u16()), "{}", answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_given_while_it_is_removed_is_either_kept_or_not_given() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let (id, _) = shop.join("sue", &["support"]).await;
    let path = format!("/staff/{id}");
    for round in 0..15 {
        let name = format!("round{round}");
        let role = json!({ "name": name, "label": "Round", "permissions": ["catalog.read"] });
        owner.post("/roles", &role).await.expect(201);
        let (given, role) = (json!({ "roles": [name, "support"] }), format!("/roles/{name}"));
        let (given, removed) = tokio::join!(owner.patch(&path, "*", &given), owner.delete(&role, "*"));
        let (given, removed) = (given.status.as_u16(), removed.status.as_u16());
        assert!(matches!((given, removed), (200, 409) | (422, 204)), "{given} {removed}");
        owner.patch(&path, "*", &json!({ "roles": ["support"] })).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_joins_the_staff_while_it_is_deleted_stays() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let shopper = shop.register("sam@x.example").await.expect(201);
    let admin = tests::admin_pool(&mall.database.admin_url).await;
    let mut joining = tests::admin_connection(&mall.database.admin_url).await;
    sqlx::query("BEGIN").execute(&mut joining).await.unwrap();
    sqlx::query("INSERT INTO user_roles SELECT tenant_id, id, 'owner' FROM users WHERE email = 'sam@x.example'")
        .execute(&mut joining)
        .await
        .unwrap();
    let delete = shop.request(reqwest::Method::DELETE, "/store/v1/me").bearer_auth(shopper.text_at("/access_token"));
    let joins = async {
        // Once the other waits for this one.
        let waiting =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&admin).await.unwrap() == 0 {}
        sqlx::query("COMMIT").execute(&mut joining).await.unwrap();
    };
    let (deleted, ()) = tokio::join!(Answer::of(delete), joins);
    deleted.expect_problem(409, "identity.is_staff");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_invite_somebody_at_the_same_moment_leave_one_invitation() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    for round in 0..5 {
        let invite = json!({ "email": format!("sue{round}@x.example"), "name": "Sue", "roles": ["support"] });
        let owner = shop.owner();
        let invited = futures_util::future::join_all((0..8).map(|_| owner.post("/staff", &invite))).await;
        for answer in &invited {
            assert!([201, 409].contains(&answer.status.as_u16()), "{}", answer.text);
        }
        let waiting = shop.owner().get("/invitations").await.expect(200);
        assert_eq!(waiting.json["items"].as_array().map(Vec::len), Some(round + 1));
    }
}
