//! What staff is shown of gateways.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::gateways::{MOST_SETTINGS, Offer, SettingsSchema, Trial, TrialOutcome, Version, VersionState};
use kernel::{Currency, Text as _};
use poem_openapi::types::Any;
use poem_openapi::{Enum, Object};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::http::{Values, json as shown};

/// The payment gateways of a store.
#[derive(Object, Serialize)]
pub(super) struct GatewayList {
    /// By their names.
    pub(super) items: Vec<GatewayShown>,
}

/// A payment gateway that a store can choose, or has chosen.
#[derive(Object, Serialize)]
#[oai(rename = "Gateway")]
pub(super) struct GatewayShown {
    /// Its name, for good.
    gateway: String,
    /// What people are shown.
    name: String,
    /// Whether the store has it switched on.
    enabled: bool,
    /// Whether it takes the currency that the store sells in.
    takes_currency: bool,
    /// The version that the store uses, or would get.
    version: String,
    /// The only hosts that this version may talk to.
    hosts: Vec<String>,
    /// What it can do besides taking payments: `captures`, `refunds`, `webhooks`, `inquiry`, `reconciliation`.
    capabilities: Vec<String>,
    /// The currencies that it takes (ISO 4217); every one where there is none.
    currencies: Vec<String>,
    /// JSON Schema (2020-12) of its settings; what is `writeOnly` is a secret.
    settings_schema: Any<Value>,
    /// Whether new payments move no real money; null where it was never chosen.
    sandbox: Option<bool>,
    /// The settings that are no secrets.
    settings: Values<MOST_SETTINGS>,
    /// The secrets that it takes, and whether each is set.
    secrets: Any<BTreeMap<String, bool>>,
    /// The versions that can be chosen, the newest first.
    versions: Vec<VersionOffered>,
    /// What the store should know.
    notices: Vec<GatewayNotice>,
    /// Counts the changes of what the store chose, 0 where it never did; the same as in `ETag`.
    revision: i64,
    /// When that was last changed.
    updated_at: Option<DateTime<Utc>>,
}

/// A version that can be chosen.
#[derive(Object, Serialize)]
struct VersionOffered {
    /// Its number.
    version: String,
    /// The only hosts that it may talk to.
    hosts: Vec<String>,
    /// When it came.
    created_at: DateTime<Utc>,
}

/// What a store should know of a gateway.
#[derive(Object, Serialize)]
struct GatewayNotice {
    /// `withdrawn`, `newer_version` or `kept_for_payments`.
    code: String,
    /// In words.
    detail: String,
}

impl GatewayNotice {
    fn all(offer: &Offer) -> Vec<Self> {
        let Some(chosen) = &offer.chosen else { return Vec::new() };
        let mut notices = Vec::new();
        let mut notice = |code: &str, detail: String| notices.push(Self { code: code.to_owned(), detail });
        if !chosen.enabled {
            if !chosen.settings.is_empty() || !chosen.secrets.is_empty() {
                let detail = "it is off, and its settings are kept for payments that may need them";
                notice("kept_for_payments", detail.to_owned());
            }
            return notices;
        }
        let number = chosen.version.number.as_str();
        if chosen.version.state != VersionState::Approved {
            notice(
                "withdrawn",
                format!("version {number} was withdrawn: no new payment begins with it; choose another"),
            );
        }
        if let Some(newest) = offer.versions.first().filter(|newest| newest.is_newer_than(&chosen.version)) {
            notice("newer_version", format!("version {} can be chosen", newest.number.as_str()));
        }
        notices
    }
}

impl GatewayShown {
    pub(super) fn new(offer: &Offer, currency: Currency) -> Self {
        let (chosen, version) = (offer.chosen.as_ref(), offer.current());
        let is_set = |name: &String| chosen.is_some_and(|chosen| chosen.secrets.contains(name));
        let schema = SettingsSchema::secrets_of(&version.settings_schema);
        let words = |version: &Version| version.capabilities.iter().map(|can| can.as_str().to_owned()).collect();
        Self {
            gateway: offer.gateway.as_str().to_owned(),
            name: version.name.clone(),
            enabled: chosen.is_some_and(|chosen| chosen.enabled),
            takes_currency: version.takes(currency),
            version: version.number.as_str().to_owned(),
            hosts: version.hosts.clone(),
            capabilities: words(version),
            currencies: version.currencies.iter().map(|currency| currency.code().to_owned()).collect(),
            secrets: Any(schema.1.into_iter().map(|name| (name.clone(), is_set(&name))).collect()),
            settings_schema: Any(schema.0),
            sandbox: chosen.map(|chosen| chosen.sandbox),
            settings: Values(chosen.map_or_else(Map::new, |chosen| chosen.settings.clone())),
            versions: offer
                .versions
                .iter()
                .map(|version| VersionOffered {
                    version: version.number.as_str().to_owned(),
                    hosts: version.hosts.clone(),
                    created_at: version.created_at,
                })
                .collect(),
            notices: GatewayNotice::all(offer),
            revision: offer.row_version(),
            updated_at: chosen.map(|chosen| chosen.updated_at),
        }
    }

    /// What of it the store decides, for the audit. It holds no secret.
    pub(super) fn audited(&self) -> Value {
        json!({
            "enabled": self.enabled,
            "version": self.version,
            "sandbox": self.sandbox,
            "settings": shown(&self.settings),
            "secrets": self.secrets.0,
        })
    }
}

/// How a trial ended.
#[derive(Enum, Serialize, Clone, Copy)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum GatewayTrialOutcome {
    /// The provider answered as it should, or there was nobody to ask.
    Worked,
    /// The provider was reached, and said no.
    Refused,
    /// The provider was not reached, or the gateway or its settings are wrong.
    Failed,
}

/// What a trial of a gateway found out.
#[derive(Object, Serialize)]
#[oai(rename = "GatewayTrial")]
pub(super) struct TrialShown {
    /// What was called: `list-unverified`, `inquire` or `describe`.
    tried: String,
    /// How it ended.
    outcome: GatewayTrialOutcome,
    /// In words.
    detail: String,
    /// How long it took, in milliseconds.
    took_ms: u64,
}

impl From<Trial> for TrialShown {
    fn from(trial: Trial) -> Self {
        let outcome = match trial.outcome {
            TrialOutcome::Worked => GatewayTrialOutcome::Worked,
            TrialOutcome::Refused => GatewayTrialOutcome::Refused,
            TrialOutcome::Failed => GatewayTrialOutcome::Failed,
        };
        let took_ms = u64::try_from(trial.took.as_millis()).unwrap_or(u64::MAX);
        Self { tried: trial.tried.to_owned(), outcome, detail: trial.detail, took_ms }
    }
}
