//! Why a coupon is refused.

use kernel::{Amount, DomainError, FieldError, Kind};
use tenants::DbError;

use super::CouponId;

/// Why something could not be done to a coupon, or with one.
#[derive(Debug, thiserror::Error)]
pub enum PromotionsError {
    /// No such coupon in this store.
    #[error("there is no coupon {0}")]
    NoCoupon(CouponId),
    /// No coupon has the code, or none that is good yet.
    #[error("there is no coupon with this code")]
    UnknownCode,
    /// Another coupon has the code.
    #[error("another coupon has this code")]
    CodeTaken,
    /// Its terms do not fit together.
    #[error("the coupon's terms do not fit together")]
    BadTerms(Vec<FieldError>),
    /// A limit below what was used is none.
    #[error("the coupon was used {0} times already; a limit can't be below that")]
    LimitBelowUses(i64),
    /// A coupon that was used stays, with its uses.
    #[error("the coupon was used; switch it off instead")]
    InUse,
    /// Its time is over.
    #[error("the coupon is not good any more")]
    Over,
    /// It was used as often as it can be.
    #[error("the coupon was used as often as it can be")]
    UsedUp,
    /// The buyer used it as often as one buyer can.
    #[error("you have used this coupon as often as one buyer can")]
    UsedByBuyer,
    /// The buyer ordered before.
    #[error("the coupon is for a first order only")]
    FirstOrderOnly,
    /// The lines that it covers cost too little.
    #[error("the coupon asks for a spend of at least {} minor units on what it is for", .0.minor())]
    BelowMinimum(Amount),
    /// It covers none of the lines.
    #[error("the coupon is for none of what is in the cart")]
    NothingCovered,
    /// It stands alone, or another does.
    #[error("the coupon does not go together with another one of the cart")]
    NotTogether,
    /// The row was changed since the caller read it.
    #[error("it was changed in the meantime; read it again")]
    Stale,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for PromotionsError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for PromotionsError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoCoupon(_) => Kind::NotFound,
            Self::UnknownCode | Self::BadTerms(_) => Kind::Invalid,
            Self::CodeTaken
            | Self::LimitBelowUses(_)
            | Self::InUse
            | Self::Over
            | Self::UsedUp
            | Self::UsedByBuyer
            | Self::FirstOrderOnly
            | Self::BelowMinimum(_)
            | Self::NothingCovered
            | Self::NotTogether => Kind::Conflict,
            Self::Stale => Kind::Stale,
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoCoupon(_) | Self::UnknownCode => "promotions.no_coupon",
            Self::CodeTaken => "promotions.code_taken",
            Self::BadTerms(_) => "promotions.bad_terms",
            Self::LimitBelowUses(_) => "promotions.limit_below_uses",
            Self::InUse => "promotions.coupon_in_use",
            Self::Over => "promotions.coupon_over",
            Self::UsedUp => "promotions.coupon_used_up",
            Self::UsedByBuyer => "promotions.coupon_used_by_buyer",
            Self::FirstOrderOnly => "promotions.first_order_only",
            Self::BelowMinimum(_) => "promotions.below_minimum",
            Self::NothingCovered => "promotions.nothing_covered",
            Self::NotTogether => "promotions.not_together",
            Self::Stale => "request.stale_version",
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::BadTerms(fields) => fields.clone(),
            Self::UnknownCode | Self::CodeTaken => vec![FieldError::new("/code", self.to_string())],
            Self::LimitBelowUses(_) => vec![FieldError::new("/total_limit", self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        if let Self::Db(err) = self { err.retry_after_seconds() } else { None }
    }
}
