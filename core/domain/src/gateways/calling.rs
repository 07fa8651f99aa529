//! What a call of a gateway needs, read in a transaction and used after it.

use std::sync::Arc;

use gateway::{Call, Capability, Settings, VersionId};
use kernel::Currency;
use serde_json::Value;
use tenants::{DbError, TenantId, TenantTx};

use super::queries::store as queries;
use super::{GatewayName, GatewaysError, Vault, Version, VersionState};

/// A way to pay that the store offers.
#[derive(Debug, Clone)]
pub struct Method {
    /// Which gateway.
    pub gateway: GatewayName,
    /// What people are shown.
    pub name: String,
    /// The version that a payment begins with.
    pub version: VersionId,
    /// The currencies that it takes; none means every one.
    pub currencies: Vec<Currency>,
    /// Whether no real money moves.
    pub sandbox: bool,
}

/// A gateway of a store, with what was set for it. Its `Debug` shows names of settings only.
#[derive(Debug, Clone)]
pub struct Enabled {
    /// Whose it is.
    pub store: TenantId,
    /// Which gateway.
    pub gateway: GatewayName,
    /// What people are shown.
    pub name: String,
    /// The version that new payments begin with.
    pub version: VersionId,
    /// The currencies that it takes; none means every one.
    pub currencies: Vec<Currency>,
    /// What it can do besides taking payments.
    pub capabilities: Vec<Capability>,
    /// Whether new payments move no real money.
    pub sandbox: bool,
    /// Whether the store has it switched on.
    pub enabled: bool,
    /// Whether new payments may begin: the store has it switched on, and its version is approved.
    pub begins: bool,
    /// What the store set.
    pub settings: Arc<Settings>,
}

impl Enabled {
    /// A call in the name of the store.
    #[must_use]
    pub fn call(&self) -> Call {
        Call { store: self.store.0, settings: Arc::clone(&self.settings) }
    }

    /// Whether it takes this currency.
    #[must_use]
    pub fn takes(&self, currency: Currency) -> bool {
        self.currencies.is_empty() || self.currencies.contains(&currency)
    }
}

/// The gateways that new payments of the store may begin with, by their names.
///
/// # Errors
/// [`DbError`].
pub async fn enabled(tx: &mut TenantTx) -> Result<Vec<Method>, DbError> {
    let rows: Vec<_> = queries::all(tx).await?.into_iter().filter(|row| row.enabled).collect();
    let ids: Vec<_> = rows.iter().map(|row| row.version_id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let versions = queries::versions(tx, Some(&ids)).await?;
    let method = |row: queries::ChosenRow| {
        let version = versions.iter().find(|version| version.id == row.version_id)?;
        (version.state == VersionState::Approved).then(|| Method {
            gateway: row.gateway,
            name: version.name.clone(),
            version: version.id,
            currencies: version.currencies.clone(),
            sandbox: row.sandbox,
        })
    };
    Ok(rows.into_iter().filter_map(method).collect())
}

/// What the store set for a gateway, switched on or not: for what has to be done about payments through it. None where it was
/// never chosen.
///
/// # Errors
/// [`GatewaysError::Unsealable`] where its secrets were sealed with another master key.
pub async fn of_store(
    tx: &mut TenantTx,
    vault: &Vault,
    gateway: &GatewayName,
) -> Result<Option<Enabled>, GatewaysError> {
    let Some(row) = queries::one(tx, gateway).await? else { return Ok(None) };
    let Some(version) = version_of(tx, row.version_id).await? else { return Ok(None) };
    let mut settings = Settings::default();
    if let Value::Object(plain) = row.settings {
        settings.plain = plain.into_iter().map(|(name, value)| (name, as_text(value))).collect();
    }
    let store = tx.tenant();
    for (name, sealed) in queries::secrets(tx, gateway).await? {
        let secret = vault.open(store, gateway, &name, &sealed).map_err(|_| GatewaysError::Unsealable)?;
        settings.secrets.insert(name, secret);
    }
    Ok(Some(Enabled {
        store,
        gateway: row.gateway,
        name: version.name,
        version: version.id,
        currencies: version.currencies,
        capabilities: version.capabilities,
        sandbox: row.sandbox,
        enabled: row.enabled,
        begins: row.enabled && version.state == VersionState::Approved,
        settings: Arc::new(settings),
    }))
}

/// The same for the transaction in which a payment begins: until that ends, the gateway is neither changed nor switched off,
/// so that what the payment needs is there as long as it is.
///
/// # Errors
/// [`GatewaysError::NotEnabled`] where no new payment may begin with it, [`GatewaysError::Unsealable`].
pub async fn begin(tx: &mut TenantTx, vault: &Vault, gateway: &GatewayName) -> Result<Enabled, GatewaysError> {
    queries::hold(tx, gateway).await?;
    let found = of_store(tx, vault, gateway).await?.filter(|enabled| enabled.begins);
    found.ok_or(GatewaysError::NotEnabled)
}

/// A version, whatever became of it: for payments that were begun with it.
///
/// # Errors
/// [`DbError`].
pub async fn version_of(tx: &mut TenantTx, id: VersionId) -> Result<Option<Version>, DbError> {
    Ok(queries::versions(tx, Some(&[id])).await?.pop())
}

/// A text as it stands, anything else as JSON: as the contract says.
fn as_text(value: Value) -> String {
    if let Value::String(text) = value { text } else { value.to_string() }
}
