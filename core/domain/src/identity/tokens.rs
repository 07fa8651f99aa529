//! Access tokens: short-lived JWTs (RFC 9068) signed with EdDSA, by keys that rotate with the calendar.
//!
//! The key of a period is derived from the master key and the period's number, so all replicas agree on it without a
//! table, a job or a message; a key is known before it signs and after it no longer does.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{IdentityError, Surface};
use crate::MasterKey;

/// How long an access token is good: 15 minutes.
const LIFETIME_SECONDS: i64 = 15 * 60;
/// How long a key signs: 30 days.
const PERIOD_SECONDS: i64 = 30 * 24 * 3600;
const ISSUER: &str = "stoa";
/// The media type of access tokens, RFC 9068.
const TYPE: &str = "at+jwt";

/// Whom a token is for: `store/{id}/storefront`, `store/{id}/admin` or `platform`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience(String);

impl From<Surface> for Audience {
    fn from(surface: Surface) -> Self {
        Self(match surface {
            Surface::Storefront(store) | Surface::Admin(store) => format!("store/{store}/{}", surface.word()),
            Surface::Platform => surface.word().to_owned(),
        })
    }
}

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    /// The user or operator.
    pub sub: Uuid,
    /// The log-in that the token grew out of: the family of its refresh tokens.
    pub sid: Uuid,
    iat: i64,
    exp: i64,
}

/// A signed token. Its holder is let in: it has no `Debug`.
pub struct AccessToken {
    /// The JWT, in compact form.
    pub token: String,
    /// For how many seconds it is good.
    pub expires_in: i64,
}

/// Signs and checks access tokens.
pub struct TokenKeys {
    master: MasterKey,
    periods: Mutex<HashMap<i64, SigningKey>>,
    /// Tokens whose signature was found good, by their hash. A check costs 47 µs, a look in here a tenth of one.
    verified: Cache<[u8; 32], Claims>,
}

impl TokenKeys {
    /// Keys of the deployment that has this secret.
    #[must_use]
    pub fn new(master: MasterKey) -> Self {
        let verified = Cache::builder().max_capacity(50_000).time_to_live(Duration::from_secs(60)).build();
        Self { master, periods: Mutex::new(HashMap::new()), verified }
    }

    /// Signs a token for `sub` at `surface`.
    ///
    /// # Errors
    /// [`IdentityError::Sign`], which does not happen with a sound key.
    pub fn sign(
        &self,
        surface: Surface,
        sub: Uuid,
        sid: Uuid,
        now: DateTime<Utc>,
    ) -> Result<AccessToken, IdentityError> {
        let (iat, aud) = (now.timestamp(), Audience::from(surface).0);
        let claims = Claims { iss: ISSUER.to_owned(), aud, sub, sid, iat, exp: iat + LIFETIME_SECONDS };
        let period = iat.div_euclid(PERIOD_SECONDS);
        let key = self.key(period);
        let der = key.to_pkcs8_der().map_err(|_| IdentityError::Hash)?;
        let header = Header { typ: Some(TYPE.to_owned()), kid: Some(kid(period)), ..Header::new(Algorithm::EdDSA) };
        let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(der.as_bytes()))?;
        Ok(AccessToken { token, expires_in: LIFETIME_SECONDS })
    }

    /// What a token says, if it is ours, still good, and for `surface`.
    ///
    /// # Errors
    /// [`IdentityError::BadToken`], whatever is wrong with it.
    pub fn verify(&self, token: &str, surface: Surface, now: DateTime<Utc>) -> Result<Claims, IdentityError> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let claims = match self.verified.get(&hash) {
            Some(claims) => claims,
            None => {
                let claims = self.check(token, now).ok_or(IdentityError::BadToken)?;
                self.verified.insert(hash, claims.clone());
                claims
            }
        };
        let good = claims.exp > now.timestamp() && claims.aud == Audience::from(surface).0;
        good.then_some(claims).ok_or(IdentityError::BadToken)
    }

    fn check(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let period = live_periods(now).into_iter().find(|period| header.kid.as_deref() == Some(&kid(*period)))?;
        let key = DecodingKey::from_ed_der(self.key(period).verifying_key().as_bytes());
        // The algorithm is fixed here; what the header says of it must agree. `exp` and `aud` are checked by `verify`.
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[ISSUER]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        rules.validate_aud = false;
        rules.validate_exp = false;
        Some(jsonwebtoken::decode(token, &key, &rules).ok()?.claims)
    }

    /// The public keys as a JSON Web Key Set (RFC 7517, RFC 8037): of the period before, this one, and the next.
    #[must_use]
    pub fn jwks(&self, now: DateTime<Utc>) -> serde_json::Value {
        let keys = live_periods(now).map(|period| {
            let public = URL_SAFE_NO_PAD.encode(self.key(period).verifying_key().as_bytes());
            serde_json::json!({
                "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid(period), "x": public,
            })
        });
        serde_json::json!({ "keys": keys })
    }

    fn key(&self, period: i64) -> SigningKey {
        let derive = || SigningKey::from_bytes(&self.master.derive(&format!("access token {period}")));
        match self.periods.lock() {
            Ok(mut known) => known.entry(period).or_insert_with(derive).clone(),
            Err(_) => derive(),
        }
    }
}

fn kid(period: i64) -> String {
    format!("ed25519-{period}")
}

fn live_periods(now: DateTime<Utc>) -> [i64; 3] {
    let period = now.timestamp().div_euclid(PERIOD_SECONDS);
    [period - 1, period, period + 1]
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use tenants::TenantId;

    use super::*;

    fn keys() -> TokenKeys {
        TokenKeys::new(MasterKey::new([1; 32]))
    }

    #[test]
    fn a_token_is_good_at_its_own_surface_of_its_own_store_until_it_ends() {
        let (keys, now, store) = (keys(), Utc::now(), TenantId::generate());
        let sub = Uuid::now_v7();
        let token = keys.sign(Surface::Admin(store), sub, Uuid::now_v7(), now).unwrap().token;

        assert_eq!(keys.verify(&token, Surface::Admin(store), now).unwrap().sub, sub);
        for elsewhere in [Surface::Storefront(store), Surface::Admin(TenantId::generate()), Surface::Platform] {
            assert!(keys.verify(&token, elsewhere, now).is_err());
        }
        let later = now + TimeDelta::seconds(LIFETIME_SECONDS);
        assert!(keys.verify(&token, Surface::Admin(store), later).is_err());
    }

    #[test]
    fn a_key_outlives_its_period_by_one_and_no_more() {
        let (keys, start) = (keys(), DateTime::from_timestamp(PERIOD_SECONDS * 700 - 1, 0).unwrap());
        let token = keys.sign(Surface::Platform, Uuid::now_v7(), Uuid::now_v7(), start).unwrap().token;
        assert!(keys.verify(&token, Surface::Platform, start + TimeDelta::seconds(60)).is_ok());
        let forgotten = TokenKeys::new(MasterKey::new([1; 32]));
        assert!(forgotten.check(&token, start + TimeDelta::seconds(PERIOD_SECONDS + 1)).is_none());
    }

    #[test]
    fn another_deployments_token_an_altered_one_and_an_unsigned_one_are_refused() {
        let (keys, now) = (keys(), Utc::now());
        let other = TokenKeys::new(MasterKey::new([2; 32]));
        let foreign = other.sign(Surface::Platform, Uuid::now_v7(), Uuid::now_v7(), now).unwrap().token;
        let own = keys.sign(Surface::Platform, Uuid::now_v7(), Uuid::now_v7(), now).unwrap().token;
        assert!(keys.verify(&foreign, Surface::Platform, now).is_err());

        let [_, body, _] = <[&str; 3]>::try_from(own.split('.').collect::<Vec<_>>()).unwrap();
        for header in [r#"{"alg":"none","typ":"at+jwt","kid":"K"}"#, r#"{"alg":"HS256","typ":"at+jwt","kid":"K"}"#] {
            let header = header.replace('K', &kid(now.timestamp().div_euclid(PERIOD_SECONDS)));
            let forged = format!("{}.{body}.", URL_SAFE_NO_PAD.encode(header));
            assert!(keys.verify(&forged, Surface::Platform, now).is_err());
        }
        let (head, tail) = own.split_at(own.len() - 10);
        let altered = format!("{head}{}{}", if tail.starts_with('A') { 'B' } else { 'A' }, &tail[1..]);
        assert!(keys.verify(&altered, Surface::Platform, now).is_err());
    }
}
