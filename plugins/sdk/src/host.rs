//! What Stoa lends a gateway: its settings, a log, the time and chance.

#[cfg(target_arch = "wasm32")]
use crate::bindings::{clock, log as lines, random as chance, settings};
#[cfg(not(target_arch = "wasm32"))]
use crate::fake::{clock, log as lines, random as chance, settings};
use crate::{Result, misconfigured};

pub use crate::bindings::log::Level;

/// A setting that is no secret: a text as it stands, anything else as JSON. An empty one counts as not set.
#[must_use]
pub fn setting(name: &str) -> Option<String> {
    settings::get(name).filter(|value| !value.is_empty())
}

/// A word that Stoa replaces by a secret of the store in what is sent: in a header, or within a body.
///
/// # Errors
///
/// `misconfigured` where the store has not set it.
pub fn secret(name: &str) -> Result<String> {
    settings::secret_ref(name).ok_or_else(|| misconfigured(format!("`{name}` is not set")))
}

/// HMAC-SHA-256 of `data` under a secret of the store.
///
/// # Errors
///
/// `misconfigured` where the store has not set it.
pub fn hmac_sha256(name: &str, data: &[u8]) -> Result<Vec<u8>> {
    settings::hmac_sha256(name, data).ok_or_else(|| misconfigured(format!("`{name}` is not set")))
}

/// Writes a line to the log that the store's staff reads: no secrets, no cards.
pub fn log(level: Level, message: &str) {
    lines::write(level, message);
}

/// Now, in milliseconds since 1970.
#[must_use]
pub fn now() -> u64 {
    clock::now()
}

/// Bytes that nobody can guess: at most 1024.
#[must_use]
pub fn random(length: u32) -> Vec<u8> {
    chance::bytes(length)
}
