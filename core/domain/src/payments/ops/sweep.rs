//! What nobody sees to any more: the job that would was given up. It is put into the queue anew.

use chrono::TimeDelta;
use tenants::{DbError, TenantTx};

use super::super::jobs::STEADY;
use super::super::{GiveBack, WatchPayment, queries};
use crate::{jobs, orders};

/// How long nothing has to have happened.
const QUIET: TimeDelta = TimeDelta::hours(1);
/// How many at once; the next sweep sees to the others.
const MOST: i64 = 1_000;

/// Puts anew into the queue what has to be seen to of payments, of refunds under way and of orders whose time was over. What
/// waits there already stays as it is.
///
/// # Errors
/// [`DbError`].
pub async fn sweep(tx: &mut TenantTx) -> Result<(), DbError> {
    let since = tx.now() - QUIET;
    for payment in queries::to_see_to(tx, since, MOST).await? {
        jobs::enqueue(tx, &WatchPayment { payment: payment.0, tries: STEADY }).await?;
    }
    for refund in queries::refunds_to_see_to(tx, since, MOST).await? {
        jobs::enqueue(tx, &GiveBack { refund: refund.0, tries: STEADY }).await?;
    }
    orders::end_overdue(tx, MOST).await
}
