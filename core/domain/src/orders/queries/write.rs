//! Writing orders.

use chrono::{DateTime, Utc};
use kernel::Text as _;
use serde_json::json;
use sqlx::types::Json;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::catalog::VariantId;
use crate::identity::{Email, UserId};
use crate::orders::machine::State;
use crate::orders::model::Cancelled;
use crate::orders::{NewEntry, NewOrder, OrderId};

pub(in crate::orders) async fn insert_lines(tx: &mut TenantTx, id: OrderId, new: &NewOrder) -> Result<(), DbError> {
    let (tenant, lines) = (tx.tenant(), &new.lines);
    let variants: Vec<_> = lines.iter().map(|line| line.variant.0).collect();
    let products: Vec<_> = lines.iter().map(|line| line.product.0).collect();
    let slugs: Vec<_> = lines.iter().map(|line| line.slug.clone()).collect();
    let names: Vec<_> = lines.iter().map(|line| line.name.clone()).collect();
    let skus: Vec<_> = lines.iter().map(|line| line.sku.clone()).collect();
    let options: Vec<_> = lines.iter().map(|line| json!(line.options)).collect();
    let prices: Vec<_> = lines.iter().map(|line| line.unit_price.minor()).collect();
    let quantities: Vec<_> = lines.iter().map(|line| line.quantity).collect();
    let discounts: Vec<_> = lines.iter().map(|line| line.discount.minor()).collect();
    let taxes: Vec<_> = lines.iter().map(|line| line.tax.minor()).collect();
    let totals: Vec<_> = lines.iter().map(|line| line.total.minor()).collect();
    sqlx::query!(
        "INSERT INTO order_lines (tenant_id, order_id, position, variant_id, product_id, product_slug, name, sku, options,
                                  unit_price_minor, quantity, discount_minor, tax_minor, total_minor)
         SELECT $1, $2, l.position, l.variant_id, l.product_id, l.product_slug, l.name, l.sku, l.options,
                l.unit_price_minor, l.quantity, l.discount_minor, l.tax_minor, l.total_minor
         FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::bigint[], $10::bigint[],
                     $11::bigint[], $12::bigint[], $13::bigint[]) WITH ORDINALITY
              AS l (variant_id, product_id, product_slug, name, sku, options, unit_price_minor, quantity, discount_minor,
                    tax_minor, total_minor, position)",
        tenant.0,
        id.0,
        &variants,
        &products,
        &slugs,
        &names,
        &skus as &[Option<String>],
        &options,
        &prices,
        &quantities,
        &discounts,
        &taxes,
        &totals,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::orders) async fn insert_entry(tx: &mut TenantTx, id: OrderId, entry: &NewEntry) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "INSERT INTO order_entries (tenant_id, order_id, id, kind, detail, shown, actor_kind, actor_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant.0,
        id.0,
        Uuid::now_v7(),
        entry.kind,
        entry.detail,
        entry.shown,
        entry.actor.map(|actor| actor.kind()),
        entry.actor.map(|actor| actor.id()),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Makes sure that the store counts its orders.
pub(in crate::orders) async fn insert_counter(tx: &mut TenantTx) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("INSERT INTO order_counters (tenant_id, last) VALUES ($1, 0) ON CONFLICT DO NOTHING", tenant.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Writes the order's row with the next number. The counter stays locked until the end of the transaction: this comes last.
/// None where the store does not count yet.
pub(in crate::orders) async fn insert(
    tx: &mut TenantTx,
    id: OrderId,
    new: &NewOrder,
    expires_at: DateTime<Utc>,
) -> Result<Option<i64>, DbError> {
    let (tenant, now, state) = (tx.tenant(), tx.now(), State::NEW);
    let number = sqlx::query_scalar!(
        "WITH next AS (UPDATE order_counters SET last = last + 1 WHERE tenant_id = $1 RETURNING last)
         INSERT INTO orders (tenant_id, id, number, status, payment_status, fulfilment_status, customer_id, email, access_hash,
                             currency, items_minor, discount_minor, shipping_minor, tax_minor, total_minor, tax_included,
                             shipping_address, shipping_method, coupons, note, expires_at, created_at, updated_at)
         SELECT $1, $2, next.last, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $21
         FROM next RETURNING number",
        tenant.0,
        id.0,
        state.status.as_str(),
        state.payment.as_str(),
        state.fulfilment.as_str(),
        new.customer.map(|id| id.0),
        new.email.as_str(),
        new.access.as_ref().map(|hash| hash.to_vec()),
        new.currency.code(),
        new.totals.items.minor(),
        new.totals.discount.minor(),
        new.totals.shipping.minor(),
        new.totals.tax.minor(),
        new.totals.total.minor(),
        new.totals.tax_included,
        Json(&new.address) as _,
        new.shipping.as_ref().map(Json) as _,
        Json(&new.coupons) as _,
        new.note.as_ref().map(|note| note.as_str()).filter(|note| !note.is_empty()),
        expires_at,
        now,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(number)
}

/// Writes where an order is. It is locked. One that is not unpaid and open waits for nothing any more.
pub(in crate::orders) async fn set_state(
    tx: &mut TenantTx,
    id: OrderId,
    state: State,
    cancelled_for: Option<Cancelled>,
    expires_at: Option<DateTime<Utc>>,
) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "UPDATE orders SET status = $3, payment_status = $4, fulfilment_status = $5,
                cancelled_for = coalesce(cancelled_for, $6), expires_at = $7, version = version + 1, updated_at = $8
         WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        state.status.as_str(),
        state.payment.as_str(),
        state.fulfilment.as_str(),
        cancelled_for.map(Cancelled::as_str),
        expires_at,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Moves the end of an order that waits to a later time.
pub(in crate::orders) async fn set_end(tx: &mut TenantTx, id: OrderId, until: DateTime<Utc>) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE orders SET expires_at = $3 WHERE tenant_id = $1 AND id = $2 AND expires_at < $3",
        tenant.0,
        id.0,
        until,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::orders) async fn set_deleted(tx: &mut TenantTx, id: OrderId) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "UPDATE orders SET deleted_at = $3 WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL",
        tenant.0,
        id.0,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes that so many of a line have left.
pub(in crate::orders) async fn add_fulfilled(
    tx: &mut TenantTx,
    id: OrderId,
    variant: VariantId,
    quantity: i64,
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE order_lines SET fulfilled = fulfilled + $4 WHERE tenant_id = $1 AND order_id = $2 AND variant_id = $3",
        tenant.0,
        id.0,
        variant.0,
        quantity,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Counts an order's change that leaves its words as they are.
pub(in crate::orders) async fn touch(tx: &mut TenantTx, id: OrderId) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "UPDATE orders SET version = version + 1, updated_at = $3 WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How a store deals with orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderSettings {
    /// How long one waits for its payment.
    pub expiry_minutes: i32,
    /// Whether buyers may pay the carrier.
    pub cash_on_delivery: bool,
    /// Whether such an order counts as paid when it is made.
    pub cash_on_delivery_is_paid: bool,
}

pub(in crate::orders) async fn settings(tx: &mut TenantTx) -> Result<OrderSettings, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        OrderSettings,
        "SELECT order_expiry_minutes AS expiry_minutes, cash_on_delivery, cash_on_delivery_is_paid
         FROM store_settings WHERE tenant_id = $1",
        tenant.0,
    );
    Ok(row.fetch_one(tx.conn()).await?)
}

pub(in crate::orders) async fn change_settings(tx: &mut TenantTx, settings: OrderSettings) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE store_settings SET order_expiry_minutes = $2, cash_on_delivery = $3, cash_on_delivery_is_paid = $4
         WHERE tenant_id = $1",
        tenant.0,
        settings.expiry_minutes,
        settings.cash_on_delivery,
        settings.cash_on_delivery_is_paid,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether somebody has ordered before, other than what was cancelled or has expired.
pub(in crate::orders) async fn has_ordered(
    tx: &mut TenantTx,
    customer: Option<UserId>,
    email: &Email,
) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let ordered = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM orders o WHERE o.tenant_id = $1 AND o.email = $2 AND o.status IN ('open', 'completed'))
               OR EXISTS (SELECT FROM orders o WHERE o.tenant_id = $1 AND o.customer_id = $3
                            AND o.status IN ('open', 'completed')) AS "ordered!""#,
        tenant.0,
        email.as_str(),
        customer.map(|id| id.0),
    );
    Ok(ordered.fetch_one(tx.conn()).await?)
}
