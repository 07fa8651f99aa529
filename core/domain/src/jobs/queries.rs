//! The SQL of enqueueing, and of progress. What a worker asks of the queue is in `core/jobs`.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Limit;
use serde_json::Value;
use tenants::{DbError, PlatformTx, TenantTx};
use uuid::Uuid;

use super::{Count, Filter, JobId, Progress, ProgressState, Queued};
use crate::identity::UserId;

pub(super) async fn insert(
    tx: &mut TenantTx,
    id: JobId,
    metadata: &Value,
    once: Option<&str>,
    due: Option<DateTime<Utc>>,
) -> Result<(), DbError> {
    let now = tx.now();
    let state = if due.is_some_and(|due| due > now) { "scheduled" } else { "waiting" };
    // Without naming the key: to name it is to read it, which nobody may who enqueues.
    sqlx::query!(
        "INSERT INTO platform.jobs (id, metadata, once, state, scheduled_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING",
        id.0,
        metadata,
        once,
        state,
        due.unwrap_or(now),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn insert_platform(tx: &mut PlatformTx, id: JobId, metadata: &Value) -> Result<(), DbError> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO platform.jobs (id, metadata, state, scheduled_at, created_at, updated_at)
         VALUES ($1, $2, 'waiting', $3, $3, $3)",
        id.0,
        metadata,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn insert_progress(
    tx: &mut TenantTx,
    id: JobId,
    kind: &str,
    by: Option<UserId>,
) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "INSERT INTO job_progress (tenant_id, id, kind, asked_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
        tenant.0,
        id.0,
        kind,
        by.map(|by| by.0),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn progress(tx: &mut TenantTx, id: JobId) -> Result<Option<Progress>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query!(
        "SELECT kind, state, done, total, result, error, cancel_asked, created_at, updated_at
         FROM job_progress WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Progress {
        id,
        kind: row.kind,
        state: ProgressState::read(&row.state),
        done: row.done,
        total: row.total,
        result: row.result,
        error: row.error,
        cancel_asked: row.cancel_asked,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }))
}

pub(super) async fn ask_to_cancel(tx: &mut TenantTx, id: JobId) -> Result<bool, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sqlx::query!(
        "UPDATE job_progress SET cancel_asked = true, updated_at = $3,
                state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END
         WHERE tenant_id = $1 AND id = $2 AND state IN ('waiting', 'running')",
        tenant.0,
        id.0,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn begin(tx: &mut TenantTx, id: JobId) -> Result<bool, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sqlx::query!(
        "UPDATE job_progress SET state = 'running', error = NULL, updated_at = $3
         WHERE tenant_id = $1 AND id = $2 AND state IN ('waiting', 'running', 'failed') AND NOT cancel_asked",
        tenant.0,
        id.0,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn advance(tx: &mut TenantTx, id: JobId, done: i64, total: Option<i64>) -> Result<bool, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let cancel_asked = sqlx::query_scalar!(
        "UPDATE job_progress SET done = $3, total = coalesce($4, total), updated_at = $5
         WHERE tenant_id = $1 AND id = $2 AND state = 'running' RETURNING cancel_asked",
        tenant.0,
        id.0,
        done,
        total,
        now,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(cancel_asked == Some(false))
}

pub(super) async fn end(
    tx: &mut TenantTx,
    id: JobId,
    state: ProgressState,
    result: Option<&Value>,
    error: Option<&str>,
) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "UPDATE job_progress SET state = $3, result = coalesce($4, result), error = left($5, 500), updated_at = $6
         WHERE tenant_id = $1 AND id = $2 AND state IN ('waiting', 'running')",
        tenant.0,
        id.0,
        state.as_str(),
        result,
        error,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn remove_ended(tx: &mut TenantTx, before: DateTime<Utc>) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "DELETE FROM job_progress
         WHERE tenant_id = $1 AND updated_at <= $2 AND state IN ('finished', 'failed', 'cancelled')",
        tenant.0,
        before,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn insert_for_every_store(
    tx: &mut PlatformTx,
    envelope: &Value,
    once: Option<&str>,
    over: TimeDelta,
) -> Result<u64, DbError> {
    let now = tx.now();
    let done = sqlx::query!(
        "INSERT INTO platform.jobs (id, metadata, once, state, scheduled_at, created_at, updated_at)
         SELECT gen_random_uuid(), $1::jsonb || jsonb_build_object('tenant_id', s.id), $2, 'scheduled',
                $3::timestamptz + random() * ($4::bigint * interval '1 millisecond'), $3, $3
         FROM platform.stores s WHERE s.status <> 'erased' ON CONFLICT DO NOTHING",
        envelope,
        once,
        now,
        over.num_milliseconds(),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn list_queue(
    tx: &mut PlatformTx,
    filter: &Filter,
    before: Option<JobId>,
    limit: Limit,
) -> Result<Vec<Queued>, DbError> {
    let rows = sqlx::query_as!(
        Queued,
        r#"SELECT id, tenant_id AS store, kind, state, retries, error_message AS error, scheduled_at, started_at,
                  created_at, updated_at
           FROM platform.jobs
           WHERE id < $1 AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR kind = $3)
             AND ($4::uuid IS NULL OR tenant_id = $4)
           ORDER BY id DESC LIMIT $5"#,
        before.map_or(Uuid::max(), |id| id.0),
        filter.state.map(super::QueueState::as_str),
        filter.kind,
        filter.store.map(|store| store.0),
        limit.and_one(),
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

pub(super) async fn queued(tx: &mut PlatformTx, id: JobId) -> Result<Option<Queued>, DbError> {
    let row = sqlx::query_as!(
        Queued,
        r#"SELECT id, tenant_id AS store, kind, state, retries, error_message AS error, scheduled_at, started_at,
                  created_at, updated_at
           FROM platform.jobs WHERE id = $1"#,
        id.0,
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

pub(super) async fn count_queue(tx: &mut PlatformTx) -> Result<Vec<Count>, DbError> {
    let rows = sqlx::query_as!(
        Count,
        r#"SELECT kind, state, count(*) AS "count!", min(scheduled_at) AS "oldest!"
           FROM platform.jobs GROUP BY kind, state ORDER BY kind, state"#,
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

pub(super) async fn try_again(tx: &mut PlatformTx, id: JobId) -> Result<bool, DbError> {
    let now = tx.now();
    let done = sqlx::query!(
        "UPDATE platform.jobs SET state = 'waiting', retries = 0, scheduled_at = $2, updated_at = $2
         WHERE id = $1 AND state = 'failed'",
        id.0,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}
