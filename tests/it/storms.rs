//! Many tries at once, and what they tell.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::json;
use tests::{Answer, Mall};

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_uses_of_one_refresh_token_at_once_give_one_log_in() {
    let mall = Mall::open_with(|config| config.patience = Duration::from_secs(60)).await;
    let shop = mall.open_store().await;
    let log_in = json!({ "email": format!("owner@{}.example", shop.slug), "password": "a good long password" });
    let session = Answer::of(shop.request(Method::POST, "/admin/v1/auth/login").json(&log_in)).await.expect(200);
    let body = json!({ "refresh_token": session.text_at("/refresh_token") });
    let uses = (0..1_000).map(|_| Answer::of(shop.request(Method::POST, "/admin/v1/auth/refresh").json(&body)));
    let answers: Vec<_> = futures_util::stream::iter(uses).buffer_unordered(200).collect().await;
    let renewed: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!((renewed.len(), answers.iter().filter(|answer| answer.status == 401).count()), (1, 999));
    let body = json!({ "refresh_token": renewed[0].text_at("/refresh_token") });
    Answer::of(shop.request(Method::POST, "/admin/v1/auth/refresh").json(&body)).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_log_ins_on_one_account_cost_a_few_checks_and_keep_nobody_else_out() {
    let mall = Mall::open_with(|config| {
        config.limits = true;
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let log_in = |slug: &str, address: String, password: &str| {
        let body = json!({ "email": format!("owner@{slug}.example"), "password": password });
        let request = mall.request(Method::POST, "/admin/v1/auth/login").header("Stoa-Store", slug);
        Answer::of(request.header("X-Forwarded-For", address).json(&body))
    };
    let address = |number: u32| format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
    let began = Instant::now();
    let storm = async {
        let tries = (0..10_000).map(|number| log_in(&shop.slug, address(number), "a wrong password"));
        futures_util::stream::iter(tries)
            .buffer_unordered(50)
            .map(|answer| answer.status.as_u16())
            .collect::<Vec<_>>()
            .await
    };
    let meanwhile = async {
        for number in 0..5 {
            log_in(&other.slug, format!("192.0.2.{number}"), "a good long password").await.expect(200);
            other.visit("/products").await.expect(200);
        }
    };
    let (statuses, ()) = tokio::join!(storm, meanwhile);
    let checked = statuses.iter().filter(|status| **status == 401).count();
    // Ten at once, and one more every six seconds.
    let allowed = 10 + usize::try_from(began.elapsed().as_secs() / 6).unwrap() + 1;
    assert!((10..=allowed).contains(&checked), "{checked} passwords were checked");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 10_000 - checked);
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_a_log_in_takes_does_not_tell_whether_the_address_is_known() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let attempt = async |email: String| {
        let body = json!({ "email": email, "password": "a wrong password" });
        let began = Instant::now();
        Answer::of(shop.request(Method::POST, "/admin/v1/auth/login").json(&body)).await.expect(401);
        began.elapsed().as_micros()
    };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    // In turn, and in turn who comes first, so that whatever else the machine does touches both alike.
    for number in 0..500 {
        let nobody = format!("nobody{number}@{}.example", shop.slug);
        let owner = format!("owner@{}.example", shop.slug);
        if number % 2 == 0 {
            known.push(attempt(owner).await);
            unknown.push(attempt(nobody).await);
        } else {
            unknown.push(attempt(nobody).await);
            known.push(attempt(owner).await);
        }
    }
    // What else the machine does only adds, and unevenly: the faster half tells more than the whole.
    let quartile = |times: &mut Vec<u128>| {
        times.sort_unstable();
        times[times.len() / 4]
    };
    let (known, unknown) = (quartile(&mut known), quartile(&mut unknown));
    assert!(known.abs_diff(unknown) * 20 < known.max(unknown), "{known} µs and {unknown} µs at the lower quartile");
}
