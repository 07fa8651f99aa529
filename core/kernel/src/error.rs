//! How an error of the domain tells the edge what happened, without knowing HTTP.

use std::borrow::Cow;

/// What kind of refusal an error is. The edge maps each kind to one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The input is well-formed but breaks a rule.
    Invalid,
    /// Nobody, or nobody we can believe, is asking.
    Unauthenticated,
    /// The caller is known and may not do this.
    Forbidden,
    /// There is no such thing in this store.
    NotFound,
    /// The state of things does not allow it, now.
    Conflict,
    /// The caller's version of the row is not the current one.
    Stale,
    /// The caller did not say which version of the row it means.
    VersionRequired,
    /// Too many requests of this sort.
    TooMany,
    /// Something that we depend on is not there; trying again later may help.
    Unavailable,
    /// A fault of ours.
    Internal,
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body, or `/query/…`, `/path/…`, `/header/…` for a parameter.
    pub pointer: Cow<'static, str>,
    /// What is wrong with it, and what would be right.
    pub detail: String,
}

impl FieldError {
    /// Says that the field at `pointer` is wrong, and why.
    pub fn new(pointer: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// An error that a caller may see. Its `Display` says what the caller can do about it.
pub trait DomainError: std::error::Error + Send + Sync + 'static {
    /// What kind of refusal this is.
    fn kind(&self) -> Kind;

    /// The stable public name, dotted: `catalog.sku_taken`.
    fn code(&self) -> &'static str;

    /// The fields that are to blame, if any.
    fn fields(&self) -> Vec<FieldError> {
        Vec::new()
    }

    /// How many seconds to wait before trying again, where that is known.
    fn retry_after_seconds(&self) -> Option<u64> {
        None
    }
}
