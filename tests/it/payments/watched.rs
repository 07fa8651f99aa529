//! What nobody lets out of sight: whatever was lost, killed, refused or late, somebody goes on asking, once, or tells staff.

use kit::fake::Status;
use kit::{Fault, How, Operation};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Shop};

use super::{Bank, Bought, buys, words};
use crate::orders::{adjust, differences, sql, staff};

impl Bank {
    /// All was so many hours ago.
    async fn passes(&self, hours: i64) {
        let ago = |table: &str| {
            format!(
                "UPDATE {table} SET created_at = created_at - interval '{hours} hours', \
                 updated_at = updated_at - interval '{hours} hours';"
            )
        };
        let orders = format!("UPDATE orders SET expires_at = expires_at - interval '{hours} hours';");
        sql(&self.mall, &format!("{}{}{orders}", ago("payments"), ago("refunds"))).await;
    }

    /// Every job that waits runs, and those that come of that, so many times.
    async fn works(&self, times: u32) {
        for _ in 0..times {
            self.mall.run_jobs_due_by(1).await;
        }
    }

    /// What waits is swept up.
    async fn sweeps(&self) {
        let job = "INSERT INTO platform.jobs (id, metadata, state, scheduled_at, created_at, updated_at) VALUES \
                   (gen_random_uuid(), '{\"type\": \"Job\", \"tenant_id\": null, \"kind\": \"platform.sweep_payments\", \
                     \"payload\": {}}', 'waiting', now(), now(), now())";
        sql(&self.mall, job).await;
        self.works(2).await;
    }

    /// How many looks at payments wait.
    async fn looks(&self) -> i64 {
        let mut admin = tests::admin_connection(&self.mall.database.admin_url).await;
        let sql = "SELECT count(*) FROM platform.jobs WHERE kind = 'payment.watch'";
        sqlx::query_scalar(sql).fetch_one(&mut admin).await.unwrap()
    }

    fn fake_misbehaves(&self, on: Operation, how: How, times: u32) {
        self.providers.fake.misbehave(Fault { on, how, times, amount: None, merchant: None });
    }

    fn zarinpal_fails(&self, on: Operation, how: How, times: u32) {
        self.providers.zarinpal.misbehave(Fault { on, how, times, amount: None, merchant: None });
    }

    /// Zarinpal is well again.
    async fn recovers(&self) {
        let faults = format!("{}/sandbox/faults", self.providers.zarinpal.url());
        reqwest::Client::new().delete(faults).send().await.unwrap().error_for_status().unwrap();
    }

    /// A payment that the fake provider has promised, and not taken.
    async fn promised<'mall>(&self, shop: &'mall Shop<'mall>, lamp: &str) -> Bought<'mall> {
        let mut settings = self.fake(shop);
        settings["take"] = json!("later");
        self.sets(shop, "fake", settings).await;
        let bought = buys(shop, lamp, 1, "fake", None).await;
        self.providers.fake.pay(&bought.reference).unwrap();
        assert_eq!(bought.returns(&format!("reference={}", bought.reference)).await, "authorized");
        bought
    }
}

impl Bought<'_> {
    async fn history(&self) -> Value {
        self.shop.owner().get(&format!("/payments/{}", self.payment)).await.expect(200).json
    }

    /// How often this happened to the payment.
    async fn count(&self, kind: &str) -> usize {
        self.history().await["events"].as_array().unwrap().iter().filter(|it| it["kind"] == kind).count()
    }
}

/// How many events of a kind the store has.
async fn events(shop: &Shop<'_>, kind: &str) -> usize {
    let listed = shop.owner().get("/events?limit=100").await.expect(200);
    listed.json["items"].as_array().unwrap().iter().filter(|it| it["type"] == kind).count()
}

async fn rules(bank: &Bank, shop: &Shop<'_>) -> Vec<&'static str> {
    differences(&bank.mall, shop).await.into_iter().map(|it| it.rule).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_long_after_the_payment_began_is_asked_for_until_it_is_known() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = bank.promised(&shop, &lamp).await;
    bank.passes(72).await;
    bank.fake_misbehaves(Operation::Capture, How::LoseAnswer, 1);
    bank.fake_misbehaves(Operation::Inquiry, How::Status(503), 4);
    let path = format!("/payments/{}/capture", bought.payment);
    assert_eq!(staff(&shop, &path, None).await.expect(200).json["payment"]["status"], "authorized");
    bank.works(6).await;
    assert_eq!((bought.status().await, bought.order().await), ("captured".to_owned(), words("open", "paid")));
    assert_eq!(differences(&bank.mall, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_is_let_go_however_long_its_gateway_was_away() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = bank.promised(&shop, &lamp).await;
    bank.passes(72).await;
    bank.fake_misbehaves(Operation::Reverse, How::Status(503), 3);
    bank.fake_misbehaves(Operation::Inquiry, How::Status(503), 3);
    staff(&shop, &format!("/orders/{}/cancel", bought.order), None).await.expect(200);
    bank.works(12).await;
    assert_eq!(bank.providers.fake.status(&bought.reference), Some(Status::Voided));
    assert_eq!(bought.status().await, "voided");
    bank.works(2).await;
    assert_eq!(bank.looks().await, 0, "what is known is not asked for");
    assert_eq!(differences(&bank.mall, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_looked_at_by_few_however_often_its_answer_is_lost_and_its_buyer_comes_back() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 1, "zarinpal", None).await;
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    bank.zarinpal_fails(Operation::Verify, How::Status(502), 1_000);
    for _ in 0..6 {
        assert_eq!(bought.returns_ok().await, "indeterminate");
        bank.works(1).await;
    }
    let looks = bank.looks().await;
    assert!(looks <= 2, "{looks} looks wait");
    bank.recovers().await;
    bank.works(1).await;
    assert_eq!((bought.status().await, bought.order().await), ("captured".to_owned(), words("open", "paid")));
    bank.agrees(&bought).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_that_its_gateway_does_not_let_go_is_staffs() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 2, "zarinpal", None).await;
    bank.passes(1).await;
    bank.works(1).await;
    assert_eq!(bought.status().await, "cancelled");
    adjust(&shop, &lamp, 1).await;
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    // This server's address is not registered there.
    bank.zarinpal_fails(Operation::Reverse, How::Code(-62), 1_000);
    assert_eq!(bought.returns_ok().await, "cancelled");
    bank.works(6).await;
    assert_eq!((bought.count("void_asked").await, bought.count("not_voided").await), (1, 1));
    assert_eq!((events(&shop, "payment.held").await, events(&shop, "order.refunded").await), (1, 0));
    assert_eq!(rules(&bank, &shop).await, ["payments.one_is_held"]);
    assert!(bank.looks().await <= 2);
    // Staff lets it go there by hand: nobody has to look any more, and the buyer is told.
    bank.recovers().await;
    let reverse = format!("{}/pg/v4/payment/reverse.json", bank.providers.zarinpal.url());
    let body = json!({ "merchant_id": bank.zarinpal()["merchant_id"], "authority": bought.reference });
    reqwest::Client::new().post(reverse).json(&body).send().await.unwrap();
    bank.works(1).await;
    assert_eq!((bought.status().await, events(&shop, "order.refunded").await), ("voided".to_owned(), 1));
    bank.agrees(&bought).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_let_go_once_is_not_let_go_again() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 2, "zarinpal", None).await;
    bank.passes(1).await;
    bank.works(1).await;
    adjust(&shop, &lamp, 1).await;
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    assert_eq!(bought.returns_ok().await, "cancelled");
    bank.works(1).await;
    assert_eq!((bought.status().await, bought.order().await), ("voided".to_owned(), words("expired", "unpaid")));
    assert_eq!(bought.returns_ok().await, "voided");
    bank.works(3).await;
    assert_eq!((bought.count("void_asked").await, events(&shop, "order.refunded").await), (1, 1));
    assert_eq!(bank.looks().await, 0);
    bank.agrees(&bought).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_was_taken_before_its_promise_was_to_be_let_go_is_given_back() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = bank.promised(&shop, &lamp).await;
    // Somebody takes it at the provider's own pages.
    let take = format!("{}/v1/payments/{}/capture", bank.providers.fake.url(), bought.reference);
    let key = bank.fake(&shop)["api_key"].as_str().unwrap().to_owned();
    let taken = reqwest::Client::new().post(take).bearer_auth(key).json(&json!({ "amount": super::LAMP }));
    taken.send().await.unwrap().error_for_status().unwrap();
    let voided = staff(&shop, &format!("/payments/{}/void", bought.payment), None).await.expect(200);
    assert_eq!(voided.json["payment"]["status"], "voided");
    bank.works(3).await;
    assert_eq!(bank.providers.fake.status(&bought.reference), Some(Status::Refunded));
    assert_eq!((bought.status().await, bought.order().await), ("refunded".to_owned(), words("cancelled", "refunded")));
    assert_eq!(differences(&bank.mall, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_of_before_says_nothing_of_a_capture_since() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = bank.promised(&shop, &lamp).await;
    let (headers, body) = bank.providers.fake.webhook(&bought.reference).unwrap();
    bank.fake_misbehaves(Operation::Capture, How::LoseAnswer, 1);
    let path = format!("/payments/{}/capture", bought.payment);
    assert_eq!(staff(&shop, &path, None).await.expect(200).json["payment"]["status"], "authorized");
    let request = shop.request(Method::POST, "/store/v1/gateways/fake/webhook");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
    Answer::of(request.body(body)).await.expect(204);
    assert_eq!(bought.count("not_done").await, 0);
    bank.works(1).await;
    assert_eq!((bought.status().await, bought.order().await), ("captured".to_owned(), words("open", "paid")));
    assert_eq!(differences(&bank.mall, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_whose_gateway_never_said_is_told_to_staff_and_settled_when_it_says() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 2, "zarinpal", None).await;
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    bank.zarinpal_fails(Operation::Verify, How::LoseAnswer, 1);
    bank.zarinpal_fails(Operation::Inquiry, How::Status(503), 1_000);
    assert_eq!(bought.returns_ok().await, "indeterminate");
    bank.works(1).await;
    assert_eq!((bought.order().await, events(&shop, "payment.held").await), (words("open", "pending"), 0));
    bank.passes(25).await;
    bank.works(1).await;
    assert_eq!((bought.status().await, bought.order().await), ("cancelled".to_owned(), words("expired", "unpaid")));
    assert_eq!((rules(&bank, &shop).await, events(&shop, "payment.held").await), (vec!["payments.one_is_held"], 1));
    // Long after, and asked by nobody else any more.
    bank.passes(72).await;
    sql(&bank.mall, "DELETE FROM platform.jobs WHERE kind = 'payment.watch'").await;
    bank.recovers().await;
    bank.sweeps().await;
    assert_eq!((bought.status().await, bought.order().await), ("captured".to_owned(), words("open", "paid")));
    assert_eq!(events(&shop, "payment.held").await, 1);
    bank.agrees(&bought).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_jobs_were_given_up_for_is_swept_up() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let paid = buys(&shop, &lamp, 1, "fake", None).await;
    let left = buys(&shop, &lamp, 1, "zarinpal", None).await;
    let back = buys(&shop, &lamp, 1, "fake", None).await;
    bank.providers.fake.pay(&back.reference).unwrap();
    assert_eq!(back.returns(&format!("reference={}", back.reference)).await, "captured");
    bank.fake_misbehaves(Operation::Refund, How::LoseAnswer, 1);
    let refunded = staff(&shop, &format!("/payments/{}/refunds", back.payment), Some(json!({}))).await.expect(201);
    assert_eq!(refunded.json["refunds"][0]["status"], "indeterminate");
    bank.providers.fake.pay(&paid.reference).unwrap();
    let given_up = "DELETE FROM platform.jobs WHERE kind IN ('payment.watch', 'payment.give_back', 'order.expire')";
    sql(&bank.mall, given_up).await;
    bank.passes(3).await;
    bank.sweeps().await;
    assert_eq!((paid.status().await, paid.order().await), ("captured".to_owned(), words("open", "paid")));
    assert_eq!((back.status().await, back.order().await), ("refunded".to_owned(), words("open", "refunded")));
    assert_eq!((left.status().await, left.order().await), ("cancelled".to_owned(), words("expired", "unpaid")));
    assert_eq!(differences(&bank.mall, &shop).await, []);
}
