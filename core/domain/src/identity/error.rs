//! Why identity refuses.

use kernel::{DomainError, FieldError, Kind};
use tenants::DbError;

/// Why someone is not let in, or an account not made.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The address has an account.
    #[error("somebody already has an account with this e-mail address")]
    EmailTaken,
    /// Unknown address or wrong password: which of the two is not told.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    /// The token is unknown, used up, out of date, or not one for here.
    #[error("the token is not valid here; log in again")]
    BadToken,
    /// The address must be confirmed first.
    #[error("confirm the e-mail address first, with the link in the mail")]
    Unconfirmed,
    /// The account was changed since the caller read it.
    #[error("it was changed in the meantime; read it again")]
    Stale,
    /// Nobody is born in the future.
    #[error("a birth date lies in the past")]
    NotBorn,
    /// Staff leaves its work before it leaves the shop.
    #[error("this account belongs to the store's staff; its roles must be taken first")]
    IsStaff,
    /// The last operator stays.
    #[error("a deployment keeps at least one operator; make another first")]
    LastOperator,
    /// There is no such account.
    #[error("there is no account with this e-mail address")]
    NoAccount,
    /// All hands are busy hashing passwords.
    #[error("too many log-ins at once; try again in a moment")]
    Busy,
    /// Hashing failed.
    #[error("the password could not be hashed")]
    Hash,
    /// A token could not be signed.
    #[error("a token could not be signed")]
    Sign(#[from] jsonwebtoken::errors::Error),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for IdentityError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for IdentityError {
    fn kind(&self) -> Kind {
        match self {
            Self::EmailTaken | Self::IsStaff | Self::LastOperator => Kind::Conflict,
            Self::NotBorn => Kind::Invalid,
            Self::Stale => Kind::Stale,
            Self::Unconfirmed => Kind::Forbidden,
            Self::WrongCredentials | Self::BadToken => Kind::Unauthenticated,
            Self::NoAccount => Kind::NotFound,
            Self::Busy => Kind::Unavailable,
            Self::Hash | Self::Sign(_) => Kind::Internal,
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::EmailTaken => "identity.email_taken",
            Self::WrongCredentials => "identity.wrong_credentials",
            Self::BadToken => "identity.bad_token",
            Self::NoAccount => "identity.no_account",
            Self::NotBorn => "request.invalid",
            Self::Stale => "request.stale_version",
            Self::Unconfirmed => "identity.email_unconfirmed",
            Self::IsStaff => "identity.is_staff",
            Self::LastOperator => "identity.last_operator",
            Self::Busy => "service.unavailable",
            Self::Hash | Self::Sign(_) => "service.fault",
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::EmailTaken => vec![FieldError::new("/email", self.to_string())],
            Self::NotBorn => vec![FieldError::new("/birth_date", self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Busy => Some(1),
            Self::Db(err) => err.retry_after_seconds(),
            _ => None,
        }
    }
}
