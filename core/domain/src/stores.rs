//! What a store is reached by: where a buyer's browser may be sent.

use kernel::{DomainError, FieldError, Kind, Text as _};
use tenants::registry::{self, RegistryError};
use tenants::{DbError, TenantTx};
use url::Url;

use crate::mail::store_url;

/// Why a browser is not sent somewhere.
#[derive(Debug, thiserror::Error)]
pub enum ReturnError {
    /// It is no address, or none of the store's.
    #[error("must lie on one of the store's hosts, or on one of its allowed origins (PATCH /admin/v1/store)")]
    Foreign,
    /// The registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl DomainError for ReturnError {
    fn kind(&self) -> Kind {
        match self {
            Self::Foreign => Kind::Invalid,
            Self::Registry(err) => err.kind(),
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Foreign => "store.foreign_return_url",
            Self::Registry(err) => err.code(),
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Foreign => vec![FieldError::new("/return_url", self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Foreign => None,
            Self::Registry(err) => err.retry_after_seconds(),
            Self::Db(err) => err.retry_after_seconds(),
        }
    }
}

/// An address that a buyer's browser is sent back to, where it lies on the store's own host below `base_url`, on a domain
/// of its own that is proved, or on one of its allowed origins. Anything else would let a stranger's page take the buyer
/// over in the store's name.
///
/// # Errors
/// [`ReturnError::Foreign`].
pub async fn return_url(tx: &mut TenantTx, base_url: &str, text: &str) -> Result<String, ReturnError> {
    let url = Url::parse(text).map_err(|_| ReturnError::Foreign)?;
    let host = url.host_str().ok_or(ReturnError::Foreign)?;
    // What a user and a password are for in front of a host is to make it look like another.
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return Err(ReturnError::Foreign);
    }
    let store = registry::this_store(tx).await?;
    let same = |other: &str| Url::parse(other).is_ok_and(|other| other.origin() == url.origin());
    let own = same(&store_url(base_url, store.slug.as_str()));
    if own || store.allowed_origins.iter().any(|origin| same(origin.as_str())) {
        return Ok(url.into());
    }
    // On a domain of its own nothing is sent in the clear.
    if url.scheme() == "https" && url.port().is_none() && registry::is_own_host(tx, host).await? {
        return Ok(url.into());
    }
    Err(ReturnError::Foreign)
}
