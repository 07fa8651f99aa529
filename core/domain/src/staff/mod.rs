//! Who works in a store, in which roles. Nobody can give what they do not have, nor edit or remove someone who has what
//! they have not; the last owner stays.

mod error;
mod invitations;
mod jobs;
mod members;
mod queries;

pub use error::StaffError;
pub use invitations::{
    Invitation, InvitationId, NewInvitation, accept, invitation_token, invite, list_invitations, remove_expired,
    withdraw, withdraw_from,
};
pub use jobs::{InvitationLetter, StaffLetter};
pub use members::{
    Member, covered_member, list_members, member, remove_member, set_roles, want_letters, wants_letters, who_may,
};
