//! Why staff can't be changed.

use kernel::{DomainError, FieldError, Kind};
use tenants::DbError;

use super::InvitationId;
use crate::access::AccessError;
use crate::identity::{IdentityError, UserId};

/// Why something could not be done to a store's staff.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// Nobody of that id works here.
    #[error("there is no member of staff {0}")]
    NoMember(UserId),
    /// No such invitation.
    #[error("there is no invitation {0}")]
    NoInvitation(InvitationId),
    /// The person works here, or is invited.
    #[error("this person works here already, or is invited; change the roles instead")]
    MemberAlready,
    /// Somebody must own the store.
    #[error("a store keeps at least one owner; make somebody else an owner first")]
    LastOwner,
    /// The token is unknown, used, too old, or its sender may not give these roles any more.
    #[error("the invitation is not valid any more; ask for a new one")]
    BadInvitation,
    /// The person's roles were changed since the caller read them.
    #[error("the roles were changed in the meantime; read them again")]
    Stale,
    /// It reaches beyond the caller.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The account.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for StaffError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for StaffError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoMember(_) | Self::NoInvitation(_) => Kind::NotFound,
            Self::MemberAlready | Self::LastOwner => Kind::Conflict,
            Self::BadInvitation => Kind::Unauthenticated,
            Self::Stale => Kind::Stale,
            Self::Access(err) => err.kind(),
            Self::Identity(err) => err.kind(),
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoMember(_) => "staff.no_member",
            Self::NoInvitation(_) => "staff.no_invitation",
            Self::MemberAlready => "staff.member_already",
            Self::LastOwner => "staff.last_owner",
            Self::BadInvitation => "identity.bad_token",
            Self::Stale => "request.stale_version",
            Self::Access(err) => err.code(),
            Self::Identity(err) => err.code(),
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::MemberAlready => vec![FieldError::new("/email", self.to_string())],
            Self::Access(err) => err.fields(),
            Self::Identity(err) => err.fields(),
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Access(err) => err.retry_after_seconds(),
            Self::Identity(err) => err.retry_after_seconds(),
            Self::Db(err) => err.retry_after_seconds(),
            _ => None,
        }
    }
}
