//! How far imports are.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::Limit;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::audit::Actor;
use crate::jobs::JobId;
use crate::transfers::batches::Counts;
use crate::transfers::{Columns, Fault, Import, NewImport};

pub(in crate::transfers) async fn insert(tx: &mut TenantTx, id: JobId, new: &NewImport) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let actor = matches!(new.actor, Actor::User(_) | Actor::Key(_)).then_some(new.actor);
    sqlx::query!(
        "INSERT INTO imports (tenant_id, id, dry_run, columns, next_byte, next_line, written_byte, actor_kind, actor_id, moved_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $5, $7, $8, $9, $9)",
        tenant.0,
        id.0,
        new.dry_run,
        new.columns.joined(),
        new.begins.0,
        new.begins.1,
        actor.map(Actor::kind),
        actor.map(Actor::id),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::transfers) async fn set_bytes(tx: &mut TenantTx, id: JobId, bytes: i64) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("UPDATE imports SET bytes = $3 WHERE tenant_id = $1 AND id = $2", tenant.0, id.0, bytes)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(in crate::transfers) async fn get(tx: &mut TenantTx, id: JobId) -> Result<Option<Import>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query!(
        "SELECT dry_run, columns, bytes, next_byte, next_line, written_byte, lines, created, changed, unchanged, refused, faults,
                actor_kind, actor_id, created_at
         FROM imports WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Import {
        id,
        dry_run: row.dry_run,
        bytes: row.bytes,
        done: row.next_byte,
        lines: row.lines,
        created: row.created,
        changed: row.changed,
        unchanged: row.unchanged,
        refused: row.refused,
        faults: row.faults,
        created_at: row.created_at,
        columns: Columns::split(&row.columns),
        line: row.next_line,
        written: row.written_byte,
        actor: match (row.actor_kind.as_deref(), row.actor_id) {
            (Some("user"), Some(id)) => Actor::User(id),
            (Some(_), Some(id)) => Actor::Key(id),
            _ => Actor::Shell,
        },
    }))
}

/// One batch of a store's imports after the other: waits for whoever writes one, until the transaction ends.
pub(in crate::transfers) async fn enter(tx: &mut TenantTx) -> Result<(), DbError> {
    let gate = format!("imports of {}", tx.tenant());
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", gate).execute(tx.conn()).await?;
    Ok(())
}

/// Whether another import of the store has written products since then whose stock is still to be written.
pub(in crate::transfers) async fn is_another_half_done(
    tx: &mut TenantTx,
    id: JobId,
    since: DateTime<Utc>,
) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM imports WHERE tenant_id = $1 AND id <> $2 AND written_byte > next_byte AND moved_at > $3)
               AS "found!""#,
        tenant.0,
        id.0,
        since,
    );
    Ok(found.fetch_one(tx.conn()).await?)
}

/// Whether nobody has brought the import further since it was read.
pub(in crate::transfers) async fn is_where_it_was(tx: &mut TenantTx, import: &Import) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM imports WHERE tenant_id = $1 AND id = $2 AND next_byte = $3 AND written_byte = $4)
               AS "found!""#,
        tenant.0,
        import.id.0,
        import.done,
        import.written,
    );
    Ok(found.fetch_one(tx.conn()).await?)
}

/// Notes that the products up to `written` are written, and counts them; false where somebody else did so.
pub(in crate::transfers) async fn count(
    tx: &mut TenantTx,
    import: &Import,
    counts: &Counts,
    written: i64,
) -> Result<bool, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sqlx::query!(
        "UPDATE imports SET written_byte = $4, moved_at = $5, lines = lines + $6, created = created + $7,
                changed = changed + $8, unchanged = unchanged + $9, refused = refused + $10, faults = faults + $11
         WHERE tenant_id = $1 AND id = $2 AND written_byte = $3",
        tenant.0,
        import.id.0,
        import.written,
        written,
        now,
        counts.lines,
        counts.created,
        counts.changed,
        counts.unchanged,
        counts.refused,
        counts.faults,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that nothing but what is behind `place` is still to be done; false where somebody else did so.
pub(in crate::transfers) async fn go_on(
    tx: &mut TenantTx,
    import: &Import,
    place: (i64, i64),
    faults: i64,
) -> Result<bool, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sqlx::query!(
        "UPDATE imports SET next_byte = $4, next_line = $5, moved_at = $6, faults = faults + $7
         WHERE tenant_id = $1 AND id = $2 AND next_byte = $3 AND written_byte = $4",
        tenant.0,
        import.id.0,
        import.done,
        place.0,
        place.1,
        now,
        faults,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that a batch names these products, each in a line; answers the places of those that an earlier batch named, and in
/// which line.
pub(in crate::transfers) async fn claim(
    tx: &mut TenantTx,
    import: &Import,
    named: &[(String, i64)],
) -> Result<HashMap<usize, i64>, DbError> {
    let tenant = tx.tenant();
    let (slugs, lines): (Vec<_>, Vec<_>) = named.iter().cloned().unzip();
    sqlx::query!(
        "INSERT INTO import_slugs (tenant_id, import_id, slug, batch, line)
         SELECT $1, $2, n.slug, $3, n.line FROM unnest($4::text[], $5::bigint[]) AS n (slug, line)
         ON CONFLICT (tenant_id, import_id, slug) DO NOTHING",
        tenant.0,
        import.id.0,
        import.done,
        &slugs,
        &lines,
    )
    .execute(tx.conn())
    .await?;
    let rows = sqlx::query!(
        r#"SELECT n.place AS "place!", s.line
           FROM unnest($4::text[]) WITH ORDINALITY AS n (slug, place)
           JOIN import_slugs s ON s.tenant_id = $1 AND s.import_id = $2 AND s.slug = n.slug
           WHERE s.batch < $3"#,
        tenant.0,
        import.id.0,
        import.done,
        &slugs,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().filter_map(|row| Some((usize::try_from(row.place - 1).ok()?, row.line))).collect())
}

/// Forgets which products a file named.
pub(in crate::transfers) async fn forget_slugs(tx: &mut TenantTx, id: JobId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM import_slugs WHERE tenant_id = $1 AND import_id = $2", tenant.0, id.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// How many files of the store wait for their turn, are being taken in, or have been coming since then.
pub(in crate::transfers) async fn waiting(tx: &mut TenantTx, since: DateTime<Utc>) -> Result<i64, DbError> {
    let tenant = tx.tenant();
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM imports i
           LEFT JOIN job_progress p ON p.tenant_id = $1 AND p.id = i.id
           WHERE i.tenant_id = $1 AND (p.state IN ('waiting', 'running') OR i.bytes IS NULL AND i.created_at > $2)"#,
        tenant.0,
        since,
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

/// The imports whose files broke off before then.
pub(in crate::transfers) async fn broken_off(tx: &mut TenantTx, before: DateTime<Utc>) -> Result<Vec<Uuid>, DbError> {
    let tenant = tx.tenant();
    let ids = sqlx::query_scalar!(
        "SELECT id FROM imports WHERE tenant_id = $1 AND bytes IS NULL AND created_at <= $2",
        tenant.0,
        before,
    );
    Ok(ids.fetch_all(tx.conn()).await?)
}

/// Adds faults behind the number `after`.
pub(in crate::transfers) async fn insert_faults(
    tx: &mut TenantTx,
    id: JobId,
    after: i64,
    faults: &[Fault],
) -> Result<(), DbError> {
    if faults.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant();
    let lines: Vec<_> = faults.iter().map(|fault| fault.line).collect();
    let fields: Vec<_> = faults.iter().map(|fault| fault.field.clone()).collect();
    let reasons: Vec<_> = faults.iter().map(|fault| fault.reason.clone()).collect();
    sqlx::query!(
        "INSERT INTO import_faults (tenant_id, import_id, number, line, field, reason)
         SELECT $1, $2, $3 + n.number, n.line, n.field, n.reason
         FROM unnest($4::bigint[], $5::text[], $6::text[]) WITH ORDINALITY AS n (line, field, reason, number)",
        tenant.0,
        id.0,
        after,
        &lines,
        &fields,
        &reasons,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::transfers) async fn faults(
    tx: &mut TenantTx,
    id: JobId,
    after: i64,
    limit: Limit,
) -> Result<Vec<(i64, Fault)>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        "SELECT number, line, field, reason FROM import_faults
         WHERE tenant_id = $1 AND import_id = $2 AND number > $3 ORDER BY number LIMIT $4",
        tenant.0,
        id.0,
        after,
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    let read = rows.into_iter().map(|row| (row.number, Fault { line: row.line, field: row.field, reason: row.reason }));
    Ok(read.collect())
}

/// Forgets an import, or an export.
pub(in crate::transfers) async fn remove(tx: &mut TenantTx, id: Uuid) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM imports WHERE tenant_id = $1 AND id = $2", tenant.0, id).execute(tx.conn()).await?;
    sqlx::query!("DELETE FROM exports WHERE tenant_id = $1 AND id = $2", tenant.0, id).execute(tx.conn()).await?;
    Ok(())
}
