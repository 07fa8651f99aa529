//! The SQL of entries.

use kernel::Limit;
use tenants::{DbError, PlatformTx, TenantTx};
use uuid::Uuid;

use super::{Actor, Entry, EntryId, Origin, Recorded};

pub(super) async fn insert(tx: &mut TenantTx, id: EntryId, origin: &Origin, entry: &Entry) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "INSERT INTO audit_entries (tenant_id, id, at, actor_kind, actor_id, action, thing, thing_id, request_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant.0,
        id.0,
        now,
        origin.actor.kind(),
        origin.actor.id(),
        entry.action,
        entry.thing,
        entry.id,
        origin.request,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO audit_details (tenant_id, entry_id, address, before, after, person) VALUES ($1, $2, $3, $4, $5, $6)",
        tenant.0,
        id.0,
        origin.address,
        entry.before,
        entry.after,
        entry.person,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn insert_platform(
    tx: &mut PlatformTx,
    id: EntryId,
    origin: &Origin,
    entry: &Entry,
) -> Result<(), DbError> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO platform.audit_entries (id, at, operator_id, action, thing, thing_id, request_id, address, before, after)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id.0,
        now,
        origin.actor.id(),
        entry.action,
        entry.thing,
        entry.id,
        origin.request,
        origin.address,
        entry.before,
        entry.after,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn list(tx: &mut TenantTx, before: Option<EntryId>, limit: Limit) -> Result<Vec<Recorded>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Recorded,
        r#"SELECT e.id, e.at, e.actor_kind, e.actor_id, e.action, e.thing, e.thing_id, e.request_id,
                  d.address AS "address?", d.before, d.after
           FROM audit_entries e LEFT JOIN audit_details d ON d.tenant_id = $1 AND d.entry_id = e.id
           WHERE e.tenant_id = $1 AND e.id < $2 ORDER BY e.id DESC LIMIT $3"#,
        tenant.0,
        before.map_or(Uuid::max(), |id| id.0),
        limit.and_one(),
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

pub(super) async fn forget(tx: &mut TenantTx, persons: &[String], actors: &[Uuid]) -> Result<(), DbError> {
    sqlx::query!("SELECT forget_in_audit($1, $2)", persons, actors).execute(tx.conn()).await?;
    Ok(())
}

pub(super) async fn list_platform(
    tx: &mut PlatformTx,
    before: Option<EntryId>,
    limit: Limit,
) -> Result<Vec<Recorded>, DbError> {
    let rows = sqlx::query_as!(
        Recorded,
        r#"SELECT id, at, CASE WHEN operator_id = $3 THEN 'shell' ELSE 'operator' END AS "actor_kind!",
                  operator_id AS actor_id, action, thing, thing_id, request_id,
                  address AS "address?", before, after
           FROM platform.audit_entries WHERE id < $1 ORDER BY id DESC LIMIT $2"#,
        before.map_or(Uuid::max(), |id| id.0),
        limit.and_one(),
        Actor::Shell.id(),
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}
