//! Why a price can't be made.

use kernel::{DomainError, FieldError, Kind};
use tenants::DbError;

use super::{ShippingMethodId, TaxRateId, TooLarge};
use crate::catalog::CategoryId;

/// Why something could not be done to shipping methods or tax rates, or no total be made.
#[derive(Debug, thiserror::Error)]
pub enum PricingError {
    /// No such shipping method in this store.
    #[error("there is no shipping method {0}")]
    NoShippingMethod(ShippingMethodId),
    /// No such tax rate in this store.
    #[error("there is no tax rate {0}")]
    NoTaxRate(TaxRateId),
    /// The category that a tax rate names is not there.
    #[error("there is no category {0}")]
    UnknownCategory(CategoryId),
    /// Another rate is for the same place and category.
    #[error("there is a tax rate for this country, region and category already; change that one")]
    RateTaken,
    /// A region lies in a country.
    #[error("a region needs its country")]
    RegionWithoutCountry,
    /// Shipping bears the general rate of a place.
    #[error("a rate for a category is never one for shipping; set this on the rate without a category")]
    CategoryOnShipping,
    /// A store has a number of them, at most.
    #[error("the store has {0} of these, which is the most; remove one first")]
    TooMany(i64),
    /// The row was changed since the caller read it.
    #[error("it was changed in the meantime; read it again")]
    Stale,
    /// A sum is beyond what an amount can be.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for PricingError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for PricingError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoShippingMethod(_) | Self::NoTaxRate(_) => Kind::NotFound,
            Self::UnknownCategory(_) | Self::RegionWithoutCountry | Self::CategoryOnShipping => Kind::Invalid,
            Self::RateTaken | Self::TooMany(_) | Self::TooLarge(_) => Kind::Conflict,
            Self::Stale => Kind::Stale,
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoShippingMethod(_) => "pricing.no_shipping_method",
            Self::NoTaxRate(_) => "pricing.no_tax_rate",
            Self::UnknownCategory(_) => "catalog.no_category",
            Self::RateTaken => "pricing.tax_rate_taken",
            Self::RegionWithoutCountry => "pricing.region_without_country",
            Self::CategoryOnShipping => "pricing.category_on_shipping",
            Self::TooMany(_) => "pricing.too_many",
            Self::TooLarge(_) => "pricing.too_large",
            Self::Stale => "request.stale_version",
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        let pointer = match self {
            Self::UnknownCategory(_) => "/category_id",
            Self::RateTaken => "/country",
            Self::RegionWithoutCountry => "/region",
            Self::CategoryOnShipping => "/applies_to_shipping",
            _ => return Vec::new(),
        };
        vec![FieldError::new(pointer, self.to_string())]
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        if let Self::Db(err) = self { err.retry_after_seconds() } else { None }
    }
}
