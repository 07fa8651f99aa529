//! Whose orders are whose, and no more.

use kernel::Text as _;
use tenants::{DbError, TenantTx};

use crate::identity::{Email, UserId};
use crate::orders::OrderId;
use crate::orders::model::ERASED;

pub(in crate::orders) async fn ids_of(tx: &mut TenantTx, customer: UserId) -> Result<Vec<OrderId>, DbError> {
    let tenant = tx.tenant();
    let ids = sqlx::query_scalar!(
        "SELECT id FROM orders WHERE tenant_id = $1 AND customer_id = $2 ORDER BY id DESC",
        tenant.0,
        customer.0,
    );
    Ok(ids.fetch_all(tx.conn()).await?.into_iter().map(OrderId).collect())
}

/// Locks a person's orders in the order of their ids, and answers for each whether something is still to be done.
pub(in crate::orders) async fn lock_of(
    tx: &mut TenantTx,
    customer: UserId,
    proved: Option<&Email>,
) -> Result<Vec<bool>, DbError> {
    let tenant = tx.tenant();
    let open = sqlx::query_scalar!(
        r#"SELECT status = 'open' OR payment_status IN ('pending', 'authorized', 'refund_due') AS "open!" FROM orders
           WHERE tenant_id = $1 AND (customer_id = $2 OR email = $3) ORDER BY id FOR NO KEY UPDATE"#,
        tenant.0,
        customer.0,
        proved.map(Email::as_str),
    );
    Ok(open.fetch_all(tx.conn()).await?)
}

pub(in crate::orders) async fn forget(
    tx: &mut TenantTx,
    customer: UserId,
    proved: Option<&Email>,
) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "UPDATE orders
         SET customer_id = NULL, email = $5, access_hash = NULL, note = NULL,
             shipping_address = jsonb_build_object(
                 'name', 'erased', 'line1', 'erased', 'line2', NULL, 'city', 'erased', 'postal_code', NULL, 'phone', NULL,
                 'region', shipping_address -> 'region', 'country', shipping_address -> 'country'),
             version = version + 1, updated_at = $4
         WHERE tenant_id = $1 AND (customer_id = $2 OR email = $3)",
        tenant.0,
        customer.0,
        proved.map(Email::as_str),
        now,
        ERASED,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
