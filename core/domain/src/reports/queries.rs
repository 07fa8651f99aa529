//! The SQL of reports: each query walks the index of its store's days.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::Amount;
use tenants::{DbError, TenantTx};

use super::{InState, TopProduct};
use crate::catalog::ProductId;

type Bounds = (DateTime<Utc>, DateTime<Utc>);

/// What can be shown of a sum.
fn amount(minor: i64) -> Amount {
    Amount::new(minor).unwrap_or(Amount::ZERO)
}

pub(super) async fn sales(tx: &mut TenantTx, (from, to): Bounds) -> Result<HashMap<NaiveDate, (i64, Amount)>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        r#"SELECT (o.created_at AT TIME ZONE 'UTC')::date AS "day!", count(*) AS "orders!",
                  least(sum(o.total_minor), 999999999999999)::bigint AS "total!"
           FROM orders o
           WHERE o.tenant_id = $1 AND o.created_at >= $2 AND o.created_at < $3 AND o.deleted_at IS NULL
             AND o.payment_status IN ('paid', 'partially_refunded', 'refunded', 'refund_due')
           GROUP BY 1"#,
        tenant.0,
        from,
        to,
    );
    let rows = rows.fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| (row.day, (row.orders, amount(row.total)))).collect())
}

pub(super) async fn refunds(tx: &mut TenantTx, (from, to): Bounds) -> Result<HashMap<NaiveDate, Amount>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        r#"SELECT (r.created_at AT TIME ZONE 'UTC')::date AS "day!",
                  least(sum(r.amount_minor), 999999999999999)::bigint AS "total!"
           FROM refunds r
           WHERE r.tenant_id = $1 AND r.created_at >= $2 AND r.created_at < $3 AND r.status <> 'failed'
           GROUP BY 1"#,
        tenant.0,
        from,
        to,
    );
    let rows = rows.fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| (row.day, amount(row.total))).collect())
}

pub(super) async fn states(tx: &mut TenantTx, (from, to): Bounds) -> Result<Vec<InState>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        InState,
        r#"SELECT o.status, o.payment_status, o.fulfilment_status, count(*) AS "orders!"
           FROM orders o
           WHERE o.tenant_id = $1 AND o.created_at >= $2 AND o.created_at < $3 AND o.deleted_at IS NULL
           GROUP BY o.status, o.payment_status, o.fulfilment_status
           ORDER BY count(*) DESC, o.status, o.payment_status, o.fulfilment_status"#,
        tenant.0,
        from,
        to,
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

pub(super) async fn top(tx: &mut TenantTx, (from, to): Bounds, most: i64) -> Result<Vec<TopProduct>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        r#"SELECT l.product_id, max(l.name) AS "name!", sum(l.quantity)::bigint AS "quantity!",
                  least(sum(l.total_minor), 999999999999999)::bigint AS "total!"
           FROM orders o JOIN order_lines l ON l.tenant_id = $1 AND l.order_id = o.id
           WHERE o.tenant_id = $1 AND o.created_at >= $2 AND o.created_at < $3 AND o.deleted_at IS NULL
             AND o.status IN ('open', 'completed') AND o.payment_status IN ('paid', 'partially_refunded')
           GROUP BY l.product_id ORDER BY sum(l.quantity) DESC, l.product_id LIMIT $4"#,
        tenant.0,
        from,
        to,
        most,
    );
    let rows = rows.fetch_all(tx.conn()).await?;
    let read = rows.into_iter().map(|row| TopProduct {
        product: ProductId(row.product_id),
        name: row.name,
        quantity: row.quantity,
        total: amount(row.total),
    });
    Ok(read.collect())
}
