//! Uses of coupons, taken and given back by many at once.

use std::sync::Arc;
use std::time::Duration;

use domain::identity::Email;
use domain::promotions::{self, Buyer, CouponId, PromotionsError};
use futures_util::future::join_all;
use kernel::{Amount, Text as _};
use serde_json::{Value, json};
use tenants::{Database, DatabaseOptions, TenantDb, TenantId};
use tests::{Mall, Shop};
use uuid::Uuid;

struct Till {
    db: TenantDb,
    store: TenantId,
    coupon: CouponId,
}

impl Till {
    async fn new(mall: &Mall, shop: &Shop<'_>, terms: Value) -> Self {
        let coupon = shop.owner().post("/coupons", &terms).await.expect(201).text_at("/id").parse().unwrap();
        let connect = mall.database.urls.app.clone();
        let options = DatabaseOptions { connect, connections: 50, patience: Duration::from_secs(60) };
        Self {
            db: TenantDb::new(Database::new(options)),
            store: TenantId(shop.id.parse().unwrap()),
            coupon: CouponId(coupon),
        }
    }

    async fn take(&self, order: Uuid, buyer: &Buyer) -> Result<(), PromotionsError> {
        let mut tx = self.db.begin(self.store).await?;
        promotions::take_coupon(&mut tx, self.coupon, order, buyer, Amount::new(100).unwrap()).await?;
        Ok(tx.commit().await?)
    }

    async fn give_back(&self, order: Uuid) -> u64 {
        let mut tx = self.db.begin(self.store).await.unwrap();
        let given = promotions::give_back(&mut tx, order).await.unwrap();
        tx.commit().await.unwrap();
        given
    }

    /// What the coupon counts, and what its uses say.
    async fn counted(&self, shop: &Shop<'_>) -> (i64, usize) {
        let path = format!("/coupons/{}", self.coupon);
        let used = shop.owner().get(&path).await.expect(200).json["used"].as_i64().unwrap();
        let uses = shop.owner().get(&format!("{path}/uses?limit=100")).await.expect(200);
        let live = uses.json["items"].as_array().unwrap().iter().filter(|one| one["given_back_at"].is_null()).count();
        (used, live)
    }
}

fn buyer(number: usize) -> Buyer {
    let email = Email::parse(&format!("buyer{number}@x.example")).unwrap();
    Buyer { email, customer: None, has_ordered: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_five_hundred_who_take_the_last_use_at_once_one_does() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let till =
        Arc::new(Till::new(&mall, &shop, json!({ "code": "LAST", "kind": "free_shipping", "total_limit": 3 })).await);
    for number in 0..2 {
        till.take(Uuid::now_v7(), &buyer(number)).await.unwrap();
    }
    let tries = (0..500).map(|number| {
        let till = Arc::clone(&till);
        tokio::spawn(async move { till.take(Uuid::now_v7(), &buyer(1_000 + number)).await })
    });
    let (mut taken, mut refused) = (0, 0);
    for done in join_all(tries).await {
        match done.unwrap() {
            Ok(()) => taken += 1,
            Err(PromotionsError::UsedUp) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((taken, refused), (1, 499));
    assert_eq!(till.counted(&shop).await, (3, 3));
    let path = format!("/coupons/{}", till.coupon);
    let lower = shop.owner().patch(&path, "*", &json!({ "total_limit": 2 })).await;
    lower.expect_problem(409, "promotions.limit_below_uses").blames("/total_limit");
    shop.owner().delete(&path, "*").await.expect_problem(409, "promotions.coupon_in_use");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_buyer_at_many_tills_has_as_many_uses_as_one_buyer_can() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let terms = json!({ "code": "TWICE", "kind": "free_shipping", "per_customer_limit": 2 });
    let till = Till::new(&mall, &shop, terms).await;
    let same = buyer(7);
    let done = join_all((0..50).map(|_| till.take(Uuid::now_v7(), &same))).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 2);
    assert!(done.iter().filter_map(|done| done.as_ref().err()).all(|err| matches!(err, PromotionsError::UsedByBuyer)));
    till.take(Uuid::now_v7(), &buyer(8)).await.unwrap();
    assert_eq!(till.counted(&shop).await, (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_is_taken_once_and_given_back_once_whatever_is_retried() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let till = Till::new(&mall, &shop, json!({ "code": "ONCE", "kind": "free_shipping", "total_limit": 1 })).await;
    let (order, sam) = (Uuid::now_v7(), buyer(1));
    for round in 0..10 {
        let taken = join_all((0..20).map(|_| till.take(order, &sam))).await;
        assert!(taken.iter().all(Result::is_ok), "round {round}: {taken:?}");
        assert_eq!(till.counted(&shop).await, (1, 1));
        assert!(matches!(till.take(Uuid::now_v7(), &buyer(2)).await, Err(PromotionsError::UsedUp)));
        let given: u64 = join_all((0..20).map(|_| till.give_back(order))).await.into_iter().sum();
        assert_eq!((given, till.counted(&shop).await), (1, (0, 0)));
    }
    // Both at once, over and over: in the end the count is what the uses say.
    let storm = (0..200).map(|number| {
        let (till, sam) = (&till, &sam);
        async move {
            match number % 2 {
                0 => drop(till.take(order, sam).await),
                _ => drop(till.give_back(order).await),
            }
        }
    });
    join_all(storm).await;
    let (used, live) = till.counted(&shop).await;
    assert_eq!(usize::try_from(used).unwrap(), live);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_order_is_one_whatever_happens_at_the_same_moment() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let till =
        Till::new(&mall, &shop, json!({ "code": "HELLO", "kind": "free_shipping", "first_order_only": true })).await;
    let two =
        Till::new(&mall, &shop, json!({ "code": "WELCOME", "kind": "free_shipping", "first_order_only": true })).await;
    let known = Buyer { has_ordered: true, ..buyer(1) };
    assert!(matches!(till.take(Uuid::now_v7(), &known).await, Err(PromotionsError::FirstOrderOnly)));
    for number in 10..20 {
        let new = buyer(number);
        let (one, other) = tokio::join!(till.take(Uuid::now_v7(), &new), two.take(Uuid::now_v7(), &new));
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    }
    assert_eq!(till.counted(&shop).await.0 + two.counted(&shop).await.0, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_out_of_its_time_and_one_of_another_store_are_refused() {
    let mall = Mall::open().await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let over = json!({ "code": "OVER", "kind": "free_shipping", "ends_at": "2020-01-01T00:00:00Z" });
    let over = Till::new(&mall, &shop, over).await;
    assert!(matches!(over.take(Uuid::now_v7(), &buyer(1)).await, Err(PromotionsError::Over)));
    let later = json!({ "code": "LATER", "kind": "free_shipping", "starts_at": "2999-01-01T00:00:00Z" });
    let later = Till::new(&mall, &shop, later).await;
    assert!(matches!(later.take(Uuid::now_v7(), &buyer(1)).await, Err(PromotionsError::UnknownCode)));
    let mut theirs = Till::new(&mall, &other, json!({ "code": "THEIRS", "kind": "free_shipping" })).await;
    theirs.store = over.store;
    assert!(matches!(theirs.take(Uuid::now_v7(), &buyer(1)).await, Err(PromotionsError::UnknownCode)));
}
