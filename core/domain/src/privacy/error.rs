//! Why a person is not shown or forgotten.

use kernel::{DomainError, Kind};
use tenants::DbError;

use crate::customers::CustomerError;
use crate::identity::IdentityError;
use crate::orders::OrderError;

/// Why something could not be done about what is kept of a person.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    /// The account.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The customer.
    #[error(transparent)]
    Customer(#[from] CustomerError),
    /// The orders.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl PrivacyError {
    fn inner(&self) -> &dyn DomainError {
        match self {
            Self::Identity(err) => err,
            Self::Customer(err) => err,
            Self::Order(err) => err,
            Self::Db(err) => err,
        }
    }
}

impl DomainError for PrivacyError {
    fn kind(&self) -> Kind {
        self.inner().kind()
    }

    fn code(&self) -> &'static str {
        self.inner().code()
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        self.inner().retry_after_seconds()
    }
}
