//! Where customers live.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Mall, Shop};

fn home() -> Value {
    json!({ "name": "Sam Shopper", "line1": "Hauptstraße 1", "city": "Berlin", "postal_code": "10115", "country": "DE" })
}

/// A customer does something with its addresses.
async fn ask(shop: &Shop<'_>, token: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let request = shop.request(method, &format!("/store/v1/me/addresses{path}")).bearer_auth(token);
    Answer::of(body.into_iter().fold(request, |request, body| request.json(&body))).await
}

async fn add(shop: &Shop<'_>, token: &str, body: Value) -> Answer {
    ask(shop, token, Method::POST, "", Some(body)).await
}

/// The ids of a customer's addresses, and which of them is the default.
async fn kept(shop: &Shop<'_>, token: &str) -> (Vec<String>, Vec<String>) {
    let list = ask(shop, token, Method::GET, "?limit=100", None).await.expect(200);
    let items = list.json["items"].as_array().cloned().unwrap();
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    let defaults = items.iter().filter(|item| item["is_default"] == true).map(id).collect();
    (items.iter().map(id).collect(), defaults)
}

async fn register(shop: &Shop<'_>, email: &str) -> String {
    shop.register(email).await.expect(201).text_at("/access_token")
}

#[tokio::test]
async fn a_customer_keeps_addresses_and_one_of_them_is_the_default() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let sam = register(&shop, "sam@x.example").await;
    assert_eq!(ask(&shop, &sam, Method::GET, "", None).await.expect(200).json["items"], json!([]));

    let mut said = home();
    said["is_default"] = json!(false);
    let first = add(&shop, &sam, said).await.expect(201);
    assert_eq!((&first.json["is_default"], first.header("etag")), (&json!(true), "\"1\""), "the first is");
    assert_eq!((&first.json["line2"], &first.json["phone"]), (&Value::Null, &Value::Null));
    let first = first.text_at("/id");
    let path = format!("/{first}");
    let read = ask(&shop, &sam, Method::GET, &path, None).await.expect(200);
    assert_eq!(read.text_at("/line1"), "Hauptstraße 1");
    let second = add(&shop, &sam, home()).await.expect(201).text_at("/id");
    assert_eq!(kept(&shop, &sam).await, (vec![second.clone(), first.clone()], vec![first.clone()]));
    let mut work = home();
    work["is_default"] = json!(true);
    let third = add(&shop, &sam, work).await.expect(201).text_at("/id");
    assert_eq!(kept(&shop, &sam).await.1, vec![third.clone()]);

    // What was taken from the first is a change of it.
    let stale = shop.request(Method::PATCH, &format!("/store/v1/me/addresses/{first}")).bearer_auth(&sam);
    let stale = Answer::of(stale.header("If-Match", "\"1\"").json(&json!({ "city": "Bonn" }))).await;
    stale.expect_problem(412, "request.stale_version");
    let change = json!({ "line2": "c/o Kim", "phone": "+49 30 1", "is_default": true });
    let changed = ask(&shop, &sam, Method::PATCH, &path, Some(change)).await.expect(200);
    assert_eq!((changed.header("etag"), changed.text_at("/city")), ("\"3\"", "Berlin".into()));
    let changed = ask(&shop, &sam, Method::PATCH, &path, Some(json!({ "line2": null }))).await.expect(200);
    assert_eq!((&changed.json["line2"], changed.text_at("/phone")), (&Value::Null, "+49 30 1".into()));
    assert_eq!(kept(&shop, &sam).await.1, vec![first.clone()]);
    let none = ask(&shop, &sam, Method::PATCH, &path, Some(json!({ "is_default": false }))).await;
    none.expect_problem(409, "addresses.keeps_default").blames("/is_default");

    ask(&shop, &sam, Method::DELETE, &format!("/{second}"), None).await.expect(204);
    assert_eq!(kept(&shop, &sam).await, (vec![third.clone(), first.clone()], vec![first.clone()]));
    ask(&shop, &sam, Method::DELETE, &path, None).await.expect(204);
    assert_eq!(kept(&shop, &sam).await, (vec![third.clone()], vec![third.clone()]), "the newest that is left");
    ask(&shop, &sam, Method::DELETE, &format!("/{third}"), None).await.expect(204);
    assert_eq!(kept(&shop, &sam).await, (vec![], vec![]));
    ask(&shop, &sam, Method::DELETE, &path, None).await.expect_problem(404, "addresses.no_address");
}

#[tokio::test]
async fn anothers_address_is_as_missing_as_one_that_is_nowhere() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let (sam, kim) = (register(&shop, "sam@x.example").await, register(&shop, "kim@x.example").await);
    let elsewhere = register(&other, "sam@x.example").await;
    let mine = add(&shop, &sam, home()).await.expect(201).text_at("/id");
    let nowhere = "0192f0c1-2345-7000-8000-000000000000";
    for (method, body) in
        [(Method::GET, None), (Method::PATCH, Some(json!({ "city": "Bonn" }))), (Method::DELETE, None)]
    {
        let missing = ask(&shop, &kim, method.clone(), &format!("/{nowhere}"), body.clone()).await.expect(404);
        for (shop, token) in [(&shop, &kim), (&other, &elsewhere)] {
            let seen = ask(shop, token, method.clone(), &format!("/{mine}"), body.clone()).await;
            assert_eq!(seen.masked(&mine), missing.masked(nowhere));
        }
        ask(&other, &sam, method, &format!("/{mine}"), body).await.expect(401);
    }
    assert_eq!(kept(&shop, &kim).await.0, Vec::<String>::new());
    assert_eq!(kept(&shop, &sam).await.0, vec![mine]);
    Answer::of(shop.request(Method::GET, "/store/v1/me/addresses")).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_default_whatever_happens_at_once() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let sam = register(&shop, "sam@x.example").await;
    let firsts = join_all((0..6).map(|_| add(&shop, &sam, home()))).await;
    firsts.into_iter().for_each(|answer| drop(answer.expect(201)));
    let (ids, defaults) = kept(&shop, &sam).await;
    assert_eq!((ids.len(), defaults.len()), (6, 1));
    let wanted =
        join_all(ids.iter().map(async |id| {
            ask(&shop, &sam, Method::PATCH, &format!("/{id}"), Some(json!({ "is_default": true }))).await
        }));
    let mut work = home();
    work["is_default"] = json!(true);
    let (wanted, added) = tokio::join!(wanted, add(&shop, &sam, work));
    wanted.into_iter().for_each(|answer| drop(answer.expect(200)));
    added.expect(201);
    let (ids, defaults) = kept(&shop, &sam).await;
    assert_eq!((ids.len(), defaults.len()), (7, 1));
    // The default goes while others are to be it, and the rest go with it.
    let mixed = join_all(ids.iter().enumerate().map(async |(i, id)| match i % 2 {
        0 => ask(&shop, &sam, Method::DELETE, &format!("/{id}"), None).await,
        _ => ask(&shop, &sam, Method::PATCH, &format!("/{id}"), Some(json!({ "is_default": true }))).await,
    }));
    for answer in mixed.await {
        assert!([200, 204].contains(&answer.status.as_u16()), "{}", answer.text);
    }
    let (ids, defaults) = kept(&shop, &sam).await;
    assert_eq!((ids.len(), defaults.len()), (3, 1));
    join_all(ids.iter().map(async |id| ask(&shop, &sam, Method::DELETE, &format!("/{id}"), None).await)).await;
    assert_eq!(kept(&shop, &sam).await, (vec![], vec![]));
}

#[tokio::test]
async fn a_customer_keeps_fifty_addresses_also_at_the_same_moment() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let sam = register(&shop, "sam@x.example").await;
    let answers = join_all((0..53).map(|_| add(&shop, &sam, home()))).await;
    let (there, full): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((there.len(), full.len()), (50, 3));
    full.into_iter().for_each(|answer| drop(answer.expect_problem(409, "addresses.full")));
    let (mut walked, mut path) = (Vec::new(), "?limit=20".to_owned());
    loop {
        let page = ask(&shop, &sam, Method::GET, &path, None).await.expect(200);
        walked.extend(page.json["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
        let Some(cursor) = page.json["next_cursor"].as_str() else { break };
        path = format!("?limit=20&cursor={cursor}");
    }
    assert_eq!(walked, kept(&shop, &sam).await.0);
    let cursor = ask(&shop, &sam, Method::GET, "?limit=1", None).await.text_at("/next_cursor");
    let kim = register(&shop, "kim@x.example").await;
    let foreign = ask(&shop, &kim, Method::GET, &format!("?cursor={cursor}"), None).await;
    foreign.expect_problem(422, "request.invalid").blames("/query/cursor");
}

#[tokio::test]
async fn hostile_addresses_are_refused_by_field() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let sam = register(&shop, "sam@x.example").await;
    let id = add(&shop, &sam, home()).await.expect(201).text_at("/id");
    let long = "x".repeat(201);
    for (field, value) in [
        ("name", json!(" ")),
        ("line1", json!(long)),
        ("line1", json!("a\nb")),
        ("line2", json!("")),
        ("city", json!("a\u{0}b")),
        ("region", json!(7)),
        ("postal_code", json!("x".repeat(21))),
        ("country", json!("de")),
        ("country", json!("XX")),
        ("country", json!("UK")),
        ("country", json!("Germany")),
        ("phone", json!("call me")),
        ("is_default", json!("yes")),
        ("customer_id", json!(id)),
    ] {
        let (mut body, mut change) = (home(), json!({}));
        body[field] = value.clone();
        change[field] = value;
        let pointer = format!("/{field}");
        add(&shop, &sam, body).await.expect_problem(422, "request.invalid").blames(&pointer);
        let refused = ask(&shop, &sam, Method::PATCH, &format!("/{id}"), Some(change)).await;
        refused.expect_problem(422, "request.invalid").blames(&pointer);
    }
    for field in ["name", "line1", "city", "country"] {
        let mut body = home();
        body.as_object_mut().unwrap().remove(field);
        add(&shop, &sam, body).await.expect_problem(422, "request.invalid").blames(&format!("/{field}"));
    }
    assert_eq!(kept(&shop, &sam).await.0.len(), 1);
}
