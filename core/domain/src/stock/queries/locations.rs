//! Places.

use kernel::{Limit, Text as _};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::stock::{Location, LocationChange, LocationId, LocationName, StockError};

pub(in crate::stock) async fn default_location(tx: &mut TenantTx) -> Result<LocationId, DbError> {
    let tenant = tx.tenant();
    let id = sqlx::query_scalar!("SELECT id FROM locations WHERE tenant_id = $1 AND is_default", tenant.0);
    Ok(LocationId(id.fetch_one(tx.conn()).await?))
}

/// A statement over places; `$rest` is what follows `WHERE tenant_id = $1 AND`.
macro_rules! places {
    ($rest:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            Location,
            "SELECT id, name, is_default, version, created_at FROM locations WHERE tenant_id = $1 AND " + $rest,
            $($arg),*
        )
    };
}

pub(in crate::stock) async fn list(
    tx: &mut TenantTx,
    after: Option<LocationId>,
    limit: Limit,
) -> Result<Vec<Location>, DbError> {
    let (tenant, after, limit) = (tx.tenant().0, after.map_or(Uuid::nil(), |id| id.0), limit.and_one());
    Ok(places!("id > $2 ORDER BY id LIMIT $3", tenant, after, limit).fetch_all(tx.conn()).await?)
}

pub(in crate::stock) async fn get(tx: &mut TenantTx, id: LocationId) -> Result<Option<Location>, DbError> {
    let tenant = tx.tenant();
    Ok(places!("id = $2", tenant.0, id.0).fetch_optional(tx.conn()).await?)
}

/// Locks all places of the store, and counts them.
pub(in crate::stock) async fn lock_all(tx: &mut TenantTx) -> Result<usize, DbError> {
    let tenant = tx.tenant();
    let ids =
        sqlx::query_scalar!("SELECT id FROM locations WHERE tenant_id = $1 ORDER BY id FOR NO KEY UPDATE", tenant.0,);
    Ok(ids.fetch_all(tx.conn()).await?.len())
}

pub(in crate::stock) async fn insert(tx: &mut TenantTx, id: LocationId, name: &LocationName) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "INSERT INTO locations (tenant_id, id, name, is_default, created_at) VALUES ($1, $2, $3, false, $4)",
        tenant.0,
        id.0,
        name.as_str(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::stock) async fn unset_default(tx: &mut TenantTx) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE locations SET is_default = false, version = version + 1 WHERE tenant_id = $1 AND is_default",
        tenant.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::stock) async fn update(
    tx: &mut TenantTx,
    id: LocationId,
    change: &LocationChange,
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE locations SET name = coalesce($3, name), is_default = is_default OR $4, version = version + 1
         WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        change.name.as_ref().map(|name| name.as_str()),
        change.becomes_default,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::stock) async fn delete(tx: &mut TenantTx, id: LocationId) -> Result<(), StockError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM locations WHERE tenant_id = $1 AND id = $2", tenant.0, id.0)
        .execute(tx.conn())
        .await
        .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
            Some("stock_levels_location_exists") => StockError::LocationInUse,
            _ => err.into(),
        })?;
    Ok(())
}
