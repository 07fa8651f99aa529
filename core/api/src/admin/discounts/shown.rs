//! What staff is shown.

use chrono::{DateTime, Utc};
use domain::catalog::{Discount, Off};
use kernel::{Currency, Money, Text as _};
use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

use crate::http::MoneyShown;

/// A page of discounts.
#[derive(Object, Serialize)]
pub(super) struct DiscountPage {
    /// The discounts.
    pub(super) items: Vec<ListedShown>,
    /// Where the next page begins; null on the last.
    pub(super) next_cursor: Option<String>,
}

/// A discount in a list.
#[derive(Object, Serialize)]
#[oai(rename = "ListedDiscount")]
pub(super) struct ListedShown {
    /// Its id.
    id: Uuid,
    /// Its name, for staff.
    name: String,
    /// What it takes off: `percentage` or `amount`.
    kind: String,
    /// Of a percentage: parts in ten thousand.
    basis_points: Option<i64>,
    /// Of an amount: how much.
    amount: Option<MoneyShown>,
    /// Whether it is for all that the store sells.
    everything: bool,
    /// From when on it counts.
    starts_at: DateTime<Utc>,
    /// The first moment at which it counts no more.
    ends_at: Option<DateTime<Utc>>,
    /// Whether it counts at all.
    active: bool,
    /// Whether it counts now.
    running: bool,
    /// Its version, for `If-Match`.
    version: i64,
}

/// A discount.
#[derive(Object, Serialize)]
#[oai(rename = "Discount")]
pub(super) struct DiscountShown {
    /// Its id.
    id: Uuid,
    /// Its name, for staff.
    name: String,
    /// What it takes off: `percentage` or `amount`.
    kind: String,
    /// Of a percentage: parts in ten thousand.
    basis_points: Option<i64>,
    /// Of an amount: how much.
    amount: Option<MoneyShown>,
    /// Whether it is for all that the store sells.
    everything: bool,
    /// The products that it is for.
    product_ids: Vec<Uuid>,
    /// The categories that it is for, with all below them.
    category_ids: Vec<Uuid>,
    /// The brands that it is for.
    brand_ids: Vec<Uuid>,
    /// From when on it counts.
    starts_at: DateTime<Utc>,
    /// The first moment at which it counts no more.
    ends_at: Option<DateTime<Utc>>,
    /// Whether it counts at all.
    active: bool,
    /// Whether it counts now.
    running: bool,
    /// Counts its changes; the same as in `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

fn parts(off: Off, currency: Currency) -> (&'static str, Option<i64>, Option<MoneyShown>) {
    match off {
        Off::Percentage(parts) => ("percentage", Some(parts), None),
        Off::Amount(amount) => ("amount", None, Some(Money { amount, currency }.into())),
    }
}

impl ListedShown {
    pub(super) fn new(discount: &Discount, currency: Currency, now: DateTime<Utc>) -> Self {
        let (terms, (kind, basis_points, amount)) = (&discount.terms, parts(discount.terms.off, currency));
        Self {
            id: discount.id.0,
            name: terms.name.as_str().to_owned(),
            kind: kind.to_owned(),
            basis_points,
            amount,
            everything: discount.targets.everything,
            starts_at: terms.starts_at,
            ends_at: terms.ends_at,
            active: terms.active,
            running: terms.runs(now),
            version: discount.version,
        }
    }
}

impl DiscountShown {
    pub(super) fn new(discount: &Discount, currency: Currency, now: DateTime<Utc>) -> Self {
        let (terms, targets) = (&discount.terms, &discount.targets);
        let (kind, basis_points, amount) = parts(terms.off, currency);
        Self {
            id: discount.id.0,
            name: terms.name.as_str().to_owned(),
            kind: kind.to_owned(),
            basis_points,
            amount,
            everything: targets.everything,
            product_ids: targets.products.iter().map(|id| id.0).collect(),
            category_ids: targets.categories.iter().map(|id| id.0).collect(),
            brand_ids: targets.brands.iter().map(|id| id.0).collect(),
            starts_at: terms.starts_at,
            ends_at: terms.ends_at,
            active: terms.active,
            running: terms.runs(now),
            version: discount.version,
            created_at: discount.created_at,
            updated_at: discount.updated_at,
        }
    }
}
