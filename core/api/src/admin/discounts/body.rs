//! What staff sends.

use domain::catalog::{BrandId, CategoryId, DiscountGiven, DiscountName, MOST_TARGETS, OffKind, ProductId};
use kernel::{Amount, Currency, FieldError};
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use uuid::Uuid;

use crate::http::{In, List, Maybe, Moment, MoneyBody, Problem, Whole, given};

/// What a discount takes off.
#[derive(Enum, Clone, Copy, Deserialize)]
#[oai(rename = "DiscountKind", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum KindParam {
    /// A part of the price.
    Percentage,
    /// An amount; nothing costs less than 0.
    Amount,
}

impl From<KindParam> for OffKind {
    fn from(kind: KindParam) -> Self {
        match kind {
            KindParam::Percentage => Self::Percentage,
            KindParam::Amount => Self::Amount,
        }
    }
}

/// Parts in ten thousand.
type PartsBody = Whole<1, 10_000>;
type Named = List<Uuid, 0, MOST_TARGETS>;

/// A discount to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDiscountBody {
    /// Its name, for staff.
    name: In<DiscountName>,
    /// What it takes off.
    kind: KindParam,
    /// Of the kind `percentage`: how much, in parts of ten thousand; 1,000 is 10 %.
    #[serde(default, deserialize_with = "given")]
    basis_points: Option<PartsBody>,
    /// Of the kind `amount`: how much, more than nothing.
    #[serde(default, deserialize_with = "given")]
    amount: Option<MoneyBody>,
    /// Whether it is for all that the store sells, whatever else is named; it is not where this is left out.
    #[serde(default, deserialize_with = "given")]
    everything: Option<bool>,
    /// The products that it is for.
    #[serde(default, deserialize_with = "given")]
    product_ids: Option<Named>,
    /// The categories that it is for, with all below them.
    #[serde(default, deserialize_with = "given")]
    category_ids: Option<Named>,
    /// The brands that it is for.
    #[serde(default, deserialize_with = "given")]
    brand_ids: Option<Named>,
    /// From when on it counts: from now on where this is left out.
    #[serde(default, deserialize_with = "given")]
    starts_at: Option<Moment>,
    /// The first moment at which it counts no more; it goes on where this is left out.
    #[serde(default, deserialize_with = "given")]
    ends_at: Option<Moment>,
    /// Whether it counts at all; it does where this is left out.
    #[serde(default, deserialize_with = "given")]
    active: Option<bool>,
}

/// What of a discount is to be changed; what is left out stays.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscountChangeBody {
    /// Its name, for staff.
    #[serde(default, deserialize_with = "given")]
    name: Option<In<DiscountName>>,
    /// What it takes off.
    #[serde(default, deserialize_with = "given")]
    kind: Option<KindParam>,
    /// Of the kind `percentage`: how much, in parts of ten thousand; 1,000 is 10 %.
    #[serde(default, deserialize_with = "given")]
    basis_points: Option<PartsBody>,
    /// Of the kind `amount`: how much, more than nothing.
    #[serde(default, deserialize_with = "given")]
    amount: Option<MoneyBody>,
    /// Whether it is for all that the store sells, whatever else is named.
    #[serde(default, deserialize_with = "given")]
    everything: Option<bool>,
    /// The products that it is for, all of them.
    #[serde(default, deserialize_with = "given")]
    product_ids: Option<Named>,
    /// The categories that it is for with all below them, all of them.
    #[serde(default, deserialize_with = "given")]
    category_ids: Option<Named>,
    /// The brands that it is for, all of them.
    #[serde(default, deserialize_with = "given")]
    brand_ids: Option<Named>,
    /// From when on it counts.
    #[serde(default, deserialize_with = "given")]
    starts_at: Option<Moment>,
    /// The first moment at which it counts no more; null takes the end away.
    #[serde(default)]
    ends_at: Maybe<Moment>,
    /// Whether it counts at all.
    #[serde(default, deserialize_with = "given")]
    active: Option<bool>,
}

fn amount(money: Option<MoneyBody>, currency: Currency) -> Result<Option<Amount>, Problem> {
    let Some(money) = money else { return Ok(None) };
    let amount = money.in_currency(currency, "/amount")?;
    if amount == Amount::ZERO {
        return Err(Problem::of_field(FieldError::new("/amount/amount", "must be more than nothing")));
    }
    Ok(Some(amount))
}

fn ids<T>(named: Option<Named>, id: fn(Uuid) -> T) -> Option<Vec<T>> {
    named.map(|list| list.0.into_iter().map(id).collect())
}

impl NewDiscountBody {
    pub(super) fn parse(self, currency: Currency) -> Result<(DiscountName, DiscountGiven), Problem> {
        let given = DiscountGiven {
            name: None,
            kind: Some(self.kind.into()),
            basis_points: self.basis_points.map(|parts| i64::from(parts.0)),
            amount: amount(self.amount, currency)?,
            active: self.active,
            starts_at: self.starts_at.map(|at| at.0),
            ends_at: self.ends_at.map(|at| Some(at.0)),
            everything: self.everything,
            products: ids(self.product_ids, ProductId),
            categories: ids(self.category_ids, CategoryId),
            brands: ids(self.brand_ids, BrandId),
        };
        Ok((self.name.0, given))
    }
}

impl DiscountChangeBody {
    pub(super) fn parse(self, currency: Currency) -> Result<DiscountGiven, Problem> {
        Ok(DiscountGiven {
            name: self.name.map(|name| name.0),
            kind: self.kind.map(OffKind::from),
            basis_points: self.basis_points.map(|parts| i64::from(parts.0)),
            amount: amount(self.amount, currency)?,
            active: self.active,
            starts_at: self.starts_at.map(|at| at.0),
            ends_at: self.ends_at.change(|at| at.0),
            everything: self.everything,
            products: ids(self.product_ids, ProductId),
            categories: ids(self.category_ids, CategoryId),
            brands: ids(self.brand_ids, BrandId),
        })
    }
}
