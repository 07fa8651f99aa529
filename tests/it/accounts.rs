//! Shoppers' accounts.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Mall, Shop};

async fn post(shop: &Shop<'_>, path: &str, body: Value) -> Answer {
    Answer::of(shop.request(Method::POST, &format!("/store/v1/auth{path}")).json(&body)).await
}

async fn me(shop: &Shop<'_>, token: &str) -> Answer {
    Answer::of(shop.request(Method::GET, "/store/v1/me").bearer_auth(token)).await
}

#[tokio::test]
async fn a_shopper_registers_confirms_the_address_and_keeps_a_profile() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let session = shop.register("Sam@Shop.example").await.expect(201);
    let token = session.text_at("/access_token");
    let profile = me(&shop, &token).await.expect(200);
    assert_eq!(
        (profile.text_at("/email"), &profile.json["email_confirmed"]),
        ("sam@shop.example".into(), &json!(false))
    );
    me(&other, &token).await.expect(401);
    other.register("sam@shop.example").await.expect(201);

    let mailed = mall.token_mailed_to("sam@shop.example", &format!("The {} store", shop.slug)).await;
    post(&other, "/email/confirm", json!({ "token": mailed })).await.expect_problem(401, "identity.bad_token");
    post(&shop, "/email/confirm", json!({ "token": mailed })).await.expect(204);
    post(&shop, "/email/confirm", json!({ "token": mailed })).await.expect(401);

    let change = |body: Value, version: Option<&str>| {
        let request = shop.request(Method::PATCH, "/store/v1/me").bearer_auth(&token).json(&body);
        Answer::of(version.into_iter().fold(request, |request, version| request.header("If-Match", version)))
    };
    let body = json!({ "name": "Samira", "phone": "+49 30 1234", "birth_date": "1990-02-28" });
    let changed = change(body, Some(profile.header("etag"))).await.expect(200);
    assert_eq!(changed.json["birth_date"], "1990-02-28");
    assert_eq!(changed.json["email_confirmed"], json!(true));
    change(json!({ "phone": null }), Some("\"1\"")).await.expect_problem(412, "request.stale_version");
    assert_eq!(change(json!({ "phone": null }), None).await.expect(200).json["phone"], Value::Null);
    for wrong in ["1990-02-31", "2099-01-01", "0001-01-01", "+12024-01-01", "1990-2-8"] {
        change(json!({ "birth_date": wrong }), None).await.expect(422).blames("/birth_date");
    }
    change(json!({ "phone": "abc" }), None).await.expect(422).blames("/phone");

    let gone = Answer::of(shop.request(Method::DELETE, "/store/v1/me").bearer_auth(&token)).await;
    gone.expect(204);
    let log_in = json!({ "email": "sam@shop.example", "password": "a good long password" });
    post(&shop, "/login", log_in.clone()).await.expect(401);
    post(&other, "/login", log_in).await.expect(200);
}

#[tokio::test]
async fn registering_twice_is_a_log_in_for_who_knows_the_password_and_a_letter_for_who_does_not() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let first = shop.register("sam@shop.example").await.expect(201);
    let again = shop.register("sam@shop.example").await.expect(201);
    assert_eq!(first.text_at("/user/id"), again.text_at("/user/id"), "the answer may have been lost");
    let body = json!({ "email": "sam@shop.example", "password": "another password", "name": "Eve" });
    post(&shop, "/register", body).await.expect_problem(409, "identity.email_taken");
    mall.letter_to("sam@shop.example", "already").await;
}

#[tokio::test]
async fn many_registrations_of_one_address_make_one_account() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let answers = futures_util::future::join_all((0..8).map(|_| shop.register("sam@shop.example"))).await;
    let ids: std::collections::BTreeSet<_> =
        answers.into_iter().map(|answer| answer.expect(201).text_at("/user/id")).collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_who_reads_the_mail() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let session = shop.register("sam@shop.example").await.expect(201);
    let known = post(&shop, "/password/forgot", json!({ "email": "sam@shop.example" })).await.expect(204);
    let unknown = post(&shop, "/password/forgot", json!({ "email": "nobody@shop.example" })).await.expect(204);
    assert_eq!(known.masked("-"), unknown.masked("-"));
    let token = mall.token_mailed_to("sam@shop.example", "new password").await;
    assert_eq!(mall.letters_to("nobody@shop.example"), 0);

    post(&shop, "/password/reset", json!({ "token": "x", "password": "a third password" })).await.expect(401);
    let resets =
        (0..5).map(|_| post(&shop, "/password/reset", json!({ "token": token, "password": "a third password" })));
    let done = futures_util::future::join_all(resets).await;
    assert_eq!(done.iter().filter(|answer| answer.status == 204).count(), 1, "a token is good once");
    post(&shop, "/refresh", json!({ "refresh_token": session.text_at("/refresh_token") })).await.expect(401);
    post(&shop, "/login", json!({ "email": "sam@shop.example", "password": "a good long password" })).await.expect(401);
    post(&shop, "/login", json!({ "email": "sam@shop.example", "password": "a third password" })).await.expect(200);
}

#[tokio::test]
async fn changing_the_password_ends_every_other_log_in_within_a_second() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let old = shop.register("sam@shop.example").await.expect(201).text_at("/access_token");
    me(&shop, &old).await.expect(200);
    let change = |current: &str| {
        let body = json!({ "current_password": current, "new_password": "a newer password" });
        Answer::of(shop.request(Method::POST, "/store/v1/auth/password/change").bearer_auth(&old).json(&body))
    };
    change("a wrong password").await.expect_problem(401, "identity.wrong_credentials");
    let fresh = change("a good long password").await.expect(200).text_at("/access_token");
    let began = std::time::Instant::now();
    while me(&shop, &old).await.status == 200 {
        assert!(began.elapsed().as_millis() < 1_000, "an ended log-in goes on");
    }
    me(&shop, &fresh).await.expect(200);
}

#[tokio::test]
async fn letters_speak_the_stores_language_and_lead_to_its_registered_address() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    shop.owner().patch("/store", "*", &json!({ "name": "Bücher Müller", "language": "de-AT" })).await.expect(200);
    let began = std::time::Instant::now();
    loop {
        let address = format!("sam{}@shop.example", began.elapsed().as_nanos());
        let body = json!({ "email": address, "password": "a good long password", "name": "Sam" });
        let request = shop.request(Method::POST, "/store/v1/auth/register").header("X-Forwarded-Host", "evil.example");
        Answer::of(request.json(&body)).await.expect(201);
        let letter = mall.letter_to(&address, "").await;
        assert!(letter.contains(&format!("http://{}.localhost", shop.slug)) && !letter.contains("evil"), "{letter}");
        if letter.contains("Bücher Müller") && letter.contains("Guten Tag Sam") {
            return;
        }
        assert!(began.elapsed().as_secs() < 5, "the store's new name and language are not seen: {letter}");
    }
}

#[tokio::test]
async fn where_addresses_are_to_be_confirmed_registering_tells_nobody_which_are_known() {
    let mall = Mall::open_with(|config| config.confirms_emails = true).await;
    let shop = mall.open_store().await;
    let first = shop.register("sam@shop.example").await.expect(202);
    let again = shop.register("sam@shop.example").await.expect(202);
    assert_eq!(first.masked("-"), again.masked("-"));
    let log_in = json!({ "email": "sam@shop.example", "password": "a good long password" });
    post(&shop, "/login", log_in.clone()).await.expect_problem(403, "identity.email_unconfirmed");
    let wrong = json!({ "email": "sam@shop.example", "password": "a wrong password" });
    post(&shop, "/login", wrong).await.expect_problem(401, "identity.wrong_credentials");
    let token = mall.token_mailed_to("sam@shop.example", "Confirm").await;
    post(&shop, "/email/confirm", json!({ "token": token })).await.expect(204);
    post(&shop, "/login", log_in).await.expect(200);
    mall.letter_to("sam@shop.example", "already").await;
}
