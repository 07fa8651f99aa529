//! What is done later: removing the objects that no picture needs.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use tenants::{DbError, TenantTx};

use super::queries;
use crate::jobs::{self, Kind};

/// How long objects stay that no picture needs: pages that show them are out there.
const STAY: TimeDelta = TimeDelta::hours(24);
/// How long an upload may take from its first object to its row. Far less than [`STAY`], so that what is removed was given
/// up long before.
pub(super) const UPLOAD: TimeDelta = TimeDelta::hours(1);
/// Names that are looked at together.
const AT_ONCE: i64 = 100;

/// Removes the objects of a store that no picture has needed for a day.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepImages {}

impl Kind for SweepImages {
    const NAME: &'static str = "images.sweep";

    fn once(&self) -> Option<String> {
        Some("store".to_owned())
    }
}

/// Has what is left over now removed in a day. The last thing that a transaction does.
///
/// # Errors
/// [`DbError`].
pub async fn sweep_later(tx: &mut TenantTx) -> Result<(), DbError> {
    let due = tx.now() + STAY;
    jobs::enqueue_at(tx, &SweepImages {}, due).await
}

/// Names whose objects may be removed now.
///
/// # Errors
/// [`DbError`].
pub async fn leftovers(tx: &mut TenantTx) -> Result<Vec<String>, DbError> {
    let before = tx.now() - STAY;
    queries::leftovers(tx, before, AT_ONCE).await
}

/// Forgets names whose objects were removed.
///
/// # Errors
/// [`DbError`].
pub async fn forget_leftovers(tx: &mut TenantTx, names: &[String]) -> Result<(), DbError> {
    queries::forget_leftovers(tx, names).await
}

/// Comes back for what is younger, if there is any.
///
/// # Errors
/// [`DbError`].
pub async fn sweep_again(tx: &mut TenantTx) -> Result<(), DbError> {
    match queries::oldest_leftover(tx).await? {
        Some(since) => jobs::enqueue_at(tx, &SweepImages {}, since + STAY).await,
        None => Ok(()),
    }
}
