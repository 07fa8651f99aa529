//! Many levels in a few statements.

use std::collections::HashMap;

use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::audit::Actor;
use crate::catalog::VariantId;
use crate::stock::counts::{Change, Count};
use crate::stock::{LocationId, MovementId, Reason};

/// Makes the levels that are not there yet, with nothing, and answers whose. A variant that is gone gets none.
pub(in crate::stock) async fn make_levels(
    tx: &mut TenantTx,
    variants: &[Uuid],
    location: LocationId,
) -> Result<Vec<Uuid>, DbError> {
    let tenant = tx.tenant();
    let made = sqlx::query_scalar!(
        "INSERT INTO stock_levels (tenant_id, variant_id, location_id, on_hand)
         SELECT $1, v.id, $2::uuid, 0 FROM variants v WHERE v.tenant_id = $1 AND v.id = ANY ($3) ORDER BY v.id
         ON CONFLICT (tenant_id, variant_id, location_id) DO NOTHING RETURNING variant_id",
        tenant.0,
        location.0,
        variants,
    );
    Ok(made.fetch_all(tx.conn()).await?)
}

/// The variants of which another number lies there than was counted, with how many are promised; nothing is locked.
pub(in crate::stock) async fn others(
    tx: &mut TenantTx,
    counts: &[Count],
    location: LocationId,
) -> Result<HashMap<VariantId, i64>, DbError> {
    let tenant = tx.tenant();
    let variants: Vec<_> = counts.iter().map(|count| count.variant.0).collect();
    let on_hand: Vec<_> = counts.iter().map(|count| count.on_hand).collect();
    let rows = sqlx::query!(
        r#"SELECT n.variant_id AS "variant_id!", coalesce(l.reserved, 0) AS "reserved!"
           FROM unnest($3::uuid[], $4::bigint[]) AS n (variant_id, on_hand)
           LEFT JOIN stock_levels l ON l.tenant_id = $1 AND l.variant_id = n.variant_id AND l.location_id = $2
           WHERE coalesce(l.on_hand, 0) <> n.on_hand"#,
        tenant.0,
        location.0,
        &variants,
        &on_hand,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (VariantId(row.variant_id), row.reserved)).collect())
}

/// Locks the levels where something else lies than was counted, in the order of their variants: what lies there, and what
/// of it is promised.
pub(in crate::stock) async fn lock_others(
    tx: &mut TenantTx,
    counts: &[Count],
    location: LocationId,
) -> Result<HashMap<Uuid, (i64, i64)>, DbError> {
    let tenant = tx.tenant();
    let variants: Vec<_> = counts.iter().map(|count| count.variant.0).collect();
    let on_hand: Vec<_> = counts.iter().map(|count| count.on_hand).collect();
    let rows = sqlx::query!(
        "SELECT l.variant_id, l.on_hand, l.reserved
         FROM unnest($3::uuid[], $4::bigint[]) AS n (variant_id, on_hand)
         JOIN stock_levels l ON l.tenant_id = $1 AND l.variant_id = n.variant_id AND l.location_id = $2
         WHERE l.on_hand <> n.on_hand ORDER BY l.variant_id FOR UPDATE OF l",
        tenant.0,
        location.0,
        &variants,
        &on_hand,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.variant_id, (row.on_hand, row.reserved))).collect())
}

/// Writes levels that are locked, and a movement for each.
pub(in crate::stock) async fn write(
    tx: &mut TenantTx,
    changes: &[Change],
    location: LocationId,
    actor: Actor,
) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let variants: Vec<_> = changes.iter().map(|change| change.variant).collect();
    let counts: Vec<_> = changes.iter().map(|change| change.on_hand).collect();
    sqlx::query!(
        "UPDATE stock_levels l SET on_hand = n.on_hand
         FROM unnest($3::uuid[], $4::bigint[]) AS n (variant_id, on_hand)
         WHERE l.tenant_id = $1 AND l.variant_id = n.variant_id AND l.location_id = $2",
        tenant.0,
        location.0,
        &variants,
        &counts,
    )
    .execute(tx.conn())
    .await?;
    let ids: Vec<_> = changes.iter().map(|_| MovementId::generate().0).collect();
    let deltas: Vec<_> = changes.iter().map(|change| change.delta).collect();
    let reason = |change: &Change| if change.is_first { Reason::Initial } else { Reason::Counted };
    let reasons: Vec<_> = changes.iter().map(|change| reason(change).as_str().to_owned()).collect();
    let actor = matches!(actor, Actor::User(_) | Actor::Key(_)).then_some(actor);
    sqlx::query!(
        "INSERT INTO stock_movements (tenant_id, id, variant_id, location_id, delta, reason, actor_kind, actor_id, created_at)
         SELECT $1, n.id, n.variant_id, $2::uuid, n.delta, n.reason, $3::text, $4::uuid, $5
         FROM unnest($6::uuid[], $7::uuid[], $8::bigint[], $9::text[]) AS n (id, variant_id, delta, reason)",
        tenant.0,
        location.0,
        actor.map(Actor::kind),
        actor.map(Actor::id),
        now,
        &ids,
        &variants,
        &deltas,
        &reasons,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes on the products whether anything is left of them, as [`crate::stock::refresh`] does for one.
pub(in crate::stock) async fn refresh_presence(tx: &mut TenantTx, changes: &[Change]) -> Result<(), DbError> {
    let tenant = tx.tenant();
    let variants: Vec<_> = changes.iter().map(|change| change.variant).collect();
    let products = sqlx::query_scalar!(
        "SELECT p.id FROM products p WHERE p.tenant_id = $1 AND p.id IN (
             SELECT v.product_id FROM variants v WHERE v.tenant_id = $1 AND v.id = ANY ($2))
         ORDER BY p.id FOR NO KEY UPDATE",
        tenant.0,
        &variants,
    )
    .fetch_all(tx.conn())
    .await?;
    sqlx::query!(
        "UPDATE products p SET in_stock = NOT p.in_stock
         WHERE p.tenant_id = $1 AND p.id = ANY ($2) AND p.in_stock <> EXISTS (
             SELECT FROM variants v JOIN stock_levels l ON l.tenant_id = $1 AND l.variant_id = v.id
             WHERE v.tenant_id = $1 AND v.product_id = p.id AND l.on_hand > l.reserved)",
        tenant.0,
        &products,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
