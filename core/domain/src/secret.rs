//! The one secret of a deployment, and the keys that are derived from it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hkdf::Hkdf;
use sha2::Sha256;

/// The deployment's secret: 32 bytes that nobody but the operator knows. Its `Debug` prints nothing of it.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

/// Why a text is no master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 32 random bytes in base64, as `openssl rand -base64 32` prints them")]
pub struct MasterKeyError;

impl MasterKey {
    /// Takes 32 bytes that come from a random source.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 32 bytes in base64 (RFC 4648).
    ///
    /// # Errors
    /// [`MasterKeyError`], which does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, MasterKeyError> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| MasterKeyError)?;
        bytes.try_into().map(Self).map_err(|_| MasterKeyError)
    }

    /// The base64 that [`MasterKey::parse`] reads.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// The key for one purpose (HKDF with SHA-256, RFC 5869). Nothing about it tells of another purpose's key.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(Some(b"stoa"), &self.0)
            .expand(purpose.as_bytes(), &mut key)
            .expect("32 bytes are fewer than the 255 hashes that HKDF can give");
        key
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_have_keys_of_their_own_and_nothing_prints() {
        let master = MasterKey::new([7; 32]);
        assert_ne!(master.derive("a"), master.derive("b"));
        assert_eq!(master.derive("a"), master.derive("a"));
        assert_eq!(format!("{master:?}"), "MasterKey(…)");
        assert!(MasterKey::parse("short").is_err());
        assert_eq!(MasterKey::parse(&master.to_base64()).map(|k| k.0), Ok([7; 32]));
    }
}
