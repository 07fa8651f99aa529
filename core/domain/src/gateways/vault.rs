//! Secrets at rest: sealed with a key that is derived from the deployment's master key.

use std::fmt;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use kernel::Text as _;
use rand::RngCore as _;
use tenants::TenantId;

use super::GatewayName;
use crate::MasterKey;

const NONCE: usize = 24;

/// Seals and opens the secrets of stores. A secret opens in the store, for the gateway and under the name that it was sealed
/// for, and nowhere else. Its `Debug` prints nothing of the key.
#[derive(Clone)]
pub struct Vault {
    key_id: [u8; 8],
    cipher: XChaCha20Poly1305,
}

/// A secret that can't be opened: it was sealed with another master key, or moved from where it was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was sealed with another key, or for another place")]
pub struct Unsealable;

/// A secret at rest.
#[derive(Debug, Clone)]
pub(super) struct Sealed {
    /// Tells which key it is sealed with.
    pub(super) key_id: Vec<u8>,
    /// The nonce, and what the cipher made of the secret.
    pub(super) bytes: Vec<u8>,
}

impl Vault {
    /// The vault of a deployment.
    #[must_use]
    pub fn new(master: &MasterKey) -> Self {
        let mut key_id = [0; 8];
        key_id.copy_from_slice(&master.derive("id of the key of gateway secrets")[..8]);
        Self { key_id, cipher: XChaCha20Poly1305::new(&master.derive("gateway secrets").into()) }
    }

    pub(super) fn seal(&self, store: TenantId, gateway: &GatewayName, name: &str, secret: &str) -> Sealed {
        let mut nonce = [0; NONCE];
        rand::rng().fill_bytes(&mut nonce);
        let place = place(store, gateway, name);
        let payload = Payload { msg: secret.as_bytes(), aad: &place };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).expect("a secret is shorter than 256 GB");
        Sealed { key_id: self.key_id.to_vec(), bytes: [&nonce[..], &sealed].concat() }
    }

    pub(super) fn open(
        &self,
        store: TenantId,
        gateway: &GatewayName,
        name: &str,
        sealed: &Sealed,
    ) -> Result<String, Unsealable> {
        if sealed.key_id != self.key_id {
            return Err(Unsealable);
        }
        let (nonce, msg) = sealed.bytes.split_first_chunk::<NONCE>().ok_or(Unsealable)?;
        let place = place(store, gateway, name);
        let opened =
            self.cipher.decrypt(&XNonce::from(*nonce), Payload { msg, aad: &place }).map_err(|_| Unsealable)?;
        String::from_utf8(opened).map_err(|_| Unsealable)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(…)")
    }
}

/// Where a secret belongs. No name of a gateway holds a zero.
fn place(store: TenantId, gateway: &GatewayName, name: &str) -> Vec<u8> {
    [store.0.as_bytes(), gateway.as_str().as_bytes(), b"\0", name.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_where_it_was_sealed_and_nowhere_else() {
        let vault = Vault::new(&MasterKey::new([7; 32]));
        let (store, other) = (TenantId::generate(), TenantId::generate());
        let [fake, bank] = ["fake", "bank"].map(|name| GatewayName::parse(name).unwrap());
        let sealed = vault.seal(store, &fake, "key", "top secret");
        assert_eq!(vault.open(store, &fake, "key", &sealed), Ok("top secret".to_owned()));
        assert_eq!(vault.open(other, &fake, "key", &sealed), Err(Unsealable));
        assert_eq!(vault.open(store, &bank, "key", &sealed), Err(Unsealable));
        assert_eq!(vault.open(store, &fake, "kez", &sealed), Err(Unsealable));
        assert_eq!(Vault::new(&MasterKey::new([8; 32])).open(store, &fake, "key", &sealed), Err(Unsealable));
        for at in 0..sealed.bytes.len() {
            let mut bytes = sealed.bytes.clone();
            bytes[at] ^= 1;
            let changed = Sealed { bytes, ..sealed.clone() };
            assert_eq!(vault.open(store, &fake, "key", &changed), Err(Unsealable), "byte {at}");
        }
        let short = Sealed { bytes: sealed.bytes[..10].to_vec(), ..sealed.clone() };
        assert_eq!(vault.open(store, &fake, "key", &short), Err(Unsealable));
        assert_ne!(vault.seal(store, &fake, "key", "top secret").bytes, sealed.bytes, "each has a nonce of its own");
        assert_eq!(format!("{vault:?}"), "Vault(…)");
    }
}
