//! Who signs in.

use reqwest::Method;
use serde_json::json;
use tests::{Answer, Mall};

fn credentials(slug: &str, password: &str) -> serde_json::Value {
    json!({ "email": format!("Owner@{slug}.EXAMPLE"), "password": password })
}

#[tokio::test]
async fn the_owner_logs_in_and_sees_who_it_is() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let log_in = |body: serde_json::Value| Answer::of(shop.request(Method::POST, "/admin/v1/auth/login").json(&body));
    let session = log_in(credentials(&shop.slug, "a good long password")).await.expect(200);
    assert_eq!((session.json["token_type"].as_str(), session.json["expires_in"].as_i64()), (Some("Bearer"), Some(900)));

    let me = shop.request(Method::GET, "/admin/v1/me").bearer_auth(session.text_at("/access_token"));
    let me = Answer::of(me).await.expect(200);
    assert_eq!(me.json["roles"], json!(["owner"]));
    assert_eq!(me.text_at("/user/email"), format!("owner@{}.example", shop.slug));

    let wrong = log_in(credentials(&shop.slug, "a wrong password")).await;
    let unknown = log_in(json!({ "email": "nobody@x.example", "password": "a wrong password" })).await;
    assert_eq!(wrong.masked("-"), unknown.masked("-"));
    wrong.expect_problem(401, "identity.wrong_credentials");
}

#[tokio::test]
async fn a_token_is_good_in_its_own_store_alone() {
    let mall = Mall::open().await;
    let (books, bikes) = (mall.open_store().await, mall.open_store().await);
    let elsewhere = bikes.request(Method::GET, "/admin/v1/products").bearer_auth(&books.token);
    Answer::of(elsewhere).await.expect_problem(401, "identity.bad_token");
    let log_in =
        bikes.request(Method::POST, "/admin/v1/auth/login").json(&credentials(&books.slug, "a good long password"));
    Answer::of(log_in).await.expect_problem(401, "identity.wrong_credentials");
    for bad in ["", "x", "a.b.c", &format!("{}x", books.token), &"x".repeat(9_000)] {
        let request = books.request(Method::GET, "/admin/v1/products").bearer_auth(bad);
        assert_eq!(Answer::of(request).await.expect(401).header("www-authenticate"), "Bearer");
    }
    let nobody = Answer::of(books.request(Method::GET, "/admin/v1/products")).await;
    nobody.expect_problem(401, "access.unauthenticated");
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_second_use_ends_the_log_in() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let log_in =
        shop.request(Method::POST, "/admin/v1/auth/login").json(&credentials(&shop.slug, "a good long password"));
    let first = Answer::of(log_in).await.expect(200).text_at("/refresh_token");
    let renew = |token: &str| {
        Answer::of(shop.request(Method::POST, "/admin/v1/auth/refresh").json(&json!({ "refresh_token": token })))
    };
    let stolen = other.request(Method::POST, "/admin/v1/auth/refresh").json(&json!({ "refresh_token": first }));
    Answer::of(stolen).await.expect_problem(401, "identity.bad_token");

    let uses = futures_util::future::join_all((0..20).map(|_| renew(&first))).await;
    let renewed: Vec<_> = uses.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(renewed.len(), 1, "one of many at once succeeds");
    renew(&renewed[0].text_at("/refresh_token")).await.expect_problem(401, "identity.bad_token");
}

#[tokio::test]
async fn logging_out_ends_the_log_in() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let log_in =
        shop.request(Method::POST, "/admin/v1/auth/login").json(&credentials(&shop.slug, "a good long password"));
    let body = json!({ "refresh_token": Answer::of(log_in).await.expect(200).text_at("/refresh_token") });
    Answer::of(shop.request(Method::POST, "/admin/v1/auth/logout").json(&body)).await.expect(204);
    Answer::of(shop.request(Method::POST, "/admin/v1/auth/refresh").json(&body)).await.expect(401);
}

#[tokio::test]
async fn trying_passwords_is_limited() {
    let mall = Mall::open_with(|config| config.limits = true).await;
    let shop = mall.open_store().await;
    let attempt = || {
        let body = credentials(&shop.slug, "a wrong password");
        Answer::of(shop.request(Method::POST, "/admin/v1/auth/login").json(&body))
    };
    for _ in 0..10 {
        attempt().await.expect(401);
    }
    let refused = attempt().await.expect_problem(429, "request.too_many");
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
    assert!(refused.header("ratelimit-policy").contains("q=10"));
}

#[tokio::test]
async fn whoever_tries_tokens_shuts_out_itself_alone() {
    let mall = Mall::open_with(|config| {
        config.limits = true;
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let shop = mall.open_store().await;
    let attempt = |path: &str, address: String| {
        let body = match path {
            "/store/v1/auth/email/confirm" => json!({ "token": "guessed" }),
            _ => json!({ "token": "guessed", "password": "a good long password" }),
        };
        Answer::of(shop.request(Method::POST, path).header("X-Forwarded-For", address).json(&body))
    };
    for path in [
        "/store/v1/auth/email/confirm",
        "/store/v1/auth/password/reset",
        "/admin/v1/auth/password/reset",
        "/admin/v1/auth/invitations/accept",
        "/platform/v1/auth/password/reset",
    ] {
        for person in 0..15 {
            attempt(path, format!("203.0.113.{person}")).await.expect(401);
        }
    }
    let tries = (0..90).map(|_| attempt("/store/v1/auth/email/confirm", "192.0.2.1".to_owned()));
    let answers = futures_util::future::join_all(tries).await;
    let (tried, limited): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 401);
    assert!(tried.len() >= 30, "{}", tried.len());
    limited.into_iter().next_back().unwrap().expect_problem(429, "request.too_many");
}

#[tokio::test]
async fn the_keys_of_the_deployment_are_published() {
    let mall = Mall::open().await;
    let keys = mall.get("/.well-known/jwks.json").await.expect(200);
    assert_eq!(keys.json["keys"].as_array().map(Vec::len), Some(3));
    assert_eq!(keys.json["keys"][0]["crv"], "Ed25519");
    assert!(keys.json["keys"][0].get("d").is_none(), "never the private half");
}
