//! Uses of coupons.

use chrono::{DateTime, Utc};
use kernel::{Amount, Limit};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::broken;
use crate::identity::UserId;
use crate::promotions::{CouponId, CouponUse, CouponUseId, PromotionsError};

struct Row {
    id: Uuid,
    order_id: Uuid,
    customer_id: Option<Uuid>,
    discount_minor: i64,
    taken_at: DateTime<Utc>,
    given_back_at: Option<DateTime<Utc>>,
}

impl Row {
    fn read(self) -> Result<CouponUse, DbError> {
        Ok(CouponUse {
            id: CouponUseId(self.id),
            order: self.order_id,
            customer: self.customer_id.map(UserId),
            discount: Amount::new(self.discount_minor).ok_or_else(|| broken("discount"))?,
            taken_at: self.taken_at,
            given_back_at: self.given_back_at,
        })
    }
}

/// Whether the order holds a use of the coupon, and how many its buyer does.
pub(in crate::promotions) async fn count_uses(
    tx: &mut TenantTx,
    id: CouponId,
    order: Uuid,
    buyer: &[u8],
) -> Result<(bool, i64), DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query!(
        r#"SELECT EXISTS (SELECT FROM coupon_uses
                          WHERE tenant_id = $1 AND order_id = $3 AND coupon_id = $2 AND given_back_at IS NULL) AS "holds!",
                  (SELECT count(*) FROM coupon_uses
                   WHERE tenant_id = $1 AND coupon_id = $2 AND buyer = $4 AND given_back_at IS NULL) AS "by_buyer!""#,
        tenant.0,
        id.0,
        order,
        buyer,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((found.holds, found.by_buyer))
}

/// Counts a use and writes it; false where the coupon is used up.
pub(in crate::promotions) async fn take(
    tx: &mut TenantTx,
    id: CouponId,
    order: Uuid,
    buyer: &[u8],
    customer: Option<UserId>,
    first_order: bool,
    discount: Amount,
) -> Result<bool, PromotionsError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sqlx::query!(
        "WITH counted AS (
             UPDATE coupons SET used = used + 1
             WHERE tenant_id = $1 AND id = $3 AND (total_limit IS NULL OR used < total_limit) RETURNING id
         )
         INSERT INTO coupon_uses (tenant_id, id, coupon_id, order_id, buyer, customer_id, first_order, discount_minor,
                                  taken_at)
         SELECT $1, $2, counted.id, $4, $5, $6, $7, $8, $9 FROM counted
         ON CONFLICT ON CONSTRAINT coupon_uses_once DO UPDATE
         SET buyer = excluded.buyer, customer_id = excluded.customer_id, first_order = excluded.first_order,
             discount_minor = excluded.discount_minor, taken_at = excluded.taken_at, given_back_at = NULL",
        tenant.0,
        Uuid::now_v7(),
        id.0,
        order,
        buyer,
        customer.map(|id| id.0),
        first_order,
        discount.minor(),
        now,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        Some("coupon_uses_one_first_order") => PromotionsError::FirstOrderOnly,
        _ => err.into(),
    })?;
    Ok(done.rows_affected() == 1)
}

/// Locks the coupons that an order holds uses of, in the order of their ids; false where it holds none.
pub(in crate::promotions) async fn lock_those_of(tx: &mut TenantTx, order: Uuid) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let held = sqlx::query_scalar!(
        "SELECT c.id FROM coupons c
         WHERE c.tenant_id = $1
           AND c.id IN (SELECT u.coupon_id FROM coupon_uses u
                        WHERE u.tenant_id = $1 AND u.order_id = $2 AND u.given_back_at IS NULL)
         ORDER BY c.id FOR UPDATE",
        tenant.0,
        order,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(!held.is_empty())
}

/// Gives back what an order holds: how many uses.
pub(in crate::promotions) async fn give_back(tx: &mut TenantTx, order: Uuid) -> Result<u64, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sqlx::query!(
        "WITH given AS (
             UPDATE coupon_uses SET given_back_at = $3
             WHERE tenant_id = $1 AND order_id = $2 AND given_back_at IS NULL RETURNING coupon_id
         )
         UPDATE coupons SET used = used - 1
         WHERE tenant_id = $1 AND id IN (SELECT coupon_id FROM given)",
        tenant.0,
        order,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

pub(in crate::promotions) async fn list_uses(
    tx: &mut TenantTx,
    id: CouponId,
    after: Option<CouponUseId>,
    limit: Limit,
) -> Result<Vec<CouponUse>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, order_id, customer_id, discount_minor, taken_at, given_back_at FROM coupon_uses
         WHERE tenant_id = $1 AND coupon_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
        tenant.0,
        id.0,
        after.map_or(Uuid::max(), |id| id.0),
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}

pub(in crate::promotions) async fn forget_customer(
    tx: &mut TenantTx,
    customer: UserId,
    buyer: Option<&[u8]>,
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE coupon_uses SET customer_id = NULL, buyer = NULL WHERE tenant_id = $1 AND (customer_id = $2 OR buyer = $3)",
        tenant.0,
        customer.0,
        buyer,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
