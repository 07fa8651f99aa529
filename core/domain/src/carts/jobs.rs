//! What carts ask to be done later.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use tenants::{DbError, TenantTx};

use super::queries;
use crate::jobs::{self, Kind};

/// How long a visitor's cart waits for its visitor.
const PATIENCE: TimeDelta = TimeDelta::days(30);
/// How often a store with visitors' carts looks for abandoned ones.
const EVERY: TimeDelta = TimeDelta::days(1);
/// How many are removed in one transaction.
const AT_ONCE: i64 = 500;

/// Removes the carts that visitors have abandoned. One waits in a store that has any.
#[derive(Debug, Serialize, Deserialize)]
pub struct CleanCarts {}

impl Kind for CleanCarts {
    const NAME: &'static str = "carts.clean";

    fn once(&self) -> Option<String> {
        Some("carts".to_owned())
    }
}

/// Sees to it that abandoned carts are looked for.
pub(super) async fn clean_later(tx: &mut TenantTx) -> Result<(), DbError> {
    let due = tx.now() + EVERY;
    jobs::enqueue_at(tx, &CleanCarts {}, due).await
}

/// Removes some of the abandoned carts: whether there may be more. With the last of them it sees to the next time, if there
/// are carts that may be abandoned then.
///
/// # Errors
/// [`DbError`].
pub async fn clean(tx: &mut TenantTx) -> Result<bool, DbError> {
    let before = tx.now() - PATIENCE;
    if queries::delete_untouched_since(tx, before, AT_ONCE).await? == AT_ONCE.unsigned_abs() {
        return Ok(true);
    }
    if queries::any_of_visitors(tx).await? {
        clean_later(tx).await?;
    }
    Ok(false)
}
