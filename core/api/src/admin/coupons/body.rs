//! What staff sends.

use chrono::{DateTime, Utc};
use domain::catalog::{CategoryId, ProductId};
use domain::pricing::{BasisPoints, DiscountKind};
use domain::promotions::{
    CouponChange, CouponCode, CouponNote, KindGiven, KindWord, MOST_NAMED, MOST_USES, Terms, TermsGiven,
};
use kernel::Currency;
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use uuid::Uuid;

use crate::http::{In, List, Maybe, MoneyBody, Problem, Whole, given};

/// What a coupon takes off.
#[derive(Enum, Clone, Copy, Deserialize)]
#[oai(rename = "CouponKind", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub(super) enum KindParam {
    /// A part of what the covered lines cost.
    Percentage,
    /// An amount, once an order.
    Amount,
    /// What shipping costs.
    FreeShipping,
}

impl From<KindParam> for KindWord {
    fn from(kind: KindParam) -> Self {
        match kind {
            KindParam::Percentage => Self::Percentage,
            KindParam::Amount => Self::Amount,
            KindParam::FreeShipping => Self::FreeShipping,
        }
    }
}

/// Parts in ten thousand of a percentage.
type PartsBody = Whole<1, 10_000>;
/// A limit of uses.
type LimitBody = Whole<1, MOST_USES>;
/// The products or categories that a coupon covers.
type Named = List<Uuid, 0, MOST_NAMED>;

/// A coupon to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCouponBody {
    /// What buyers type, in any case.
    code: In<CouponCode>,
    /// A note for staff.
    #[serde(default, deserialize_with = "given")]
    description: Option<In<CouponNote>>,
    /// What it takes off.
    kind: KindParam,
    /// Of the kind `percentage`: how much, in parts of ten thousand; 1,000 is 10 %.
    #[serde(default, deserialize_with = "given")]
    basis_points: Option<PartsBody>,
    /// Of the kind `amount`: how much. It never takes more than the covered lines cost.
    #[serde(default, deserialize_with = "given")]
    amount: Option<MoneyBody>,
    /// What the covered lines must cost at least, before coupons.
    #[serde(default, deserialize_with = "given")]
    minimum_spend: Option<MoneyBody>,
    /// The products that it covers.
    #[serde(default, deserialize_with = "given")]
    product_ids: Option<Named>,
    /// The categories that it covers with what is below them.
    #[serde(default, deserialize_with = "given")]
    category_ids: Option<Named>,
    /// Whether only a buyer's first order can have it; any can where this is left out.
    #[serde(default, deserialize_with = "given")]
    first_order_only: Option<bool>,
    /// Whether it goes together with others that do; it stands alone where this is left out.
    #[serde(default, deserialize_with = "given")]
    stackable: Option<bool>,
    /// How often it can be used by all.
    #[serde(default, deserialize_with = "given")]
    total_limit: Option<LimitBody>,
    /// How often it can be used by one buyer.
    #[serde(default, deserialize_with = "given")]
    per_customer_limit: Option<LimitBody>,
    /// From when on it is good.
    #[serde(default, deserialize_with = "given")]
    starts_at: Option<DateTime<Utc>>,
    /// Until when it is good.
    #[serde(default, deserialize_with = "given")]
    ends_at: Option<DateTime<Utc>>,
    /// Whether it is good at all; it is where this is left out.
    #[serde(default, deserialize_with = "given")]
    active: Option<bool>,
}

/// What of a coupon is to be changed; what is left out stays.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CouponChangeBody {
    /// What buyers type, in any case.
    #[serde(default, deserialize_with = "given")]
    code: Option<In<CouponCode>>,
    /// A note for staff.
    #[serde(default, deserialize_with = "given")]
    description: Option<In<CouponNote>>,
    /// What it takes off.
    #[serde(default, deserialize_with = "given")]
    kind: Option<KindParam>,
    /// Of the kind `percentage`: how much, in parts of ten thousand; 1,000 is 10 %.
    #[serde(default, deserialize_with = "given")]
    basis_points: Option<PartsBody>,
    /// Of the kind `amount`: how much.
    #[serde(default, deserialize_with = "given")]
    amount: Option<MoneyBody>,
    /// What the covered lines must cost at least, before coupons; null takes it away.
    #[serde(default)]
    minimum_spend: Maybe<MoneyBody>,
    /// The products that it covers, all of them.
    #[serde(default, deserialize_with = "given")]
    product_ids: Option<Named>,
    /// The categories that it covers with what is below them, all of them.
    #[serde(default, deserialize_with = "given")]
    category_ids: Option<Named>,
    /// Whether only a buyer's first order can have it.
    #[serde(default, deserialize_with = "given")]
    first_order_only: Option<bool>,
    /// Whether it goes together with others that do.
    #[serde(default, deserialize_with = "given")]
    stackable: Option<bool>,
    /// How often it can be used by all, not less than it was; null takes the limit away.
    #[serde(default)]
    total_limit: Maybe<LimitBody>,
    /// How often it can be used by one buyer; null takes the limit away.
    #[serde(default)]
    per_customer_limit: Maybe<LimitBody>,
    /// From when on it is good; null takes it away.
    #[serde(default)]
    starts_at: Maybe<DateTime<Utc>>,
    /// Until when it is good; null takes it away.
    #[serde(default)]
    ends_at: Maybe<DateTime<Utc>>,
    /// Whether it is good at all.
    #[serde(default, deserialize_with = "given")]
    active: Option<bool>,
}

fn kind(
    word: Option<KindParam>,
    parts: Option<PartsBody>,
    amount: Option<MoneyBody>,
    currency: Currency,
) -> Result<KindGiven, Problem> {
    Ok(KindGiven {
        word: word.map(KindWord::from),
        basis_points: parts.and_then(|parts| BasisPoints::new(parts.0.into())),
        amount: amount.map(|money| money.in_currency(currency, "/amount")).transpose()?,
    })
}

fn products(named: Named) -> Vec<ProductId> {
    named.0.into_iter().map(ProductId).collect()
}

fn categories(named: Named) -> Vec<CategoryId> {
    named.0.into_iter().map(CategoryId).collect()
}

impl NewCouponBody {
    pub(super) fn parse(self, currency: Currency) -> Result<TermsGiven, Problem> {
        let minimum = self.minimum_spend.map(|money| money.in_currency(currency, "/minimum_spend")).transpose()?;
        let rest = Terms {
            code: self.code.0,
            note: self.description.map(|text| text.0).unwrap_or_default(),
            kind: DiscountKind::FreeShipping,
            minimum,
            products: self.product_ids.map(products).unwrap_or_default(),
            categories: self.category_ids.map(categories).unwrap_or_default(),
            first_order_only: self.first_order_only.unwrap_or(false),
            stackable: self.stackable.unwrap_or(false),
            total_limit: self.total_limit.map(|limit| limit.0.into()),
            per_customer_limit: self.per_customer_limit.map(|limit| limit.0.into()),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            active: self.active.unwrap_or(true),
        };
        Ok(TermsGiven { kind: kind(Some(self.kind), self.basis_points, self.amount, currency)?, rest })
    }
}

impl CouponChangeBody {
    pub(super) fn parse(self, currency: Currency) -> Result<CouponChange, Problem> {
        let minimum = self.minimum_spend.change(|money| money.in_currency(currency, "/minimum_spend"));
        Ok(CouponChange {
            code: self.code.map(|code| code.0),
            note: self.description.map(|text| text.0),
            kind: kind(self.kind, self.basis_points, self.amount, currency)?,
            minimum: minimum.map(Option::transpose).transpose()?,
            products: self.product_ids.map(products),
            categories: self.category_ids.map(categories),
            first_order_only: self.first_order_only,
            stackable: self.stackable,
            total_limit: self.total_limit.change(|limit| limit.0.into()),
            per_customer_limit: self.per_customer_limit.change(|limit| limit.0.into()),
            starts_at: self.starts_at.change(|time| time),
            ends_at: self.ends_at.change(|time| time),
            active: self.active,
        })
    }
}
