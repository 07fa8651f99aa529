//! What stores do with gateways.

use futures_util::future::join_all;
use serde_json::json;
use tests::paper::{component, described};

use super::{mall, operator, set, with_key};

#[tokio::test(flavor = "multi_thread")]
async fn a_store_switches_a_gateway_on_sets_it_tries_it_and_switches_it_off() {
    let (mall, paper) = mall().await;
    let (operator, shop) = (operator(&mall).await, mall.open_store().await);
    operator.offer("bank", "1.0.0").await;
    let owner = shop.owner();

    let found = owner.get("/gateways/bank").await.expect(200);
    assert_eq!((found.header("etag"), &found.json["enabled"]), ("\"0\"", &json!(false)));
    assert_eq!(found.json["secrets"], json!({ "key": false, "second": false }));
    let on = set(&owner, "bank", "\"0\"", &with_key("a good long key")).await.expect(200);
    assert_eq!((on.header("etag"), &on.json["enabled"]), ("\"1\"", &json!(true)));
    assert_eq!(on.json["settings"], json!({ "shop": "lamps" }));
    assert_eq!(on.json["secrets"], json!({ "key": true, "second": false }));
    assert_eq!(owner.get("/gateways").await.expect(200).json["items"], json!([on.json]));

    // A secret that is left out keeps its value; a setting that is left out does not.
    let changed = set(&owner, "bank", "\"1\"", &json!({ "settings": { "wait": 3, "second": "x" } })).await.expect(200);
    assert_eq!(changed.json["settings"], json!({ "wait": 3 }));
    assert_eq!(changed.json["sandbox"], false);
    let tried = owner.post("/gateways/bank/test", &json!({})).await.expect(200);
    assert_eq!((&tried.json["tried"], &tried.json["outcome"]), (&json!("list-unverified"), &json!("worked")));
    let used = paper.last_settings().unwrap();
    assert_eq!(used.plain.iter().collect::<Vec<_>>(), [(&"wait".to_owned(), &"3".to_owned())]);
    assert_eq!(used.secrets.values().collect::<Vec<_>>(), ["a good long key", "x"]);
    set(&owner, "bank", "*", &json!({ "settings": { "second": null } })).await.expect(200);
    owner.post("/gateways/bank/test", &json!({})).await.expect(200);
    assert_eq!(paper.last_settings().unwrap().secrets.values().collect::<Vec<_>>(), ["a good long key"]);
    let away = json!({ "settings": { "shop": "away" } });
    set(&owner, "bank", "*", &away).await.expect(200);
    assert_eq!(owner.post("/gateways/bank/test", &json!({})).await.expect(200).json["outcome"], "failed");

    owner.delete("/gateways/bank", "\"1\"").await.expect_problem(412, "request.stale_version");
    owner.delete("/gateways/bank", "\"4\"").await.expect(204);
    let off = owner.get("/gateways/bank").await.expect(200);
    assert_eq!((&off.json["enabled"], &off.json["settings"]), (&json!(false), &json!({})));
    assert_eq!(off.json["secrets"], json!({ "key": false, "second": false }));
    owner.delete("/gateways/bank", "*").await.expect_problem(404, "gateways.not_enabled");
    owner.post("/gateways/bank/test", &json!({})).await.expect_problem(404, "gateways.not_enabled");
    set(&owner, "bank", "*", &json!({ "settings": {} }))
        .await
        .expect_problem(422, "gateways.bad_settings")
        .blames("/settings/key");
    set(&owner, "bank", "\"5\"", &with_key("another long key")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_do_not_fit_are_named_and_change_nothing() {
    let (mall, _paper) = mall().await;
    let (operator, shop) = (operator(&mall).await, mall.open_store().await);
    operator.offer("bank", "1.0.0").await;
    let owner = shop.owner();
    let cases = [
        (json!({}), "/settings/key"),
        (json!({ "key": "short" }), "/settings/key"),
        (json!({ "key": ["a good long key"] }), "/settings/key"),
        (json!({ "key": "a good long key", "shop": "Lamps" }), "/settings/shop"),
        (json!({ "key": "a good long key", "wait": 0 }), "/settings/wait"),
        (json!({ "key": "a good long key", "wait": 1.5 }), "/settings/wait"),
        (json!({ "key": "a good long key", "nonsense": 1 }), "/settings/nonsense"),
        (json!({ "key": "k".repeat(5_000) }), "/settings/key"),
        (json!({ "key": "a good long key", "shop": "l".repeat(40_000) }), "/settings"),
    ];
    for (settings, pointer) in cases {
        let refused = set(&owner, "bank", "*", &json!({ "settings": settings })).await;
        refused.expect_problem(422, "gateways.bad_settings").blames(pointer);
    }
    let many: serde_json::Map<_, _> = (0..60).map(|n| (format!("s{n}"), json!(1))).collect();
    set(&owner, "bank", "*", &json!({ "settings": many }))
        .await
        .expect_problem(422, "request.invalid")
        .blames("/settings");
    set(&owner, "bank", "*", &json!({ "settings": [], "x": 1 })).await.expect_problem(422, "request.invalid");
    set(&owner, "bank", "*", &json!({ "version": "2.0.0", "settings": {} }))
        .await
        .expect_problem(422, "gateways.not_approved");
    set(&owner, "bank", "\"7\"", &with_key("a good long key")).await.expect_problem(412, "request.stale_version");
    assert_eq!(owner.get("/gateways/bank").await.expect(200).header("etag"), "\"0\"");
    let euros = described(&json!({ "id": "rials", "currencies": ["IRR"], "schema": { "type": "object" } }));
    operator.upload(euros).await.expect(201);
    operator.post("/gateways/rials/versions/1.0.0/approve").await.expect(200);
    set(&owner, "rials", "*", &json!({ "settings": {} })).await.expect_problem(409, "gateways.wrong_currency");
    assert_eq!(owner.get("/gateways/rials").await.expect(200).json["takes_currency"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_set_it_at_once_one_reads_that_it_is_stale() {
    let (mall, _paper) = mall().await;
    let (operator, shop) = (operator(&mall).await, mall.open_store().await);
    operator.offer("bank", "1.0.0").await;
    let owner = shop.owner();
    for revision in ["\"0\"", "\"1\""] {
        let bodies: Vec<_> = (0..6).map(|n| with_key(&format!("a good long key {n}"))).collect();
        let answers = join_all(bodies.iter().map(|body| set(&owner, "bank", revision, body))).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_is_offered_and_taken_when_the_store_wants() {
    let (mall, paper) = mall().await;
    let (operator, shop) = (operator(&mall).await, mall.open_store().await);
    operator.offer("bank", "1.9.0").await;
    let owner = shop.owner();
    set(&owner, "bank", "*", &with_key("a good long key")).await.expect(200);
    operator.offer("bank", "1.10.0").await;
    operator.upload(component("bank", "2.0.0")).await.expect(201);
    let shown = owner.get("/gateways/bank").await.expect(200);
    assert_eq!((&shown.json["version"], &shown.json["notices"][0]["code"]), (&json!("1.9.0"), &json!("newer_version")));
    let body = json!({ "version": "1.9.0", "settings": {} });
    assert_eq!(set(&owner, "bank", "*", &body).await.expect(200).json["version"], "1.9.0");
    let newest = set(&owner, "bank", "*", &json!({ "settings": {} })).await.expect(200);
    assert_eq!((&newest.json["version"], &newest.json["notices"]), (&json!("1.10.0"), &json!([])));
    let ready =
        join_all((0..8).map(|_| async { owner.post("/gateways/bank/test", &json!({})).await.expect(200) })).await;
    assert_eq!(ready.len(), 8);
    assert_eq!(paper.loads.load(std::sync::atomic::Ordering::Relaxed), 1, "one makes it ready for all");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_store_sets_is_nothing_to_another() {
    let (mall, paper) = mall().await;
    let (operator, books, bikes) = (operator(&mall).await, mall.open_store().await, mall.open_store().await);
    operator.offer("bank", "1.0.0").await;
    set(&books.owner(), "bank", "*", &with_key("the key of books")).await.expect(200);
    let there = bikes.owner().get("/gateways/bank").await.expect(200);
    assert_eq!((&there.json["enabled"], &there.json["settings"]), (&json!(false), &json!({})));
    bikes.owner().post("/gateways/bank/test", &json!({})).await.expect_problem(404, "gateways.not_enabled");
    bikes.owner().delete("/gateways/bank", "*").await.expect_problem(404, "gateways.not_enabled");
    set(&bikes.owner(), "bank", "\"0\"", &with_key("the key of bikes")).await.expect(200);
    books.owner().post("/gateways/bank/test", &json!({})).await.expect(200);
    assert_eq!(paper.last_settings().unwrap().secrets.values().collect::<Vec<_>>(), ["the key of books"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_set_stays_as_long_as_a_payment_may_need_it() {
    let (mall, paper) = mall().await;
    let (operator, shop) = (operator(&mall).await, mall.open_store().await);
    operator.offer("bank", "1.0.0").await;
    let owner = shop.owner();
    set(&owner, "bank", "*", &with_key("a good long key")).await.expect(200);
    let admin = tests::admin_pool(&mall.database.admin_url).await;
    let sql = "WITH o AS (INSERT INTO orders (tenant_id, id, number, status, payment_status, fulfilment_status, email, currency,
                                              items_minor, discount_minor, shipping_minor, tax_minor, total_minor, tax_included,
                                              shipping_address, created_at, updated_at)
                          VALUES ($1::uuid, gen_random_uuid(), 1, 'open', 'paid', 'unfulfilled', 'o@x.example', 'EUR', 100, 0, 0, 0, 100,
                                  true, '{}', now(), now()) RETURNING id)
               INSERT INTO payments (tenant_id, id, order_id, gateway, status, amount_minor, currency, captured_minor, created_at, updated_at)
               SELECT $1::uuid, gen_random_uuid(), id, 'bank', 'captured', 100, 'EUR', 100, now(), now() FROM o";
    sqlx::query(sql).bind(&shop.id).execute(&admin).await.unwrap();
    owner.delete("/gateways/bank", "*").await.expect(204);
    let off = owner.get("/gateways/bank").await.expect(200);
    assert_eq!((&off.json["enabled"], &off.json["secrets"]["key"]), (&json!(false), &json!(true)));
    assert_eq!(off.json["notices"][0]["code"], "kept_for_payments");
    // It has not to be set again.
    set(&owner, "bank", "*", &json!({ "settings": {} })).await.expect(200);
    owner.post("/gateways/bank/test", &json!({})).await.expect(200);
    assert_eq!(paper.last_settings().unwrap().secrets["key"], "a good long key");
    sqlx::query("UPDATE payments SET status = 'refunded', refunded_minor = 100 WHERE tenant_id = $1::uuid")
        .bind(&shop.id)
        .execute(&admin)
        .await
        .unwrap();
    owner.delete("/gateways/bank", "*").await.expect(204);
    assert_eq!(owner.get("/gateways/bank").await.expect(200).json["secrets"]["key"], false);
}
