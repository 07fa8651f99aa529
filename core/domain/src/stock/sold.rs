//! How many were sold of each product: as many as orders took and did not put back. What is paid or promised to be paid counts,
//! what is cancelled before it leaves counts no more; giving money back changes nothing of what was sold.
//!
//! A checkout never touches the product's row: two hundred at once that buy one product would stand in a line for it. A
//! trigger appends a row for each movement of an order, and a job adds up what there is, some seconds later.

use chrono::TimeDelta;
use tenants::{DbError, TenantTx};

use super::jobs::CountSold;
use super::queries::sold as queries;
use crate::jobs;

/// How long counting waits for more.
const GATHERED: TimeDelta = TimeDelta::seconds(5);
/// How many movements are counted in one transaction.
const AT_ONCE: i64 = 5_000;

/// Has what orders moved counted soon. For a job to call, last: of two transactions that do one waits for the other.
///
/// # Errors
/// [`DbError`].
pub async fn count_sold_later(tx: &mut TenantTx) -> Result<(), DbError> {
    let due = tx.now() + GATHERED;
    jobs::enqueue_at(tx, &CountSold {}, due).await
}

/// Counts some of what is not counted yet, each movement once. False where there was none.
///
/// # Errors
/// [`DbError`].
pub async fn count_sold(tx: &mut TenantTx) -> Result<bool, DbError> {
    queries::count(tx, AT_ONCE).await
}
