//! How a store fares, for those of its staff who may see that.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Mall, Shop};

use crate::orders::{By, differences, ordered, pay, sql, staff, stocked, visitor};

#[tokio::test]
async fn a_store_sees_what_it_sold_and_no_other_does() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let (lamp, tent) = (stocked(&shop, "Lamp", 12).await, stocked(&shop, "Tent", 99).await);
    let (paid, given_back, off) = (
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 3), (&tent, 1)]).await,
        ordered(&mall, &shop, By::Visitor, &[(&tent, 2)]).await,
        ordered(&mall, &shop, By::Visitor, &[(&tent, 1)]).await,
    );
    ordered(&mall, &shop, By::Visitor, &[(&tent, 40)]).await;
    for order in [paid, given_back] {
        pay(&shop, order).await.expect(201);
    }
    let some = json!({ "amount": { "amount": 500, "currency": "EUR" } });
    staff(&shop, &format!("/orders/{given_back}/refunds"), Some(some)).await.expect(201);
    visitor(&shop, Method::POST, &format!("/orders/{off}/cancel"), off).await.expect(200);
    // One of another day, long ago.
    let old = ordered(&mall, &shop, By::Visitor, &[(&tent, 1)]).await;
    pay(&shop, old).await.expect(201);
    sql(&mall, &format!("UPDATE orders SET created_at = '2025-03-01 23:59:59.9Z' WHERE id = '{old}'")).await;

    let seen = shop.owner().get("/dashboard").await.expect(200);
    let days = seen.json["sales"].as_array().unwrap();
    assert_eq!((days.len(), &days[29]["date"]), (30, &seen.json["to"]));
    let euros = |amount: i64| json!({ "amount": amount, "currency": "EUR" });
    let today = &days[29];
    assert_eq!((&today["orders"], &today["total"], &today["refunded"]), (&json!(2), &euros(7500), &euros(500)));
    assert_eq!((&days[0]["orders"], &days[0]["total"]), (&json!(0), &euros(0)));
    let count = |status: &str, payment: &str| {
        let states = seen.json["orders"].as_array().unwrap().iter();
        states
            .filter(|s| s["status"] == status && s["payment_status"] == payment)
            .map(|s| s["count"].as_i64().unwrap())
            .sum::<i64>()
    };
    assert_eq!(
        [
            count("open", "paid"),
            count("open", "partially_refunded"),
            count("cancelled", "unpaid"),
            count("open", "unpaid")
        ],
        [1; 4]
    );
    let top: Vec<_> = seen.json["top_products"]
        .as_array()
        .unwrap()
        .iter()
        .map(|top| (top["quantity"].clone(), top["total"]["amount"].clone()))
        .collect();
    assert!(top.contains(&(json!(3), json!(3750))), "{top:?}");
    let low = &seen.json["low_stock"];
    assert_eq!(
        (&low[0]["product_name"], &low[0]["available"], low.as_array().unwrap().len()),
        (&json!("Lamp"), &json!(9), 1)
    );

    let then = shop.owner().get("/dashboard?from=2025-03-01&to=2025-03-02").await.expect(200);
    assert_eq!(
        (&then.json["sales"][0]["orders"], &then.json["sales"][1]["orders"]),
        (&json!(1), &json!(0)),
        "days are those of UTC"
    );
    let theirs = other.owner().get("/dashboard").await.expect(200);
    for part in ["orders", "top_products", "low_stock"] {
        assert_eq!(theirs.json[part], json!([]), "{part}");
    }
    assert!(theirs.json["sales"].as_array().unwrap().iter().all(|day| day["orders"] == 0));
    let (_, keeper) = shop.join("keeper", &["product_manager"]).await;
    shop.caller(&keeper).get("/dashboard").await.expect_problem(403, "access.denied");
}

#[tokio::test]
async fn a_period_that_is_none_is_refused_by_name() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    for (query, pointer) in [
        ("from=2026-01-02&to=2026-01-01", "/query/from"),
        ("from=2025-01-01&to=2026-01-02", "/query/from"),
        ("from=yesterday", "/query/from"),
        ("to=2026-02-30", "/query/to"),
        ("from=-262143-01-01&to=-262143-01-01", "/query/from"),
    ] {
        let refused = shop.owner().get(&format!("/dashboard?{query}")).await;
        assert_eq!(refused.status, 422, "{query}: {}", refused.text);
        refused.blames(pointer);
    }
    shop.owner().get("/dashboard?to=0002-01-01").await.expect(200);
    shop.owner().get("/dashboard?from=2025-01-01&to=2026-01-01").await.expect(200);
}

/// The best-selling products, of a list that was not asked for before: what is remembered of one may be a minute behind with sales.
async fn best(shop: &Shop<'_>, limit: usize) -> Vec<String> {
    let page = shop.visit(&format!("/products?sort=best_selling&limit={limit}")).await.expect(200);
    page.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item: &Value| item["slug"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn what_sells_best_is_what_was_bought_and_not_put_back() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (lamp, tent) = (stocked(&shop, "Lamp", 50).await, stocked(&shop, "Tent", 50).await);
    let (some, more) = (
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 3)]).await,
        ordered(&mall, &shop, By::Visitor, &[(&tent, 5)]).await,
    );
    for order in [some, more] {
        pay(&shop, order).await.expect(201);
    }
    mall.run_jobs_until_idle().await;
    assert_eq!(differences(&mall, &shop).await, [], "what is not counted yet is known");
    mall.run_jobs_due_by(1).await;
    assert_eq!(best(&shop, 10).await, ["tent", "lamp"]);
    staff(&shop, &format!("/orders/{more}/cancel"), None).await.expect(200);
    mall.run_jobs_until_idle().await;
    mall.run_jobs_due_by(1).await;
    assert_eq!(best(&shop, 11).await, ["lamp", "tent"]);
    assert_eq!(differences(&mall, &shop).await, []);
    let sums = "SELECT sold FROM products ORDER BY name";
    let mut admin = tests::admin_connection(&mall.database.admin_url).await;
    let sold: Vec<i64> = sqlx::query_scalar(sums).fetch_all(&mut admin).await.unwrap();
    assert_eq!(sold, [3, 0]);
}
