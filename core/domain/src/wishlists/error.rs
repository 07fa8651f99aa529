//! Why wishes are refused.

use kernel::{DomainError, FieldError, Kind};
use tenants::DbError;

use super::MOST_WISHES;
use crate::catalog::{CatalogError, ProductId};
use crate::identity::IdentityError;

/// Why something could not be put on a wishlist.
#[derive(Debug, thiserror::Error)]
pub enum WishlistError {
    /// A list ends somewhere.
    #[error("a wishlist holds at most {MOST_WISHES} products; remove some first")]
    Full,
    /// It is not on the list.
    #[error("the wishlist has no product {0}")]
    NoWish(ProductId),
    /// Which variant is meant is not said, or it is none of the product's.
    #[error("say which of the product's variants is meant")]
    NoVariant,
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
            Self::NoWish(_) => Kind::NotFound,
            Self::NoVariant => Kind::Invalid,
            Self::Catalog(err) => err.kind(),
            Self::Identity(err) => err.kind(),
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Full => "wishlist.full",
            Self::NoWish(_) => "wishlist.no_item",
            Self::NoVariant => "wishlist.no_variant",
            Self::Catalog(err) => err.code(),
            Self::Identity(err) => err.code(),
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        if let Self::NoVariant = self { vec![FieldError::new("/variant_id", self.to_string())] } else { Vec::new() }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Full | Self::NoWish(_) | Self::NoVariant => None,
            Self::Catalog(err) => err.retry_after_seconds(),
            Self::Identity(err) => err.retry_after_seconds(),
            Self::Db(err) => err.retry_after_seconds(),
        }
    }
}
