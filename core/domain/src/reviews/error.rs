//! Why reviews are refused.

use kernel::{DomainError, FieldError, Kind};
use tenants::DbError;

use super::ReviewId;
use crate::catalog::CatalogError;
use crate::identity::IdentityError;

/// Why something could not be done with a review.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// No such review in this store.
    #[error("there is no review {0}")]
    NoReview(ReviewId),
    /// The customer has said what there is to say.
    #[error("you have reviewed this product already")]
    AlreadyReviewed,
    /// The row was changed since the caller read it.
    #[error("it was changed in the meantime; read it again")]
    Stale,
    /// The product.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The writer.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for ReviewError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for ReviewError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoReview(_) => Kind::NotFound,
            Self::AlreadyReviewed => Kind::Conflict,
            Self::Stale => Kind::Stale,
            Self::Catalog(err) => err.kind(),
            Self::Identity(err) => err.kind(),
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoReview(_) => "reviews.no_review",
            Self::AlreadyReviewed => "reviews.already_reviewed",
            Self::Stale => "request.stale_version",
            Self::Catalog(err) => err.code(),
            Self::Identity(err) => err.code(),
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Catalog(err) => err.fields(),
            Self::Identity(err) => err.fields(),
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Catalog(err) => err.retry_after_seconds(),
            Self::Identity(err) => err.retry_after_seconds(),
            Self::Db(err) => err.retry_after_seconds(),
            _ => None,
        }
    }
}
