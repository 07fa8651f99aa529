//! What a store chooses, and sets.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kernel::{Currency, Text as _};
use serde_json::{Map, Value};
use tenants::{DbError, TenantTx};

use super::queries::store as queries;
use super::{GatewayName, GatewaysError, SettingsSchema, Vault, Version, VersionNumber, VersionState};

/// What a store chose for a gateway. It holds no secret.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The version that new payments begin with.
    pub version: Version,
    /// Whether buyers can choose the gateway. One that was switched off keeps what payments through it still need.
    pub enabled: bool,
    /// Whether new payments move no real money.
    pub sandbox: bool,
    /// The settings that are no secrets.
    pub settings: Map<String, Value>,
    /// The names of the secrets that are set.
    pub secrets: BTreeSet<String>,
    /// Counts the changes.
    pub row_version: i64,
    /// When the store first chose it.
    pub created_at: DateTime<Utc>,
    /// When that was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A gateway that a store can choose, or has chosen.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Which.
    pub gateway: GatewayName,
    /// The versions that can be chosen, the newest first.
    pub versions: Vec<Version>,
    /// What the store chose; none where it never did.
    pub chosen: Option<Chosen>,
}

impl Offer {
    /// The version of what it chose: 0 where it never did.
    #[must_use]
    pub fn row_version(&self) -> i64 {
        self.chosen.as_ref().map_or(0, |chosen| chosen.row_version)
    }

    /// What the store uses, or would get if it switched the gateway on.
    #[must_use]
    pub fn current(&self) -> &Version {
        let used = self.chosen.as_ref().filter(|chosen| chosen.enabled).map(|chosen| &chosen.version);
        used.or(self.versions.first()).expect("what is neither used nor to be had is not offered")
    }
}

/// What a store wants. Its `Debug` would print secrets, so it has none.
pub struct Wanted {
    /// Whether new payments move no real money.
    pub sandbox: bool,
    /// The settings. A secret that is left out keeps its value, and one that is null goes.
    pub settings: Map<String, Value>,
}

/// All gateways that the store can choose or has chosen, by their names.
///
/// # Errors
/// [`DbError`].
pub async fn offers(tx: &mut TenantTx) -> Result<Vec<Offer>, DbError> {
    let rows = queries::all(tx).await?;
    offered(tx, rows).await
}

/// One of them.
///
/// # Errors
/// [`GatewaysError::NoGateway`].
pub async fn offer(tx: &mut TenantTx, gateway: &GatewayName) -> Result<Offer, GatewaysError> {
    let rows = queries::one(tx, gateway).await?.into_iter().collect();
    let offers = offered(tx, rows).await?;
    offers.into_iter().find(|offer| offer.gateway == *gateway).ok_or(GatewaysError::NoGateway)
}

async fn offered(tx: &mut TenantTx, rows: Vec<queries::ChosenRow>) -> Result<Vec<Offer>, DbError> {
    let ids: Vec<_> = rows.iter().map(|row| row.version_id).collect();
    let used = if ids.is_empty() { Vec::new() } else { queries::versions(tx, Some(&ids)).await? };
    let mut offers: BTreeMap<GatewayName, Offer> = BTreeMap::new();
    let offer = |gateway: &GatewayName| Offer { gateway: gateway.clone(), versions: Vec::new(), chosen: None };
    // Paying the carrier is a setting of the store.
    let chosen_here = |version: &Version| version.gateway.as_str() != GatewayName::CASH_ON_DELIVERY;
    for version in queries::versions(tx, None).await?.into_iter().filter(chosen_here) {
        offers.entry(version.gateway.clone()).or_insert_with_key(offer).versions.push(version);
    }
    for row in rows {
        // A version is never deleted, so that it is there.
        let Some(version) = used.iter().find(|version| version.id == row.version_id).cloned() else { continue };
        let settings = if let Value::Object(settings) = row.settings { settings } else { Map::new() };
        let chosen = Chosen {
            version,
            enabled: row.enabled,
            sandbox: row.sandbox,
            settings,
            secrets: row.secrets.into_iter().collect(),
            row_version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        offers.entry(row.gateway).or_insert_with_key(offer).chosen = Some(chosen);
    }
    // What was approved once and is neither offered nor used any more is none of the store's business.
    let is_seen = |offer: &Offer| !offer.versions.is_empty() || offer.chosen.as_ref().is_some_and(|c| c.enabled);
    Ok(offers.into_values().filter(is_seen).collect())
}

/// The version that the store would get: the newest that is approved, or the one of this number, where that is approved or
/// in use.
///
/// # Errors
/// [`GatewaysError::NoGateway`], [`GatewaysError::NotApproved`], [`GatewaysError::WrongCurrency`].
pub async fn pick(
    tx: &mut TenantTx,
    gateway: &GatewayName,
    number: Option<&VersionNumber>,
    currency: Currency,
) -> Result<Version, GatewaysError> {
    let Offer { versions, chosen, .. } = offer(tx, gateway).await?;
    let used = chosen.filter(|chosen| chosen.enabled).map(|chosen| chosen.version);
    let mut all = versions.into_iter().chain(used);
    let version = all.find(|version| match number {
        Some(number) => version.number == *number,
        None => version.state == VersionState::Approved,
    });
    let version = version.ok_or(GatewaysError::NotApproved)?;
    if version.takes(currency) { Ok(version) } else { Err(GatewaysError::WrongCurrency(currency)) }
}

/// Switches a gateway on with `version`, or changes what was set for it, where `expected` is still the version of that: 0
/// where the store never chose it. `schema` is that of `version`.
///
/// # Errors
/// [`GatewaysError::Stale`], [`GatewaysError::Settings`].
pub async fn enable(
    tx: &mut TenantTx,
    vault: &Vault,
    (version, schema): (&Version, &SettingsSchema),
    wanted: Wanted,
    expected: Option<i64>,
) -> Result<(), GatewaysError> {
    let (store, gateway) = (tx.tenant(), &version.gateway);
    let found = queries::lock(tx, gateway).await?;
    if expected.is_some_and(|expected| expected != found) {
        return Err(GatewaysError::Stale);
    }
    let Wanted { sandbox, mut settings } = wanted;
    let given: BTreeSet<_> = settings.keys().filter(|name| schema.secrets().contains(*name)).cloned().collect();
    settings.retain(|_, value| !value.is_null());
    for (name, sealed) in queries::secrets(tx, gateway).await? {
        if schema.secrets().contains(&name) && !given.contains(&name) {
            // One that can't be opened any more is as good as not set.
            if let Ok(secret) = vault.open(store, gateway, &name, &sealed) {
                settings.insert(name, Value::String(secret));
            }
        }
    }
    schema.check(&settings).map_err(GatewaysError::Settings)?;
    let (secrets, plain): (Map<_, _>, Map<_, _>) =
        settings.into_iter().partition(|(name, _)| schema.secrets().contains(name));
    let plain = Value::Object(plain);
    let written = match found {
        0 => queries::insert(tx, gateway, version.id, sandbox, &plain).await?,
        _ => queries::update(tx, gateway, version.id, sandbox, &plain).await?,
    };
    if !written {
        return Err(GatewaysError::Stale);
    }
    let names: Vec<_> = secrets.keys().cloned().collect();
    queries::keep_only(tx, gateway, &names).await?;
    for (name, secret) in secrets.iter().filter(|(name, _)| given.contains(*name)) {
        let sealed = vault.seal(store, gateway, name, secret.as_str().unwrap_or(""));
        queries::keep_secret(tx, gateway, name, &sealed).await?;
    }
    Ok(())
}

/// Switches a gateway off, where `expected` is still the version of what the store chose: no new payment begins with it. What
/// was set for it goes, unless payments through it are under way, could be given back, or might yet be paid: they need it.
///
/// # Errors
/// [`GatewaysError::NotEnabled`], [`GatewaysError::Stale`].
pub async fn disable(tx: &mut TenantTx, gateway: &GatewayName, expected: Option<i64>) -> Result<(), GatewaysError> {
    let found = queries::lock(tx, gateway).await?;
    if found == 0 {
        return Err(GatewaysError::NotEnabled);
    }
    if expected.is_some_and(|expected| expected != found) {
        return Err(GatewaysError::Stale);
    }
    if !queries::switch_off(tx, gateway).await? {
        return Err(GatewaysError::NotEnabled);
    }
    // Whoever begins a payment holds the row until that is there: so it is seen here.
    if !queries::is_needed(tx, gateway).await? {
        queries::forget(tx, gateway).await?;
    }
    Ok(())
}
