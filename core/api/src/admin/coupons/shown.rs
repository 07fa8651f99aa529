//! What staff sees.

use chrono::{DateTime, Utc};
use domain::pricing::DiscountKind;
use domain::promotions::{Coupon, CouponUse};
use kernel::{Currency, Money, Text as _};
use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

use crate::http::MoneyShown;

/// A page of coupons.
#[derive(Object, Serialize)]
pub(super) struct CouponPage {
    /// The coupons.
    pub(super) items: Vec<CouponShown>,
    /// Where the next page begins; null on the last.
    pub(super) next_cursor: Option<String>,
}

/// A coupon.
#[derive(Object, Serialize)]
#[oai(rename = "Coupon")]
pub(super) struct CouponShown {
    /// Its id.
    id: Uuid,
    /// What buyers type, in upper case.
    code: String,
    /// A note for staff.
    description: String,
    /// `percentage`, `amount` or `free_shipping`.
    kind: String,
    /// Of a percentage: how much, in parts of ten thousand.
    basis_points: Option<i32>,
    /// Of an amount: how much.
    amount: Option<MoneyShown>,
    /// What the covered lines must cost at least, before coupons.
    minimum_spend: Option<MoneyShown>,
    /// The products that it covers. One that is removed stays named, and is covered no more.
    product_ids: Vec<Uuid>,
    /// The categories that it covers with what is below them; everything where there are neither these nor products.
    category_ids: Vec<Uuid>,
    /// Whether only a buyer's first order can have it.
    first_order_only: bool,
    /// Whether it goes together with others that do.
    stackable: bool,
    /// How often it can be used by all.
    total_limit: Option<i64>,
    /// How often it can be used by one buyer.
    per_customer_limit: Option<i64>,
    /// From when on it is good.
    starts_at: Option<DateTime<Utc>>,
    /// Until when it is good.
    ends_at: Option<DateTime<Utc>>,
    /// Whether it is good at all.
    active: bool,
    /// How often it is in use: taken, and not given back.
    used: i64,
    /// Counts changes by staff; the same as in `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When staff last changed it.
    updated_at: DateTime<Utc>,
}

impl CouponShown {
    pub(super) fn new(coupon: &Coupon, currency: Currency) -> Self {
        let money = |amount| MoneyShown::from(Money { amount, currency });
        let terms = &coupon.terms;
        let (kind, basis_points, amount) = match terms.kind {
            DiscountKind::Percentage(parts) => ("percentage", Some(parts.get()), None),
            DiscountKind::Amount(amount) => ("amount", None, Some(money(amount))),
            DiscountKind::FreeShipping => ("free_shipping", None, None),
        };
        Self {
            id: coupon.id.0,
            code: terms.code.as_str().to_owned(),
            description: terms.note.as_str().to_owned(),
            kind: kind.to_owned(),
            basis_points,
            amount,
            minimum_spend: terms.minimum.map(money),
            product_ids: terms.products.iter().map(|id| id.0).collect(),
            category_ids: terms.categories.iter().map(|id| id.0).collect(),
            first_order_only: terms.first_order_only,
            stackable: terms.stackable,
            total_limit: terms.total_limit,
            per_customer_limit: terms.per_customer_limit,
            starts_at: terms.starts_at,
            ends_at: terms.ends_at,
            active: terms.active,
            used: coupon.used,
            version: coupon.version,
            created_at: coupon.created_at,
            updated_at: coupon.updated_at,
        }
    }
}

/// A page of uses.
#[derive(Object, Serialize)]
#[oai(rename = "CouponUsePage")]
pub(super) struct UsePage {
    /// The uses.
    pub(super) items: Vec<UseShown>,
    /// Where the next page begins; null on the last.
    pub(super) next_cursor: Option<String>,
}

/// A use of a coupon.
#[derive(Object, Serialize)]
#[oai(rename = "CouponUse")]
pub(super) struct UseShown {
    /// Its id.
    id: Uuid,
    /// The order.
    order_id: Uuid,
    /// The customer, if one was logged in.
    customer_id: Option<Uuid>,
    /// What it took off.
    discount: MoneyShown,
    /// When it was taken.
    taken_at: DateTime<Utc>,
    /// When it was given back; null while it counts.
    given_back_at: Option<DateTime<Utc>>,
}

impl UseShown {
    pub(super) fn new(one: &CouponUse, currency: Currency) -> Self {
        Self {
            id: one.id.0,
            order_id: one.order,
            customer_id: one.customer.map(|id| id.0),
            discount: Money { amount: one.discount, currency }.into(),
            taken_at: one.taken_at,
            given_back_at: one.given_back_at,
        }
    }
}
