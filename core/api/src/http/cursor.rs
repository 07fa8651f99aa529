//! Cursors: where a page ended, sealed so that only we can make one, and only for the store and filter it came from.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use kernel::FieldError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

use super::Problem;

/// Seals and opens cursors.
#[derive(Clone)]
pub struct Cursors {
    key: [u8; 32],
}

/// Bytes of the seal that travel with the cursor.
const SEAL: usize = 12;

impl Cursors {
    /// With a key that only this deployment has.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// A cursor for `place`, good only with the same `scope`: the list's name, the store, and every filter.
    pub fn seal(&self, scope: &impl Serialize, place: &impl Serialize) -> Option<String> {
        let place = serde_json::to_vec(place).ok()?;
        let mut bytes = self.mac(scope, &place)?.to_vec();
        bytes.truncate(SEAL);
        bytes.extend(place);
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The place that a cursor was made for.
    ///
    /// # Errors
    /// 422 for one that we did not make, or made for another store or filter.
    pub fn open<T: DeserializeOwned>(&self, scope: &impl Serialize, cursor: &str) -> Result<T, Problem> {
        self.opened(scope, cursor).ok_or_else(|| {
            let detail = "is not a cursor of this list with these filters; begin again without one";
            Problem::of_field(FieldError::new("/query/cursor", detail))
        })
    }

    fn opened<T: DeserializeOwned>(&self, scope: &impl Serialize, cursor: &str) -> Option<T> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (seal, place) = bytes.split_at_checked(SEAL)?;
        self.hmac(scope, place)?.verify_truncated_left(seal).ok()?;
        serde_json::from_slice(place).ok()
    }

    fn mac(&self, scope: &impl Serialize, place: &[u8]) -> Option<[u8; 32]> {
        Some(self.hmac(scope, place)?.finalize().into_bytes().into())
    }

    fn hmac(&self, scope: &impl Serialize, place: &[u8]) -> Option<Hmac<Sha256>> {
        let scope = serde_json::to_vec(scope).ok()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(&scope.len().to_be_bytes());
        mac.update(&scope);
        mac.update(place);
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_in_its_own_scope_only() {
        let cursors = Cursors::new([3; 32]);
        let cursor = cursors.seal(&("products", "a"), &7).unwrap();
        assert_eq!(cursors.open::<i32>(&("products", "a"), &cursor).ok(), Some(7));
        assert!(cursors.open::<i32>(&("products", "b"), &cursor).is_err());
        assert!(Cursors::new([4; 32]).open::<i32>(&("products", "a"), &cursor).is_err());
        for broken in ["", "x", "💥", &cursor[1..], &format!("{cursor}A"), &cursor.to_uppercase()] {
            assert!(cursors.open::<i32>(&("products", "a"), broken).is_err(), "{broken}");
        }
    }
}
