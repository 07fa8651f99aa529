//! Why access can't be passed on.

use kernel::{DomainError, FieldError, Kind, Text};
use tenants::DbError;

use super::{Permissions, RoleName};

/// Why a role can't be made, changed or given.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// No such role in this store.
    #[error("there is no role `{}`", .0.as_str())]
    NoRole(RoleName),
    /// A write names a role that is not there.
    #[error("there is no role `{}`", .0.as_str())]
    UnknownRole(RoleName),
    /// Role names are unique in a store.
    #[error("there is a role `{}` already; choose another name", .0.as_str())]
    RoleTaken(RoleName),
    /// Built-in roles are the same in every store.
    #[error("the role `{}` is built in, and is the same in every store", .0.as_str())]
    BuiltIn(RoleName),
    /// Somebody has the role.
    #[error("somebody has the role `{}`; take it from them first", .0.as_str())]
    RoleInUse(RoleName),
    /// Nobody gives, edits or takes what they do not have.
    #[error("this reaches beyond your own permissions: {}", .0.names().join(", "))]
    Beyond(Permissions),
    /// The role was changed since the caller read it.
    #[error("the role was changed in the meantime; read it again")]
    Stale,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for AccessError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for AccessError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoRole(_) => Kind::NotFound,
            Self::UnknownRole(_) => Kind::Invalid,
            Self::RoleTaken(_) | Self::BuiltIn(_) | Self::RoleInUse(_) => Kind::Conflict,
            Self::Beyond(_) => Kind::Forbidden,
            Self::Stale => Kind::Stale,
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoRole(_) | Self::UnknownRole(_) => "access.no_role",
            Self::RoleTaken(_) => "access.role_taken",
            Self::BuiltIn(_) => "access.role_built_in",
            Self::RoleInUse(_) => "access.role_in_use",
            Self::Beyond(_) => "access.beyond_own",
            Self::Stale => "request.stale_version",
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::UnknownRole(_) => vec![FieldError::new("/roles", self.to_string())],
            Self::RoleTaken(_) => vec![FieldError::new("/name", self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        if let Self::Db(err) = self { err.retry_after_seconds() } else { None }
    }
}
