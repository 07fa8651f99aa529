//! Brands.

use kernel::{Limit, Slug, Text};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::rows::BrandRow;
use crate::catalog::{Brand, BrandChange, BrandId, CatalogError, VisibleBrand};

/// Inserts the brand; false where its slug is taken.
pub(in crate::catalog) async fn insert(tx: &mut TenantTx, brand: &Brand) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "INSERT INTO brands (tenant_id, id, slug, name, version, created_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT ON CONSTRAINT brands_slug_once DO NOTHING",
        tenant.0,
        brand.id.0,
        brand.slug.as_str(),
        brand.name.as_str(),
        brand.version,
        brand.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Numbers that are likely to make a free slug of a taken one.
pub(in crate::catalog) async fn free_numbers(tx: &mut TenantTx, plain: &Slug) -> Result<[u64; 3], DbError> {
    let tenant = tx.tenant();
    let stem = format!("{}-", plain.as_str());
    let used = sqlx::query_scalar!(
        r#"SELECT count(*) AS "used!" FROM brands WHERE tenant_id = $1 AND slug ^@ $2"#,
        tenant.0,
        stem,
    )
    .fetch_one(tx.conn())
    .await?;
    let next = used.unsigned_abs() + 2;
    Ok([next, next + 1, Uuid::now_v7().as_u64_pair().1 >> 32])
}

pub(in crate::catalog) async fn get(tx: &mut TenantTx, id: BrandId) -> Result<Option<Brand>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        BrandRow,
        "SELECT id, slug, name, version, created_at FROM brands WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(BrandRow::read).transpose()
}

pub(in crate::catalog) async fn list(
    tx: &mut TenantTx,
    after: Option<&Slug>,
    limit: Limit,
) -> Result<Vec<Brand>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        BrandRow,
        "SELECT id, slug, name, version, created_at FROM brands WHERE tenant_id = $1 AND slug > $2 ORDER BY slug LIMIT $3",
        tenant.0,
        after.map_or("", Text::as_str),
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(BrandRow::read).collect()
}

/// Brands with active products, and how many.
pub(in crate::catalog) async fn visible(
    tx: &mut TenantTx,
    after: Option<&Slug>,
    limit: Limit,
) -> Result<Vec<VisibleBrand>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        r#"SELECT b.id, b.slug, b.name, b.version, b.created_at, n.products AS "products!"
           FROM brands b CROSS JOIN LATERAL (
               SELECT count(*) AS products FROM products p WHERE p.tenant_id = $1 AND p.brand_id = b.id AND p.active) n
           WHERE b.tenant_id = $1 AND b.slug > $2 AND n.products > 0 ORDER BY b.slug LIMIT $3"#,
        tenant.0,
        after.map_or("", Text::as_str),
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    let read = |row: BrandRow, products| Ok(VisibleBrand { brand: row.read()?, products });
    rows.into_iter()
        .map(|row| {
            let (version, created_at) = (row.version, row.created_at);
            read(BrandRow { id: row.id, slug: row.slug, name: row.name, version, created_at }, row.products)
        })
        .collect()
}

/// Writes what `change` names; nothing where the brand is not of that version.
pub(in crate::catalog) async fn update(
    tx: &mut TenantTx,
    id: BrandId,
    expected: Option<i64>,
    change: &BrandChange,
) -> Result<Option<Brand>, CatalogError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        BrandRow,
        "UPDATE brands SET name = coalesce($4, name), slug = coalesce($5, slug), version = version + 1
         WHERE tenant_id = $1 AND id = $2 AND version = coalesce($3, version)
         RETURNING id, slug, name, version, created_at",
        tenant.0,
        id.0,
        expected,
        change.name.as_ref().map(Text::as_str),
        change.slug.as_ref().map(Text::as_str),
    )
    .fetch_optional(tx.conn())
    .await
    .map_err(|err| match (err.as_database_error().and_then(|cause| cause.constraint()), &change.slug) {
        (Some("brands_slug_once"), Some(slug)) => CatalogError::SlugTaken(slug.clone()),
        _ => err.into(),
    })?;
    Ok(row.map(BrandRow::read).transpose()?)
}

/// Deletes a brand; false where it is not of that version.
pub(in crate::catalog) async fn delete(
    tx: &mut TenantTx,
    id: BrandId,
    expected: Option<i64>,
) -> Result<bool, CatalogError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "DELETE FROM brands WHERE tenant_id = $1 AND id = $2 AND version = coalesce($3, version)",
        tenant.0,
        id.0,
        expected,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        Some("products_brand_exists") => CatalogError::BrandInUse,
        _ => err.into(),
    })?;
    Ok(done.rows_affected() == 1)
}
