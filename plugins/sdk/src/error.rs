//! Why a call comes to nothing.

use crate::{Error, Rejection};

/// Stoa asked for something that this gateway can't do.
pub fn invalid(message: impl Into<String>) -> Error {
    Error::InvalidRequest(message.into())
}

/// The store's settings are wrong.
pub fn misconfigured(message: impl Into<String>) -> Error {
    Error::Misconfigured(message.into())
}

/// The provider said no.
pub fn rejected(code: impl Into<String>, message: impl Into<String>) -> Error {
    Error::Rejected(Rejection { code: code.into(), message: message.into() })
}

/// The message is not the provider's.
pub fn unauthentic(message: impl Into<String>) -> Error {
    Error::Unauthentic(message.into())
}

/// The gateway does not do this.
pub fn unsupported(message: impl Into<String>) -> Error {
    Error::Unsupported(message.into())
}
