//! Two servers over one database: what is taken away on one stops on the other within a second.

use std::time::{Duration, Instant};

use chrono::Utc;
use domain::MasterKey;
use domain::identity::{Surface, TokenKeys};
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::json;
use tenants::TenantId;
use tests::{Answer, Mall, config};
use uuid::Uuid;

const ROUNDS: usize = 100;

async fn until_refused(there: &Mall, slug: &str, token: &str, status: u16) -> Duration {
    let began = Instant::now();
    loop {
        let request = there.request(Method::GET, "/admin/v1/products").header("Stoa-Store", slug).bearer_auth(token);
        if Answer::of(request).await.status == status {
            return began.elapsed();
        }
        assert!(began.elapsed() < Duration::from_secs(5), "it never stops");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_and_keys_that_are_taken_away_here_stop_there_within_a_second() {
    let here = Mall::open().await;
    let there = Mall::over(here.database.clone(), &config(&here.database)).await;
    let shop = here.open_store().await;
    let store: Uuid = shop.id.parse().unwrap();
    let admin = tests::admin_pool(&here.database.admin_url).await;
    let keys = TokenKeys::new(MasterKey::new([42; 32]));
    let mut staff = Vec::new();
    for number in 0..ROUNDS {
        let (user, session) = (Uuid::now_v7(), Uuid::now_v7());
        sqlx::query("INSERT INTO users (tenant_id, id, email, name, password_hash, created_at) VALUES ($1, $2, $3, 'S', '!', now())")
            .bind(store).bind(user).bind(format!("s{number}@x.example")).execute(&admin).await.unwrap();
        sqlx::query("INSERT INTO user_roles VALUES ($1, $2, 'product_manager')")
            .bind(store)
            .bind(user)
            .execute(&admin)
            .await
            .unwrap();
        sqlx::query("INSERT INTO sessions VALUES ($1, $2, $3, 'admin', now(), now() + interval '1 day')")
            .bind(store)
            .bind(session)
            .bind(user)
            .execute(&admin)
            .await
            .unwrap();
        staff.push((user, keys.sign(Surface::Admin(TenantId(store)), user, session, Utc::now()).unwrap().token));
    }
    let role = |(user, token): (Uuid, String)| {
        let (there, shop) = (&there, &shop);
        async move {
            until_refused(there, &shop.slug, &token, 200).await;
            shop.owner().delete(&format!("/staff/{user}"), "*").await.expect(204);
            until_refused(there, &shop.slug, &token, 401).await
        }
    };
    let took: Vec<_> = futures_util::stream::iter(staff).map(role).buffer_unordered(10).collect().await;
    assert!(took.iter().all(|took| took.as_millis() < 1_000), "{took:?}");

    let key = |_: usize| {
        let (there, shop) = (&there, &shop);
        async move {
            let made =
                shop.owner().post("/api-keys", &json!({ "name": "k", "scopes": ["catalog.read"] })).await.expect(201);
            let token = made.text_at("/key");
            until_refused(there, &shop.slug, &token, 200).await;
            shop.owner().delete(&format!("/api-keys/{}", made.text_at("/api_key/id")), "*").await.expect(204);
            until_refused(there, &shop.slug, &token, 401).await
        }
    };
    let took: Vec<_> = futures_util::stream::iter(0..ROUNDS).map(key).buffer_unordered(10).collect().await;
    assert!(took.iter().all(|took| took.as_millis() < 1_000), "{took:?}");
    assert_eq!(took.len(), ROUNDS);
}
