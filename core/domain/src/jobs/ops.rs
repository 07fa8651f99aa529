//! Putting jobs into the queue.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use tenants::{DbError, PlatformTx, TenantTx};

use super::{JobId, Kind, PlatformKind, queries};
use crate::identity::UserId;

/// Puts a job of the store of `tx` into the queue: a worker begins with it once `tx` is committed.
///
/// # Errors
/// [`DbError`].
pub async fn enqueue<K: Kind>(tx: &mut TenantTx, job: &K) -> Result<(), DbError> {
    insert(tx, JobId::generate(), job, None, false).await
}

/// Puts a job into the queue that begins at `due`, or soon after.
///
/// # Errors
/// [`DbError`].
pub async fn enqueue_at<K: Kind>(tx: &mut TenantTx, job: &K, due: DateTime<Utc>) -> Result<(), DbError> {
    insert(tx, JobId::generate(), job, Some(due), false).await
}

/// Puts a job into the queue that the store can watch, and ask to stop, by the id that is answered.
///
/// # Errors
/// [`DbError`].
pub async fn enqueue_tracked<K: Kind>(tx: &mut TenantTx, job: &K, by: Option<UserId>) -> Result<JobId, DbError> {
    let id = JobId::generate();
    enqueue_tracked_as(tx, id, job, by).await?;
    Ok(id)
}

/// The same under an id that is there already, for a job whose payload it is.
///
/// # Errors
/// [`DbError`].
pub async fn enqueue_tracked_as<K: Kind>(
    tx: &mut TenantTx,
    id: JobId,
    job: &K,
    by: Option<UserId>,
) -> Result<(), DbError> {
    queries::insert_progress(tx, id, K::NAME, by).await?;
    insert(tx, id, job, None, true).await
}

/// Puts a job of the platform into the queue.
///
/// # Errors
/// [`DbError`].
pub async fn enqueue_platform<K: PlatformKind>(tx: &mut PlatformTx, job: &K) -> Result<(), DbError> {
    let metadata = json!({ "type": ENVELOPE, "tenant_id": null, "kind": K::NAME, "payload": payload(job)? });
    queries::insert_platform(tx, JobId::generate(), &metadata).await?;
    tx.ring_when_committed();
    Ok(())
}

/// Puts a job into the queue for every store, spread over so long a time. Answers for how many: one that waits already, of
/// a kind of which one does, is enough.
///
/// # Errors
/// [`DbError`].
pub async fn enqueue_for_every_store<K: Kind>(tx: &mut PlatformTx, job: &K, over: TimeDelta) -> Result<u64, DbError> {
    let envelope = json!({ "type": ENVELOPE, "kind": K::NAME, "payload": payload(job)? });
    queries::insert_for_every_store(tx, &envelope, job.once().as_deref(), over).await
}

/// The name under which the worker pool knows the envelope.
const ENVELOPE: &str = "Job";

async fn insert<K: Kind>(
    tx: &mut TenantTx,
    id: JobId,
    job: &K,
    due: Option<DateTime<Utc>>,
    tracked: bool,
) -> Result<(), DbError> {
    let metadata = json!({
        "type": ENVELOPE, "tenant_id": tx.tenant().0, "kind": K::NAME, "payload": payload(job)?, "tracked": tracked,
    });
    queries::insert(tx, id, &metadata, job.once().as_deref(), due).await?;
    if due.is_none() {
        tx.ring_when_committed();
    }
    Ok(())
}

fn payload(job: &impl Serialize) -> Result<Value, DbError> {
    serde_json::to_value(job).map_err(|err| DbError::Failed(sqlx::Error::Encode(Box::new(err))))
}
