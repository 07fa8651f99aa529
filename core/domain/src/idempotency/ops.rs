//! Claiming a key, and keeping the answer.

use chrono::TimeDelta;
use tenants::{DbError, TenantTx};

use super::{Claim, IdempotencyError, Kept, queries};
use crate::identity::UserId;

/// How long an answer is kept.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);
/// How long the last word is waited for: longer than any call of a gateway takes.
const PATIENCE: TimeDelta = TimeDelta::seconds(30);

/// Claims a key for this transaction, or finds what the first request with it was answered.
///
/// The claim is a lock that ends with the transaction, so that one who dies in the middle leaves nothing behind; and since
/// the answer is kept in the transaction of the effect, whoever gets the lock next finds both or neither.
///
/// # Errors
/// [`IdempotencyError::InFlight`], [`IdempotencyError::OtherRequest`].
pub async fn claim(tx: &mut TenantTx, claim: &Claim) -> Result<Option<Kept>, IdempotencyError> {
    // Those who are told what was answered before hold no lock that another would meet.
    if let Some(known) = known(tx, claim).await? {
        return Ok(Some(known));
    }
    let lock = claim.lock(tx.tenant());
    if !queries::try_lock(tx, lock).await? {
        return Err(IdempotencyError::InFlight);
    }
    // A statement of its own, after the lock: its snapshot holds what the last holder wrote.
    known(tx, claim).await
}

async fn known(tx: &mut TenantTx, claim: &Claim) -> Result<Option<Kept>, IdempotencyError> {
    match queries::find(tx, claim).await? {
        Some(found) if found.request != claim.request => Err(IdempotencyError::OtherRequest),
        Some(found) if found.waits => Err(IdempotencyError::InFlight),
        found => Ok(found.map(|found| found.kept)),
    }
}

/// Keeps the answer to a request whose key this transaction has claimed.
///
/// # Errors
/// [`DbError`].
pub async fn keep(tx: &mut TenantTx, claim: &Claim, kept: &Kept) -> Result<(), DbError> {
    let until = tx.now() + KEPT_FOR;
    queries::insert(tx, claim, kept, until, None).await
}

/// Keeps an answer that is not the last word: what was begun is gone on with after the commit. Whoever repeats the request is
/// told to wait until there is [one](keep_instead), or nobody can be at it any more.
///
/// # Errors
/// [`DbError`].
pub async fn keep_for_now(tx: &mut TenantTx, claim: &Claim, kept: &Kept) -> Result<(), DbError> {
    let (until, waits_until) = (tx.now() + KEPT_FOR, tx.now() + PATIENCE);
    queries::insert(tx, claim, kept, until, Some(waits_until)).await
}

/// Keeps another answer in the place of the one that was kept: what was begun then is done.
///
/// # Errors
/// [`DbError`].
pub async fn keep_instead(tx: &mut TenantTx, claim: &Claim, kept: &Kept) -> Result<(), DbError> {
    queries::update(tx, claim, kept).await
}

/// Removes an answer: what was begun came to nothing, and may be asked for anew.
///
/// # Errors
/// [`DbError`].
pub async fn forget(tx: &mut TenantTx, claim: &Claim) -> Result<(), DbError> {
    queries::delete(tx, claim).await
}

/// Removes the answers to a customer.
///
/// # Errors
/// [`DbError`].
pub async fn forget_of(tx: &mut TenantTx, customer: UserId) -> Result<(), DbError> {
    queries::delete_of(tx, &Claim::by_customer(customer)).await
}

/// Removes answers whose time is over, `most` of them; answers how many went.
///
/// # Errors
/// [`DbError`].
pub async fn forget_old(tx: &mut TenantTx, most: i64) -> Result<u64, DbError> {
    queries::delete_old(tx, most).await
}
