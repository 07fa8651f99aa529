//! Tokens that a mail carries: to confirm an address, to set a new password. Each is good once.

use chrono::TimeDelta;
use tenants::TenantTx;

use super::{IdentityError, RefreshToken, UserId, queries};

/// What a mailed token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Proving that an address is one's own.
    Confirm,
    /// Setting a new password.
    Reset,
}

impl Purpose {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Reset => "reset",
        }
    }

    pub(super) fn lifetime(self) -> TimeDelta {
        match self {
            Self::Confirm => TimeDelta::days(7),
            Self::Reset => TimeDelta::hours(1),
        }
    }
}

/// Makes a token for a user. One of the same purpose that was made before is good no more.
///
/// # Errors
/// [`IdentityError`] where the random source or the database fails.
pub async fn issue_token(tx: &mut TenantTx, user: UserId, purpose: Purpose) -> Result<RefreshToken, IdentityError> {
    let token = RefreshToken::generate()?;
    let expires_at = tx.now() + purpose.lifetime();
    queries::replace_mailed(tx, &token.hash(), user, purpose, expires_at).await?;
    Ok(token)
}

/// Takes a token, which is then used up, and says whose it was. Of many who try at once, one gets it.
///
/// # Errors
/// [`IdentityError::BadToken`].
pub async fn take_token(tx: &mut TenantTx, token: &RefreshToken, purpose: Purpose) -> Result<UserId, IdentityError> {
    queries::take_mailed(tx, &token.hash(), purpose).await?.ok_or(IdentityError::BadToken)
}
