//! Keys, claims and what is kept.

use kernel::{DomainError, FieldError, Kind, Text, TextError};
use sha2::{Digest as _, Sha256};
use tenants::{DbError, TenantId};

use crate::identity::UserId;

/// What a caller names a request by: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Text for Key {
    const NAME: &'static str = "idempotency key";
    const MIN: usize = 1;
    const MAX: usize = 255;
    const PATTERN: Option<&'static str> = Some("^[!-~]+$");
    const EXAMPLE: &'static str = "0192f0c1-7d3a-7b5e-9c1f-5a2b8e4d6f70";

    fn parse(text: &str) -> Result<Self, TextError> {
        if (Self::MIN..=Self::MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            return Ok(Self(text.to_owned()));
        }
        Err(TextError::new("must be 1 to 255 visible ASCII characters; a new UUID is a good one"))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// A request that may be a repetition.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The operation's name in the API's document.
    pub operation: &'static str,
    /// SHA-256 of who asks.
    pub caller: [u8; 32],
    /// What the caller names the request by.
    pub key: Key,
    /// SHA-256 of what is asked.
    pub request: [u8; 32],
}

impl Claim {
    /// What stands for a customer as the caller.
    #[must_use]
    pub fn by_customer(id: UserId) -> [u8; 32] {
        Sha256::new_with_prefix("customer").chain_update(id.0).finalize().into()
    }

    /// The number of the lock that copies of the request meet at. Two requests that share one by accident wait for each
    /// other, and no more.
    pub(super) fn lock(&self, tenant: TenantId) -> i64 {
        let mut hash = Sha256::new_with_prefix("idempotency");
        for part in [tenant.0.as_bytes(), self.operation.as_bytes(), &self.caller[..], self.key.0.as_bytes()] {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        let mut first = [0; 8];
        first.copy_from_slice(&hash.finalize()[..8]);
        i64::from_be_bytes(first)
    }
}

/// An answer that is given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its status.
    pub status: u16,
    /// Its body, as JSON without secrets.
    pub answer: String,
    /// Where what was made is found.
    pub location: Option<String>,
    /// Its version.
    pub version: Option<i64>,
}

/// Why a request that may be a repetition is refused.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// A copy of the request is being worked on.
    #[error("a request with this `Idempotency-Key` is being worked on; ask again in a moment")]
    InFlight,
    /// The key named another request before.
    #[error("this `Idempotency-Key` was used with another body; a new request needs a new key")]
    OtherRequest,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl DomainError for IdempotencyError {
    fn kind(&self) -> Kind {
        match self {
            Self::InFlight => Kind::Conflict,
            Self::OtherRequest => Kind::Invalid,
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::InFlight => "request.in_flight",
            Self::OtherRequest => "request.key_reused",
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::OtherRequest => vec![FieldError::new("/header/Idempotency-Key", self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::InFlight => Some(1),
            Self::OtherRequest => None,
            Self::Db(err) => err.retry_after_seconds(),
        }
    }
}
