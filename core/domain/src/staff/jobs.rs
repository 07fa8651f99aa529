//! Letters to staff to be.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jobs::Kind;

/// Writes the letter of an invitation. Its token is made then: none lies in the queue.
#[derive(Debug, Serialize, Deserialize)]
pub struct InvitationLetter {
    /// The invitation.
    pub invitation: Uuid,
}

impl Kind for InvitationLetter {
    const NAME: &'static str = "staff.invitation_letter";
}
