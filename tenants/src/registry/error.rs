//! Why the registry refuses.

use kernel::{DomainError, FieldError, Kind, Text};

use super::{StoreSlug, StoreStatus, StoreStep};
use crate::{DbError, TenantId};

/// Why something could not be done to a store as a whole.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// Slugs are unique on the deployment.
    #[error("another store has the slug `{}`; choose another", .0.as_str())]
    SlugTaken(StoreSlug),
    /// No such store.
    #[error("there is no store {0}")]
    NoStore(TenantId),
    /// The step does not lead on from where the store is.
    #[error("a store that is {from} can't be {step}; only one that is {} can", .step.from())]
    WrongStatus {
        /// What was asked.
        step: StoreStep,
        /// What the store is.
        from: StoreStatus,
    },
    /// The store was changed since the caller read it.
    #[error("the store was changed in the meantime; read it again")]
    Stale,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for RegistryError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for RegistryError {
    fn kind(&self) -> Kind {
        match self {
            Self::SlugTaken(_) | Self::WrongStatus { .. } => Kind::Conflict,
            Self::NoStore(_) => Kind::NotFound,
            Self::Stale => Kind::Stale,
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::SlugTaken(_) => "store.slug_taken",
            Self::NoStore(_) => "store.not_found",
            Self::WrongStatus { .. } => "store.wrong_status",
            Self::Stale => "request.stale_version",
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::SlugTaken(_) => vec![FieldError::new("/slug", self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        if let Self::Db(err) = self { err.retry_after_seconds() } else { None }
    }
}
