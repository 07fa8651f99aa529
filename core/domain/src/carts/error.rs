//! Why a cart refuses.

use kernel::{DomainError, FieldError, Kind};
use tenants::DbError;

use super::model::{MOST_LINES, MOST_OF_ONE};
use crate::catalog::VariantId;
use crate::pricing::{PricingError, ShippingMethodId, TooLarge};
use crate::promotions::PromotionsError;

/// Why something could not be done to a cart.
#[derive(Debug, thiserror::Error)]
pub enum CartError {
    /// The variant that is to be added is not there, or not for sale.
    #[error("there is no variant {0} for sale")]
    UnknownVariant(VariantId),
    /// The cart has no line of this variant.
    #[error("the cart has no item {0}")]
    NoItem(VariantId),
    /// There are fewer than were asked for.
    #[error("{available} of it can be had")]
    OutOfStock {
        /// How many there are.
        available: i64,
    },
    /// A line holds a number, at most.
    #[error("a cart holds at most {MOST_OF_ONE} of one thing")]
    TooMany,
    /// A cart has a number of lines, at most.
    #[error("a cart holds at most {MOST_LINES} different things")]
    TooManyLines,
    /// Nothing can be ordered with an empty cart.
    #[error("the cart is empty")]
    Empty,
    /// Something in it can't be had any more.
    #[error("something in the cart is not for sale any more; remove it first")]
    Gone(Vec<VariantId>),
    /// The shipping method is not there, or does not lead where it should.
    #[error("there is no shipping method {0} that leads there")]
    UnknownShipping(ShippingMethodId),
    /// It was changed since the caller read it.
    #[error("the cart was changed in the meantime; read it again")]
    Stale,
    /// The customer's account is gone.
    #[error("the account is not there any more")]
    NoCustomer,
    /// The system gives no random numbers.
    #[error("something went wrong on our side")]
    NoRandomness,
    /// A coupon is refused.
    #[error(transparent)]
    Coupon(#[from] PromotionsError),
    /// No total can be made, or there is no such shipping method.
    #[error(transparent)]
    Pricing(#[from] PricingError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for CartError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl From<TooLarge> for CartError {
    fn from(err: TooLarge) -> Self {
        Self::Pricing(err.into())
    }
}

impl DomainError for CartError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoItem(_) => Kind::NotFound,
            Self::UnknownVariant(_) | Self::UnknownShipping(_) => Kind::Invalid,
            Self::OutOfStock { .. } | Self::TooMany | Self::TooManyLines | Self::Empty | Self::Gone(_) => {
                Kind::Conflict
            }
            Self::Stale => Kind::Stale,
            Self::NoCustomer => Kind::Unauthenticated,
            Self::NoRandomness => Kind::Internal,
            Self::Coupon(err) => err.kind(),
            Self::Pricing(err) => err.kind(),
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::UnknownVariant(_) => "carts.no_variant",
            Self::NoItem(_) => "carts.no_item",
            Self::OutOfStock { .. } => "carts.out_of_stock",
            Self::TooMany => "carts.too_many",
            Self::TooManyLines => "carts.too_many_lines",
            Self::Empty => "carts.empty",
            Self::Gone(_) => "carts.item_unavailable",
            Self::UnknownShipping(_) => "pricing.no_shipping_method",
            Self::Stale => "request.stale_version",
            Self::NoCustomer => "identity.bad_token",
            Self::NoRandomness => "service.fault",
            Self::Coupon(err) => err.code(),
            Self::Pricing(err) => err.code(),
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::UnknownVariant(_) => vec![FieldError::new("/variant_id", self.to_string())],
            Self::UnknownShipping(_) => vec![FieldError::new("/shipping_method", self.to_string())],
            Self::OutOfStock { .. } | Self::TooMany => vec![FieldError::new("/quantity", self.to_string())],
            Self::Coupon(err) => err.fields(),
            Self::Pricing(err) => err.fields(),
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Coupon(err) => err.retry_after_seconds(),
            Self::Pricing(err) => err.retry_after_seconds(),
            Self::Db(err) => err.retry_after_seconds(),
            _ => None,
        }
    }
}
