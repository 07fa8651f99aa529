//! The SQL of versions, for operators.

use chrono::{DateTime, Utc};
use gateway::{Capability, VersionId};
use kernel::{Currency, Text as _};
use tenants::{DbError, PlatformTx};
use uuid::Uuid;

use super::rows::{VersionRow, version_id};
use crate::gateways::{Description, GatewayName, Registered, Version, VersionNumber, VersionState};

/// How a version comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gateways) enum Source {
    /// An operator uploads it.
    Upload,
    /// It comes with a build.
    Build,
}

struct Row {
    id: Vec<u8>,
    gateway: String,
    number: String,
    name: String,
    hosts: Vec<String>,
    capabilities: Vec<String>,
    currencies: Vec<String>,
    settings_schema: String,
    state: String,
    created_at: DateTime<Utc>,
    contract: String,
    imports: Vec<String>,
    size: i64,
    bundled: bool,
    operator_id: Uuid,
    row_version: i64,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<Registered, DbError> {
        let Self { id, gateway, number, name, hosts, capabilities, currencies, settings_schema, state, .. } = self;
        let created_at = self.created_at;
        let row = VersionRow {
            id,
            gateway,
            number,
            name,
            hosts,
            capabilities,
            currencies,
            settings_schema,
            state,
            created_at,
        };
        Ok(Registered {
            version: row.read()?,
            contract: self.contract,
            imports: self.imports,
            size: self.size,
            bundled: self.bundled,
            operator: self.operator_id,
            row_version: self.row_version,
            updated_at: self.updated_at,
        })
    }
}

/// Inserts a version; false where its bytes or its number are there already.
pub(in crate::gateways) async fn insert(
    tx: &mut PlatformTx,
    new: &Description,
    number: &VersionNumber,
    component: &[u8],
    source: Source,
    operator: Uuid,
) -> Result<bool, DbError> {
    let now = tx.now();
    let state = if source == Source::Build { VersionState::Approved } else { VersionState::Uploaded };
    let capabilities: Vec<_> = new.capabilities.iter().copied().map(Capability::as_str).map(str::to_owned).collect();
    let currencies: Vec<_> = new.currencies.iter().copied().map(Currency::code).map(str::to_owned).collect();
    let done = sqlx::query!(
        "INSERT INTO platform.gateway_versions (id, gateway, version, name, contract, imports, hosts, capabilities, currencies,
                                                settings_schema, size, component, state, bundled, operator_id, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, octet_length($11::bytea), $11, $12, $13, $14, $15, $15)
         ON CONFLICT DO NOTHING",
        &new.id.0,
        new.gateway.as_str(),
        number.as_str(),
        new.name.as_str(),
        new.contract,
        &new.imports,
        &new.hosts,
        &capabilities,
        &currencies,
        new.settings_schema,
        component,
        state.as_str(),
        source == Source::Build,
        operator,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Which of these are there.
pub(in crate::gateways) async fn known(tx: &mut PlatformTx, ids: &[VersionId]) -> Result<Vec<VersionId>, DbError> {
    let wanted: Vec<_> = ids.iter().map(|id| id.0.to_vec()).collect();
    let found = sqlx::query_scalar!("SELECT id FROM platform.gateway_versions WHERE id = ANY($1)", &wanted)
        .fetch_all(tx.conn())
        .await?;
    found.iter().map(|id| version_id(id)).collect()
}

pub(in crate::gateways) async fn by_id(tx: &mut PlatformTx, id: VersionId) -> Result<Option<Registered>, DbError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, gateway, version AS number, name, hosts, capabilities, currencies, settings_schema, state, created_at,
                contract, imports, size, bundled, operator_id, row_version, updated_at
         FROM platform.gateway_versions WHERE id = $1",
        &id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

pub(in crate::gateways) async fn by_number(
    tx: &mut PlatformTx,
    gateway: &GatewayName,
    number: &VersionNumber,
) -> Result<Option<Registered>, DbError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, gateway, version AS number, name, hosts, capabilities, currencies, settings_schema, state, created_at,
                contract, imports, size, bundled, operator_id, row_version, updated_at
         FROM platform.gateway_versions WHERE gateway = $1 AND version = $2",
        gateway.as_str(),
        number.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

/// All of them: by gateway, the newest first.
pub(in crate::gateways) async fn list(tx: &mut PlatformTx) -> Result<Vec<Registered>, DbError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, gateway, version AS number, name, hosts, capabilities, currencies, settings_schema, state, created_at,
                contract, imports, size, bundled, operator_id, row_version, updated_at
         FROM platform.gateway_versions",
    )
    .fetch_all(tx.conn())
    .await?;
    let mut all = rows.into_iter().map(Row::read).collect::<Result<Vec<_>, _>>()?;
    all.sort_by(|a, b| a.version.gateway.cmp(&b.version.gateway).then_with(|| Version::newer(&a.version, &b.version)));
    Ok(all)
}

/// Puts a version into a state; false where it is in that already, or is not there.
pub(in crate::gateways) async fn set_state(
    tx: &mut PlatformTx,
    id: VersionId,
    state: VersionState,
    operator: Uuid,
) -> Result<bool, DbError> {
    let now = tx.now();
    let done = sqlx::query!(
        "UPDATE platform.gateway_versions
         SET state = $2, operator_id = $3, updated_at = $4, row_version = row_version + 1
         WHERE id = $1 AND state <> $2",
        &id.0,
        state.as_str(),
        operator,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}
