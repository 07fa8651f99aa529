//! Putting away what is over: expired log-ins, tokens and invitations, old events and jobs.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use tenants::{DbError, PlatformTx, TenantTx};

use crate::jobs::{Kind, PlatformKind};
use crate::{events, idempotency, identity, jobs, staff};

/// Puts away what is over in a store.
#[derive(Debug, Serialize, Deserialize)]
pub struct SweepStore {}

impl Kind for SweepStore {
    const NAME: &'static str = "store.sweep";

    fn once(&self) -> Option<String> {
        Some("all".to_owned())
    }
}

/// Enqueues [`SweepStore`] for every store, spread over a day.
#[derive(Debug, Serialize, Deserialize)]
pub struct SweepStores {}

impl PlatformKind for SweepStores {
    const NAME: &'static str = "platform.sweep_stores";
}

/// Puts away what is over on the platform, and jobs that were given up long ago.
#[derive(Debug, Serialize, Deserialize)]
pub struct SweepPlatform {}

impl PlatformKind for SweepPlatform {
    const NAME: &'static str = "platform.sweep";
}

/// How many kept answers are forgotten in one statement.
const AT_ONCE: i64 = 10_000;
/// How long an event is kept.
const EVENTS_KEPT: TimeDelta = TimeDelta::days(90);

/// Puts away what is over in the store of `tx`.
///
/// # Errors
/// [`DbError`].
pub async fn sweep_store(tx: &mut TenantTx) -> Result<(), DbError> {
    identity::remove_expired(tx).await?;
    staff::remove_expired(tx).await?;
    jobs::remove_ended(tx).await?;
    while idempotency::forget_old(tx, AT_ONCE).await? >= AT_ONCE.unsigned_abs() {}
    events::remove_before(tx, tx.now() - EVENTS_KEPT).await
}

/// Puts away what is over on the platform.
///
/// # Errors
/// [`DbError`].
pub async fn sweep_platform(tx: &mut PlatformTx) -> Result<(), DbError> {
    identity::remove_expired_of_operators(tx).await
}
