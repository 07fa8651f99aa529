//! Everything that is kept of one person is shown on request, and forgotten on request.

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgConnection;
use tests::{Answer, Mall, Shop};

use crate::orders::{adjust, new_key, stocked};

/// What the person can be known by.
const TRACES: [&str; 8] =
    ["zelda.quux", "zelda", "quux", "5550199", "1977-07-07", "wistful lane", "my lamp glows", "she sounded sad"];

/// Where in the database something can still be read of the person, in any row of any table.
async fn traces(conn: &mut PgConnection) -> Vec<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'platform')",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    assert!(tables.len() > 15);
    let mut found = Vec::new();
    for table in tables {
        let rows: Vec<String> = sqlx::query_scalar(&format!("SELECT lower(to_jsonb(t)::text) FROM {table} t"))
            .fetch_all(&mut *conn)
            .await
            .unwrap();
        let known = rows.iter().flat_map(|row| TRACES.iter().filter(|trace| row.contains(**trace)));
        found.extend(known.map(|trace| format!("{table}: {trace}")));
    }
    found
}

/// Somebody makes an order of a cart.
async fn place(shop: &Shop<'_>, token: Option<&str>, cart: Option<&str>, body: &Value) -> Answer {
    let request = shop.request(Method::POST, "/store/v1/orders").header("Idempotency-Key", new_key()).json(body);
    let request = cart.into_iter().fold(request, |request, cart| request.header("Stoa-Cart", cart));
    Answer::of(token.into_iter().fold(request, |request, token| request.bearer_auth(token))).await
}

/// A customer with everything that a shop can keep of one: the person's id and access token.
async fn zelda(shop: &Shop<'_>) -> (String, String) {
    let body = json!({ "email": "zelda.quux@x.example", "password": "a good long password", "name": "Zelda Quux" });
    let made = Answer::of(shop.request(Method::POST, "/store/v1/auth/register").json(&body)).await.expect(201);
    let (id, token) = (made.text_at("/user/id"), made.text_at("/access_token"));
    let send = async |method: Method, path: &str, body: Value| {
        Answer::of(shop.request(method, &format!("/store/v1{path}")).bearer_auth(&token).json(&body)).await
    };
    let profile = json!({ "phone": "+1 5550199", "birth_date": "1977-07-07" });
    send(Method::PATCH, "/me", profile).await.expect(200);
    let address = json!({ "name": "Zelda Quux", "line1": "Wistful Lane 7", "city": "Leeds", "country": "GB" });
    let address = send(Method::POST, "/me/addresses", address).await.expect(201).text_at("/id");
    let lamp = shop.owner().add_product("Lamp").await;
    shop.owner().add_product("Rug").await;
    let variant = lamp.text_at("/variants/0/id");
    adjust(shop, &variant, 9).await;
    send(Method::POST, "/cart/items", json!({ "variant_id": variant, "quantity": 2 })).await.expect(200);
    let checkout = json!({ "address_id": address, "note": "Leave it with Quux senior." });
    let order = place(shop, Some(&token), None, &checkout).await.expect(201);
    send(Method::POST, &format!("/orders/{}/cancel", order.text_at("/id")), json!({})).await.expect(200);
    send(Method::POST, "/cart/items", json!({ "variant_id": variant, "quantity": 1 })).await.expect(200);
    let lamp = lamp.text_at("/id");
    send(Method::PUT, &format!("/wishlist/items/{lamp}"), json!({})).await.expect(204);
    let review = json!({ "rating": 5, "title": "Mine", "body": "My lamp glows." });
    let review = send(Method::POST, "/products/lamp/reviews", review).await.expect(201).text_at("/id");
    let approve = shop.owner().request(Method::POST, &format!("/reviews/{review}/approve")).header("If-Match", "*");
    Answer::of(approve).await.expect(200);
    // One that staff has removed lives on in the audit alone.
    let gone = json!({ "rating": 1, "body": "My lamp glows more than this." });
    let gone = send(Method::POST, "/products/rug/reviews", gone).await.expect(201).text_at("/id");
    shop.owner().delete(&format!("/reviews/{gone}"), "*").await.expect(204);
    let owner = shop.owner();
    owner.post(&format!("/customers/{id}/notes"), &json!({ "text": "She sounded sad." })).await.expect(201);
    let letter = json!({ "subject": "Dear Zelda Quux", "text": "Cheer up!" });
    owner.post(&format!("/customers/{id}/email"), &letter).await.expect(202);
    (id, token)
}

#[tokio::test]
async fn a_person_is_shown_all_that_is_kept() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let (id, _) = zelda(&shop).await;
    let path = format!("/customers/{id}/export");
    let shown = shop.owner().post(&path, &json!({})).await.expect(200);
    for trace in TRACES {
        assert!(shown.text.to_lowercase().contains(trace), "{trace} is not shown: {}", shown.text);
    }
    assert_eq!(shown.text_at("/customer/addresses/0/line1"), "Wistful Lane 7");
    assert_eq!(
        (shown.text_at("/reviews/0/title"), shown.text_at("/notes/0/text")),
        ("Mine".into(), "She sounded sad.".into())
    );
    assert_eq!(
        (shown.json["wishlist"].as_array().unwrap().len(), shown.text_at("/log_ins/0/surface")),
        (1, "storefront".into())
    );
    assert_eq!(shown.text_at("/orders/0/shipping_address/line1"), "Wistful Lane 7");
    assert!(!shown.text.contains("argon2"));
    let audit = shop.owner().get("/audit?limit=1").await.expect(200);
    assert_eq!((audit.text_at("/items/0/action"), audit.text_at("/items/0/thing_id")), ("exportCustomer".into(), id));
    other.owner().post(&path, &json!({})).await.expect_problem(404, "customers.no_customer");
    let (_, support) = shop.join("sue", &["support"]).await;
    shop.caller(&support).post(&path, &json!({})).await.expect_problem(403, "access.denied");
}

#[tokio::test]
async fn who_is_erased_leaves_no_trace() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let (id, token) = zelda(&shop).await;
    // Invited, and never came.
    let invitation = json!({ "email": "zelda.quux@x.example", "name": "Zelda Quux", "roles": ["support"] });
    shop.owner().post("/staff", &invitation).await.expect(201);
    let mut admin = tests::admin_connection(&mall.database.admin_url).await;
    let before = traces(&mut admin).await;
    for trace in TRACES {
        assert!(before.iter().any(|found| found.ends_with(trace)), "the story has no {trace}: {before:?}");
    }
    assert!(before.iter().any(|found| found.starts_with("public.audit_details")));

    let path = format!("/customers/{id}");
    shop.owner().delete(&path, "\"1\"").await.expect_problem(412, "request.stale_version");
    let without = Answer::of(shop.owner().request(Method::DELETE, &path)).await;
    without.expect_problem(428, "request.version_required");
    other.owner().delete(&path, "*").await.expect_problem(404, "customers.no_customer");
    let version = shop.owner().get(&path).await.expect(200).header("etag").to_owned();
    shop.owner().delete(&path, &version).await.expect(204);

    assert_eq!(traces(&mut admin).await, Vec::<String>::new());
    shop.owner().delete(&path, "*").await.expect_problem(404, "customers.no_customer");
    let lamp = shop.visit("/products/lamp").await.expect(200);
    assert_eq!(lamp.json["rating"], json!({ "average": null, "count": 0 }));
    // The order stays in the books, and nobody can tell whose it was.
    let order = shop.owner().get("/orders").await.expect(200).text_at("/items/0/id");
    let order = shop.owner().get(&format!("/orders/{order}")).await.expect(200);
    assert_eq!((&order.json["customer_id"], order.text_at("/email")), (&Value::Null, "erased@erased.invalid".into()));
    let (country, lines) = (order.text_at("/shipping_address/country"), order.json["items"].as_array().unwrap());
    assert_eq!((country.as_str(), lines.len(), &order.json["items"][0]["quantity"]), ("GB", 1, &json!(2)));
    let audit = shop.owner().get("/audit?limit=100").await.expect(200);
    let entries = audit.json["items"].as_array().cloned().unwrap();
    let (erased, written) = (&entries[0], entries.iter().find(|entry| entry["action"] == "addCustomerNote").unwrap());
    assert_eq!((&erased["action"], &erased["thing_id"]), (&json!("eraseCustomer"), &json!(id)));
    assert_eq!((&written["after"], &written["address"]), (&Value::Null, &Value::Null), "the bare entry stays");
    let added = entries.iter().find(|entry| entry["action"] == "addProduct").unwrap();
    assert_eq!(added["after"]["name"], "Rug", "what is nobody's stays");
    // The log-in ends within a second, and the address is free again.
    let began = std::time::Instant::now();
    while Answer::of(shop.request(Method::GET, "/store/v1/me").bearer_auth(&token)).await.status == 200 {
        assert!(began.elapsed().as_millis() < 1_000, "an erased account's log-in goes on");
    }
    shop.register("zelda.quux@x.example").await.expect(201);
}

#[tokio::test]
async fn who_deletes_the_own_account_leaves_no_trace_either() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (_, token) = zelda(&shop).await;
    Answer::of(shop.request(Method::DELETE, "/store/v1/me").bearer_auth(&token)).await.expect(204);
    let mut admin = tests::admin_connection(&mall.database.admin_url).await;
    assert_eq!(traces(&mut admin).await, Vec::<String>::new());
}

#[tokio::test]
async fn staff_leaves_its_work_first_and_then_without_a_trace() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (id, _) = zelda(&shop).await;
    // Joins the staff under the same address, makes a key, and works with it.
    let invitation = json!({ "email": "zelda.quux@x.example", "name": "Zelda Quux", "roles": ["admin"] });
    shop.owner().post("/staff", &invitation).await.expect(201);
    let mailed = mall.token_mailed_to("zelda.quux@x.example", "invited").await;
    let body = json!({ "token": mailed, "password": "a good long password" });
    let session = Answer::of(shop.request(Method::POST, "/admin/v1/auth/invitations/accept").json(&body)).await;
    let token = session.expect(200).text_at("/access_token");
    let key = json!({ "name": "Robot", "scopes": ["catalog.write", "catalog.read"] });
    let key = shop.caller(&token).post("/api-keys", &key).await.expect(201).text_at("/key");
    shop.caller(&key).add_product("Vase").await;
    let path = format!("/customers/{id}");
    shop.owner().delete(&path, "*").await.expect_problem(409, "identity.is_staff");
    shop.owner().patch(&format!("/staff/{id}"), "*", &json!({ "roles": ["support"] })).await.expect(200);
    shop.owner().delete(&format!("/staff/{id}"), "*").await.expect(204);
    shop.owner().delete(&path, "*").await.expect(204);
    let mut admin = tests::admin_connection(&mall.database.admin_url).await;
    assert_eq!(traces(&mut admin).await, Vec::<String>::new());
    // What was done stays; from where is forgotten.
    let audit = shop.owner().get("/audit?limit=100").await.expect(200);
    let entries = audit.json["items"].as_array().cloned().unwrap();
    let made = entries.iter().find(|entry| entry["after"]["name"] == "Vase").unwrap();
    assert_eq!((&made["actor_kind"], &made["address"]), (&json!("api_key"), &Value::Null));
    let own = entries.iter().find(|entry| entry["after"]["name"] == "Lamp").unwrap();
    assert!(own["address"].is_string(), "the owner's stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_about_somebody_who_is_being_erased_is_forgotten_too() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    for round in 0..6 {
        let (id, _) = zelda(&shop).await;
        let owner = shop.owner();
        let (notes, email) = (format!("/customers/{id}/notes"), format!("/customers/{id}/email"));
        let path = format!("/customers/{id}");
        let (note, letter) = (json!({ "text": "She sounded sad." }), json!({ "subject": "Dear Zelda", "text": "T" }));
        let (noted, written, erased, again) = tokio::join!(
            owner.post(&notes, &note),
            owner.post(&email, &letter),
            owner.delete(&path, "*"),
            owner.delete(&path, "*"),
        );
        assert_eq!([204, 404].iter().sum::<u16>(), erased.status.as_u16() + again.status.as_u16(), "round {round}");
        for answer in [noted, written] {
            assert!([201, 202, 404].contains(&answer.status.as_u16()), "{}", answer.text);
        }
        let mut admin = tests::admin_connection(&mall.database.admin_url).await;
        assert_eq!(traces(&mut admin).await, Vec::<String>::new());
        // The next round has products of the same names; those that were ordered stay.
        for slug in ["lamp", "rug"] {
            let product = shop.visit(&format!("/products/{slug}")).await.expect(200).text_at("/id");
            let renamed = json!({ "slug": format!("{slug}-{round}") });
            shop.owner().patch(&format!("/products/{product}"), "*", &renamed).await.expect(200);
        }
    }
}

#[tokio::test]
async fn nobody_is_forgotten_while_an_order_is_open() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (id, token) = zelda(&shop).await;
    let variant = stocked(&shop, "Vase", 3).await;
    let send = async |method: Method, path: &str, body: Value| {
        Answer::of(shop.request(method, &format!("/store/v1{path}")).bearer_auth(&token).json(&body)).await
    };
    send(Method::POST, "/cart/items", json!({ "variant_id": variant, "quantity": 1 })).await.expect(200);
    let home = json!({ "name": "Zelda Quux", "line1": "Wistful Lane 7", "city": "Leeds", "country": "GB" });
    let order = place(&shop, Some(&token), None, &json!({ "shipping_address": home })).await.expect(201);
    send(Method::DELETE, "/me", json!({})).await.expect_problem(409, "order.still_open");
    let path = format!("/customers/{id}");
    shop.owner().delete(&path, "*").await.expect_problem(409, "order.still_open");
    let untouched = shop.owner().get(&format!("/orders/{}", order.text_at("/id"))).await.expect(200);
    assert_eq!(untouched.text_at("/shipping_address/line1"), "Wistful Lane 7");
    send(Method::POST, &format!("/orders/{}/cancel", order.text_at("/id")), json!({})).await.expect(200);
    shop.owner().delete(&path, "*").await.expect(204);
}

#[tokio::test]
async fn what_was_ordered_as_a_visitor_is_forgotten_with_who_has_proved_the_address() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let variant = stocked(&shop, "Vase", 3).await;
    let put = shop.request(Method::POST, "/store/v1/cart/items").json(&json!({ "variant_id": variant, "quantity": 1 }));
    let cart = Answer::of(put).await.expect(200).text_at("/cart_token");
    let home = json!({ "name": "Zelda Quux", "line1": "Wistful Lane 7", "city": "Leeds", "country": "GB" });
    let body = json!({ "email": "sam@x.example", "shipping_address": home });
    let order = place(&shop, None, Some(&cart), &body).await.expect(201);
    let cancel = shop.request(Method::POST, &format!("/store/v1/orders/{}/cancel", order.text_at("/id")));
    Answer::of(cancel.header("Stoa-Order-Token", order.text_at("/access_token"))).await.expect(200);
    let seen = async || shop.owner().get("/orders").await.expect(200).text_at("/items/0/email");
    let leave = |token: String| Answer::of(shop.request(Method::DELETE, "/store/v1/me").bearer_auth(token));
    // Somebody who only says so gets at nothing.
    let token = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    leave(token).await.expect(204);
    assert_eq!(seen().await, "sam@x.example");
    mall.run_jobs_until_idle().await;
    let before = mall.letters_to("sam@x.example");
    let token = shop.register("sam@x.example").await.expect(201).text_at("/access_token");
    mall.run_jobs_until_idle().await;
    assert!(mall.letters_to("sam@x.example") > before);
    let mailed = mall.token_mailed_to("sam@x.example", "Confirm").await;
    let confirm = shop.request(Method::POST, "/store/v1/auth/email/confirm").json(&json!({ "token": mailed }));
    Answer::of(confirm).await.expect(204);
    leave(token).await.expect(204);
    assert_eq!(seen().await, "erased@erased.invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_orders_while_the_account_goes_has_an_open_order_or_none() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let variant = stocked(&shop, "Vase", 100).await;
    for round in 0..10 {
        let email = format!("zelda.quux{round}@x.example");
        let token = shop.register(&email).await.expect(201).text_at("/access_token");
        let put = shop.request(Method::POST, "/store/v1/cart/items").bearer_auth(&token);
        Answer::of(put.json(&json!({ "variant_id": variant, "quantity": 1 }))).await.expect(200);
        let home = json!({ "shipping_address": { "name": "Z", "line1": "L", "city": "C", "country": "GB" } });
        let leave = Answer::of(shop.request(Method::DELETE, "/store/v1/me").bearer_auth(&token));
        let (placed, left) = tokio::join!(place(&shop, Some(&token), None, &home), leave);
        match left.status.as_u16() {
            409 => drop(placed.expect(201)),
            _ => {
                left.expect(204);
                assert!((400..500).contains(&placed.status.as_u16()), "{}", placed.text);
                let orders = shop.owner().get(&format!("/orders?email={email}")).await.expect(200);
                assert_eq!(orders.json["items"], json!([]));
            }
        }
    }
}
