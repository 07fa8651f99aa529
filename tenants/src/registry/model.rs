//! What a store is, as the platform sees it.

use std::fmt;

use chrono::{DateTime, Utc};
use kernel::{Currency, Line, Text, TextError};

use crate::TenantId;

/// A store's name, as people read it.
pub type StoreName = Line<100>;

/// A store's entry in the registry.
#[derive(Debug, Clone)]
pub struct Store {
    /// Its id, by which its rows are its own.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: StoreSlug,
    /// Its name for people.
    pub name: StoreName,
    /// What it sells in.
    pub currency: Currency,
    /// Where it is in its life.
    pub status: StoreStatus,
    /// Origins of other hosts whose pages may call its APIs from a browser.
    pub allowed_origins: Vec<Origin>,
    /// The language of its letters.
    pub language: Language,
    /// Counts its changes.
    pub version: i64,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
}

/// What a store is opened with.
#[derive(Debug, Clone)]
pub struct NewStore {
    /// Its name for people.
    pub name: StoreName,
    /// Its name in addresses.
    pub slug: StoreSlug,
    /// What it sells in, for good.
    pub currency: Currency,
}

/// A store's name in addresses: a label of DNS (RFC 1035), 3 to 40 lower-case letters, digits and single dashes,
/// beginning with a letter, and none of the names that the platform keeps for itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoreSlug(String);

/// Labels that would let a store pass for the platform, or that clients look up by themselves.
const RESERVED: [&str; 34] = [
    "account",
    "accounts",
    "admin",
    "api",
    "app",
    "apps",
    "assets",
    "auth",
    "autoconfig",
    "autodiscover",
    "billing",
    "blog",
    "cdn",
    "dashboard",
    "docs",
    "email",
    "ftp",
    "help",
    "imap",
    "localhost",
    "login",
    "mail",
    "news",
    "platform",
    "pop",
    "signup",
    "smtp",
    "static",
    "status",
    "stoa",
    "store",
    "support",
    "wpad",
    "www",
];

impl Text for StoreSlug {
    const NAME: &'static str = "store slug";
    const MIN: usize = 3;
    const MAX: usize = 40;
    const PATTERN: Option<&'static str> = Some("^[a-z][a-z0-9]*(-[a-z0-9]+)*$");
    const EXAMPLE: &'static str = "acme";

    fn parse(text: &str) -> Result<Self, TextError> {
        let group =
            |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let label = (Self::MIN..=Self::MAX).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.split('-').all(group);
        if !label {
            return Err(TextError::new(
                "must be 3 to 40 lower-case letters, digits and single dashes, beginning with a letter",
            ));
        }
        if RESERVED.contains(&text) {
            return Err(TextError::new("is kept for the platform; choose another"));
        }
        Ok(Self(text.to_owned()))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// The origin of a page (RFC 6454): scheme, host and port, nothing else. `https`, or `http` on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Text for Origin {
    const NAME: &'static str = "origin";
    const MIN: usize = 8;
    const MAX: usize = 300;
    const FORMAT: Option<&'static str> = Some("uri");
    const EXAMPLE: &'static str = "https://www.example.com";

    fn parse(text: &str) -> Result<Self, TextError> {
        let wrong = || TextError::new("must be an origin such as https://www.example.com (http only for localhost)");
        let (scheme, authority) = text.split_once("://").ok_or_else(wrong)?;
        let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "443"));
        let host_is_right = (1..=253).contains(&host.len())
            && host.split('.').all(|label| {
                !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            });
        let local = matches!(host, "localhost" | "127.0.0.1") || host.ends_with(".localhost");
        let scheme_is_right = scheme == "https" || (scheme == "http" && local);
        let port_is_right = port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
        if scheme_is_right && host_is_right && port_is_right { Ok(Self(text.to_owned())) } else { Err(wrong()) }
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// A language tag (BCP 47), such as `en`, `de-AT` or `fa`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language(String);

impl Text for Language {
    const NAME: &'static str = "language";
    const MIN: usize = 2;
    const MAX: usize = 35;
    const PATTERN: Option<&'static str> = Some("^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$");
    const EXAMPLE: &'static str = "en";

    fn parse(text: &str) -> Result<Self, TextError> {
        let mut parts = text.split('-');
        let first =
            parts.next().is_some_and(|p| (2..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_lowercase()));
        let rest = parts.all(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
        if first && rest && text.len() <= Self::MAX {
            return Ok(Self(text.to_owned()));
        }
        Err(TextError::new("must be a language tag such as en, de-AT or fa"))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a store is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoreStatus {
    /// Open for business.
    Active,
    /// Not to be found by visitors; its staff reads, but changes nothing. What buyers have under way goes on.
    Suspended,
    /// On its way to be erased, at its owner's wish.
    Closing,
    /// Gone.
    Erased,
}

impl StoreStatus {
    /// The word for it, in the database and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closing => "closing",
            Self::Erased => "erased",
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        [Self::Active, Self::Suspended, Self::Closing, Self::Erased].into_iter().find(|status| status.as_str() == word)
    }
}

impl fmt::Display for StoreStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an operator does to a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreStep {
    /// Takes it off the air.
    Suspend,
    /// Puts it back.
    Resume,
}

impl StoreStep {
    /// The status that the step leads on from.
    #[must_use]
    pub fn from(self) -> StoreStatus {
        match self {
            Self::Suspend => StoreStatus::Active,
            Self::Resume => StoreStatus::Suspended,
        }
    }

    /// The status that the step leads to.
    #[must_use]
    pub fn to(self) -> StoreStatus {
        match self {
            Self::Suspend => StoreStatus::Suspended,
            Self::Resume => StoreStatus::Active,
        }
    }
}

impl fmt::Display for StoreStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Suspend => "suspended",
            Self::Resume => "resumed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_slug_is_a_label_of_dns() {
        for good in ["acme", "a-1", "saffron", "x".repeat(40).as_str()] {
            assert!(StoreSlug::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "ab", "1abc", "-abc", "abc-", "a--b", "Acme", "a.b.c", "کتاب", "www", "x".repeat(41).as_str()]
        {
            assert!(StoreSlug::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_has_no_path_and_is_safe() {
        for good in ["https://shop.example", "http://localhost:3000", "https://a.b.example:8443"] {
            assert!(Origin::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "*",
            "null",
            "http://shop.example",
            "https://shop.example/",
            "https://u@shop.example",
            "https://shop.example:0",
        ] {
            assert!(Origin::parse(bad).is_err(), "{bad}");
        }
    }
}
