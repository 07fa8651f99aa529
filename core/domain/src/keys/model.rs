//! Keys and their secrets.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use kernel::Line;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use sha2::{Digest as _, Sha256};
use tenants::TenantId;
use uuid::Uuid;

use super::KeyError;
use crate::access::Permissions;
use crate::identity::UserId;

kernel::typed_id! {
    /// The id of an API key.
    ApiKeyId
}

/// What people call a key.
pub type KeyName = Line<100>;

/// A key, without its secret.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// For people.
    pub name: KeyName,
    /// What it is for. What it may do is this, as far as its maker may.
    pub scopes: Permissions,
    /// Whose it is.
    pub made_by: UserId,
    /// When it stops by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last seen, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What a key is made with.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// For people.
    pub name: KeyName,
    /// What it is for.
    pub scopes: Permissions,
    /// When it stops by itself.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key as its holder has it: `stoa_{store id}_{secret}`. Its `Debug` prints nothing of it.
#[derive(Clone)]
pub struct KeySecret {
    store: TenantId,
    secret: String,
}

impl KeySecret {
    pub(super) fn generate(store: TenantId) -> Result<Self, KeyError> {
        let mut bytes = [0; 32];
        OsRng.try_fill_bytes(&mut bytes).map_err(|_| KeyError::Random)?;
        Ok(Self { store, secret: URL_SAFE_NO_PAD.encode(bytes) })
    }

    /// Reads what a client sent, if it looks like a key. Whether it is one shows when its hash is looked up.
    #[must_use]
    pub fn presented(text: &str) -> Option<Self> {
        let (store, secret) = text.strip_prefix("stoa_")?.split_once('_')?;
        let store = Uuid::parse_str(store).ok()?;
        (secret.len() == 43).then(|| Self { store: TenantId(store), secret: secret.to_owned() })
    }

    /// The store that it says it is of.
    #[must_use]
    pub fn store(&self) -> TenantId {
        self.store
    }

    /// The text for its holder.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("stoa_{}_{}", self.store.0.simple(), self.secret)
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.secret).into()
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_and_nothing_else_is_one() {
        let key = KeySecret::generate(TenantId::generate()).unwrap();
        let read = KeySecret::presented(&key.reveal()).unwrap();
        assert_eq!((read.store(), read.hash()), (key.store(), key.hash()));
        assert_eq!(format!("{key:?}"), "KeySecret(…)");
        for other in ["", "stoa_", "stoa_x_y", "eyJ.a.b", &key.reveal()[1..], &format!("{}x", key.reveal())] {
            assert!(KeySecret::presented(other).is_none(), "{other}");
        }
    }
}
