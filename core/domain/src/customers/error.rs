//! Why staff does not get at a customer.

use kernel::{DomainError, Kind};
use tenants::DbError;

use crate::identity::UserId;

/// Why something could not be done with a customer.
#[derive(Debug, thiserror::Error)]
pub enum CustomerError {
    /// No such customer in this store.
    #[error("there is no customer {0}")]
    NoCustomer(UserId),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for CustomerError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for CustomerError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoCustomer(_) => Kind::NotFound,
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoCustomer(_) => "customers.no_customer",
            Self::Db(err) => err.code(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        if let Self::Db(err) = self { err.retry_after_seconds() } else { None }
    }
}
