//! Money on its way back: never more than came.

use futures_util::future::join_all;
use kit::{Fault, How, Operation, What};
use reqwest::Method;
use serde_json::{Value, json};
use tests::Answer;

use super::{Bank, Bought, LAMP, buys, words};
use crate::orders::{differences, new_key, sql, staff};

async fn paid<'mall>(bank: &Bank, shop: &'mall tests::Shop<'mall>, lamp: &str, gateway: &str) -> Bought<'mall> {
    let bought = buys(shop, lamp, 1, gateway, None).await;
    let query = match gateway {
        "fake" => {
            bank.providers.fake.pay(&bought.reference).unwrap();
            format!("reference={}", bought.reference)
        }
        _ => {
            bank.providers.zarinpal.pay(&bought.reference).unwrap();
            format!("Authority={}&Status=OK", bought.reference)
        }
    };
    assert_eq!(bought.returns(&query).await, "captured");
    bought
}

fn of(amount: i64) -> Value {
    json!({ "amount": { "amount": amount, "currency": "IRR" } })
}

impl Bank {
    /// What the fake provider gave back of a payment.
    fn given(&self, bought: &Bought<'_>) -> i64 {
        let entries = self.providers.fake.log();
        let of = entries.iter().filter(|it| it.what == What::Refunded && it.reference == bought.reference);
        of.map(|it| i64::try_from(it.amount).unwrap()).sum()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_at_once_never_give_back_more_than_came() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = paid(&bank, &shop, &lamp, "fake").await;
    let path = format!("/payments/{}/refunds", bought.payment);
    staff(&shop, &path, Some(of(LAMP + 1))).await.expect_problem(409, "payment.refund_too_large");
    let most = LAMP / 2 + 1;
    let answers = join_all((0..8).map(|_| staff(&shop, &path, Some(of(most))))).await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(done.len(), 1, "{refused:?}");
    for answer in refused {
        let code = answer.json["code"].as_str().unwrap();
        assert!(["payment.refund_too_large", "payment.under_way"].contains(&code), "{}", answer.text);
    }
    assert_eq!(bank.given(&bought), most);
    staff(&shop, &path, Some(of(most))).await.expect_problem(409, "payment.refund_too_large");
    let all = staff(&shop, &format!("/orders/{}/refunds", bought.order), Some(json!({}))).await.expect(201);
    assert_eq!((&all.json["payment_status"], bank.given(&bought)), (&json!("refunded"), LAMP), "{}", all.text);
    assert_eq!(differences(&bank.mall, &shop).await, []);

    let over = format!("UPDATE payments SET refunded_minor = captured_minor + 1 WHERE id = '{}'", bought.payment);
    let mut admin = tests::admin_connection(&bank.mall.database.admin_url).await;
    let err = sqlx::raw_sql(&over).execute(&mut admin).await.unwrap_err();
    assert!(err.to_string().contains("payments_no_more_refunded_than_captured"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_is_asked_for_twice_with_a_key_is_given_once() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = paid(&bank, &shop, &lamp, "fake").await;
    let owner = shop.owner();
    let refund = async |amount| {
        let request = owner.request(Method::POST, &format!("/payments/{}/refunds", bought.payment));
        Answer::of(request.header("Idempotency-Key", "refund-1").json(&of(amount))).await
    };
    let first = refund(30_000).await.expect(201);
    assert_eq!(refund(30_000).await.expect(201).text, first.text);
    refund(40_000).await.expect_problem(422, "request.key_reused");
    assert_eq!(bank.given(&bought), 30_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_whose_answer_is_lost_is_looked_for_and_given_once() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = paid(&bank, &shop, &lamp, "fake").await;
    let path = format!("/payments/{}/refunds", bought.payment);
    // It is done, and nobody says so; then it is not done, and nobody says so.
    for (amount, how) in [(30_000, How::LoseAnswer), (40_000, How::Status(502))] {
        let before = bank.given(&bought);
        bank.providers.fake.misbehave(Fault { on: Operation::Refund, how, times: 1, amount: None, merchant: None });
        let asked = staff(&shop, &path, Some(of(amount))).await.expect(201);
        assert_eq!(asked.json["refunds"].as_array().unwrap().last().unwrap()["status"], "indeterminate");
        staff(&shop, &path, Some(of(20_000))).await.expect_problem(409, "payment.under_way");
        bank.mall.run_jobs_due_by(1).await;
        assert_eq!(bank.given(&bought), before + amount);
        let history = shop.owner().get(&format!("/payments/{}", bought.payment)).await.expect(200);
        assert_eq!(history.json["payment"]["refunded"]["amount"], before + amount, "{}", history.text);
    }
    assert_eq!(bought.order().await, words("open", "partially_refunded"));
    assert_eq!(differences(&bank.mall, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_gateway_does_not_give_back_is_due_and_can_be_tried_again() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = paid(&bank, &shop, &lamp, "zarinpal").await;
    // Below what Zarinpal gives back.
    let path = format!("/payments/{}/refunds", bought.payment);
    let tried = staff(&shop, &path, Some(of(19_999))).await.expect(201);
    assert_eq!(tried.json["refunds"][0]["status"], "failed", "{}", tried.text);
    assert_eq!(bought.order().await, words("open", "paid"));
    let mut settings = bank.zarinpal();
    settings["access_token"] = json!(null);
    bank.sets(&shop, "zarinpal", settings).await;
    staff(&shop, &format!("/orders/{}/cancel", bought.order), None).await.expect(200);
    bank.mall.run_jobs_due_by(0).await;
    assert_eq!(bought.order().await, words("cancelled", "refund_due"));
    bank.mall.letter_to("vera@x.example", "are yours").await;
    let due: Vec<_> = differences(&bank.mall, &shop).await.into_iter().map(|it| it.rule).collect();
    assert_eq!(due, ["payments.a_refund_is_due"]);
    bank.sets(&shop, "zarinpal", bank.zarinpal()).await;
    staff(&shop, &path, Some(json!({}))).await.expect(201);
    assert_eq!(bought.order().await, words("cancelled", "refunded"));
    bank.agrees(&bought).await;
    let again = format!("/payments/{}/refunds", new_key());
    staff(&shop, &again, Some(json!({}))).await.expect_problem(404, "payment.no_payment");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_whose_verification_was_lost_can_be_given_back() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 1, "zarinpal", None).await;
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    bank.zarinpal_misbehaves(Operation::Verify, How::LoseAnswer);
    assert_eq!(bought.returns_ok().await, "indeterminate");
    bank.mall.run_jobs_due_by(1).await;
    assert_eq!(bought.order().await, words("open", "paid"));
    let all = staff(&shop, &format!("/orders/{}/refunds", bought.order), Some(json!({}))).await.expect(201);
    assert_eq!(all.json["payment_status"], "refunded", "{}", all.text);
    bank.agrees(&bought).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_could_not_be_asked_for_is_asked_for_later() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = paid(&bank, &shop, &lamp, "zarinpal").await;
    // Its settings can't be read for a while, and its provider counts no refunds.
    let away =
        "SET session_replication_role = replica; UPDATE store_gateways SET gateway = 'away' WHERE gateway = 'zarinpal'";
    sql(&bank.mall, away).await;
    staff(&shop, &format!("/payments/{}/refunds", bought.payment), Some(of(30_000))).await;
    bank.mall.run_jobs_due_by(1).await;
    let there =
        "SET session_replication_role = replica; UPDATE store_gateways SET gateway = 'zarinpal' WHERE gateway = 'away'";
    sql(&bank.mall, there).await;
    bank.mall.run_jobs_due_by(1).await;
    assert_eq!(
        (bank.settled(&bought.reference), bought.order().await),
        (LAMP - 30_000, words("open", "partially_refunded"))
    );
    bank.agrees(&bought).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_which_nobody_says_what_became_is_told_to_staff_who_settles_it() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = paid(&bank, &shop, &lamp, "zarinpal").await;
    bank.zarinpal_misbehaves(Operation::Refund, How::LoseAnswer);
    let path = format!("/payments/{}/refunds", bought.payment);
    let asked = staff(&shop, &path, Some(of(30_000))).await.expect(201);
    let id = asked.text_at("/refunds/0/id");
    assert_eq!(asked.json["refunds"][0]["status"], "indeterminate");
    bank.mall.run_jobs_due_by(1).await;
    assert_eq!(differences(&bank.mall, &shop).await, []);
    sql(&bank.mall, "UPDATE refunds SET created_at = created_at - interval '25 hours'").await;
    bank.mall.run_jobs_due_by(1).await;
    bank.mall.run_jobs_due_by(1).await;
    let held = async || {
        let listed = shop.owner().get("/events?limit=100").await.expect(200);
        listed.json["items"].as_array().unwrap().iter().filter(|it| it["type"] == "payment.held").count()
    };
    assert_eq!(held().await, 1);
    let named: Vec<_> = differences(&bank.mall, &shop).await.into_iter().map(|it| it.rule).collect();
    assert_eq!(named, ["payments.no_refund_is_under_way_for_long"]);
    bank.mall.letter_to(&format!("owner@{}.example", shop.slug), "Payments wait").await;

    // The provider's own pages say that it was given.
    let settle = |id: &str| format!("/payments/{}/refunds/{id}/settle", bought.payment);
    let says = |status: &str| Some(json!({ "status": status }));
    staff(&shop, &settle(&new_key()), says("succeeded")).await.expect_problem(404, "payment.no_refund");
    staff(&shop, &settle(&id), says("pending")).await.expect(422);
    let settled = settle(&id);
    let answers = join_all((0..4).map(|_| staff(&shop, &settled, says("succeeded")))).await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(done.len(), 1, "{refused:?}");
    for answer in refused {
        answer.expect_problem(409, "payment.refund_is_settled");
    }
    assert_eq!(bought.order().await, words("open", "partially_refunded"));
    // And another can begin.
    bank.agrees(&bought).await;
    staff(&shop, &path, Some(of(19_999))).await.expect(201);
}
