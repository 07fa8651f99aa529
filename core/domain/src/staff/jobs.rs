//! Letters to staff, and to staff to be.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jobs::Kind;
use crate::mail::Occasion;

/// Writes the letter of an invitation. Its token is made then: none lies in the queue.
#[derive(Debug, Serialize, Deserialize)]
pub struct InvitationLetter {
    /// The invitation.
    pub invitation: Uuid,
}

impl Kind for InvitationLetter {
    const NAME: &'static str = "staff.invitation_letter";
}

/// Writes to one of the staff about what waits for it. One letter tells of all that happened until it is written.
#[derive(Debug, Serialize, Deserialize)]
pub struct StaffLetter {
    /// The user.
    pub user: Uuid,
    /// Why.
    pub occasion: Occasion,
}

impl Kind for StaffLetter {
    const NAME: &'static str = "staff.letter";

    fn once(&self) -> Option<String> {
        Some(format!("{}/{:?}", self.user, self.occasion))
    }
}
