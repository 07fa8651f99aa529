//! Coupons and their terms.

use chrono::{DateTime, Utc};
use kernel::{Amount, FieldError, Prose, Text, TextError};

use super::PromotionsError;
use crate::catalog::{CategoryId, ProductId};
use crate::pricing::{BasisPoints, Discount, DiscountKind, Scope};

kernel::typed_id! {
    /// The id of a coupon.
    CouponId
}

/// Coupons that go together, at most.
pub const MOST_TOGETHER: usize = 5;
/// Products that a coupon names, and categories, at most.
pub const MOST_NAMED: usize = 100;
/// The largest limit of uses.
pub const MOST_USES: i32 = 1_000_000_000;

/// What staff notes about a coupon.
pub type CouponNote = Prose<500>;

/// What buyers type: 1 to 40 letters, digits, dashes or underscores, kept in upper case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CouponCode(String);

impl Text for CouponCode {
    const NAME: &'static str = "coupon code";
    const MIN: usize = 1;
    const MAX: usize = 40;
    const PATTERN: Option<&'static str> = Some("^[A-Za-z0-9_-]+$");
    const EXAMPLE: &'static str = "SPRING-10";

    fn parse(text: &str) -> Result<Self, TextError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if (Self::MIN..=Self::MAX).contains(&text.len()) && text.chars().all(allowed) {
            return Ok(Self(text.to_ascii_uppercase()));
        }
        Err(TextError::new("must be 1 to 40 letters, digits, dashes or underscores"))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// A coupon.
#[derive(Debug, Clone)]
pub struct Coupon {
    /// Its id.
    pub id: CouponId,
    /// What it takes off, for whom and how often.
    pub terms: Terms,
    /// Uses that were taken and not given back.
    pub used: i64,
    /// Counts changes by staff.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When staff last changed it.
    pub updated_at: DateTime<Utc>,
}

/// What a coupon takes off, for whom and how often.
#[derive(Debug, Clone)]
pub struct Terms {
    /// What buyers type.
    pub code: CouponCode,
    /// What staff notes about it.
    pub note: CouponNote,
    /// What it takes off.
    pub kind: DiscountKind,
    /// What the covered lines must cost at least, before coupons.
    pub minimum: Option<Amount>,
    /// The products that it covers.
    pub products: Vec<ProductId>,
    /// The categories that it covers with what is below them; everything where there are neither these nor products.
    pub categories: Vec<CategoryId>,
    /// Whether only a buyer's first order can have it.
    pub first_order_only: bool,
    /// Whether it goes together with others that do.
    pub stackable: bool,
    /// How often it can be used by all.
    pub total_limit: Option<i64>,
    /// How often it can be used by one buyer.
    pub per_customer_limit: Option<i64>,
    /// From when on it is good.
    pub starts_at: Option<DateTime<Utc>>,
    /// Until when it is good.
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether it is good at all.
    pub active: bool,
}

impl Terms {
    /// What it takes off which lines.
    #[must_use]
    pub fn discount(&self) -> Discount {
        let named = !(self.products.is_empty() && self.categories.is_empty());
        let of = || Scope::Of { products: self.products.clone(), categories: self.categories.clone() };
        Discount { kind: self.kind, scope: if named { of() } else { Scope::Everything }, minimum: self.minimum }
    }

    /// Whether one order can have both.
    #[must_use]
    pub fn goes_with(&self, other: &Self) -> bool {
        self.stackable && other.stackable && !(self.first_order_only && other.first_order_only)
    }
}

impl Coupon {
    /// Whether it is good now, as far as buyers do not matter.
    ///
    /// # Errors
    /// [`PromotionsError::UnknownCode`] before its time and where it is switched off, so that nobody learns of what is to
    /// come; [`PromotionsError::Over`], [`PromotionsError::UsedUp`].
    pub fn refuse(&self, now: DateTime<Utc>) -> Result<(), PromotionsError> {
        if !self.terms.active || self.terms.starts_at.is_some_and(|start| now < start) {
            return Err(PromotionsError::UnknownCode);
        }
        if self.terms.ends_at.is_some_and(|end| now >= end) {
            return Err(PromotionsError::Over);
        }
        if self.terms.total_limit.is_some_and(|limit| self.used >= limit) {
            return Err(PromotionsError::UsedUp);
        }
        Ok(())
    }
}

/// The kinds of coupons by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KindWord {
    /// A part of what the covered lines cost.
    Percentage,
    /// An amount.
    Amount,
    /// What shipping costs.
    FreeShipping,
}

/// What a coupon takes off, as somebody gives it: what is left out stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct KindGiven {
    /// The kind.
    pub word: Option<KindWord>,
    /// Of a percentage.
    pub basis_points: Option<BasisPoints>,
    /// Of an amount.
    pub amount: Option<Amount>,
}

impl KindGiven {
    /// The kind that this makes of `before`.
    fn onto(self, before: Option<DiscountKind>, wrong: &mut Vec<FieldError>) -> DiscountKind {
        let mut no = |pointer: &'static str, detail: &str| wrong.push(FieldError::new(pointer, detail));
        let (parts, amount) = match before {
            Some(DiscountKind::Percentage(parts)) => (Some(parts), None),
            Some(DiscountKind::Amount(amount)) => (None, Some(amount)),
            _ => (None, None),
        };
        let word = self.word.unwrap_or(match before {
            Some(DiscountKind::Percentage(_)) => KindWord::Percentage,
            Some(DiscountKind::Amount(_)) => KindWord::Amount,
            _ => KindWord::FreeShipping,
        });
        if word != KindWord::Percentage && self.basis_points.is_some() {
            no("/basis_points", "is for a coupon of the kind percentage");
        }
        if word != KindWord::Amount && self.amount.is_some() {
            no("/amount", "is for a coupon of the kind amount");
        }
        match word {
            KindWord::Percentage => match self.basis_points.or(parts) {
                Some(parts) if parts.get() > 0 => return DiscountKind::Percentage(parts),
                _ => no("/basis_points", "must be more than nothing for a coupon of the kind percentage"),
            },
            KindWord::Amount => match self.amount.or(amount) {
                Some(amount) if amount > Amount::ZERO => return DiscountKind::Amount(amount),
                _ => no("/amount", "must be more than nothing for a coupon of the kind amount"),
            },
            KindWord::FreeShipping => (),
        }
        DiscountKind::FreeShipping
    }
}

/// What a coupon is made with.
#[derive(Debug, Clone)]
pub struct TermsGiven {
    /// What it takes off.
    pub kind: KindGiven,
    /// The rest of its terms; of their kind nothing is read.
    pub rest: Terms,
}

/// What of a coupon is to be changed; what is left out stays, some none takes it away.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the same as in `Terms`")]
pub struct CouponChange {
    pub code: Option<CouponCode>,
    pub note: Option<CouponNote>,
    pub kind: KindGiven,
    pub minimum: Option<Option<Amount>>,
    pub products: Option<Vec<ProductId>>,
    pub categories: Option<Vec<CategoryId>>,
    pub first_order_only: Option<bool>,
    pub stackable: Option<bool>,
    pub total_limit: Option<Option<i64>>,
    pub per_customer_limit: Option<Option<i64>>,
    pub starts_at: Option<Option<DateTime<Utc>>>,
    pub ends_at: Option<Option<DateTime<Utc>>>,
    pub active: Option<bool>,
}

impl TermsGiven {
    pub(super) fn checked(self) -> Result<Terms, PromotionsError> {
        let mut wrong = Vec::new();
        let kind = self.kind.onto(None, &mut wrong);
        checked(Terms { kind, ..self.rest }, wrong)
    }
}

impl CouponChange {
    /// The terms that this makes of `before`.
    pub(super) fn onto(self, before: Terms) -> Result<Terms, PromotionsError> {
        let mut wrong = Vec::new();
        let terms = Terms {
            code: self.code.unwrap_or(before.code),
            note: self.note.unwrap_or(before.note),
            kind: self.kind.onto(Some(before.kind), &mut wrong),
            minimum: self.minimum.unwrap_or(before.minimum),
            products: self.products.unwrap_or(before.products),
            categories: self.categories.unwrap_or(before.categories),
            first_order_only: self.first_order_only.unwrap_or(before.first_order_only),
            stackable: self.stackable.unwrap_or(before.stackable),
            total_limit: self.total_limit.unwrap_or(before.total_limit),
            per_customer_limit: self.per_customer_limit.unwrap_or(before.per_customer_limit),
            starts_at: self.starts_at.unwrap_or(before.starts_at),
            ends_at: self.ends_at.unwrap_or(before.ends_at),
            active: self.active.unwrap_or(before.active),
        };
        checked(terms, wrong)
    }
}

fn checked(terms: Terms, mut wrong: Vec<FieldError>) -> Result<Terms, PromotionsError> {
    if terms.starts_at.zip(terms.ends_at).is_some_and(|(start, end)| end <= start) {
        wrong.push(FieldError::new("/ends_at", "must be after `starts_at`"));
    }
    if wrong.is_empty() { Ok(terms) } else { Err(PromotionsError::BadTerms(wrong)) }
}
