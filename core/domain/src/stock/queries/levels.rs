//! Levels.

use std::collections::BTreeMap;

use kernel::Limit;
use serde::Deserialize;
use sqlx::types::Json;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::catalog::{ProductId, VariantId};
use crate::stock::{Filter, Level, LocationId, LowStock, StockError, Stocked, Thresholds};

#[derive(Debug, Deserialize)]
struct LevelRow {
    location_id: Uuid,
    on_hand: i64,
    reserved: i64,
}

pub(in crate::stock) async fn available(
    tx: &mut TenantTx,
    variants: &[VariantId],
) -> Result<Vec<(VariantId, i64)>, DbError> {
    let tenant = tx.tenant();
    let ids: Vec<Uuid> = variants.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"SELECT variant_id, sum(on_hand - reserved)::bigint AS "available!" FROM stock_levels
           WHERE tenant_id = $1 AND variant_id = ANY ($2) GROUP BY variant_id"#,
        tenant.0,
        &ids,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (VariantId(row.variant_id), row.available)).collect())
}

/// Locks a level, and makes it where it is not there yet.
pub(in crate::stock) async fn lock_level(
    tx: &mut TenantTx,
    variant: VariantId,
    location: LocationId,
) -> Result<Level, StockError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO stock_levels (tenant_id, variant_id, location_id, on_hand) VALUES ($1, $2, $3, 0)
         ON CONFLICT (tenant_id, variant_id, location_id) DO NOTHING",
        tenant.0,
        variant.0,
        location.0,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        Some("stock_levels_variant_exists") => StockError::UnknownVariant(variant),
        Some("stock_levels_location_exists") => StockError::UnknownLocation(location),
        _ => err.into(),
    })?;
    let row = sqlx::query_as!(
        LevelRow,
        "SELECT location_id, on_hand, reserved FROM stock_levels
         WHERE tenant_id = $1 AND variant_id = $2 AND location_id = $3 FOR UPDATE",
        tenant.0,
        variant.0,
        location.0,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.read())
}

/// Writes what lies somewhere. The level is locked.
pub(in crate::stock) async fn set_on_hand(tx: &mut TenantTx, variant: VariantId, level: &Level) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE stock_levels SET on_hand = $4 WHERE tenant_id = $1 AND variant_id = $2 AND location_id = $3",
        tenant.0,
        variant.0,
        level.location.0,
        level.on_hand,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::stock) async fn thresholds(tx: &mut TenantTx) -> Result<Thresholds, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query!("SELECT stock_critical, stock_medium FROM store_settings WHERE tenant_id = $1", tenant.0)
        .fetch_one(tx.conn())
        .await?;
    Ok(Thresholds { critical: row.stock_critical.into(), medium: row.stock_medium.into() })
}

pub(in crate::stock) async fn change_thresholds(tx: &mut TenantTx, thresholds: Thresholds) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE store_settings SET stock_critical = ($2::bigint)::integer, stock_medium = ($3::bigint)::integer
         WHERE tenant_id = $1",
        tenant.0,
        thresholds.critical,
        thresholds.medium,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Variants of active products of which at most `most` are left, least first. What never had stock is not low: it is not there.
pub(in crate::stock) async fn low(tx: &mut TenantTx, most: i64, limit: Limit) -> Result<Vec<LowStock>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        r#"SELECT v.id, v.product_id, v.sku, v.options AS "options!: Json<BTreeMap<String, String>>", p.name, s.available AS "available!"
           FROM (SELECT variant_id, sum(on_hand - reserved)::bigint AS available FROM stock_levels WHERE tenant_id = $1
                 GROUP BY variant_id) s
           JOIN variants v ON v.tenant_id = $1 AND v.id = s.variant_id
           JOIN products p ON p.tenant_id = $1 AND p.id = v.product_id
           WHERE s.available <= $2 AND p.active ORDER BY s.available, v.id LIMIT $3"#,
        tenant.0,
        most,
        limit.and_one() - 1,
    )
    .fetch_all(tx.conn())
    .await?;
    let read = rows.into_iter().map(|row| LowStock {
        variant: VariantId(row.id),
        product: ProductId(row.product_id),
        product_name: row.name,
        sku: row.sku,
        options: row.options.0,
        available: row.available,
    });
    Ok(read.collect())
}

/// Locks the product of a variant.
pub(in crate::stock) async fn lock_product(tx: &mut TenantTx, variant: VariantId) -> Result<Option<Uuid>, DbError> {
    let tenant = tx.tenant();
    let product = sqlx::query_scalar!(
        "SELECT p.id FROM variants v JOIN products p ON p.tenant_id = $1 AND p.id = v.product_id
         WHERE v.tenant_id = $1 AND v.id = $2 FOR NO KEY UPDATE OF p",
        tenant.0,
        variant.0,
    );
    Ok(product.fetch_optional(tx.conn()).await?)
}

pub(in crate::stock) async fn write_presence(tx: &mut TenantTx, product: ProductId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE products p SET in_stock = NOT p.in_stock
         WHERE p.tenant_id = $1 AND p.id = $2 AND p.in_stock <> EXISTS (
             SELECT FROM variants v JOIN stock_levels l ON l.tenant_id = $1 AND l.variant_id = v.id
             WHERE v.tenant_id = $1 AND v.product_id = $2 AND l.on_hand > l.reserved)",
        tenant.0,
        product.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Variants in the order of their ids, with what lies where; those of which as many are available as `range` says.
pub(in crate::stock) async fn list(
    tx: &mut TenantTx,
    filter: &Filter,
    range: (i64, i64),
    after: Option<VariantId>,
    limit: Limit,
) -> Result<Vec<Stocked>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        r#"SELECT v.id, v.product_id, v.sku, v.options AS "options!: Json<BTreeMap<String, String>>", p.name, s.levels AS "levels?: Json<Vec<LevelRow>>"
           FROM variants v
           JOIN products p ON p.tenant_id = $1 AND p.id = v.product_id
           LEFT JOIN LATERAL (
               SELECT sum(l.on_hand - l.reserved)::bigint AS available,
                      jsonb_agg(jsonb_build_object('location_id', l.location_id, 'on_hand', l.on_hand, 'reserved', l.reserved)
                                ORDER BY l.location_id) AS levels
               FROM stock_levels l
               WHERE l.tenant_id = $1 AND l.variant_id = v.id AND ($5::uuid IS NULL OR l.location_id = $5)
           ) s ON true
           WHERE v.tenant_id = $1 AND v.id > $2 AND ($3::uuid IS NULL OR v.product_id = $3)
             AND ($4::text IS NULL OR v.sku = $4) AND coalesce(s.available, 0) BETWEEN $6 AND $7
           ORDER BY v.id LIMIT $8"#,
        tenant.0,
        after.map_or(Uuid::nil(), |id| id.0),
        filter.product.map(|id| id.0),
        filter.sku.as_deref(),
        filter.location.map(|id| id.0),
        range.0,
        range.1,
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    let read = rows.into_iter().map(|row| Stocked {
        variant: VariantId(row.id),
        product: ProductId(row.product_id),
        product_name: row.name,
        sku: row.sku,
        options: row.options.0,
        levels: row.levels.map(|rows| rows.0.into_iter().map(LevelRow::read).collect()).unwrap_or_default(),
    });
    Ok(read.collect())
}

impl LevelRow {
    fn read(self) -> Level {
        Level { location: LocationId(self.location_id), on_hand: self.on_hand, reserved: self.reserved }
    }
}
