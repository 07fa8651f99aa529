//! Hashing of passwords: slow on purpose, so off the async threads, and never more at once than there is room for.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, SaltString};
use kernel::Text;
use tokio::sync::Semaphore;

use super::{IdentityError, Password};

/// argon2id of a password with its salt and parameters, in PHC format. Its `Debug` prints nothing of it.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    pub(super) fn stored(text: String) -> Self {
        Self(text)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Hashes and checks passwords, a bounded number at once: the work takes some 25 ms and 19 MiB each, and would
/// otherwise be the easiest way to take a server down.
#[derive(Debug, Clone)]
pub struct Passwords {
    seats: Arc<Semaphore>,
    /// What an unknown user's password is checked against, so that the answer takes as long.
    nobody: PasswordHash,
}

/// How long a log-in waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

impl Passwords {
    /// With `seats` hashes at once, at least one.
    ///
    /// # Errors
    /// [`IdentityError::Hash`] where the random source fails.
    pub fn new(seats: usize) -> Result<Self, IdentityError> {
        Ok(Self { seats: Arc::new(Semaphore::new(seats.max(1))), nobody: hash_now("nobody's password")? })
    }

    /// Hashes a password with a fresh salt.
    ///
    /// # Errors
    /// [`IdentityError::Busy`] where no seat came free in time.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, IdentityError> {
        self.seated(move || hash_now(password.as_str())).await?
    }

    /// Whether `password` is the one of `hash`. With no hash (nobody has that address) it takes as long and is false.
    ///
    /// # Errors
    /// [`IdentityError::Busy`] where no seat came free in time.
    pub async fn verify(&self, password: Password, hash: Option<PasswordHash>) -> Result<bool, IdentityError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let same = self.seated(move || verify_now(password.as_str(), &hash.0)).await?;
        Ok(same && known)
    }

    async fn seated<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, IdentityError> {
        let seat = tokio::time::timeout(PATIENCE, Arc::clone(&self.seats).acquire_owned()).await;
        let seat = seat.map_err(|_| IdentityError::Busy)?.map_err(|_| IdentityError::Busy)?;
        // The seat goes with the work: a caller that is dropped does not free it before the work is done.
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(seat);
            done
        })
        .await
        .map_err(|_| IdentityError::Hash)
    }
}

fn hash_now(password: &str) -> Result<PasswordHash, IdentityError> {
    let salt = SaltString::generate(&mut OsRng);
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt).map_err(|_| IdentityError::Hash)?;
    Ok(PasswordHash(hash.to_string()))
}

fn verify_now(password: &str, hash: &str) -> bool {
    argon2::PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}
