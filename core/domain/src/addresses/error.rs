//! Why addresses are refused.

use kernel::{DomainError, FieldError, Kind};
use tenants::DbError;

use super::{AddressId, MOST_ADDRESSES};
use crate::identity::IdentityError;

/// Why something could not be done with an address.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// The customer keeps no such address.
    #[error("there is no address {0}")]
    NoAddress(AddressId),
    /// There is an end to them.
    #[error("a customer keeps at most {MOST_ADDRESSES} addresses; remove some first")]
    Full,
    /// One address is always the default.
    #[error("one of the addresses is always the default; make another one the default instead")]
    KeepsDefault,
    /// The row was changed since the caller read it.
    #[error("it was changed in the meantime; read it again")]
    Stale,
    /// The customer.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for AddressError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for AddressError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoAddress(_) => Kind::NotFound,
            Self::Full | Self::KeepsDefault => Kind::Conflict,
            Self::Stale => Kind::Stale,
            Self::Identity(err) => err.kind(),
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoAddress(_) => "addresses.no_address",
            Self::Full => "addresses.full",
            Self::KeepsDefault => "addresses.keeps_default",
            Self::Stale => "request.stale_version",
            Self::Identity(err) => err.code(),
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::KeepsDefault => vec![FieldError::new("/is_default", self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Identity(err) => err.retry_after_seconds(),
            Self::Db(err) => err.retry_after_seconds(),
            _ => None,
        }
    }
}
