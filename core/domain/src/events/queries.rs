//! The SQL of events.

use chrono::{DateTime, Utc};
use kernel::Limit;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::{Event, EventId, EventKind, Recorded};

pub(super) async fn insert(tx: &mut TenantTx, id: EventId, event: &Event) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "INSERT INTO events (tenant_id, id, type, subject_id, payload, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        tenant.0,
        id.0,
        event.kind.as_str(),
        event.subject,
        event.payload,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn get(tx: &mut TenantTx, id: EventId) -> Result<Option<Recorded>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Recorded,
        r#"SELECT id, type AS kind, subject_id AS subject, payload, created_at
           FROM events WHERE tenant_id = $1 AND id = $2"#,
        tenant.0,
        id.0,
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

pub(super) async fn list(tx: &mut TenantTx, before: Option<EventId>, limit: Limit) -> Result<Vec<Recorded>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Recorded,
        r#"SELECT id, type AS kind, subject_id AS subject, payload, created_at
           FROM events WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"#,
        tenant.0,
        before.map_or(Uuid::max(), |id| id.0),
        limit.and_one(),
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

pub(super) async fn list_of_kind(
    tx: &mut TenantTx,
    kind: EventKind,
    before: Option<EventId>,
    limit: Limit,
) -> Result<Vec<Recorded>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Recorded,
        r#"SELECT id, type AS kind, subject_id AS subject, payload, created_at
           FROM events WHERE tenant_id = $1 AND type = $2 AND id < $3 ORDER BY id DESC LIMIT $4"#,
        tenant.0,
        kind.as_str(),
        before.map_or(Uuid::max(), |id| id.0),
        limit.and_one(),
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

pub(super) async fn insert_delivery(
    tx: &mut TenantTx,
    event: EventId,
    kind: &str,
    recipient: &str,
) -> Result<bool, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sqlx::query!(
        "INSERT INTO event_deliveries (tenant_id, event_id, kind, recipient, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, event_id, kind, recipient) DO NOTHING",
        tenant.0,
        event.0,
        kind,
        recipient,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn has_delivery(
    tx: &mut TenantTx,
    event: EventId,
    kind: &str,
    recipient: &str,
) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM event_deliveries
                          WHERE tenant_id = $1 AND event_id = $2 AND kind = $3 AND recipient = $4) AS "there!""#,
        tenant.0,
        event.0,
        kind,
        recipient,
    );
    Ok(found.fetch_one(tx.conn()).await?)
}

pub(super) async fn remove_before(tx: &mut TenantTx, time: DateTime<Utc>) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM events WHERE tenant_id = $1 AND created_at < $2", tenant.0, time)
        .execute(tx.conn())
        .await?;
    Ok(())
}
