//! The functions of migration 0032.

use chrono::{DateTime, Utc};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::catalog::VariantId;
use crate::stock::orders::{Hold, Moved, Portion};

struct MovedRow {
    variant: Uuid,
    place: Option<Uuid>,
    taken: i64,
    remaining: i64,
}

impl MovedRow {
    fn read(self) -> Moved {
        Moved { variant: VariantId(self.variant), place: self.place, quantity: self.taken, left: self.remaining }
    }
}

fn read(rows: Vec<MovedRow>) -> Vec<Moved> {
    rows.into_iter().map(MovedRow::read).collect()
}

pub(in crate::stock) async fn take(
    tx: &mut TenantTx,
    order: Uuid,
    portions: &[Portion],
    hold: Hold,
) -> Result<Vec<Moved>, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let variants: Vec<_> = portions.iter().map(|portion| portion.variant.0).collect();
    let quantities: Vec<_> = portions.iter().map(|portion| portion.quantity).collect();
    let until = if let Hold::Until(until) = hold { Some(until) } else { None };
    let rows = sqlx::query_as!(
        MovedRow,
        r#"SELECT variant AS "variant!", place, taken AS "taken!", remaining AS "remaining!"
           FROM take_stock($1, $2, $3, $4, $5, $6)"#,
        tenant.0,
        order,
        until,
        now,
        &variants,
        &quantities,
    );
    Ok(read(rows.fetch_all(tx.conn()).await?))
}

pub(in crate::stock) async fn settle(tx: &mut TenantTx, order: Uuid, sold: bool) -> Result<Vec<Moved>, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let rows = sqlx::query_as!(
        MovedRow,
        r#"SELECT variant AS "variant!", place, taken AS "taken!", remaining AS "remaining!"
           FROM settle_stock($1, $2, $3, $4)"#,
        tenant.0,
        order,
        sold,
        now,
    );
    Ok(read(rows.fetch_all(tx.conn()).await?))
}

pub(in crate::stock) async fn put_back(tx: &mut TenantTx, order: Uuid) -> Result<Vec<Moved>, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let rows = sqlx::query_as!(
        MovedRow,
        r#"SELECT variant AS "variant!", place, taken AS "taken!", remaining AS "remaining!"
           FROM put_back_stock($1, $2, $3)"#,
        tenant.0,
        order,
        now,
    );
    Ok(read(rows.fetch_all(tx.conn()).await?))
}

pub(in crate::stock) async fn extend(tx: &mut TenantTx, order: Uuid, until: DateTime<Utc>) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE stock_reservations SET expires_at = greatest(expires_at, $3) WHERE tenant_id = $1 AND order_id = $2",
        tenant.0,
        order,
        until,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
