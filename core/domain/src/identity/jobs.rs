//! Letters about accounts, to be written later. Their tokens are made when they are: none lies in the queue.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jobs::{Kind, PlatformKind};
use crate::mail::Occasion;

/// Writes to a user about its account.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccountLetter {
    /// The user.
    pub user: Uuid,
    /// Why.
    pub occasion: Occasion,
}

impl Kind for AccountLetter {
    const NAME: &'static str = "account.letter";
}

/// Writes a letter for a new password to whoever has that address, if anybody has. It is put in for every address that
/// is asked about, so that asking takes as long for one that nobody has.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgottenPassword {
    /// The address, as it was asked about.
    pub email: String,
    /// Whether it was asked at the staff's door: then only staff gets a letter.
    pub staff: bool,
}

impl Kind for ForgottenPassword {
    const NAME: &'static str = "account.forgotten_password";
}

/// Writes a letter for a new password to the operator who has that address, if one has.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgottenOperatorPassword {
    /// The address, as it was asked about.
    pub email: String,
}

impl PlatformKind for ForgottenOperatorPassword {
    const NAME: &'static str = "operator.forgotten_password";
}
