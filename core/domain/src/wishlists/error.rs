//! Why wishes are refused.

use kernel::{DomainError, Kind};
use tenants::DbError;

use super::MOST_WISHES;
use crate::catalog::CatalogError;
use crate::identity::IdentityError;

/// Why something could not be put on a wishlist.
#[derive(Debug, thiserror::Error)]
pub enum WishlistError {
    /// A list ends somewhere.
    #[error("a wishlist holds at most {MOST_WISHES} products; remove some first")]
    Full,
    /// The product.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The customer.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for WishlistError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for WishlistError {
    fn kind(&self) -> Kind {
        match self {
            Self::Full => Kind::Conflict,
            Self::Catalog(err) => err.kind(),
            Self::Identity(err) => err.kind(),
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Full => "wishlist.full",
            Self::Catalog(err) => err.code(),
            Self::Identity(err) => err.code(),
            Self::Db(err) => err.code(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Full => None,
            Self::Catalog(err) => err.retry_after_seconds(),
            Self::Identity(err) => err.retry_after_seconds(),
            Self::Db(err) => err.retry_after_seconds(),
        }
    }
}
