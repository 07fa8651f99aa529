//! What staff asks for while gateways can't be asked, and what they are told then.

use kit::fake::Status;
use kit::{Fault, How, Operation, What};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Shop};

use super::{Bank, Bought, LAMP, buys, words};
use crate::orders::{differences, level, sql, staff};

impl Bank {
    /// Nothing that is sealed can be opened any more, so that no gateway can be asked.
    async fn loses_its_keys(&self) {
        sql(&self.mall, "UPDATE store_gateway_secrets SET sealed = set_byte(sealed, 0, 255 - get_byte(sealed, 0))")
            .await;
    }

    /// The fake provider is asked as before, and takes money later.
    async fn takes_later(&self, shop: &Shop<'_>) {
        self.sets_fake(shop, &self.providers.fake.url()).await;
    }

    async fn sets_fake(&self, shop: &Shop<'_>, url: &str) {
        let mut settings = self.fake(shop);
        (settings["take"], settings["url"]) = (json!("later"), json!(url));
        self.sets(shop, "fake", settings).await;
    }

    /// Somebody buys, and the money is promised.
    async fn is_promised<'mall>(&self, shop: &'mall Shop<'mall>, lamp: &str, quantity: i64) -> Bought<'mall> {
        let bought = buys(shop, lamp, quantity, "fake", None).await;
        self.providers.fake.pay(&bought.reference).unwrap();
        assert_eq!(bought.returns(&format!("reference={}", bought.reference)).await, "authorized");
        bought
    }

    fn fake_fails(&self, on: Operation, how: How) {
        self.providers.fake.misbehave(Fault { on, how, times: 1, amount: None, merchant: None });
    }

    /// What the fake provider gave back of a payment.
    fn fake_gave(&self, bought: &Bought<'_>) -> Vec<u64> {
        let entries = self.providers.fake.log().into_iter();
        let of = entries.filter(|it| it.what == What::Refunded && it.reference == bought.reference);
        of.map(|it| it.amount).collect()
    }
}

/// Staff asks for something under a key of its own choice.
async fn keyed(shop: &Shop<'_>, path: &str, key: &str, body: Option<Value>) -> Answer {
    let owner = shop.owner();
    let request = owner.request(Method::POST, path).header("Idempotency-Key", key);
    Answer::of(body.into_iter().fold(request, |request, body| request.json(&body))).await
}

fn some() -> Option<Value> {
    Some(json!({ "amount": { "amount": 30_000, "currency": "IRR" } }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_is_written_down_is_answered_so_and_given_once_whatever_goes_wrong_then() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 1, "fake", None).await;
    bank.providers.fake.pay(&bought.reference).unwrap();
    assert_eq!(bought.returns(&format!("reference={}", bought.reference)).await, "captured");
    let of_payment = format!("/payments/{}/refunds", bought.payment);
    for (path, times) in [(&of_payment, 1), (&format!("/orders/{}/refunds", bought.order), 2)] {
        bank.loses_its_keys().await;
        let first = keyed(&shop, path, "back-1", some()).await.expect(201);
        assert_eq!(keyed(&shop, path, "back-1", some()).await.expect(201).text, first.text);
        keyed(&shop, path, "back-2", some()).await.expect_problem(409, "payment.under_way");
        let history = shop.owner().get(&format!("/payments/{}", bought.payment)).await.expect(200);
        let refunds = history.json["refunds"].as_array().unwrap();
        assert_eq!((refunds.len(), &refunds[times - 1]["status"]), (times, &json!("pending")), "{}", history.text);
        bank.sets(&shop, "fake", bank.fake(&shop)).await;
        // As it is when whoever asked has been waited for.
        sql(&bank.mall, "UPDATE refunds SET asked_at = asked_at - interval '1 minute'").await;
        bank.mall.run_jobs_due_by(1).await;
        assert_eq!(bank.fake_gave(&bought), vec![30_000; times]);
        assert_eq!(keyed(&shop, path, "back-1", some()).await.expect(201).text, first.text);
    }
    assert_eq!(bought.order().await, words("open", "partially_refunded"));
    assert_eq!(differences(&bank.mall, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_gateway_is_still_to_do_is_no_refusal() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    bank.takes_later(&shop).await;
    let (kept, left) = (bank.is_promised(&shop, &lamp, 2).await, bank.is_promised(&shop, &lamp, 1).await);
    let (capture, void) = (format!("/payments/{}/capture", kept.payment), format!("/payments/{}/void", left.payment));

    // Nobody is there: nothing is left to be done, and the key may be used again.
    bank.sets_fake(&shop, "http://127.0.0.1:1").await;
    keyed(&shop, &capture, "take-1", None).await.expect_problem(503, "payment.gateway_away");
    keyed(&shop, &capture, "take-1", None).await.expect_problem(503, "payment.gateway_away");

    bank.loses_its_keys().await;
    let taken = keyed(&shop, &capture, "take-1", None).await.expect(200);
    assert_eq!(taken.json["payment"]["status"], "authorized");
    keyed(&shop, &capture, "take-2", None).await.expect_problem(409, "payment.under_way");
    let voided = keyed(&shop, &void, "void-1", None).await.expect(200);
    assert_eq!((&voided.json["payment"]["status"], left.order().await.0), (&json!("voided"), "cancelled".to_owned()));
    for (path, key, said) in [(&capture, "take-1", &taken), (&void, "void-1", &voided)] {
        assert_eq!(keyed(&shop, path, key, None).await.expect(200).text, said.text);
    }
    bank.takes_later(&shop).await;
    bank.mall.run_jobs_due_by(1).await;
    assert_eq!((kept.status().await, kept.order().await), ("captured".to_owned(), words("open", "paid")));
    let there = |bought: &Bought<'_>| bank.providers.fake.status(&bought.reference);
    assert_eq!((there(&kept), there(&left)), (Some(Status::Paid), Some(Status::Voided)));
    assert_eq!(level(&shop, &lamp).await, (3, 0));
    assert_eq!(differences(&bank.mall, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_repeats_what_a_gateway_is_being_asked_for_waits_for_the_last_word() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    bank.takes_later(&shop).await;
    let bought = bank.is_promised(&shop, &lamp, 1).await;
    let capture = format!("/payments/{}/capture", bought.payment);
    let refund = format!("/payments/{}/refunds", bought.payment);
    for (on, path, body, status) in
        [(Operation::Capture, &capture, None, 200), (Operation::Refund, &refund, some(), 201)]
    {
        let done = bank.providers.fake.log().len();
        bank.fake_fails(on, How::Delay(1_000));
        let again = async {
            while bank.providers.fake.log().len() == done {
                tokio::task::yield_now().await;
            }
            keyed(&shop, path, "key-1", body.clone()).await.expect_problem(409, "request.in_flight")
        };
        let (first, busy) = tokio::join!(keyed(&shop, path, "key-1", body.clone()), again);
        assert_eq!(busy.header("retry-after"), "1");
        assert_eq!(keyed(&shop, path, "key-1", body).await.expect(status).text, first.expect(status).text);
    }
    assert_eq!((bought.order().await, bank.fake_gave(&bought)), (words("open", "partially_refunded"), vec![30_000]));
    // Whoever asked was killed, and has been waited for: what was kept with the asking has to do.
    bank.fake_fails(Operation::Refund, How::LoseAnswer);
    let lost = keyed(&shop, &refund, "key-2", some()).await.expect(201);
    sql(&bank.mall, "UPDATE idempotency_keys SET waits_until = now() + interval '9 seconds' WHERE key = 'key-2'").await;
    keyed(&shop, &refund, "key-2", some()).await.expect_problem(409, "request.in_flight");
    sql(&bank.mall, "UPDATE idempotency_keys SET waits_until = now() WHERE key = 'key-2'").await;
    assert_eq!(keyed(&shop, &refund, "key-2", some()).await.expect(201).text, lost.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_switched_off_is_still_asked_for_what_is_to_be_done() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    bank.takes_later(&shop).await;
    let keys = async || shop.owner().get("/gateways/fake").await.expect(200).json["secrets"].clone();
    let (set, gone) =
        (json!({ "api_key": true, "webhook_secret": true }), json!({ "api_key": false, "webhook_secret": false }));

    // A promise that is to be let go.
    let left = bank.is_promised(&shop, &lamp, 1).await;
    bank.fake_fails(Operation::Reverse, How::Status(502));
    staff(&shop, &format!("/payments/{}/void", left.payment), None).await.expect(200);
    shop.owner().delete("/gateways/fake", "*").await.expect(204);
    assert_eq!(keys().await, set);
    for _ in 0..3 {
        bank.mall.run_jobs_due_by(1).await;
    }
    assert_eq!(bank.providers.fake.status(&left.reference), Some(Status::Voided));

    // A buyer who may yet pay.
    bank.sets(&shop, "fake", bank.fake(&shop)).await;
    let late = buys(&shop, &lamp, 1, "fake", None).await;
    bank.expires(&late).await;
    shop.owner().delete("/gateways/fake", "*").await.expect(204);
    assert_eq!(keys().await, set);
    bank.providers.fake.pay(&late.reference).unwrap();
    assert_eq!(late.returns(&format!("reference={}", late.reference)).await, "captured");
    assert_eq!(late.order().await, words("open", "paid"));

    // Nothing is needed any more.
    staff(&shop, &format!("/payments/{}/refunds", late.payment), Some(json!({}))).await.expect(201);
    bank.sets(&shop, "fake", bank.fake(&shop)).await;
    shop.owner().delete("/gateways/fake", "*").await.expect(204);
    assert_eq!(keys().await, gone);
    assert_eq!(differences(&bank.mall, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_left_is_paid_for_although_its_order_was_removed() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    bank.takes_later(&shop).await;
    let bought = bank.is_promised(&shop, &lamp, 3).await;
    let one = json!({ "lines": [{ "variant_id": lamp, "quantity": 1 }] });
    staff(&shop, &format!("/orders/{}/fulfilments", bought.order), Some(one)).await.expect(200);
    shop.owner().delete(&format!("/orders/{}", bought.order), "*").await.expect(204);
    assert_eq!(level(&shop, &lamp).await, (4, 0));
    let taken = staff(&shop, &format!("/payments/{}/capture", bought.payment), None).await.expect(200);
    assert_eq!(taken.json["payment"]["status"], "captured", "{}", taken.text);
    bank.mall.run_jobs_due_by(1).await;
    assert_eq!(bank.fake_gave(&bought), [0; 0]);
    assert_eq!(bank.providers.fake.status(&bought.reference), Some(Status::Paid));
    // For what has not left, money is given back by hand.
    let rest = json!({ "amount": { "amount": 2 * LAMP, "currency": "IRR" } });
    let given = staff(&shop, &format!("/payments/{}/refunds", bought.payment), Some(rest)).await.expect(201);
    assert_eq!(given.json["payment"]["status"], "partially_refunded", "{}", given.text);
    assert_eq!(differences(&bank.mall, &shop).await, []);
}
