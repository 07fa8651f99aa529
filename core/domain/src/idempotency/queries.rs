//! The SQL of kept answers.

use chrono::{DateTime, Utc};
use kernel::Text as _;
use tenants::{DbError, TenantTx};

use super::{Claim, Kept};

pub(super) async fn try_lock(tx: &mut TenantTx, lock: i64) -> Result<bool, DbError> {
    let locked = sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock($1) AS "locked!""#, lock);
    Ok(locked.fetch_one(tx.conn()).await?)
}

/// What a key named.
pub(super) struct Found {
    pub(super) request: Vec<u8>,
    pub(super) kept: Kept,
    /// Whether its last word is waited for.
    pub(super) waits: bool,
}

/// The request that a key named, and its answer.
pub(super) async fn find(tx: &mut TenantTx, claim: &Claim) -> Result<Option<Found>, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let row = sqlx::query!(
        "SELECT request, status, answer, location, version, waits_until FROM idempotency_keys
         WHERE tenant_id = $1 AND operation = $2 AND caller = $3 AND key = $4 AND expires_at > $5",
        tenant.0,
        claim.operation,
        &claim.caller,
        claim.key.as_str(),
        now,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| {
        let status = row.status.unsigned_abs();
        let kept = Kept { status, answer: row.answer, location: row.location, version: row.version };
        Found { request: row.request, kept, waits: row.waits_until.is_some_and(|until| until > now) }
    }))
}

/// Inserts an answer, in place of one whose time is over.
pub(super) async fn insert(
    tx: &mut TenantTx,
    claim: &Claim,
    kept: &Kept,
    expires_at: DateTime<Utc>,
    waits_until: Option<DateTime<Utc>>,
) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "DELETE FROM idempotency_keys
         WHERE tenant_id = $1 AND operation = $2 AND caller = $3 AND key = $4 AND expires_at <= $5",
        tenant.0,
        claim.operation,
        &claim.caller,
        claim.key.as_str(),
        now,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO idempotency_keys (tenant_id, operation, caller, key, request, status, answer, location, version, expires_at,
                                       waits_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        tenant.0,
        claim.operation,
        &claim.caller,
        claim.key.as_str(),
        &claim.request,
        i16::try_from(kept.status).unwrap_or(200),
        kept.answer,
        kept.location,
        kept.version,
        expires_at,
        waits_until,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update(tx: &mut TenantTx, claim: &Claim, kept: &Kept) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE idempotency_keys SET status = $6, answer = $7, location = $8, version = $9, waits_until = NULL
         WHERE tenant_id = $1 AND operation = $2 AND caller = $3 AND key = $4 AND request = $5",
        tenant.0,
        claim.operation,
        &claim.caller,
        claim.key.as_str(),
        &claim.request,
        i16::try_from(kept.status).unwrap_or(200),
        kept.answer,
        kept.location,
        kept.version,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut TenantTx, claim: &Claim) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "DELETE FROM idempotency_keys WHERE tenant_id = $1 AND operation = $2 AND caller = $3 AND key = $4",
        tenant.0,
        claim.operation,
        &claim.caller,
        claim.key.as_str(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete_old(tx: &mut TenantTx, most: i64) -> Result<u64, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sqlx::query!(
        "DELETE FROM idempotency_keys k WHERE k.tenant_id = $1 AND (k.operation, k.caller, k.key) IN (
             SELECT o.operation, o.caller, o.key FROM idempotency_keys o
             WHERE o.tenant_id = $1 AND o.expires_at <= $2 ORDER BY o.expires_at LIMIT $3)",
        tenant.0,
        now,
        most,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn delete_of(tx: &mut TenantTx, caller: &[u8]) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM idempotency_keys WHERE tenant_id = $1 AND caller = $2", tenant.0, caller)
        .execute(tx.conn())
        .await?;
    Ok(())
}
