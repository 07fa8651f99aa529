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
        "INSERT INTO categories (tenant_id, id, parent_id, slug, name, version, created_at, description)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ON CONSTRAINT categories_slug_once DO NOTHING",
        tenant.0,
        category.id.0,
        category.parent.map(|id| id.0),
        category.slug.as_str(),
        category.name.as_str(),
        category.version,
        category.created_at,
        category.description.as_str(),
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
        "SELECT id, parent_id, slug, name, description, top_product_id, version, created_at
         FROM categories WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(CategoryRow::read).transpose()
}

/// The id of the category of this slug: all that a list asks.
pub(in crate::catalog) async fn id_of(tx: &mut TenantTx, slug: &Slug) -> Result<Option<CategoryId>, DbError> {
    let tenant = tx.tenant();
    let id =
        sqlx::query_scalar!("SELECT id FROM categories WHERE tenant_id = $1 AND slug = $2", tenant.0, slug.as_str());
    Ok(id.fetch_optional(tx.conn()).await?.map(CategoryId))
}

/// The same, locked.
pub(in crate::catalog) async fn lock(tx: &mut TenantTx, id: CategoryId) -> Result<Option<Category>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        CategoryRow,
        "SELECT id, parent_id, slug, name, description, top_product_id, version, created_at
         FROM categories WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        tenant.0,
        id.0,
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
        "SELECT id, parent_id, slug, name, description, top_product_id, version, created_at
         FROM categories
         WHERE tenant_id = $1 AND slug > $2 ORDER BY slug LIMIT $3",
        tenant.0,
        after.map_or("", Text::as_str),
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(CategoryRow::read).collect()
}

/// Writes what `change` names of a category that is locked, and counts the change.
pub(in crate::catalog) async fn update(
    tx: &mut TenantTx,
    id: CategoryId,
    change: &CategoryChange,
) -> Result<Category, CatalogError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        CategoryRow,
        "UPDATE categories SET name = coalesce($3, name), slug = coalesce($4, slug),
                description = coalesce($5, description), version = version + 1,
                parent_id = CASE WHEN $6 THEN $7 ELSE parent_id END,
                top_product_id = CASE WHEN $8 THEN $9 ELSE top_product_id END
         WHERE tenant_id = $1 AND id = $2
         RETURNING id, parent_id, slug, name, description, top_product_id, version, created_at",
        tenant.0,
        id.0,
        change.name.as_ref().map(Text::as_str),
        change.slug.as_ref().map(Text::as_str),
        change.description.as_ref().map(Text::as_str),
        change.parent.is_some(),
        change.parent.flatten().map(|id| id.0),
        change.top_product.is_some(),
        change.top_product.flatten().map(|id| id.0),
    )
    .fetch_one(tx.conn())
    .await
    .map_err(|err| refusal(err, change))?;
    Ok(row.read()?)
}

/// What a change names may be taken, or be gone in the meantime.
fn refusal(err: sqlx::Error, change: &CategoryChange) -> CatalogError {
    let constraint = err.as_database_error().and_then(|cause| cause.constraint());
    match (constraint, &change.slug, change.parent.flatten(), change.top_product.flatten()) {
        (Some("categories_slug_once"), Some(slug), ..) => CatalogError::SlugTaken(slug.clone()),
        (Some("categories_parent_exists"), _, Some(id), _) => {
            CatalogError::UnknownCategory { id, pointer: "/parent_id" }
        }
        (Some("categories_top_product_exists"), .., Some(id)) => CatalogError::UnknownTopProduct(id),
        _ => err.into(),
    }
}

/// Remembers a slug that a category had; the last one that had it wins.
pub(in crate::catalog) async fn retire_slug(tx: &mut TenantTx, id: CategoryId, slug: &Slug) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO old_category_slugs (tenant_id, slug, category_id) VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id, slug) DO UPDATE SET category_id = excluded.category_id",
        tenant.0,
        slug.as_str(),
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The slug that the category has now which had this one.
pub(in crate::catalog) async fn moved(tx: &mut TenantTx, slug: &Slug) -> Result<Option<String>, DbError> {
    let tenant = tx.tenant();
    let moved = sqlx::query_scalar!(
        "SELECT c.slug FROM old_category_slugs o JOIN categories c ON c.tenant_id = $1 AND c.id = o.category_id
         WHERE o.tenant_id = $1 AND o.slug = $2 AND c.slug <> $2",
        tenant.0,
        slug.as_str(),
    );
    Ok(moved.fetch_optional(tx.conn()).await?)
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
