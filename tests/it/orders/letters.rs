//! Buyers have letters about what happens to their orders, each once; staff about what runs low.

use domain::events::PassOn;
use domain::orders::OrderLetter;
use reqwest::Method;
use serde_json::json;
use tests::{Answer, Mall, Shop, admin_connection};
use uuid::Uuid;

use super::{By, ordered, pay, sql, staff, stocked, store, visitor};

/// Whoever the stories' orders are of.
const BUYER: &str = "vera@x.example";

/// All that was told is told again, as by a worker whose end of a job was lost.
async fn told_again(mall: &Mall, shop: &Shop<'_>) {
    let mut admin = admin_connection(&mall.database.admin_url).await;
    let ids: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM events").fetch_all(&mut admin).await.unwrap();
    let mut tx = super::app(mall).begin(store(shop)).await.unwrap();
    for event in ids {
        domain::jobs::enqueue(&mut tx, &PassOn { event }).await.unwrap();
        domain::jobs::enqueue(&mut tx, &OrderLetter { event }).await.unwrap();
    }
    tx.commit().await.unwrap();
    mall.run_jobs_until_idle().await;
}

#[tokio::test]
async fn a_buyer_hears_of_each_step_once_in_the_language_of_the_store() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "Lamp", 5).await;
    let order = ordered(&mall, &shop, By::Visitor, &[(&lamp, 2)]).await;
    let placed = mall.letter_to(BUYER, "Your order 1 at").await;
    assert!(placed.contains("2 × Lamp") && placed.contains("Total: 25.00 EUR"), "{placed}");
    let link = format!("http://{}.localhost:{}/orders/{order}?token=", shop.slug, mall.address.port());
    assert!(placed.contains(&link), "{placed}");
    pay(&shop, order).await.expect(201);
    let paid = mall.letter_to(BUYER, "is paid").await;
    assert!(paid.contains("25.00 EUR"), "{paid}");
    let lines = json!({ "lines": [{ "variant_id": lamp, "quantity": 1 }], "tracking": "T-77" });
    staff(&shop, &format!("/orders/{order}/fulfilments"), Some(lines)).await.expect(200);
    let left = mall.letter_to(BUYER, "is on its way").await;
    assert!(left.contains("1 × Lamp") && left.contains("Tracking number: T-77"), "{left}");
    let some = json!({ "amount": { "amount": 500, "currency": "EUR" } });
    staff(&shop, &format!("/orders/{order}/refunds"), Some(some)).await.expect(201);
    let refunded = mall.letter_to(BUYER, "given back").await;
    assert!(refunded.contains("5.00 EUR"), "{refunded}");
    mall.run_jobs_until_idle().await;
    assert_eq!(mall.letters_to(BUYER), 4);
    told_again(&mall, &shop).await;
    assert_eq!(mall.letters_to(BUYER), 4);
    shop.owner().patch("/store", "*", &json!({ "language": "de" })).await.expect(200);
    ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await;
    mall.letter_to(BUYER, "Ihre Bestellung 2 bei").await;
}

#[tokio::test]
async fn who_gets_nothing_is_told_what_is_short() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "Lamp", 1).await;
    let (short, late, off) = (
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 3)]).await,
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await,
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await,
    );
    pay(&shop, short).await.expect_problem(409, "order.out_of_stock");
    let letter = mall.letter_to(BUYER, "order 1 at").await;
    assert!(letter.contains("Total: 37.50 EUR"), "{letter}");
    let letter = mall.letter_to(BUYER, "not enough in stock").await;
    assert!(letter.contains("3 × Lamp") && letter.contains("(1 left)"), "{letter}");
    sql(&mall, &format!("UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = '{late}'")).await;
    visitor(&shop, Method::POST, &format!("/orders/{off}/cancel"), off).await.expect(200);
    mall.letter_to(BUYER, "order 3 at").await;
    mall.run_jobs_due_by(1).await;
    mall.letter_to(BUYER, "has expired").await;
    assert_eq!(mall.letters_to(BUYER), 6, "three were placed, one was short, one too late, one called off");
}

#[tokio::test]
async fn a_letter_holds_nothing_that_the_buyer_wrote_and_its_page_nothing_but_text() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "<b>Lamp</b>", 5).await;
    let cart = shop.request(Method::POST, "/store/v1/cart/items");
    let cart = Answer::of(cart.json(&json!({ "variant_id": lamp, "quantity": 1 }))).await.expect(200);
    let home = json!({ "name": "Win at evil.example", "line1": "evil.example", "city": "Evil", "country": "DE" });
    let body = json!({ "email": "victim@x.example", "shipping_address": home, "note": "See evil.example!" });
    let place = shop.request(Method::POST, "/store/v1/orders").header("Idempotency-Key", super::new_key());
    let place = place.header("Stoa-Cart", cart.text_at("/cart_token")).json(&body);
    let order = Answer::of(place).await.expect(201);
    let letter = mall.letter_to("victim@x.example", "Your order 1").await;
    assert!(letter.contains("1 × <b>Lamp</b>") && !letter.to_lowercase().contains("evil"), "{letter}");
    // The link leads to the order, and to no other.
    let token = mall.token_mailed_to("victim@x.example", "Your order 1").await;
    assert_eq!(token, order.text_at("/access_token"));
}

#[tokio::test]
async fn who_was_erased_is_written_to_no_more() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "Lamp", 5).await;
    let order = ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await;
    visitor(&shop, Method::POST, &format!("/orders/{order}/cancel"), order).await.expect(200);
    mall.run_jobs_until_idle().await;
    let before = mall.letters_to(BUYER);
    sql(&mall, "UPDATE orders SET email = 'erased@erased.invalid'; DELETE FROM event_deliveries").await;
    told_again(&mall, &shop).await;
    assert_eq!((mall.letters_to(BUYER), mall.letters_to("erased@erased.invalid")), (before, 0));
}

#[tokio::test]
async fn staff_that_keeps_the_shelves_hears_of_what_runs_low() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    shop.join("keeper", &["product_manager"]).await;
    shop.join("helper", &["support"]).await;
    let (lamp, tent) = (stocked(&shop, "Lamp", 12).await, stocked(&shop, "Tent", 50).await);
    for variant in [&lamp, &tent] {
        let order = ordered(&mall, &shop, By::Visitor, &[(variant, 3)]).await;
        pay(&shop, order).await.expect(201);
    }
    mall.run_jobs_until_idle().await;
    let address = |who: &str| format!("{who}@{}.example", shop.slug);
    let before = mall.letters_to(&address("helper"));
    mall.run_jobs_due_by(1).await;
    let letter = mall.letter_to(&address("keeper"), "Little is left").await;
    assert!(letter.contains("9 × Lamp") && !letter.contains("Tent"), "{letter}");
    mall.letter_to(&address("owner"), "Little is left").await;
    assert_eq!(mall.letters_to(&address("helper")), before, "who may not adjust stock is not asked to");
}
