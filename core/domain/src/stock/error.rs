//! Why stock refuses.

use kernel::{DomainError, FieldError, Kind};
use tenants::DbError;

use super::{LocationId, MOST_LOCATIONS, MOST_ON_HAND};
use crate::catalog::VariantId;

/// Why something could not be done to stock.
#[derive(Debug, thiserror::Error)]
pub enum StockError {
    /// The variant that a write names is not there.
    #[error("there is no variant {0}")]
    UnknownVariant(VariantId),
    /// The place that a write names is not there.
    #[error("there is no location {0}")]
    UnknownLocation(LocationId),
    /// No such place in this store.
    #[error("there is no location {0}")]
    NoLocation(LocationId),
    /// Less would lie there than is promised.
    #[error("{on_hand} lie there, of which {reserved} are promised to orders: so many can't go")]
    NotEnough {
        /// What lies there.
        on_hand: i64,
        /// What of it is promised.
        reserved: i64,
    },
    /// More would lie there than can be counted.
    #[error("at most {MOST_ON_HAND} can lie at one place")]
    TooMany,
    /// The reason is one that only orders have.
    #[error("orders alone move stock for this reason")]
    ReasonOfOrders,
    /// Less would be medium than is critical.
    #[error("can't be below `stock_critical`")]
    ThresholdsOutOfOrder,
    /// The default place stays.
    #[error("the default location stays; make another one the default first")]
    DefaultLocation,
    /// A place that has a stock history stays.
    #[error("the location has a stock history, which is kept")]
    LocationInUse,
    /// A store has a number of places.
    #[error("a store has at most {MOST_LOCATIONS} locations")]
    TooManyLocations,
    /// The row was changed since the caller read it.
    #[error("it was changed in the meantime; read it again")]
    Stale,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for StockError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for StockError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoLocation(_) => Kind::NotFound,
            Self::UnknownVariant(_) | Self::UnknownLocation(_) | Self::ReasonOfOrders | Self::ThresholdsOutOfOrder => {
                Kind::Invalid
            }
            Self::NotEnough { .. }
            | Self::TooMany
            | Self::DefaultLocation
            | Self::LocationInUse
            | Self::TooManyLocations => Kind::Conflict,
            Self::Stale => Kind::Stale,
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::UnknownVariant(_) => "stock.no_variant",
            Self::UnknownLocation(_) | Self::NoLocation(_) => "stock.no_location",
            Self::NotEnough { .. } => "stock.not_enough",
            Self::TooMany => "stock.too_many",
            Self::ReasonOfOrders => "stock.reason_of_orders",
            Self::ThresholdsOutOfOrder => "stock.thresholds_out_of_order",
            Self::DefaultLocation => "stock.default_location",
            Self::LocationInUse => "stock.location_in_use",
            Self::TooManyLocations => "stock.too_many_locations",
            Self::Stale => "request.stale_version",
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        let pointer = match self {
            Self::UnknownVariant(_) => "/variant_id",
            Self::UnknownLocation(_) => "/location_id",
            Self::ReasonOfOrders => "/reason",
            Self::ThresholdsOutOfOrder => "/stock_medium",
            _ => return Vec::new(),
        };
        vec![FieldError::new(pointer, self.to_string())]
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        if let Self::Db(err) = self { err.retry_after_seconds() } else { None }
    }
}
