//! How far exports are, and what they write.

use std::collections::BTreeMap;

use serde::Deserialize;
use sqlx::types::Json;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::jobs::JobId;
use crate::transfers::Export;

pub(in crate::transfers) async fn insert(tx: &mut TenantTx, id: JobId) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "INSERT INTO exports (tenant_id, id, kind, after_id, created_at) VALUES ($1, $2, 'products', $3, $4)",
        tenant.0,
        id.0,
        Uuid::nil(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::transfers) async fn get(tx: &mut TenantTx, id: JobId) -> Result<Option<Export>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query!(
        "SELECT kind, after_id, products, bytes, chunks, finished_at, created_at
         FROM exports WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Export {
        id,
        kind: row.kind,
        products: row.products,
        bytes: row.bytes,
        chunks: row.chunks,
        finished_at: row.finished_at,
        created_at: row.created_at,
        after: row.after_id,
    }))
}

/// Moves an export on from where it was; false where it is there no more.
pub(in crate::transfers) async fn go_on(
    tx: &mut TenantTx,
    export: &Export,
    after: Uuid,
    (products, bytes): (i64, i64),
    finished: bool,
) -> Result<bool, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sqlx::query!(
        "UPDATE exports SET after_id = $4, products = products + $5, bytes = bytes + $6, chunks = chunks + 1,
                finished_at = CASE WHEN $7 THEN $8::timestamptz END
         WHERE tenant_id = $1 AND id = $2 AND chunks = $3 AND finished_at IS NULL",
        tenant.0,
        export.id.0,
        export.chunks,
        after,
        products,
        bytes,
        finished,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many exports of the store wait for their turn or are being written.
pub(in crate::transfers) async fn waiting(tx: &mut TenantTx) -> Result<i64, DbError> {
    let tenant = tx.tenant();
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM exports e JOIN job_progress p ON p.tenant_id = $1 AND p.id = e.id
           WHERE e.tenant_id = $1 AND p.state IN ('waiting', 'running')"#,
        tenant.0,
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

/// The finished exports but for the last `kept`.
pub(in crate::transfers) async fn finished_before_the_last(tx: &mut TenantTx, kept: i64) -> Result<Vec<Uuid>, DbError> {
    let tenant = tx.tenant();
    let ids = sqlx::query_scalar!(
        "SELECT id FROM exports WHERE tenant_id = $1 AND finished_at IS NOT NULL ORDER BY id DESC OFFSET $2",
        tenant.0,
        kept,
    );
    Ok(ids.fetch_all(tx.conn()).await?)
}

pub(in crate::transfers) async fn count_products(tx: &mut TenantTx) -> Result<i64, DbError> {
    let tenant = tx.tenant();
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM products WHERE tenant_id = $1"#, tenant.0);
    Ok(count.fetch_one(tx.conn()).await?)
}

/// A product, as it is written.
pub(in crate::transfers) struct Row {
    pub(in crate::transfers) id: Uuid,
    pub(in crate::transfers) slug: String,
    pub(in crate::transfers) name: String,
    pub(in crate::transfers) description: String,
    pub(in crate::transfers) category: Option<String>,
    pub(in crate::transfers) brand: Option<String>,
    pub(in crate::transfers) active: bool,
    pub(in crate::transfers) compare_minor: Option<i64>,
    pub(in crate::transfers) options: Json<Vec<OptionRow>>,
    pub(in crate::transfers) attributes: Json<BTreeMap<String, String>>,
    pub(in crate::transfers) variants: Json<Vec<VariantRow>>,
}

#[derive(Deserialize)]
pub(in crate::transfers) struct OptionRow {
    pub(in crate::transfers) name: String,
}

#[derive(Deserialize)]
pub(in crate::transfers) struct VariantRow {
    pub(in crate::transfers) sku: Option<String>,
    pub(in crate::transfers) options: BTreeMap<String, String>,
    pub(in crate::transfers) list_minor: i64,
    pub(in crate::transfers) on_hand: i64,
}

/// Products behind `after` in the order in which they were made, with what lies at the default place.
pub(in crate::transfers) async fn products(tx: &mut TenantTx, after: Uuid, limit: i64) -> Result<Vec<Row>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT p.id, p.slug, p.name, p.description, p.active, p.compare_minor,
                  (SELECT c.slug FROM categories c WHERE c.tenant_id = $1 AND c.id = p.category_id) AS category,
                  (SELECT b.slug FROM brands b WHERE b.tenant_id = $1 AND b.id = p.brand_id) AS brand,
                  p.options AS "options!: Json<Vec<OptionRow>>",
                  (SELECT coalesce(jsonb_object_agg(a.slug, v.value), '{}') FROM product_attributes v
                   JOIN attributes a ON a.tenant_id = $1 AND a.id = v.attribute_id
                   WHERE v.tenant_id = $1 AND v.product_id = p.id) AS "attributes!: Json<BTreeMap<String, String>>",
                  (SELECT coalesce(jsonb_agg(jsonb_build_object('sku', v.sku, 'options', v.options,
                                                                'list_minor', v.list_minor, 'on_hand', coalesce((
                              SELECT l.on_hand FROM stock_levels l
                              JOIN locations d ON d.tenant_id = $1 AND d.id = l.location_id AND d.is_default
                              WHERE l.tenant_id = $1 AND l.variant_id = v.id), 0)) ORDER BY v.position), '[]')
                   FROM variants v WHERE v.tenant_id = $1 AND v.product_id = p.id) AS "variants!: Json<Vec<VariantRow>>"
           FROM products p WHERE p.tenant_id = $1 AND p.id > $2 ORDER BY p.id LIMIT $3"#,
        tenant.0,
        after,
        limit,
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}
