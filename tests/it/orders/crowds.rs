//! Many buyers at once.

use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::Method;
use tests::Mall;

use super::{By, app, differences, level, ordered_in, pay, stocked, store, visitor};

/// A tenth of what a release is tried with.
const CROWD: usize = 1_000;
const UNITS: i64 = 10;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sold_that_is_not_there_however_many_want_it() {
    let mall = Mall::open_with(|config| config.patience = Duration::from_secs(60)).await;
    let second = Mall::over(mall.database.clone(), &tests::config(&mall.database)).await;
    let shop = mall.open_store().await;
    let there = second.shop_like(&shop);
    let lamp = stocked(&shop, "Lamp", UNITS).await;
    let db = app(&mall);
    let one = async |number: usize| {
        let order = ordered_in(&db, store(&shop), By::Visitor, &[(&lamp, 1)]).await;
        pay(if number.is_multiple_of(2) { &shop } else { &there }, order).await
    };
    let answers: Vec<_> = futures_util::stream::iter((0..CROWD).map(one)).buffer_unordered(20).collect().await;
    let paid = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(i64::try_from(paid).unwrap(), UNITS);
    for refused in answers.into_iter().filter(|answer| answer.status != 201) {
        let refused = refused.expect_problem(409, "order.out_of_stock");
        assert_eq!(
            (&refused.json["shortages"][0]["available"], &refused.json["shortages"][0]["variant_id"]),
            (&0.into(), &lamp.as_str().into())
        );
    }
    assert_eq!(level(&shop, &lamp).await, (0, 0));
    mall.run_jobs_until_idle().await;
    assert_eq!(differences(&mall, &shop).await, []);
    assert_eq!(shop.visit("/products/lamp").await.expect(200).json["in_stock"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_many_lines_never_wait_for_one_another_in_a_circle() {
    let mall = Mall::open_with(|config| config.patience = Duration::from_secs(60)).await;
    let shop = mall.open_store().await;
    let mut variants = Vec::new();
    for number in 0..12 {
        variants.push(stocked(&shop, &format!("Lamp {number}"), 60).await);
    }
    let db = app(&mall);
    let one = async |number: usize| {
        // Five of the twelve, beginning anywhere, in an order of their own.
        let mut lines: Vec<(&str, i64)> = (0..5).map(|i| (variants[(number * 7 + i * 5) % 12].as_str(), 1)).collect();
        if number % 2 == 1 {
            lines.reverse();
        }
        let order = ordered_in(&db, store(&shop), By::Visitor, &lines).await;
        if number % 5 == 4 {
            let path = format!("/orders/{order}/cancel");
            let (answer, cancelled) = tokio::join!(pay(&shop, order), visitor(&shop, Method::POST, &path, order));
            assert!([200, 409].contains(&cancelled.status.as_u16()), "{}", cancelled.text);
            return answer;
        }
        pay(&shop, order).await
    };
    let answers: Vec<_> = futures_util::stream::iter((0..400).map(one)).buffer_unordered(20).collect().await;
    for answer in &answers {
        assert!([201, 409].contains(&answer.status.as_u16()), "{}", answer.text);
    }
    mall.run_jobs_until_idle().await;
    assert_eq!(differences(&mall, &shop).await, []);
}
