//! Gateways and their versions.

use std::cmp::Ordering;
use std::fmt;

use chrono::{DateTime, Utc};
use gateway::{Capability, Inspection, VersionId};
use kernel::{Currency, Line, Text, TextError};
use uuid::Uuid;

use super::{GatewaysError, SettingsSchema};

/// What a gateway is called, for good: 1 to 64 small letters, digits and dashes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GatewayName(pub(super) String);

impl GatewayName {
    /// The buyer pays the carrier. It comes with the program alone, and stores have it by a setting of their own.
    pub const CASH_ON_DELIVERY: &str = "cash-on-delivery";
}

impl Text for GatewayName {
    const NAME: &'static str = "gateway";
    const MIN: usize = 1;
    const MAX: usize = 64;
    const PATTERN: Option<&'static str> = Some("^[a-z0-9][a-z0-9-]*$");
    const EXAMPLE: &'static str = "zarinpal";

    fn parse(text: &str) -> Result<Self, TextError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let right =
            (Self::MIN..=Self::MAX).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with('-');
        if right {
            Ok(Self(text.to_owned()))
        } else {
            Err(TextError::new("must be 1 to 64 small letters, digits and dashes"))
        }
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// The number of a version (semantic versioning 2.0), at most 64 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionNumber(String);

impl VersionNumber {
    /// The number that bytes get which a build brings under a number that is taken: with a part of their hash.
    pub(super) fn built(&self, id: VersionId) -> Option<Self> {
        let sign = if self.0.contains('+') { '.' } else { '+' };
        let [a, b, c, d, ..] = id.0;
        Self::parse(&format!("{}{sign}{a:02x}{b:02x}{c:02x}{d:02x}", self.0)).ok()
    }
}

impl Text for VersionNumber {
    const NAME: &'static str = "version";
    const MIN: usize = 5;
    const MAX: usize = 64;
    const PATTERN: Option<&'static str> = Some(
        r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-((0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(\+([0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*))?$",
    );
    const EXAMPLE: &'static str = "1.0.0";

    fn parse(text: &str) -> Result<Self, TextError> {
        match semver::Version::parse(text) {
            Ok(_) if text.len() <= Self::MAX => Ok(Self(text.to_owned())),
            _ => Err(TextError::new("must be a version such as 1.0.0 (semver.org), of at most 64 characters")),
        }
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionState {
    /// It is there, and no store may choose it.
    Uploaded,
    /// Stores may choose it.
    Approved,
    /// No new payment begins with it.
    Withdrawn,
}

impl VersionState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Uploaded, Self::Approved, Self::Withdrawn];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Approved => "approved",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl fmt::Display for VersionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an operator decides about a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionStep {
    /// Stores may choose it.
    Approve,
    /// No new payment begins with it.
    Withdraw,
}

impl VersionStep {
    /// Where it leads.
    #[must_use]
    pub fn to(self) -> VersionState {
        match self {
            Self::Approve => VersionState::Approved,
            Self::Withdraw => VersionState::Withdrawn,
        }
    }
}

/// A version of a gateway, as stores may know it.
#[derive(Debug, Clone)]
pub struct Version {
    /// The SHA-256 of its component.
    pub id: VersionId,
    /// Of which gateway.
    pub gateway: GatewayName,
    /// Its number.
    pub number: VersionNumber,
    /// What people are shown.
    pub name: String,
    /// The only hosts that it may talk to.
    pub hosts: Vec<String>,
    /// What it can do besides taking payments.
    pub capabilities: Vec<Capability>,
    /// The currencies that it takes; none means every one.
    pub currencies: Vec<Currency>,
    /// JSON Schema of its settings.
    pub settings_schema: String,
    /// Where it is.
    pub state: VersionState,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
}

impl Version {
    /// Whether it takes this currency.
    #[must_use]
    pub fn takes(&self, currency: Currency) -> bool {
        self.currencies.is_empty() || self.currencies.contains(&currency)
    }

    /// Whether it is newer than another version of its gateway.
    #[must_use]
    pub fn is_newer_than(&self, other: &Self) -> bool {
        Self::newer(self, other).is_lt()
    }

    /// The newer one first: by precedence of their numbers (semver 2.0), and where those are equal by their age.
    pub(super) fn newer(a: &Self, b: &Self) -> Ordering {
        let number = |version: &Self| semver::Version::parse(version.number.as_str()).ok();
        let by_number = match (number(a), number(b)) {
            (Some(a), Some(b)) => b.cmp_precedence(&a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        by_number.then(b.created_at.cmp(&a.created_at)).then(b.id.cmp(&a.id))
    }
}

/// A version, as operators know it.
#[derive(Debug, Clone)]
pub struct Registered {
    /// What stores may know, too.
    pub version: Version,
    /// The version of the contract that it was built for.
    pub contract: String,
    /// The interfaces that it imports.
    pub imports: Vec<String>,
    /// How many bytes its component has.
    pub size: i64,
    /// Whether it came with a build of the program.
    pub bundled: bool,
    /// Who changed its state last; all zeros for the program itself and for its shell.
    pub operator: Uuid,
    /// Counts the changes of its state.
    pub row_version: i64,
    /// When its state was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a component says of itself, fit to be registered.
#[derive(Debug, Clone)]
pub struct Description {
    /// The SHA-256 of its component.
    pub id: VersionId,
    /// Of which gateway.
    pub gateway: GatewayName,
    /// Its number.
    pub number: VersionNumber,
    pub(super) name: Line<100>,
    pub(super) contract: String,
    pub(super) imports: Vec<String>,
    pub(super) hosts: Vec<String>,
    pub(super) capabilities: Vec<Capability>,
    pub(super) currencies: Vec<Currency>,
    pub(super) settings_schema: String,
}

/// Hosts that a gateway talks to, at most.
const MOST_HOSTS: usize = 20;

impl Description {
    /// Takes what the host found out about a component.
    ///
    /// # Errors
    /// [`GatewaysError::Description`], [`GatewaysError::Schema`].
    pub fn of(found: Inspection) -> Result<Self, GatewaysError> {
        let wrong = |what: &str, err: &dyn fmt::Display| GatewaysError::Description(format!("its {what} {err}"));
        let info = found.info;
        let gateway = GatewayName::parse(&info.id).map_err(|err| wrong("id", &err))?;
        let number = VersionNumber::parse(&info.version).map_err(|err| wrong("version", &err))?;
        if info.allowed_hosts.len() > MOST_HOSTS || info.allowed_hosts.iter().any(|host| host.len() > 253) {
            return Err(wrong("hosts", &format!("must be at most {MOST_HOSTS}, of at most 253 characters each")));
        }
        SettingsSchema::parse(&info.settings_schema)?;
        Ok(Self {
            id: found.id,
            gateway,
            number,
            name: Line::parse(&info.name).map_err(|err| wrong("name", &err))?,
            contract: found.contract,
            imports: found.imports,
            hosts: info.allowed_hosts,
            capabilities: info.capabilities,
            currencies: info.currencies,
            settings_schema: info.settings_schema,
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn version(number: &str, days: i64) -> Version {
        Version {
            id: VersionId([0; 32]),
            gateway: GatewayName("fake".to_owned()),
            number: VersionNumber::parse(number).unwrap(),
            name: "Fake".to_owned(),
            hosts: Vec::new(),
            capabilities: Vec::new(),
            currencies: Vec::new(),
            settings_schema: "{}".to_owned(),
            state: VersionState::Approved,
            created_at: DateTime::UNIX_EPOCH + TimeDelta::days(days),
        }
    }

    #[test]
    fn the_newest_is_the_one_with_the_highest_number() {
        let mut all = [("1.9.0", 9), ("1.10.0-rc.1", 8), ("1.10.0", 1), ("1.10.0+ab12", 2), ("0.9.9", 99)]
            .map(|(number, days)| version(number, days));
        all.sort_by(Version::newer);
        let numbers = all.map(|version| version.number.0);
        assert_eq!(numbers, ["1.10.0+ab12", "1.10.0", "1.10.0-rc.1", "1.9.0", "0.9.9"]);
    }
}
