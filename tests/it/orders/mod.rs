//! Orders: paid, shipped, called off, expired; and the books, which add up at every moment.

mod books;
mod crowds;
mod ends;
mod letters;
mod payments;
mod staff;
mod walk;

use std::time::Duration;

use domain::books::Difference;
use domain::catalog::VariantId;
use domain::identity::UserId;
use domain::orders::{self, CopiedAddress, NewOrder, OrderId, OrderLine, OrderTotals};
use kernel::{Amount, Currency, Text as _};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tenants::{Database, DatabaseOptions, TenantDb, TenantId};
use tests::{Answer, Mall, Shop};
use uuid::Uuid;

/// The database as requests use it.
pub(crate) fn app(mall: &Mall) -> TenantDb {
    let connect = mall.database.urls.app.clone();
    TenantDb::new(Database::new(DatabaseOptions { connect, connections: 4, patience: Duration::from_secs(30) }))
}

fn store(shop: &Shop<'_>) -> TenantId {
    TenantId(shop.id.parse().unwrap())
}

/// Who orders.
#[derive(Clone, Copy)]
pub(crate) enum By {
    /// A visitor, whose token is the order's id.
    Visitor,
    /// A customer.
    Customer(Uuid),
}

/// A product of the store with so many of its one variant: the variant's id.
pub(crate) async fn stocked(shop: &Shop<'_>, name: &str, on_hand: i64) -> String {
    let made = shop.owner().add_product(name).await;
    let variant = made.text_at("/variants/0/id");
    adjust(shop, &variant, on_hand).await;
    variant
}

pub(crate) async fn adjust(shop: &Shop<'_>, variant: &str, on_hand: i64) {
    let body = json!({ "variant_id": variant, "on_hand": on_hand, "reason": "counted" });
    let owner = shop.owner();
    let request = owner.request(Method::POST, "/stock/adjustments").header("Idempotency-Key", new_key());
    Answer::of(request.json(&body)).await.expect(201);
}

pub(crate) fn new_key() -> String {
    Uuid::now_v7().to_string()
}

/// An order of these variants, each at 12.50.
pub(crate) async fn ordered(mall: &Mall, shop: &Shop<'_>, by: By, lines: &[(&str, i64)]) -> OrderId {
    ordered_in(&app(mall), store(shop), by, lines).await
}

pub(crate) async fn ordered_in(db: &TenantDb, store: TenantId, by: By, lines: &[(&str, i64)]) -> OrderId {
    let id = OrderId::generate();
    let amount = |minor| Amount::new(minor).unwrap();
    let line = |(variant, quantity): &(&str, i64)| OrderLine {
        variant: VariantId(variant.parse().unwrap()),
        product: domain::catalog::ProductId::generate(),
        slug: "lamp".to_owned(),
        name: format!("Lamp {}", &variant[variant.len() - 4..]),
        sku: None,
        options: Default::default(),
        unit_price: amount(1250),
        quantity: *quantity,
        discount: Amount::ZERO,
        tax: Amount::ZERO,
        total: amount(1250 * quantity),
        fulfilled: 0,
    };
    let total = amount(1250 * lines.iter().map(|(_, quantity)| quantity).sum::<i64>());
    let zero = Amount::ZERO;
    let new = NewOrder {
        customer: if let By::Customer(id) = by { Some(UserId(id)) } else { None },
        email: domain::identity::Email::parse("vera@x.example").unwrap(),
        access: matches!(by, By::Visitor).then(|| Sha256::digest(id.to_string()).into()),
        currency: Currency::parse("EUR").unwrap(),
        lines: lines.iter().map(line).collect(),
        totals: OrderTotals { items: total, discount: zero, shipping: zero, tax: zero, tax_included: true, total },
        address: CopiedAddress {
            name: "Vera Visitor".to_owned(),
            line1: "Lane 1".to_owned(),
            line2: None,
            city: "Town".to_owned(),
            region: None,
            postal_code: None,
            country: "DE".to_owned(),
            phone: None,
        },
        shipping: None,
        coupons: Vec::new(),
        note: None,
    };
    let mut tx = db.begin(store).await.unwrap();
    orders::place(&mut tx, id, &new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// A visitor with the order's token does something.
pub(crate) async fn visitor(shop: &Shop<'_>, method: Method, path: &str, order: OrderId) -> Answer {
    let request = shop.request(method, &format!("/store/v1{path}")).header("Stoa-Order-Token", order.to_string());
    Answer::of(request).await
}

/// A visitor begins to pay.
pub(crate) async fn pay(shop: &Shop<'_>, order: OrderId) -> Answer {
    pay_with(shop, order, &new_key()).await
}

pub(crate) async fn pay_with(shop: &Shop<'_>, order: OrderId, key: &str) -> Answer {
    let request = shop.request(Method::POST, &format!("/store/v1/orders/{order}/payments"));
    let request = request.header("Stoa-Order-Token", order.to_string()).header("Idempotency-Key", key);
    Answer::of(request.json(&json!({ "gateway": "cash-on-delivery" }))).await
}

/// Staff does something with an idempotency key.
pub(crate) async fn staff(shop: &Shop<'_>, path: &str, body: Option<Value>) -> Answer {
    let owner = shop.owner();
    let request = owner.request(Method::POST, path).header("Idempotency-Key", new_key());
    Answer::of(body.into_iter().fold(request, |request, body| request.json(&body))).await
}

/// What lies there and what of it is promised.
pub(crate) async fn level(shop: &Shop<'_>, variant: &str) -> (i64, i64) {
    let listed = shop.owner().get("/stock?limit=100").await.expect(200);
    let items = listed.json["items"].as_array().unwrap();
    let one = items.iter().find(|item| item["variant_id"] == variant).unwrap();
    (one["on_hand"].as_i64().unwrap(), one["reserved"].as_i64().unwrap())
}

/// What does not add up.
pub(crate) async fn differences(mall: &Mall, shop: &Shop<'_>) -> Vec<Difference> {
    let mut tx = app(mall).begin_read(store(shop)).await.unwrap();
    domain::books::differences(&mut tx).await.unwrap()
}

/// Runs SQL as an administrator.
pub(crate) async fn sql(mall: &Mall, sql: &str) {
    let mut admin = tests::admin_connection(&mall.database.admin_url).await;
    sqlx::raw_sql(sql).execute(&mut admin).await.unwrap();
}
