//! Orders that come to nothing.

use reqwest::Method;
use serde_json::json;
use tests::{Answer, Mall};

use super::{By, differences, level, ordered, pay, sql, staff, stocked, visitor};

#[tokio::test]
async fn a_buyer_calls_off_what_is_not_paid() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "Lamp", 5).await;
    let (unpaid, paid) = (
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await,
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await,
    );
    pay(&shop, paid).await.expect(201);
    let cancelled = visitor(&shop, Method::POST, &format!("/orders/{unpaid}/cancel"), unpaid).await.expect(200);
    assert_eq!(cancelled.json["status"], "cancelled");
    visitor(&shop, Method::POST, &format!("/orders/{unpaid}/cancel"), unpaid)
        .await
        .expect_problem(409, "order.wrong_step");
    let refused = visitor(&shop, Method::POST, &format!("/orders/{paid}/cancel"), paid).await;
    let refused = refused.expect_problem(409, "order.wrong_step").text_at("/detail");
    assert!(refused.contains("paid") && refused.contains("cancelled"), "both states are named: {refused}");
    pay(&shop, unpaid).await.expect_problem(409, "order.wrong_step");
    assert_eq!(differences(&mall, &shop).await, []);
}

#[tokio::test]
async fn an_order_that_nobody_pays_expires() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "Lamp", 5).await;
    let (late, in_time) = (
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await,
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await,
    );
    sql(&mall, &format!("UPDATE orders SET expires_at = now() - interval '2 minutes' WHERE id = '{late}'")).await;
    let found = differences(&mall, &shop).await;
    assert_eq!(found.iter().map(|found| found.rule).collect::<Vec<_>>(), ["orders.none_waits_too_long"]);
    pay(&shop, late).await.expect_problem(409, "order.expired");
    mall.run_jobs_due_by(1).await;
    let status = async |order| {
        let seen = visitor(&shop, Method::GET, &format!("/orders/{order}"), order).await.expect(200);
        seen.text_at("/status")
    };
    assert_eq!([status(late).await, status(in_time).await], ["expired", "open"]);
    pay(&shop, late).await.expect_problem(409, "order.wrong_step");
    pay(&shop, in_time).await.expect(201);
    assert_eq!(differences(&mall, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_expiry_and_a_payment_at_the_same_moment_one_wins() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "Lamp", 100).await;
    let db = super::app(&mall);
    let mut paid = 0;
    for _ in 0..20 {
        let order = ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await;
        // The clock of the expiry is an hour ahead of the payment's.
        let expire = async {
            let mut tx = db.begin(super::store(&shop)).await.unwrap();
            sqlx::query("UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = $1")
                .bind(order.0)
                .execute(tx.conn())
                .await
                .unwrap();
            domain::payments::expire_order(&mut tx, order).await.unwrap();
            tx.commit().await.unwrap();
        };
        let (answer, ()) = tokio::join!(pay(&shop, order), expire);
        let seen = visitor(&shop, Method::GET, &format!("/orders/{order}"), order).await.expect(200);
        match answer.status.as_u16() {
            201 => {
                assert_eq!((seen.text_at("/status"), seen.text_at("/payment_status")), ("open".into(), "paid".into()))
            }
            409 => assert_eq!(
                (seen.text_at("/status"), seen.text_at("/payment_status")),
                ("expired".into(), "unpaid".into())
            ),
            _ => panic!("{}", answer.text),
        }
        paid += i64::from(answer.status == 201);
    }
    assert_eq!(level(&shop, &lamp).await, (100 - paid, 0));
    // What was paid first had its end moved by our own hand, and keeps it.
    sql(&mall, "UPDATE orders SET expires_at = NULL WHERE payment_status = 'paid'").await;
    assert_eq!(differences(&mall, &shop).await, []);
}

#[tokio::test]
async fn staff_that_may_gives_the_money_back_with_a_cancellation() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "Lamp", 5).await;
    let order = ordered(&mall, &shop, By::Visitor, &[(&lamp, 2)]).await;
    pay(&shop, order).await.expect(201);
    let role = json!({ "name": "packer", "label": "Packer", "permissions": ["orders.read", "orders.write"] });
    shop.owner().post("/roles", &role).await.expect(201);
    let (_, packer) = shop.join("paul", &["packer"]).await;
    let path = format!("/orders/{order}/cancel");
    Answer::of(shop.caller(&packer).request(Method::POST, &path)).await.expect_problem(403, "access.denied");
    assert_eq!(level(&shop, &lamp).await, (3, 0));
    let cancelled = staff(&shop, &path, None).await.expect(200);
    assert_eq!(
        (&cancelled.json["status"], &cancelled.json["payment_status"]),
        (&json!("cancelled"), &json!("refunded"))
    );
    assert_eq!(cancelled.json["payments"][0]["refunded"]["amount"], 2500);
    assert_eq!(level(&shop, &lamp).await, (5, 0));
    assert_eq!(differences(&mall, &shop).await, []);
}

#[tokio::test]
async fn a_removed_order_puts_back_what_did_not_leave_and_is_seen_no_more() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (lamp, tent) = (stocked(&shop, "Lamp", 5).await, stocked(&shop, "Tent", 5).await);
    let (unpaid, shipped) = (
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 2)]).await,
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 3), (&tent, 2)]).await,
    );
    pay(&shop, shipped).await.expect(201);
    let lines = json!({ "lines": [{ "variant_id": lamp, "quantity": 1 }] });
    staff(&shop, &format!("/orders/{shipped}/fulfilments"), Some(lines)).await.expect(200);
    let (_, support) = shop.join("sue", &["support"]).await;
    shop.caller(&support).delete(&format!("/orders/{shipped}"), "*").await.expect(403);
    shop.owner().delete(&format!("/orders/{shipped}"), "\"1\"").await.expect_problem(412, "request.stale_version");
    for order in [unpaid, shipped] {
        shop.owner().delete(&format!("/orders/{order}"), "*").await.expect(204);
        shop.owner().delete(&format!("/orders/{order}"), "*").await.expect_problem(404, "order.no_order");
        visitor(&shop, Method::GET, &format!("/orders/{order}"), order).await.expect(404);
        assert_eq!(shop.owner().get(&format!("/orders/{order}")).await.expect(200).json["status"], "cancelled");
    }
    assert_eq!(shop.owner().get("/orders").await.expect(200).json["items"], json!([]));
    assert_eq!(
        [level(&shop, &lamp).await, level(&shop, &tent).await],
        [(4, 0), (5, 0)],
        "what was never taken is not put back"
    );
    assert_eq!(differences(&mall, &shop).await, []);
}

#[tokio::test]
async fn a_promise_of_money_that_nobody_takes_holds_an_order_for_a_month() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    shop.owner().patch("/store", "*", &json!({ "cash_on_delivery_is_paid": false })).await.expect(200);
    let lamp = stocked(&shop, "Lamp", 9).await;
    let (forgotten, shipped) = (
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 2)]).await,
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await,
    );
    for order in [forgotten, shipped] {
        assert_eq!(pay(&shop, order).await.expect(201).json["status"], "authorized");
    }
    staff(&shop, &format!("/orders/{shipped}/fulfilments"), Some(json!({}))).await.expect(200);
    let state = async |order| {
        let seen = shop.owner().get(&format!("/orders/{order}")).await.expect(200);
        (seen.text_at("/status"), seen.text_at("/payment_status"), seen.text_at("/payments/0/status"))
    };
    let words = |words: [&str; 3]| (words[0].to_owned(), words[1].to_owned(), words[2].to_owned());
    mall.run_jobs_due_by(29).await;
    assert_eq!(state(forgotten).await, words(["open", "authorized", "authorized"]), "its expiry found it promised");
    assert_eq!(level(&shop, &lamp).await, (6, 0));
    mall.run_jobs_due_by(31).await;
    assert_eq!(state(forgotten).await, words(["cancelled", "unpaid", "voided"]));
    assert_eq!(state(shipped).await, words(["open", "authorized", "authorized"]), "the carrier has it");
    assert_eq!(level(&shop, &lamp).await, (8, 0));
    let cancelled = shop.owner().get(&format!("/orders/{forgotten}")).await.expect(200);
    assert_eq!(cancelled.json["timeline"].as_array().unwrap().last().unwrap()["kind"], "lapsed");
    assert_eq!(differences(&mall, &shop).await, []);
}
