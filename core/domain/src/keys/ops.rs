//! What can be done with keys.

use kernel::{Limit, Page};
use tenants::{DbError, TenantTx};

use super::{ApiKey, ApiKeyId, KeyError, KeySecret, NewKey, queries};
use crate::access::{Permissions, may_give};
use crate::identity::UserId;

/// Makes a key that reaches nothing beyond `own`. The secret is shown this once.
///
/// # Errors
/// [`KeyError::ExpiredAlready`], or that it reaches beyond its maker.
pub async fn add_key(
    tx: &mut TenantTx,
    maker: UserId,
    own: Permissions,
    new: &NewKey,
) -> Result<(ApiKey, KeySecret), KeyError> {
    may_give(own, new.scopes)?;
    if new.expires_at.is_some_and(|end| end <= tx.now()) {
        return Err(KeyError::ExpiredAlready);
    }
    let secret = KeySecret::generate(tx.tenant())?;
    let key = ApiKey {
        id: ApiKeyId::generate(),
        name: new.name.clone(),
        scopes: new.scopes,
        made_by: maker,
        expires_at: new.expires_at,
        last_used_at: None,
        revoked_at: None,
        created_at: tx.now(),
    };
    queries::insert(tx, &key, &secret.hash()).await?;
    Ok((key, secret))
}

/// The key that has this secret, if it is good now. Notes that it was used.
///
/// # Errors
/// [`DbError`].
pub async fn find_key(tx: &mut TenantTx, secret: &KeySecret) -> Result<Option<ApiKey>, DbError> {
    let now = tx.now();
    let key = queries::by_hash(tx, &secret.hash()).await?;
    let good = |key: &ApiKey| key.revoked_at.is_none() && key.expires_at.is_none_or(|end| end > now);
    let Some(key) = key.filter(good) else { return Ok(None) };
    queries::mark_used(tx, key.id).await?;
    Ok(Some(key))
}

/// A key.
///
/// # Errors
/// [`KeyError::NoKey`].
pub async fn key(tx: &mut TenantTx, id: ApiKeyId) -> Result<ApiKey, KeyError> {
    queries::get(tx, id).await?.ok_or(KeyError::NoKey(id))
}

/// A page of keys, the newest first, those before `before`.
///
/// # Errors
/// [`DbError`].
pub async fn list_keys(tx: &mut TenantTx, before: Option<ApiKeyId>, limit: Limit) -> Result<Page<ApiKey>, DbError> {
    Ok(Page::cut(queries::list(tx, before, limit).await?, limit))
}

/// Revokes a key that reaches nothing beyond `own`. Revoking it again changes nothing.
///
/// # Errors
/// [`KeyError::NoKey`], or that it reaches beyond the caller.
pub async fn revoke_key(tx: &mut TenantTx, own: Permissions, id: ApiKeyId) -> Result<ApiKey, KeyError> {
    let found = key(tx, id).await?;
    may_give(own, found.scopes)?;
    queries::revoke(tx, id).await?;
    key(tx, id).await
}

/// The keys that a user has made, revoked ones too.
///
/// # Errors
/// [`DbError`].
pub async fn ids_of(tx: &mut TenantTx, maker: UserId) -> Result<Vec<ApiKeyId>, DbError> {
    queries::ids_of(tx, maker).await
}
