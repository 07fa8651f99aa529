//! Customers, as staff finds them, notes about them and writes to them.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Mall, Shop};

/// Somebody registers under this name: the person's id and access token.
async fn register(shop: &Shop<'_>, email: &str, name: &str) -> (String, String) {
    let body = json!({ "email": email, "password": "a good long password", "name": name });
    let made = Answer::of(shop.request(Method::POST, "/store/v1/auth/register").json(&body)).await.expect(201);
    (made.text_at("/user/id"), made.text_at("/access_token"))
}

async fn add_address(shop: &Shop<'_>, token: &str) {
    let body = json!({ "name": "Sam", "line1": "High Street 1", "city": "Leeds", "country": "GB" });
    let request = shop.request(Method::POST, "/store/v1/me/addresses").bearer_auth(token).json(&body);
    Answer::of(request).await.expect(201);
}

/// The names of the customers that a filter finds, in their order.
async fn found(shop: &Shop<'_>, filter: &str) -> Vec<String> {
    let list = shop.owner().get(&format!("/customers?limit=100{filter}")).await.expect(200);
    let items = list.json["items"].as_array().cloned().unwrap();
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn staff_finds_customers_by_how_a_name_or_an_address_begins() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    for (email, name) in [
        ("sam@x.example", "Sam Shopper"),
        ("zoe@x.example", "Samira"),
        ("samuel@y.example", "Ümit Ö"),
        ("kim@x.example", "کیم"),
        ("under_score@x.example", "100% Percy"),
    ] {
        register(&shop, email, name).await;
    }
    register(&other, "sam@x.example", "Sam Elsewhere").await;
    let all = ["100% Percy", "کیم", "Ümit Ö", "Samira", "Sam Shopper"];
    assert_eq!(found(&shop, "").await, all, "the newest first, and no staff");
    assert_eq!(found(&shop, "&q=SaM").await, ["Ümit Ö", "Samira", "Sam Shopper"]);
    assert_eq!(found(&shop, "&q=sam@").await, ["Sam Shopper"]);
    assert_eq!(found(&shop, "&q=%C3%BC").await, ["Ümit Ö"], "in capital letters or not");
    assert_eq!(found(&shop, "&q=%DA%A9%DB%8C").await, ["کیم"]);
    for (nothing, q) in [("wildcard", "%25"), ("wildcard", "_"), ("middle", "hopper"), ("quote", "'")] {
        assert_eq!(found(&shop, &format!("&q={q}")).await, Vec::<String>::new(), "{nothing}");
    }
    assert_eq!(found(&shop, "&q=100%25").await, ["100% Percy"]);
    shop.owner().get("/customers?q=%20").await.expect_problem(422, "request.invalid").blames("/query/q");
    shop.owner().get("/customers?q=a%00b").await.expect_problem(422, "request.invalid").blames("/query/q");
}

#[tokio::test]
async fn pages_and_filters_go_together_and_a_customer_is_shown_whole() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let mut tokens = Vec::new();
    for number in 0..5 {
        tokens.push(register(&shop, &format!("c{number}@x.example"), &format!("C{number}")).await);
    }
    add_address(&shop, &tokens[1].1).await;
    add_address(&shop, &tokens[3].1).await;
    assert_eq!(found(&shop, "&has_address=true").await, ["C3", "C1"]);
    assert_eq!(found(&shop, "&has_address=false&q=c").await, ["C4", "C2", "C0"]);
    let page = shop.owner().get("/customers?limit=1&has_address=true").await.expect(200);
    let cursor = page.text_at("/next_cursor");
    let next = shop.owner().get(&format!("/customers?limit=1&has_address=true&cursor={cursor}")).await.expect(200);
    assert_eq!((next.text_at("/items/0/name"), &next.json["next_cursor"]), ("C1".into(), &Value::Null));
    for refused in [
        shop.owner().get(&format!("/customers?cursor={cursor}")).await,
        other.owner().get(&format!("/customers?has_address=true&cursor={cursor}")).await,
    ] {
        refused.expect_problem(422, "request.invalid").blames("/query/cursor");
    }

    let (id, token) = &tokens[1];
    let change = json!({ "phone": "+44 20 1", "birth_date": "1990-02-28" });
    Answer::of(shop.request(Method::PATCH, "/store/v1/me").bearer_auth(token).json(&change)).await.expect(200);
    let shown = shop.owner().get(&format!("/customers/{id}")).await.expect(200);
    assert_eq!((shown.text_at("/phone"), shown.text_at("/birth_date")), ("+44 20 1".into(), "1990-02-28".into()));
    assert_eq!((shown.text_at("/addresses/0/line1"), shown.header("etag")), ("High Street 1".into(), "\"2\""));
    other.owner().get(&format!("/customers/{id}")).await.expect_problem(404, "customers.no_customer");
    let owner = shop.owner().get("/me").await.expect(200).text_at("/user/id");
    shop.owner().get(&format!("/customers/{owner}")).await.expect_problem(404, "customers.no_customer");
}

#[tokio::test]
async fn notes_are_appended_and_for_staff_alone() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let (id, token) = register(&shop, "sam@x.example", "Sam").await;
    let path = format!("/customers/{id}/notes");
    let (manager_id, manager) = shop.join("mary", &["customer_manager"]).await;
    let (_, support) = shop.join("sue", &["support"]).await;
    shop.caller(&manager).post(&path, &json!({ "text": "Called,\nnobody there." })).await.expect(201);
    shop.owner().post(&path, &json!({ "text": "Called again." })).await.expect(201);
    shop.caller(&support).post(&path, &json!({ "text": "x" })).await.expect_problem(403, "access.denied");
    let notes = shop.caller(&support).get(&path).await.expect(200);
    assert_eq!(
        (notes.text_at("/items/0/text"), notes.text_at("/items/1/author_id")),
        ("Called again.".into(), manager_id)
    );
    let first = shop.owner().get(&format!("{path}?limit=1")).await.expect(200);
    let rest = shop.owner().get(&format!("{path}?limit=1&cursor={}", first.text_at("/next_cursor"))).await.expect(200);
    assert_eq!(
        (rest.text_at("/items/0/text"), &rest.json["next_cursor"]),
        ("Called,\nnobody there.".into(), &Value::Null)
    );
    shop.owner().post(&path, &json!({ "text": " \n " })).await.expect_problem(422, "request.invalid").blames("/text");
    other.owner().post(&path, &json!({ "text": "x" })).await.expect_problem(404, "customers.no_customer");
    other.owner().get(&path).await.expect_problem(404, "customers.no_customer");
    let me = Answer::of(shop.request(Method::GET, "/store/v1/me").bearer_auth(&token)).await.expect(200);
    assert!(!me.text.contains("Called"));
    Answer::of(shop.request(Method::GET, &format!("/admin/v1{path}")).bearer_auth(&token)).await.expect(401);
}

#[tokio::test]
async fn a_private_letter_leaves_in_the_name_of_the_store_and_is_not_kept() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let (id, _) = register(&shop, "sam@x.example", "Sam").await;
    let path = format!("/customers/{id}/email");
    let body = json!({ "subject": "About your lamp", "text": "It is on its way.\nYours, Olga" });
    shop.owner().post(&path, &body).await.expect(202);
    assert_eq!(mall.letter_to("sam@x.example", "About your lamp").await, "It is on its way.\nYours, Olga");
    mall.run_jobs_until_idle().await;
    let mut admin = tests::admin_connection(&mall.database.admin_url).await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM customer_letters").fetch_one(&mut admin).await.unwrap();
    assert_eq!(left, 0, "a letter that has left is not kept");
    let (_, support) = shop.join("sue", &["support"]).await;
    shop.caller(&support).post(&path, &body).await.expect_problem(403, "access.denied");
    let (_, manager) = shop.join("mary", &["order_manager"]).await;
    shop.caller(&manager).post(&path, &body).await.expect_problem(403, "access.denied");
    other.owner().post(&path, &body).await.expect_problem(404, "customers.no_customer");
    for (field, value) in
        [("subject", "a\r\nBcc: eve@x.example"), ("subject", ""), ("text", "\u{200b}"), ("text", "a\u{0}")]
    {
        let mut bad = body.clone();
        bad[field] = json!(value);
        let refused = shop.owner().post(&path, &bad).await.expect_problem(422, "request.invalid");
        refused.blames(&format!("/{field}"));
    }
    assert_eq!(mall.letters_to("sam@x.example"), 2, "with that of the registration");
}

#[tokio::test]
async fn nobody_is_written_to_all_the_time() {
    let mall = Mall::open_with(|config| config.limits = true).await;
    let shop = mall.open_store().await;
    let (sam, _) = register(&shop, "sam@x.example", "Sam").await;
    let (kim, _) = register(&shop, "kim@x.example", "Kim").await;
    let body = json!({ "subject": "S", "text": "T" });
    for _ in 0..5 {
        shop.owner().post(&format!("/customers/{sam}/email"), &body).await.expect(202);
    }
    let refused = shop.owner().post(&format!("/customers/{sam}/email"), &body).await;
    refused.expect_problem(429, "request.too_many");
    shop.owner().post(&format!("/customers/{kim}/email"), &body).await.expect(202);
}
