//! Versions, as rows.

use chrono::{DateTime, Utc};
use gateway::{Capability, VersionId};
use kernel::{Currency, Text};
use tenants::DbError;

use crate::gateways::{Version, VersionState};

/// A version.
pub(super) struct VersionRow {
    pub(super) id: Vec<u8>,
    pub(super) gateway: String,
    pub(super) number: String,
    pub(super) name: String,
    pub(super) hosts: Vec<String>,
    pub(super) capabilities: Vec<String>,
    pub(super) currencies: Vec<String>,
    pub(super) settings_schema: String,
    pub(super) state: String,
    pub(super) created_at: DateTime<Utc>,
}

impl VersionRow {
    pub(super) fn read(self) -> Result<Version, DbError> {
        Ok(Version {
            id: version_id(&self.id)?,
            gateway: text(&self.gateway)?,
            number: text(&self.number)?,
            name: self.name,
            hosts: self.hosts,
            capabilities: words(&self.capabilities),
            currencies: currencies(&self.currencies)?,
            settings_schema: self.settings_schema,
            state: state(&self.state)?,
            created_at: self.created_at,
        })
    }
}

pub(super) fn version_id(bytes: &[u8]) -> Result<VersionId, DbError> {
    bytes.try_into().map(VersionId).map_err(|_| broken("id"))
}

pub(super) fn text<T: Text>(text: &str) -> Result<T, DbError> {
    T::parse(text).map_err(|_| broken("text"))
}

pub(super) fn state(word: &str) -> Result<VersionState, DbError> {
    let known = VersionState::ALL.into_iter().find(|state| state.as_str() == word);
    known.ok_or_else(|| broken("state"))
}

pub(super) fn currencies(codes: &[String]) -> Result<Vec<Currency>, DbError> {
    codes.iter().map(|code| text(code)).collect()
}

/// What a newer build knows and this one does not is left out: this one can't ask for it.
fn words(words: &[String]) -> Vec<Capability> {
    Capability::ALL.into_iter().filter(|known| words.iter().any(|word| word == known.as_str())).collect()
}

/// A row that breaks a rule which the table should have kept.
fn broken(what: &'static str) -> DbError {
    DbError::Failed(sqlx::Error::Decode(format!("a gateway's {what} is not as it must be").into()))
}
