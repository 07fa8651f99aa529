//! Buyers who come late or never, and answers that are lost.

use kit::{Fault, How, Operation};
use reqwest::Method;
use serde_json::json;
use tests::Answer;

use super::{Bank, Bought, buys, words};
use crate::orders::{adjust, level, sql};

impl Bank {
    /// The time of the order is over.
    pub(super) async fn expires(&self, bought: &Bought<'_>) {
        let over = format!("UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = '{}'", bought.order);
        sql(&self.mall, &over).await;
        self.mall.run_jobs_due_by(1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_late_without_having_paid_holds_nothing() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    for gateway in ["zarinpal", "fake"] {
        let bought = buys(&shop, &lamp, 2, gateway, None).await;
        bank.expires(&bought).await;
        for query in [format!("Authority={}&Status=OK", bought.reference), format!("reference={}", bought.reference)] {
            assert_eq!(bought.returns(&query).await, "cancelled", "{gateway}");
            assert_eq!(bought.order().await, words("expired", "unpaid"));
            assert_eq!(level(&shop, &lamp).await, (5, 0));
            bank.mall.run_jobs_until_idle().await;
        }
    }
    let events = shop.owner().get("/events?limit=100").await.expect(200);
    let expired = events.json["items"].as_array().unwrap().iter().filter(|it| it["type"] == "order.expired").count();
    assert_eq!(expired, 2, "{}", events.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_days_late_finds_nothing_held() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 2, "zarinpal", None).await;
    bank.expires(&bought).await;
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    sql(&bank.mall, "UPDATE payments SET created_at = created_at - interval '2 days'").await;
    assert_eq!((bought.returns_ok().await, bought.order().await), ("cancelled".to_owned(), words("expired", "unpaid")));
    assert_eq!(level(&shop, &lamp).await, (5, 0));
    bank.mall.run_jobs_until_idle().await;
    // It was never verified, and is let go.
    assert_eq!(bank.providers.zarinpal.status(&bought.reference), Some(kit::zarinpal::Status::Reversed));
    bank.agrees(&bought).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_late_gets_the_order_again_while_there_is_stock() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 2, "zarinpal", None).await;
    bank.expires(&bought).await;
    assert_eq!((bought.status().await, bought.order().await), ("cancelled".to_owned(), words("expired", "unpaid")));
    assert_eq!(level(&shop, &lamp).await, (5, 0));
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    assert_eq!(bought.returns_ok().await, "captured");
    assert_eq!(bought.order().await, words("open", "paid"));
    assert_eq!(level(&shop, &lamp).await, (3, 0));
    bank.agrees(&bought).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_late_to_empty_shelves_keeps_the_money() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 2, "zarinpal", None).await;
    bank.expires(&bought).await;
    adjust(&shop, &lamp, 1).await;
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    assert_eq!(bought.returns_ok().await, "cancelled");
    bank.mall.run_jobs_until_idle().await;
    // It was never verified, and is let go.
    assert_eq!(bank.providers.zarinpal.status(&bought.reference), Some(kit::zarinpal::Status::Reversed));
    assert_eq!(bought.order().await, words("expired", "unpaid"));
    assert_eq!(level(&shop, &lamp).await, (1, 0));
    bank.agrees(&bought).await;
    bank.mall.letter_to("vera@x.example", "given back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_was_taken_for_what_is_gone_is_given_back_and_the_buyer_is_told() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 2, "fake", None).await;
    bank.expires(&bought).await;
    adjust(&shop, &lamp, 0).await;
    bank.providers.fake.pay(&bought.reference).unwrap();
    bank.mall.run_jobs_due_by(1).await;
    assert_eq!(bank.providers.fake.status(&bought.reference), Some(kit::fake::Status::Refunded));
    assert_eq!((bought.status().await, bought.order().await), ("refunded".to_owned(), words("expired", "refunded")));
    assert_eq!(level(&shop, &lamp).await, (0, 0));
    assert_eq!(crate::orders::differences(&bank.mall, &shop).await, []);
    bank.mall.letter_to("vera@x.example", "given back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pays_and_never_comes_back_has_paid() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    for gateway in ["zarinpal", "fake"] {
        let bought = buys(&shop, &lamp, 1, gateway, None).await;
        match gateway {
            "fake" => drop(bank.providers.fake.pay(&bought.reference).unwrap()),
            _ => drop(bank.providers.zarinpal.pay(&bought.reference).unwrap()),
        }
        bank.mall.run_jobs_due_by(1).await;
        assert_eq!((bought.status().await, bought.order().await), ("captured".to_owned(), words("open", "paid")));
    }
    assert_eq!(level(&shop, &lamp).await, (3, 0));
    assert_eq!(crate::orders::differences(&bank.mall, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_is_asked_for_and_the_order_waits_for_it() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 2, "zarinpal", None).await;
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    bank.zarinpal_misbehaves(Operation::Verify, How::LoseAnswer);
    assert_eq!(bought.returns_ok().await, "indeterminate");
    assert_eq!(bought.order().await, words("open", "pending"));
    // Nobody can say for a while, and the order's time is over meanwhile.
    let away = |on| Fault { on, how: How::Status(503), times: 1, amount: None, merchant: None };
    bank.providers.zarinpal.misbehave(away(Operation::Inquiry));
    bank.providers.zarinpal.misbehave(away(Operation::Inquiry));
    bank.expires(&bought).await;
    assert_eq!((bought.status().await, bought.order().await), ("indeterminate".to_owned(), words("open", "pending")));
    assert_eq!(level(&shop, &lamp).await, (5, 2));
    bank.mall.run_jobs_due_by(1).await;
    assert_eq!((bought.status().await, bought.order().await), ("captured".to_owned(), words("open", "paid")));
    bank.agrees(&bought).await;
    assert_eq!(level(&shop, &lamp).await, (3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_whose_beginning_nobody_went_on_with_ends_and_the_order_does_not() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 2, "zarinpal", None).await;
    // As it is where the server is killed before it asked.
    sql(&bank.mall, "UPDATE payments SET status = 'created', reference = NULL, doing = 'create', busy_until = now()")
        .await;
    bank.mall.run_jobs_due_by(1).await;
    assert_eq!((bought.status().await, bought.order().await), ("failed".to_owned(), words("open", "unpaid")));
    assert_eq!(level(&shop, &lamp).await, (5, 0));
    assert_eq!(crate::orders::differences(&bank.mall, &shop).await, []);
    let timeline = Answer::of(bought.mine(Method::GET, &format!("/orders/{}", bought.order))).await.expect(200);
    assert!(timeline.json["timeline"].as_array().unwrap().iter().any(|it| it["kind"] == json!("payment_failed")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_back_is_not_taken_after_all() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 2, "zarinpal", None).await;
    bank.expires(&bought).await;
    adjust(&shop, &lamp, 0).await;
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    // Zarinpal lets it go, and the store does not hear of it for a while.
    bank.zarinpal_misbehaves(Operation::Reverse, How::LoseAnswer);
    assert_eq!(bought.returns_ok().await, "cancelled");
    bank.mall.run_jobs_until_idle().await;
    assert_eq!(bank.providers.zarinpal.status(&bought.reference), Some(kit::zarinpal::Status::Reversed));
    // There is stock again, and the buyer comes back.
    adjust(&shop, &lamp, 5).await;
    assert_eq!(bought.returns_ok().await, "cancelled");
    assert_eq!((bought.order().await, level(&shop, &lamp).await), (words("expired", "unpaid"), (5, 0)));
    bank.mall.run_jobs_due_by(1).await;
    bank.mall.letter_to("vera@x.example", "given back").await;
    bank.agrees(&bought).await;
}
