//! What can be done to a store as a whole.

use kernel::{Limit, Page};

use super::{Language, NewStore, Origin, RegistryError, Store, StoreName, StoreSlug, StoreStep, queries};
use crate::{DbError, PlatformTx, TenantId, TenantTx};

/// Registers the store of `tx`, with its settings and its first location. The slug must be new to the deployment.
///
/// # Errors
/// [`RegistryError::SlugTaken`].
pub async fn open(tx: &mut TenantTx, new: &NewStore) -> Result<Store, RegistryError> {
    queries::open(tx, new).await?;
    queries::insert_settings(tx).await?;
    queries::insert_location(tx, "Main").await?;
    this_store(tx).await
}

/// The registry's entry of the store of `tx`.
///
/// # Errors
/// [`RegistryError::NoStore`] where there is none.
pub async fn this_store(tx: &mut TenantTx) -> Result<Store, RegistryError> {
    queries::this_store(tx).await?.ok_or(RegistryError::NoStore(tx.tenant()))
}

/// Changes the store's name, the origins that may call it, or the language of its letters, where `expected` is still its version.
///
/// # Errors
/// [`RegistryError::Stale`] where it is not.
pub async fn change_this_store(
    tx: &mut TenantTx,
    name: Option<&StoreName>,
    origins: Option<&[Origin]>,
    language: Option<&Language>,
    expected: Option<i64>,
) -> Result<Store, RegistryError> {
    queries::change_this_store(tx, name, origins, language, expected).await?.ok_or(RegistryError::Stale)
}

/// Whether a host is a proved domain of the store of `tx`.
///
/// # Errors
/// [`DbError`].
pub async fn is_own_host(tx: &mut TenantTx, host: &str) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    Ok(queries::find(tx.conn(), Some(host), None).await?.is_some_and(|store| store.id == tenant))
}

/// The stores of the deployment, in the order in which they were opened, those after `after`.
///
/// # Errors
/// [`DbError`].
pub async fn list(tx: &mut PlatformTx, after: Option<TenantId>, limit: Limit) -> Result<Page<Store>, DbError> {
    Ok(Page::cut(queries::list(tx, after, limit).await?, limit))
}

/// One store.
///
/// # Errors
/// [`RegistryError::NoStore`].
pub async fn get(tx: &mut PlatformTx, id: TenantId) -> Result<Store, RegistryError> {
    queries::get(tx, id).await?.ok_or(RegistryError::NoStore(id))
}

/// The store that has a slug.
///
/// # Errors
/// [`DbError`].
pub async fn find(tx: &mut PlatformTx, slug: &StoreSlug) -> Result<Option<Store>, DbError> {
    queries::by_slug(tx, slug).await
}

/// Suspends or resumes a store. Of two who try the same at once, one succeeds.
///
/// # Errors
/// [`RegistryError::NoStore`]; [`RegistryError::WrongStatus`] where the step does not lead on from its status.
pub async fn step(tx: &mut PlatformTx, id: TenantId, step: StoreStep) -> Result<Store, RegistryError> {
    if let Some(store) = queries::set_status(tx, id, step.from(), step.to()).await? {
        return Ok(store);
    }
    let store = get(tx, id).await?;
    Err(RegistryError::WrongStatus { step, from: store.status })
}
