//! The books of a store, reckoned anew: what lies there, what is promised, what was paid, what was given back. They add up
//! at every moment, whatever was killed in between; what does not is a fault, and is named.

mod queries;

use tenants::{DbError, TenantTx};

/// Something that does not add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The rule that it breaks.
    pub rule: &'static str,
    /// What breaks it, and how.
    pub detail: String,
}

/// Everything that does not add up in the store of `tx`, which should read one snapshot.
///
/// # Errors
/// [`DbError`].
pub async fn differences(tx: &mut TenantTx) -> Result<Vec<Difference>, DbError> {
    queries::all(tx).await
}
