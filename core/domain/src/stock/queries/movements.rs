//! Movements.

use chrono::{DateTime, Utc};
use kernel::{Limit, Text as _};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::audit::Actor;
use crate::catalog::VariantId;
use crate::stock::{Adjustment, LocationId, Movement, MovementId, MovementsOf};

struct MovementRow {
    id: Uuid,
    variant_id: Uuid,
    location_id: Uuid,
    delta: i64,
    reason: String,
    note: Option<String>,
    actor_kind: Option<String>,
    actor_id: Option<Uuid>,
    order_id: Option<Uuid>,
    created_at: DateTime<Utc>,
}

pub(in crate::stock) async fn insert(
    tx: &mut TenantTx,
    id: MovementId,
    adjustment: &Adjustment,
    location: LocationId,
    delta: i64,
    actor: Actor,
) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "INSERT INTO stock_movements (tenant_id, id, variant_id, location_id, delta, reason, note, actor_kind, actor_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant.0,
        id.0,
        adjustment.variant.0,
        location.0,
        delta,
        adjustment.reason.as_str(),
        adjustment.note.as_ref().map(|note| note.as_str()),
        actor.kind(),
        actor.id(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A statement over movements; `$rest` is what follows `WHERE tenant_id = $1 AND id < $2 AND`.
macro_rules! moved {
    ($rest:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            MovementRow,
            "SELECT id, variant_id, location_id, delta, reason, note, actor_kind, actor_id, order_id, created_at
             FROM stock_movements WHERE tenant_id = $1 AND id < $2 AND " + $rest + " ORDER BY id DESC LIMIT $3",
            $($arg),*
        )
    };
}

pub(in crate::stock) async fn list(
    tx: &mut TenantTx,
    of: MovementsOf,
    before: Option<MovementId>,
    limit: Limit,
) -> Result<Vec<Movement>, DbError> {
    let (tenant, before, limit) = (tx.tenant().0, before.map_or(Uuid::max(), |id| id.0), limit.and_one());
    let rows = match of {
        MovementsOf::Store => moved!("true", tenant, before, limit).fetch_all(tx.conn()).await,
        MovementsOf::Variant(VariantId(id)) => {
            moved!("variant_id = $4", tenant, before, limit, id).fetch_all(tx.conn()).await
        }
        MovementsOf::Order(id) => moved!("order_id = $4", tenant, before, limit, id).fetch_all(tx.conn()).await,
    };
    Ok(rows?.into_iter().map(MovementRow::read).collect())
}

impl MovementRow {
    fn read(self) -> Movement {
        Movement {
            id: MovementId(self.id),
            variant: VariantId(self.variant_id),
            location: LocationId(self.location_id),
            delta: self.delta,
            reason: self.reason,
            note: self.note,
            actor: self.actor_kind.zip(self.actor_id),
            order: self.order_id,
            at: self.created_at,
        }
    }
}
