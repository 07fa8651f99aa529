//! What each kind of job does.

mod events;
mod letters;

use crate::{Kinds, Schedule};

/// All kinds of jobs of this build.
#[must_use]
pub fn kinds() -> Kinds {
    Kinds::default()
        .store::<domain::identity::AccountLetter>()
        .store::<domain::identity::ForgottenPassword>()
        .platform::<domain::identity::ForgottenOperatorPassword>()
        .store::<domain::staff::InvitationLetter>()
        .store::<domain::events::PassOn>()
}

/// All schedules of this build.
#[must_use]
pub fn schedules() -> Vec<Schedule> {
    Vec::new()
}
