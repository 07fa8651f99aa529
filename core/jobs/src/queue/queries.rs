//! The SQL of the queue. Each statement is a transaction of its own.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::postgres::types::PgInterval;
use tenants::DbError;
use uuid::Uuid;

/// A job that was just claimed.
pub(super) struct Claimed {
    pub(super) id: Uuid,
    pub(super) token: Uuid,
    pub(super) lane: Uuid,
    pub(super) metadata: Value,
    pub(super) retries: i32,
    pub(super) scheduled_at: DateTime<Utc>,
    pub(super) created_at: DateTime<Utc>,
}

/// A job that was given up without a worker to say so.
pub(super) struct GivenUp {
    pub(super) id: Uuid,
    pub(super) metadata: Value,
}

pub(super) fn interval(duration: Duration) -> PgInterval {
    let microseconds = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    PgInterval { months: 0, days: 0, microseconds }
}

/// Makes jobs whose time has come waiting ones. Answers how many, and in how many milliseconds the next is due.
pub(super) async fn promote(conn: &mut PgConnection) -> Result<(u64, Option<i64>), DbError> {
    let due = sqlx::query!(
        "UPDATE platform.jobs SET state = 'waiting', updated_at = now() WHERE id IN (
             SELECT id FROM platform.jobs WHERE state = 'scheduled' AND scheduled_at <= now()
             ORDER BY scheduled_at LIMIT 1000 FOR UPDATE SKIP LOCKED)"
    )
    .execute(&mut *conn)
    .await?;
    let next = sqlx::query_scalar!(
        "SELECT ceil(extract(epoch FROM min(scheduled_at) - clock_timestamp()) * 1000)::bigint
         FROM platform.jobs WHERE state = 'scheduled'"
    );
    Ok((due.rows_affected(), next.fetch_one(&mut *conn).await?))
}

/// The lanes after `after` that have waiting jobs: hops through the index from one lane to the next, however many jobs
/// each has.
pub(super) async fn waiting_lanes(conn: &mut PgConnection, after: Uuid, most: i32) -> Result<Vec<Uuid>, DbError> {
    let lanes = sqlx::query_scalar!(
        r#"WITH RECURSIVE lanes AS (
               (SELECT lane, 1 AS n FROM platform.jobs WHERE state = 'waiting' AND lane > $1 ORDER BY lane LIMIT 1)
               UNION ALL
               SELECT next.lane, l.n + 1 FROM lanes l CROSS JOIN LATERAL (
                   SELECT j.lane FROM platform.jobs j WHERE j.state = 'waiting' AND j.lane > l.lane ORDER BY j.lane LIMIT 1) next
               WHERE l.n < $2)
           SELECT lane AS "lane!" FROM lanes"#,
        after,
        most,
    );
    Ok(lanes.fetch_all(conn).await?)
}

/// Takes so many jobs from each lane, the oldest first, and leases them under new tokens.
pub(super) async fn claim(
    conn: &mut PgConnection,
    lanes: &[Uuid],
    counts: &[i32],
    lease: Duration,
) -> Result<Vec<Claimed>, DbError> {
    let claimed = sqlx::query_as!(
        Claimed,
        r#"UPDATE platform.jobs j
           SET state = 'running', locked_by = gen_random_uuid(), lease_until = now() + $3, once = NULL,
               started_at = now(), updated_at = now()
           FROM (SELECT mine.id FROM unnest($1::uuid[], $2::int[]) AS want (lane, n) CROSS JOIN LATERAL (
                     SELECT w.id FROM platform.jobs w WHERE w.state = 'waiting' AND w.lane = want.lane
                     ORDER BY w.scheduled_at, w.id LIMIT want.n FOR UPDATE SKIP LOCKED) mine) taken
           WHERE j.id = taken.id
           RETURNING j.id, j.locked_by AS "token!", j.lane, j.metadata, j.retries, j.scheduled_at, j.created_at"#,
        lanes,
        counts,
        interval(lease),
    );
    Ok(claimed.fetch_all(conn).await?)
}

/// Lengthens leases. Answers those that are still held.
pub(super) async fn heartbeat(conn: &mut PgConnection, tokens: &[Uuid], lease: Duration) -> Result<Vec<Uuid>, DbError> {
    let held = sqlx::query_scalar!(
        r#"UPDATE platform.jobs SET lease_until = now() + $2 WHERE locked_by = ANY($1) RETURNING locked_by AS "token!""#,
        tokens,
        interval(lease),
    );
    Ok(held.fetch_all(conn).await?)
}

/// Puts jobs whose lease lapsed back; one that was tried too often, perhaps because it kills whoever runs it, is given up.
/// Answers how many were put back, and which were given up.
pub(super) async fn reap(conn: &mut PgConnection, most: i32) -> Result<(u64, Vec<GivenUp>), DbError> {
    let given_up = sqlx::query_as!(
        GivenUp,
        "UPDATE platform.jobs SET state = 'failed', locked_by = NULL, lease_until = NULL, updated_at = now(),
                error_message = 'whoever ran it was not heard of any more, again and again'
         WHERE state = 'running' AND lease_until < now() AND retries >= $1 RETURNING id, metadata",
        most,
    )
    .fetch_all(&mut *conn)
    .await?;
    let back = sqlx::query!(
        "UPDATE platform.jobs SET state = 'waiting', locked_by = NULL, lease_until = NULL, retries = retries + 1,
                updated_at = now(), error_message = 'whoever ran it was not heard of any more'
         WHERE state = 'running' AND lease_until < now()"
    )
    .execute(&mut *conn)
    .await?;
    Ok((back.rows_affected(), given_up))
}

/// Forgets a job that is done. False where the lease is somebody else's by now.
pub(super) async fn remove(conn: &mut PgConnection, token: Uuid) -> Result<bool, DbError> {
    let done = sqlx::query!("DELETE FROM platform.jobs WHERE locked_by = $1", token).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

/// Puts a job back for another try. False where the lease is somebody else's by now.
pub(super) async fn retry(conn: &mut PgConnection, token: Uuid, after: Duration, why: &str) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "UPDATE platform.jobs SET state = 'scheduled', locked_by = NULL, lease_until = NULL, retries = retries + 1,
                scheduled_at = now() + $2, updated_at = now(), error_message = left($3, 500)
         WHERE locked_by = $1",
        token,
        interval(after),
        why,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives a job up. False where the lease is somebody else's by now.
pub(super) async fn fail(conn: &mut PgConnection, token: Uuid, why: &str) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "UPDATE platform.jobs SET state = 'failed', locked_by = NULL, lease_until = NULL, updated_at = now(),
                error_message = left($2, 500)
         WHERE locked_by = $1",
        token,
        why,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts jobs back as if nobody had taken them.
pub(super) async fn release(conn: &mut PgConnection, tokens: &[Uuid]) -> Result<u64, DbError> {
    let done = sqlx::query!(
        "UPDATE platform.jobs SET state = 'waiting', locked_by = NULL, lease_until = NULL, updated_at = now()
         WHERE locked_by = ANY($1)",
        tokens,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Moves a schedule on to `slot` and enqueues its job, in one statement. False where another scheduler did.
pub(crate) async fn enqueue_slot(
    conn: &mut PgConnection,
    schedule: &str,
    slot: DateTime<Utc>,
    id: Uuid,
    metadata: &Value,
) -> Result<bool, DbError> {
    let done = sqlx::query!(
        "WITH moved AS (
             INSERT INTO platform.job_slots AS s (schedule, slot) VALUES ($1, $2)
             ON CONFLICT (schedule) DO UPDATE SET slot = excluded.slot WHERE s.slot < excluded.slot RETURNING 1)
         INSERT INTO platform.jobs (id, metadata, state, scheduled_at, created_at, updated_at)
         SELECT $3, $4, 'waiting', now(), now(), now() FROM moved",
        schedule,
        slot,
        id,
        metadata,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets jobs that were given up so long ago.
pub(crate) async fn remove_failed(conn: &mut PgConnection, kept: Duration) -> Result<(), DbError> {
    sqlx::query!(
        "DELETE FROM platform.jobs WHERE state = 'failed' AND updated_at < now() - $1::interval",
        interval(kept)
    )
    .execute(conn)
    .await?;
    Ok(())
}
