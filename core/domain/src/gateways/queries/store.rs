//! The SQL of what a store chose.

use chrono::{DateTime, TimeDelta, Utc};
use gateway::VersionId;
use kernel::Text as _;
use serde_json::Value;
use tenants::{DbError, TenantTx};

use super::rows::{VersionRow, text, version_id};
use crate::gateways::vault::Sealed;
use crate::gateways::{GatewayName, Version};

/// What a store chose, without its secrets.
pub(in crate::gateways) struct ChosenRow {
    pub(in crate::gateways) gateway: GatewayName,
    pub(in crate::gateways) version_id: VersionId,
    pub(in crate::gateways) enabled: bool,
    pub(in crate::gateways) sandbox: bool,
    pub(in crate::gateways) settings: Value,
    pub(in crate::gateways) secrets: Vec<String>,
    pub(in crate::gateways) version: i64,
    pub(in crate::gateways) created_at: DateTime<Utc>,
    pub(in crate::gateways) updated_at: DateTime<Utc>,
}

struct Row {
    gateway: String,
    version_id: Vec<u8>,
    enabled: bool,
    sandbox: bool,
    settings: Value,
    secrets: Vec<String>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<ChosenRow, DbError> {
        Ok(ChosenRow {
            gateway: text(&self.gateway)?,
            version_id: version_id(&self.version_id)?,
            enabled: self.enabled,
            sandbox: self.sandbox,
            settings: self.settings,
            secrets: self.secrets,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// The versions of these ids; all that are approved where none are named.
pub(in crate::gateways) async fn versions(
    tx: &mut TenantTx,
    ids: Option<&[VersionId]>,
) -> Result<Vec<Version>, DbError> {
    let wanted = ids.map(|ids| ids.iter().map(|id| id.0.to_vec()).collect::<Vec<_>>());
    let rows = sqlx::query_as!(
        VersionRow,
        r#"SELECT id AS "id!", gateway AS "gateway!", version AS "number!", name AS "name!", hosts AS "hosts!",
                  capabilities AS "capabilities!", currencies AS "currencies!", settings_schema AS "settings_schema!",
                  state AS "state!", created_at AS "created_at!"
           FROM platform.gateways($1)"#,
        wanted.as_deref(),
    )
    .fetch_all(tx.conn())
    .await?;
    let mut versions = rows.into_iter().map(VersionRow::read).collect::<Result<Vec<_>, _>>()?;
    versions.sort_by(|a, b| a.gateway.cmp(&b.gateway).then_with(|| Version::newer(a, b)));
    Ok(versions)
}

/// The bytes of a version; none where there is no such.
pub(in crate::gateways) async fn component(tx: &mut TenantTx, id: VersionId) -> Result<Option<Vec<u8>>, DbError> {
    let bytes = sqlx::query_scalar!("SELECT platform.gateway_component($1)", &id.0).fetch_one(tx.conn()).await?;
    Ok(bytes)
}

/// All that the store ever chose.
pub(in crate::gateways) async fn all(tx: &mut TenantTx) -> Result<Vec<ChosenRow>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT g.gateway, g.version_id, g.enabled, g.sandbox, g.settings, g.version, g.created_at, g.updated_at,
                  ARRAY(SELECT s.name FROM store_gateway_secrets s
                        WHERE s.tenant_id = $1 AND s.gateway = g.gateway ORDER BY s.name) AS "secrets!"
           FROM store_gateways g WHERE g.tenant_id = $1 ORDER BY g.gateway"#,
        tenant.0,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// What the store chose for one gateway.
pub(in crate::gateways) async fn one(tx: &mut TenantTx, gateway: &GatewayName) -> Result<Option<ChosenRow>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        r#"SELECT g.gateway, g.version_id, g.enabled, g.sandbox, g.settings, g.version, g.created_at, g.updated_at,
                  ARRAY(SELECT s.name FROM store_gateway_secrets s
                        WHERE s.tenant_id = $1 AND s.gateway = $2 ORDER BY s.name) AS "secrets!"
           FROM store_gateways g WHERE g.tenant_id = $1 AND g.gateway = $2"#,
        tenant.0,
        gateway.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

/// Holds what the store chose for one gateway until the transaction ends, beside others who hold it so: it is neither
/// changed nor switched off meanwhile. False where it is not there.
pub(in crate::gateways) async fn hold(tx: &mut TenantTx, gateway: &GatewayName) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        "SELECT version FROM store_gateways WHERE tenant_id = $1 AND gateway = $2 FOR SHARE",
        tenant.0,
        gateway.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.is_some())
}

/// Locks what the store chose for one gateway, to change it: its version, 0 where it never chose.
pub(in crate::gateways) async fn lock(tx: &mut TenantTx, gateway: &GatewayName) -> Result<i64, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        "SELECT version FROM store_gateways WHERE tenant_id = $1 AND gateway = $2 FOR UPDATE",
        tenant.0,
        gateway.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.unwrap_or(0))
}

/// Inserts what the store chooses; false where somebody did so since [`lock`] looked.
pub(in crate::gateways) async fn insert(
    tx: &mut TenantTx,
    gateway: &GatewayName,
    version: VersionId,
    sandbox: bool,
    settings: &Value,
) -> Result<bool, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sqlx::query!(
        "INSERT INTO store_gateways (tenant_id, gateway, version_id, enabled, sandbox, settings, version, created_at, updated_at)
         VALUES ($1, $2, $3, true, $4, $5, 1, $6, $6) ON CONFLICT (tenant_id, gateway) DO NOTHING",
        tenant.0,
        gateway.as_str(),
        &version.0,
        sandbox,
        settings,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Changes what the store chose.
pub(in crate::gateways) async fn update(
    tx: &mut TenantTx,
    gateway: &GatewayName,
    version: VersionId,
    sandbox: bool,
    settings: &Value,
) -> Result<bool, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sqlx::query!(
        "UPDATE store_gateways
         SET version_id = $3, enabled = true, sandbox = $4, settings = $5, version = version + 1, updated_at = $6
         WHERE tenant_id = $1 AND gateway = $2",
        tenant.0,
        gateway.as_str(),
        &version.0,
        sandbox,
        settings,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Switches a gateway off; false where it is off.
pub(in crate::gateways) async fn switch_off(tx: &mut TenantTx, gateway: &GatewayName) -> Result<bool, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sqlx::query!(
        "UPDATE store_gateways SET enabled = false, version = version + 1, updated_at = $3
         WHERE tenant_id = $1 AND gateway = $2 AND enabled",
        tenant.0,
        gateway.as_str(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether payments through a gateway are under way, are to be let go, could be given back, or might yet be paid: late.
pub(in crate::gateways) async fn is_needed(tx: &mut TenantTx, gateway: &GatewayName) -> Result<bool, DbError> {
    let (tenant, late) = (tx.tenant(), tx.now() - TimeDelta::days(1));
    let needed = sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM payments WHERE tenant_id = $1 AND gateway = $2
               AND (status IN ('created', 'pending', 'authorized', 'indeterminate', 'captured', 'partially_refunded')
                    OR doing IS NOT NULL OR held_for IS NOT NULL
                    OR status IN ('failed', 'cancelled') AND reference IS NOT NULL AND updated_at > $3)
           ) AS "needed!""#,
        tenant.0,
        gateway.as_str(),
        late,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(needed)
}

/// Forgets what was set for a gateway.
pub(in crate::gateways) async fn forget(tx: &mut TenantTx, gateway: &GatewayName) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM store_gateway_secrets WHERE tenant_id = $1 AND gateway = $2", tenant.0, gateway.as_str())
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "UPDATE store_gateways SET settings = '{}' WHERE tenant_id = $1 AND gateway = $2",
        tenant.0,
        gateway.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The secrets of a gateway, as they rest.
pub(in crate::gateways) async fn secrets(
    tx: &mut TenantTx,
    gateway: &GatewayName,
) -> Result<Vec<(String, Sealed)>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        "SELECT name, key_id, sealed FROM store_gateway_secrets WHERE tenant_id = $1 AND gateway = $2",
        tenant.0,
        gateway.as_str(),
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, Sealed { key_id: row.key_id, bytes: row.sealed })).collect())
}

/// Keeps a secret in the place of an earlier one.
pub(in crate::gateways) async fn keep_secret(
    tx: &mut TenantTx,
    gateway: &GatewayName,
    name: &str,
    secret: &Sealed,
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO store_gateway_secrets (tenant_id, gateway, name, key_id, sealed) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, gateway, name) DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed",
        tenant.0,
        gateway.as_str(),
        name,
        secret.key_id,
        secret.bytes,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Deletes the secrets of a gateway but for these.
pub(in crate::gateways) async fn keep_only(
    tx: &mut TenantTx,
    gateway: &GatewayName,
    names: &[String],
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "DELETE FROM store_gateway_secrets WHERE tenant_id = $1 AND gateway = $2 AND name <> ALL($3)",
        tenant.0,
        gateway.as_str(),
        names,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
