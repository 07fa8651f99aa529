//! Opening a store: the registry's entry, settings, first location and owner, all in one transaction.

use kernel::DomainError;
use tenants::registry::{self, NewStore, RegistryError, Store};
use tenants::{DbError, TenantTx};

use crate::identity::{self, IdentityError, NewUser, Role, User};

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpeningError {
    /// The registry refuses.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The owner could not be made.
    #[error(transparent)]
    Owner(#[from] IdentityError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl DomainError for OpeningError {
    fn kind(&self) -> kernel::Kind {
        match self {
            Self::Registry(err) => err.kind(),
            Self::Owner(err) => err.kind(),
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Registry(err) => err.code(),
            Self::Owner(err) => err.code(),
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<kernel::FieldError> {
        match self {
            Self::Registry(err) => err.fields(),
            Self::Owner(err) => err.fields(),
            Self::Db(_) => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Registry(err) => err.retry_after_seconds(),
            Self::Owner(err) => err.retry_after_seconds(),
            Self::Db(err) => err.retry_after_seconds(),
        }
    }
}

/// Opens the store of `tx`, a new id, and makes `owner` its owner.
///
/// # Errors
/// [`RegistryError::SlugTaken`] where another store has the slug.
pub async fn open_store(tx: &mut TenantTx, new: &NewStore, owner: &NewUser) -> Result<(Store, User), OpeningError> {
    let store = registry::open(tx, new).await?;
    let user = identity::add_user(tx, owner).await?;
    identity::give_role(tx, user.id, Role::Owner).await?;
    Ok((store, user))
}
