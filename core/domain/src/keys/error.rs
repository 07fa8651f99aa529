//! Why a key can't be made or found.

use kernel::{DomainError, FieldError, Kind};
use tenants::DbError;

use super::ApiKeyId;
use crate::access::AccessError;

/// Why something could not be done with a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No such key in this store.
    #[error("there is no API key {0}")]
    NoKey(ApiKeyId),
    /// A key that never was good.
    #[error("must lie in the future")]
    ExpiredAlready,
    /// The random source failed.
    #[error("a key could not be made")]
    Random,
    /// It reaches beyond its maker.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for KeyError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for KeyError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoKey(_) => Kind::NotFound,
            Self::ExpiredAlready => Kind::Invalid,
            Self::Random => Kind::Internal,
            Self::Access(err) => err.kind(),
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoKey(_) => "access.no_key",
            Self::ExpiredAlready => "request.invalid",
            Self::Random => "service.fault",
            Self::Access(err) => err.code(),
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::ExpiredAlready => vec![FieldError::new("/expires_at", self.to_string())],
            Self::Access(err) => err.fields(),
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Db(err) => err.retry_after_seconds(),
            Self::Access(err) => err.retry_after_seconds(),
            _ => None,
        }
    }
}
