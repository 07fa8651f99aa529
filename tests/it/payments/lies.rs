//! Browsers that say what is not so, too early, too often, or about something else.

use futures_util::future::join_all;
use kit::What;
use reqwest::Method;
use serde_json::json;
use tests::Answer;

use super::{Bank, LAMP, buys, words};
use crate::orders::{level, new_key, sql};

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_without_having_paid_has_not_paid() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 1, "zarinpal", None).await;
    for query in ["", "Status=OK", &format!("Authority={}&Status=OK", bought.reference), "Authority=S1&Status=OK"] {
        assert_eq!(bought.returns(query).await, "pending", "{query}");
    }
    assert_eq!(bought.order().await, words("open", "pending"));
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    assert_eq!(bought.returns_ok().await, "captured");
    // What is settled stays, whatever a browser says later.
    assert_eq!(bought.returns(&format!("Authority={}&Status=NOK", bought.reference)).await, "captured");
    bank.agrees(&bought).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_payment_is_paid_with_pays_nothing_here() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let (cheap, dear) = (buys(&shop, &lamp, 1, "zarinpal", None).await, buys(&shop, &lamp, 3, "zarinpal", None).await);
    bank.providers.zarinpal.pay(&cheap.reference).unwrap();
    assert_eq!(dear.returns(&format!("Authority={}&Status=OK", cheap.reference)).await, "pending");
    assert_eq!(dear.order().await, words("open", "pending"));
    assert_eq!(cheap.returns_ok().await, "captured");
    assert_eq!(dear.returns(&format!("Authority={}&Status=OK", cheap.reference)).await, "pending");
    // The gateway's name for a payment is bound to it.
    let take = format!("UPDATE payments SET reference = '{}' WHERE id = '{}'", cheap.reference, dear.payment);
    let mut admin = tests::admin_connection(&bank.mall.database.admin_url).await;
    let err = sqlx::raw_sql(&take).execute(&mut admin).await.unwrap_err();
    assert!(err.to_string().contains("payments_reference_once"), "{err}");
    bank.agrees(&cheap).await;
    bank.agrees(&dear).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn however_often_a_browser_comes_back_the_money_counts_once() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 2, "zarinpal", None).await;
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    join_all((0..12).map(|_| bought.returns_ok())).await;
    assert_eq!((bought.status().await, bought.order().await), ("captured".to_owned(), words("open", "paid")));
    assert_eq!(level(&shop, &lamp).await, (3, 0));
    let history = bank.agrees(&bought).await;
    let captured = history["events"].as_array().unwrap().iter().filter(|it| it["kind"] == "captured").count();
    assert_eq!(captured, 1, "{history}");
    assert_eq!(bank.providers.zarinpal.log().iter().filter(|it| it.what == What::Verified).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_that_is_not_the_orders_pays_nothing() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let (bought, other) = (buys(&shop, &lamp, 1, "zarinpal", None).await, buys(&shop, &lamp, 1, "fake", None).await);
    sql(&bank.mall, &format!("UPDATE payments SET amount_minor = {}", LAMP - 1)).await;
    bank.providers.zarinpal.pay(&bought.reference).unwrap();
    let changed = format!("Authority={}&Status=OK&Amount={}", bought.reference, LAMP - 1);
    assert_eq!(bought.returns(&changed).await, "pending");
    bank.providers.fake.pay(&other.reference).unwrap();
    assert_eq!(other.returns(&format!("reference={}", other.reference)).await, "indeterminate");
    for bought in [&bought, &other] {
        assert_eq!(bought.order().await, words("open", "pending"));
        let history = shop.owner().get(&format!("/payments/{}", bought.payment)).await.expect(200);
        assert_eq!(history.json["payment"]["captured"]["amount"], 0);
    }
    let events = shop.owner().get("/events?limit=100").await.expect(200);
    let held = events.json["items"].as_array().unwrap().iter().filter(|it| it["type"] == "payment.held");
    assert_eq!(held.count(), 1, "{}", events.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_leads_to_the_store_whatever_it_carries() {
    let bank = Bank::open().await;
    let (shop, lamp) = bank.shop(5).await;
    let bought = buys(&shop, &lamp, 1, "zarinpal", None).await;
    let path = format!("/store/v1/payments/{}/return", bought.payment);
    let hostile = ["?status=captured&order=1", "?a=%00&b=%ff&Status=OK", "?Status=OK&Status=NOK&Authority[]=1"];
    for query in hostile.map(str::to_owned).into_iter().chain([format!("?x={}", "y".repeat(6_000))]) {
        let back = Answer::of(shop.request(Method::GET, &format!("{path}{query}"))).await.expect(303);
        let to = back.header("location");
        assert!(to.starts_with(&format!("http://{}.localhost", shop.slug)) && !to.contains("captured"), "{to}");
        assert_eq!(back.header("referrer-policy"), "no-referrer");
    }
    let posted = shop.request(Method::POST, &path).body(vec![0xff; 1_000]);
    Answer::of(posted).await.expect(303);
    let large = shop.request(Method::POST, &path).body(vec![b'a'; 70_000]);
    Answer::of(large).await.expect(413);
    let nowhere = format!("/store/v1/payments/{}/return", new_key());
    Answer::of(shop.request(Method::POST, &nowhere).json(&json!({}))).await.expect_problem(404, "payment.no_payment");
    assert_eq!(bought.status().await, "pending");
}
