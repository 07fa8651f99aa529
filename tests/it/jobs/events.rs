//! What has happened is written down with its reason, and told once.

use domain::events::PassOn;
use reqwest::Method;
use serde_json::json;
use tests::{Answer, Mall, Shop, admin_connection};
use uuid::Uuid;

use super::{enqueue, mall};

async fn events(shop: &Shop<'_>, query: &str) -> Answer {
    shop.owner().get(&format!("/events{query}")).await
}

async fn passed_on_again(mall: &Mall, shop: &Shop<'_>) {
    let mut admin = admin_connection(&mall.database.admin_url).await;
    let ids: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM events").fetch_all(&mut admin).await.unwrap();
    let again: Vec<_> = ids.into_iter().map(|event| PassOn { event }).collect();
    enqueue(mall, shop, &again).await;
    mall.run_jobs_due_by(1).await;
}

#[tokio::test]
async fn a_customer_is_welcomed_once_however_often_the_event_is_passed_on() {
    let mall = mall().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let user = shop.register("sam@shop.example").await.expect(201).text_at("/user/id");
    shop.register("sam@shop.example").await.expect(201);
    mall.run_jobs_until_idle().await;
    assert_eq!(mall.letters_to("sam@shop.example"), 1);
    passed_on_again(&mall, &shop).await;
    assert_eq!(mall.letters_to("sam@shop.example"), 1);
    let letter = mall.letter_to("sam@shop.example", "Confirm").await;
    assert!(letter.contains("welcome to"), "{letter}");

    let all = events(&shop, "?type=customer.registered").await.expect(200);
    assert_eq!(all.json["items"].as_array().unwrap().len(), 1);
    assert_eq!(all.text_at("/items/0/subject_id"), user);
    assert!(!all.text.contains("sam@"), "of people, ids only");
    assert_eq!(events(&other, "").await.expect(200).json["items"], json!([]));
    events(&shop, "?type=pigs.fly").await.expect(422).blames("/query/type");
    events(&shop, "?type=review.waiting").await.expect(200);
}

#[tokio::test]
async fn events_come_in_pages_the_newest_first() {
    let mall = mall().await;
    let shop = mall.open_store().await;
    for number in 0..5 {
        shop.register(&format!("sam{number}@shop.example")).await.expect(201);
    }
    let mut seen = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let page = events(&shop, &query).await.expect(200);
        seen.extend(
            page.json["items"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()),
        );
        match page.json["next_cursor"].as_str() {
            Some(cursor) => query = format!("?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted_by(|a, b| a > b));
    let first = events(&shop, "?limit=2").await.expect(200).text_at("/next_cursor");
    events(&shop, &format!("?type=review.waiting&cursor={first}")).await.expect(422).blames("/query/cursor");
}

#[tokio::test]
async fn staff_who_may_decide_about_reviews_has_one_letter_about_all_that_wait() {
    let mall = mall().await;
    let shop = mall.open_store().await;
    let product = shop.owner().add_product("Lamp").await.text_at("/slug");
    shop.join("decider", &["content_manager"]).await;
    shop.join("helper", &["support"]).await;
    let review = async |title: &str| {
        let body = json!({ "name": "Vera", "rating": 4, "title": title, "body": "Good light." });
        let request = shop.request(Method::POST, &format!("/store/v1/products/{product}/reviews"));
        Answer::of(request.json(&body)).await.expect(201)
    };
    review("One").await;
    review("Two").await;
    mall.run_jobs_until_idle().await;
    let to = |who: &str| mall.letters_to(&format!("{who}@{}.example", shop.slug));
    let before = (to("decider"), to("helper"), to("owner"));
    mall.run_jobs_due_by(1).await;
    assert_eq!((to("decider") - before.0, to("helper") - before.1, to("owner") - before.2), (1, 0, 1));
    passed_on_again(&mall, &shop).await;
    assert_eq!(to("decider") - before.0, 1);

    let mut admin = admin_connection(&mall.database.admin_url).await;
    sqlx::query("UPDATE store_settings SET staff_letters = false").execute(&mut admin).await.unwrap();
    review("Three").await;
    mall.run_jobs_until_idle().await;
    mall.run_jobs_due_by(1).await;
    assert_eq!(to("decider") - before.0, 1, "the store wants none");
    assert_eq!(events(&shop, "?type=review.waiting").await.expect(200).json["items"].as_array().unwrap().len(), 3);
}
