//! What customers do with their addresses. Each write locks the customer first, so that two at once follow one another
//! and leave one default.

use kernel::{Limit, Page};
use tenants::{DbError, TenantTx};

use super::{Address, AddressChange, AddressError, AddressId, Kept, queries};
use crate::identity::{IdentityError, UserId};

/// Addresses of a customer, at most.
pub const MOST_ADDRESSES: i64 = 50;

/// A page of a customer's addresses, the newest first, those before `before`.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut TenantTx,
    customer: UserId,
    before: Option<AddressId>,
    limit: Limit,
) -> Result<Page<Kept>, DbError> {
    Ok(Page::cut(queries::list(tx, customer, before, limit.and_one()).await?, limit))
}

/// All of a customer's addresses, the newest first.
///
/// # Errors
/// [`DbError`].
pub async fn all_of(tx: &mut TenantTx, customer: UserId) -> Result<Vec<Kept>, DbError> {
    queries::list(tx, customer, None, MOST_ADDRESSES).await
}

/// One of a customer's addresses.
///
/// # Errors
/// [`AddressError::NoAddress`].
pub async fn address(tx: &mut TenantTx, customer: UserId, id: AddressId) -> Result<Kept, AddressError> {
    queries::get(tx, customer, id).await?.ok_or(AddressError::NoAddress(id))
}

/// Adds an address. The first is the default, whether it wants to or not.
///
/// # Errors
/// [`AddressError::Full`], [`IdentityError::NoAccount`] where the customer is gone.
pub async fn add(
    tx: &mut TenantTx,
    customer: UserId,
    address: Address,
    wants_default: bool,
) -> Result<Kept, AddressError> {
    lock(tx, customer).await?;
    let count = queries::count(tx, customer).await?;
    if count >= MOST_ADDRESSES {
        return Err(AddressError::Full);
    }
    let is_default = wants_default || count == 0;
    if is_default {
        queries::clear_default(tx, customer).await?;
    }
    let kept = Kept { id: AddressId::generate(), address, is_default, version: 1, created_at: tx.now() };
    queries::insert(tx, customer, &kept).await?;
    Ok(kept)
}

/// Changes one of a customer's addresses where `expected` is still its version.
///
/// # Errors
/// [`AddressError::NoAddress`], [`AddressError::Stale`]; [`AddressError::KeepsDefault`] where the default is to be none.
pub async fn change(
    tx: &mut TenantTx,
    customer: UserId,
    id: AddressId,
    expected: Option<i64>,
    change: AddressChange,
) -> Result<Kept, AddressError> {
    let old = locked(tx, customer, id, expected).await?;
    let is_default = change.is_default.unwrap_or(old.is_default);
    if old.is_default && !is_default {
        return Err(AddressError::KeepsDefault);
    }
    if is_default && !old.is_default {
        queries::clear_default(tx, customer).await?;
    }
    let new = Kept { address: change.onto(old.address), is_default, version: old.version + 1, ..old };
    queries::update(tx, customer, &new).await?;
    Ok(new)
}

/// Removes one of a customer's addresses where `expected` is still its version. Where it was the default, the newest of
/// those that are left is from now on.
///
/// # Errors
/// [`AddressError::NoAddress`], [`AddressError::Stale`].
pub async fn remove(
    tx: &mut TenantTx,
    customer: UserId,
    id: AddressId,
    expected: Option<i64>,
) -> Result<(), AddressError> {
    let old = locked(tx, customer, id, expected).await?;
    queries::delete(tx, customer, id).await?;
    if old.is_default {
        queries::make_newest_default(tx, customer).await?;
    }
    Ok(())
}

async fn locked(
    tx: &mut TenantTx,
    customer: UserId,
    id: AddressId,
    expected: Option<i64>,
) -> Result<Kept, AddressError> {
    lock(tx, customer).await?;
    let kept = address(tx, customer, id).await?;
    if expected.is_some_and(|expected| expected != kept.version) {
        return Err(AddressError::Stale);
    }
    Ok(kept)
}

async fn lock(tx: &mut TenantTx, customer: UserId) -> Result<(), AddressError> {
    if queries::lock_customer(tx, customer).await? { Ok(()) } else { Err(IdentityError::NoAccount.into()) }
}
