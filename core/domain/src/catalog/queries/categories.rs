//! Categories.

use kernel::{Limit, Slug, Text};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::rows::CategoryRow;
use crate::catalog::{CatalogError, Category, CategoryChange, CategoryId};

/// Inserts the category; false where its slug is taken.
pub(in crate::catalog) async fn insert(tx: &mut TenantTx, category: &Category) -> Result<bool, CatalogError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "INSERT INTO categories (tenant_id, id, parent_id, slug, name, version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT ON CONSTRAINT categories_slug_once DO NOTHING",
        tenant.0,
        category.id.0,
        category.parent.map(|id| id.0),
        category.slug.as_str(),
        category.name.as_str(),
        category.version,
        category.created_at,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match (err.as_database_error().and_then(|cause| cause.constraint()), category.parent) {
        (Some("categories_parent_exists"), Some(id)) => CatalogError::UnknownCategory { id, pointer: "/parent_id" },
        _ => err.into(),
    })?;
    Ok(done.rows_affected() == 1)
}

/// Numbers that are likely to make a free slug of a taken one.
pub(in crate::catalog) async fn free_numbers(tx: &mut TenantTx, plain: &Slug) -> Result<[u64; 3], DbError> {
    let tenant = tx.tenant();
    let stem = format!("{}-", plain.as_str());
    let used = sqlx::query_scalar!(
        r#"SELECT count(*) AS "used!" FROM categories WHERE tenant_id = $1 AND slug ^@ $2"#,
        tenant.0,
        stem,
    )
    .fetch_one(tx.conn())
    .await?;
    let next = used.unsigned_abs() + 2;
    Ok([next, next + 1, Uuid::now_v7().as_u64_pair().1 >> 32])
}

/// How deep a category lies: 1 at the top, 0 where there is none.
pub(in crate::catalog) async fn depth(tx: &mut TenantTx, id: CategoryId) -> Result<i64, DbError> {
    let tenant = tx.tenant();
    let depth = sqlx::query_scalar!(
        r#"SELECT count(*) AS "depth!" FROM category_ancestors WHERE tenant_id = $1 AND category_id = $2"#,
        tenant.0,
        id.0,
    );
    Ok(depth.fetch_one(tx.conn()).await?)
}

/// Notes a new category with itself and with all above it.
pub(in crate::catalog) async fn insert_ancestors(tx: &mut TenantTx, category: &Category) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO category_ancestors (tenant_id, category_id, ancestor_id, distance)
         SELECT $1::uuid, $2::uuid, $2::uuid, 0::bigint
         UNION ALL
         SELECT $1, $2, a.ancestor_id, a.distance + 1 FROM category_ancestors a WHERE a.tenant_id = $1 AND a.category_id = $3",
        tenant.0,
        category.id.0,
        category.parent.map(|id| id.0),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::catalog) async fn get(tx: &mut TenantTx, id: CategoryId) -> Result<Option<Category>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        CategoryRow,
        "SELECT id, parent_id, slug, name, version, created_at FROM categories WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(CategoryRow::read).transpose()
}

pub(in crate::catalog) async fn by_slug(tx: &mut TenantTx, slug: &Slug) -> Result<Option<Category>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        CategoryRow,
        "SELECT id, parent_id, slug, name, version, created_at FROM categories WHERE tenant_id = $1 AND slug = $2",
        tenant.0,
        slug.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(CategoryRow::read).transpose()
}

pub(in crate::catalog) async fn list(
    tx: &mut TenantTx,
    after: Option<&Slug>,
    limit: Limit,
) -> Result<Vec<Category>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        CategoryRow,
        "SELECT id, parent_id, slug, name, version, created_at FROM categories
         WHERE tenant_id = $1 AND slug > $2 ORDER BY slug LIMIT $3",
        tenant.0,
        after.map_or("", Text::as_str),
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(CategoryRow::read).collect()
}

/// Writes what `change` names; nothing where the category is not of that version.
pub(in crate::catalog) async fn update(
    tx: &mut TenantTx,
    id: CategoryId,
    expected: Option<i64>,
    change: &CategoryChange,
) -> Result<Option<Category>, CatalogError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        CategoryRow,
        "UPDATE categories SET name = coalesce($4, name), slug = coalesce($5, slug), version = version + 1
         WHERE tenant_id = $1 AND id = $2 AND version = coalesce($3, version)
         RETURNING id, parent_id, slug, name, version, created_at",
        tenant.0,
        id.0,
        expected,
        change.name.as_ref().map(Text::as_str),
        change.slug.as_ref().map(Text::as_str),
    )
    .fetch_optional(tx.conn())
    .await
    .map_err(|err| match (err.as_database_error().and_then(|cause| cause.constraint()), &change.slug) {
        (Some("categories_slug_once"), Some(slug)) => CatalogError::SlugTaken(slug.clone()),
        _ => err.into(),
    })?;
    Ok(row.map(CategoryRow::read).transpose()?)
}

/// Deletes a category; false where it is not of that version.
pub(in crate::catalog) async fn delete(
    tx: &mut TenantTx,
    id: CategoryId,
    expected: Option<i64>,
) -> Result<bool, CatalogError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "DELETE FROM categories WHERE tenant_id = $1 AND id = $2 AND version = coalesce($3, version)",
        tenant.0,
        id.0,
        expected,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        Some("products_category_exists" | "categories_parent_exists") => CatalogError::CategoryInUse,
        _ => err.into(),
    })?;
    Ok(done.rows_affected() == 1)
}
