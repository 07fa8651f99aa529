//! The SQL of keys.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Limit, Text};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::{ApiKey, ApiKeyId, KeyName};
use crate::access::Permission;
use crate::identity::UserId;

struct Row {
    id: Uuid,
    name: String,
    scopes: Vec<String>,
    made_by: Uuid,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<ApiKey, DbError> {
        let broken = |_| DbError::from(sqlx::Error::Decode(format!("API key {} breaks its rules", self.id).into()));
        Ok(ApiKey {
            id: ApiKeyId(self.id),
            name: KeyName::parse(&self.name).map_err(broken)?,
            scopes: self.scopes.iter().filter_map(|word| Permission::read(word)).collect(),
            made_by: UserId(self.made_by),
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
            revoked_at: self.revoked_at,
            created_at: self.created_at,
        })
    }
}

pub(super) async fn insert(tx: &mut TenantTx, key: &ApiKey, hash: &[u8]) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO api_keys (tenant_id, id, name, hash, scopes, made_by, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant.0,
        key.id.0,
        key.name.as_str(),
        hash,
        &key.scopes.names(),
        key.made_by.0,
        key.expires_at,
        key.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn by_hash(tx: &mut TenantTx, hash: &[u8]) -> Result<Option<ApiKey>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        "SELECT id, name, scopes, made_by, expires_at, last_used_at, revoked_at, created_at
         FROM api_keys WHERE tenant_id = $1 AND hash = $2",
        tenant.0,
        hash,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

pub(super) async fn get(tx: &mut TenantTx, id: ApiKeyId) -> Result<Option<ApiKey>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        "SELECT id, name, scopes, made_by, expires_at, last_used_at, revoked_at, created_at
         FROM api_keys WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

pub(super) async fn list(tx: &mut TenantTx, before: Option<ApiKeyId>, limit: Limit) -> Result<Vec<ApiKey>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, name, scopes, made_by, expires_at, last_used_at, revoked_at, created_at
         FROM api_keys WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        tenant.0,
        before.map_or(Uuid::max(), |id| id.0),
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Notes the use, once a minute at most: a busy key is not a busy row.
pub(super) async fn mark_used(tx: &mut TenantTx, id: ApiKeyId) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "UPDATE api_keys SET last_used_at = $3
         WHERE tenant_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $4)",
        tenant.0,
        id.0,
        now,
        now - TimeDelta::minutes(1),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn revoke(tx: &mut TenantTx, id: ApiKeyId) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "UPDATE api_keys SET revoked_at = coalesce(revoked_at, $3) WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn ids_of(tx: &mut TenantTx, maker: UserId) -> Result<Vec<ApiKeyId>, DbError> {
    let tenant = tx.tenant();
    let ids = sqlx::query_scalar!("SELECT id FROM api_keys WHERE tenant_id = $1 AND made_by = $2", tenant.0, maker.0);
    Ok(ids.fetch_all(tx.conn()).await?.into_iter().map(ApiKeyId).collect())
}
