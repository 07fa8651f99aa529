//! Refresh tokens: opaque, kept as a hash, good once. Using one twice ends every token of its log-in.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::IdentityError;

/// How long a refresh token waits to be used.
pub(super) const LIFETIME: TimeDelta = TimeDelta::days(30);

/// A token as its holder has it: 32 random bytes in base64url. Its `Debug` prints nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken(String);

impl RefreshToken {
    pub(crate) fn generate() -> Result<Self, IdentityError> {
        let mut bytes = [0; 32];
        OsRng.try_fill_bytes(&mut bytes).map_err(|_| IdentityError::Hash)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Takes what a client sent. Whether it is a token shows when its hash is looked up.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text for its holder.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> Vec<u8> {
        Sha256::digest(&self.0).to_vec()
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

/// What came of presenting a refresh token. Either way the transaction is to be committed: a refusal may have ended
/// the other tokens of the log-in.
#[derive(Debug)]
pub enum Renewal<Holder> {
    /// It was good: its holder, the log-in that goes on, and the next token of it.
    Renewed {
        /// Whose it is.
        holder: Holder,
        /// The log-in.
        session: Uuid,
        /// To be used next time.
        next: RefreshToken,
    },
    /// It was not.
    Refused,
}
