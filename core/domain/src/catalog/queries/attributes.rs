//! Attributes.

use chrono::{DateTime, Utc};
use kernel::{Limit, Slug, Text};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::rows::text;
use crate::catalog::{Attribute, AttributeChange, AttributeId, AttributeName, CatalogError, ProductId};

struct AttributeRow {
    id: Uuid,
    slug: String,
    name: String,
    version: i64,
    created_at: DateTime<Utc>,
}

impl AttributeRow {
    fn read(self) -> Result<Attribute, DbError> {
        Ok(Attribute {
            id: AttributeId(self.id),
            slug: text(&self.slug)?,
            name: text::<AttributeName>(&self.name)?,
            version: self.version,
            created_at: self.created_at,
        })
    }
}

/// Inserts the attribute; false where its slug is taken.
pub(in crate::catalog) async fn insert(tx: &mut TenantTx, attribute: &Attribute) -> Result<bool, CatalogError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "INSERT INTO attributes (tenant_id, id, slug, name, version, created_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT ON CONSTRAINT attributes_slug_once DO NOTHING",
        tenant.0,
        attribute.id.0,
        attribute.slug.as_str(),
        attribute.name.as_str(),
        attribute.version,
        attribute.created_at,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        Some("attributes_name_once") => CatalogError::NameTaken,
        _ => err.into(),
    })?;
    Ok(done.rows_affected() == 1)
}

/// Numbers that are likely to make a free slug of a taken one.
pub(in crate::catalog) async fn free_numbers(tx: &mut TenantTx, plain: &Slug) -> Result<[u64; 3], DbError> {
    let tenant = tx.tenant();
    let stem = format!("{}-", plain.as_str());
    let used = sqlx::query_scalar!(
        r#"SELECT count(*) AS "used!" FROM attributes WHERE tenant_id = $1 AND slug ^@ $2"#,
        tenant.0,
        stem,
    )
    .fetch_one(tx.conn())
    .await?;
    let next = used.unsigned_abs() + 2;
    Ok([next, next + 1, Uuid::now_v7().as_u64_pair().1 >> 32])
}

pub(in crate::catalog) async fn get(tx: &mut TenantTx, id: AttributeId) -> Result<Option<Attribute>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        AttributeRow,
        "SELECT id, slug, name, version, created_at FROM attributes WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(AttributeRow::read).transpose()
}

pub(in crate::catalog) async fn list(
    tx: &mut TenantTx,
    after: Option<&Slug>,
    limit: Limit,
) -> Result<Vec<Attribute>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        AttributeRow,
        "SELECT id, slug, name, version, created_at FROM attributes WHERE tenant_id = $1 AND slug > $2 ORDER BY slug LIMIT $3",
        tenant.0,
        after.map_or("", Text::as_str),
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(AttributeRow::read).collect()
}

/// Writes what `change` names; nothing where the attribute is not of that version.
pub(in crate::catalog) async fn update(
    tx: &mut TenantTx,
    id: AttributeId,
    expected: Option<i64>,
    change: &AttributeChange,
) -> Result<Option<Attribute>, CatalogError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        AttributeRow,
        "UPDATE attributes SET name = coalesce($4, name), slug = coalesce($5, slug), version = version + 1
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
        (Some("attributes_slug_once"), Some(slug)) => CatalogError::SlugTaken(slug.clone()),
        (Some("attributes_name_once"), _) => CatalogError::NameTaken,
        _ => err.into(),
    })?;
    Ok(row.map(AttributeRow::read).transpose()?)
}

/// Deletes an attribute; false where it is not of that version.
pub(in crate::catalog) async fn delete(
    tx: &mut TenantTx,
    id: AttributeId,
    expected: Option<i64>,
) -> Result<bool, CatalogError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "DELETE FROM attributes WHERE tenant_id = $1 AND id = $2 AND version = coalesce($3, version)",
        tenant.0,
        id.0,
        expected,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        Some("product_attributes_attribute_exists") => CatalogError::AttributeInUse,
        _ => err.into(),
    })?;
    Ok(done.rows_affected() == 1)
}

/// What each of `keys` names, by slug or by name; none where nothing has it.
pub(in crate::catalog) async fn named(
    tx: &mut TenantTx,
    keys: &[String],
) -> Result<Vec<(String, Option<AttributeId>)>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        r#"SELECT k.key AS "key!", coalesce(
               (SELECT a.id FROM attributes a WHERE a.tenant_id = $1 AND a.slug = k.key),
               (SELECT a.id FROM attributes a WHERE a.tenant_id = $1 AND a.name = k.key)) AS id
           FROM unnest($2::text[]) WITH ORDINALITY AS k (key, place) ORDER BY k.place"#,
        tenant.0,
        keys,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.key, row.id.map(AttributeId))).collect())
}

/// Gives a product these values, and no others.
pub(in crate::catalog) async fn set(
    tx: &mut TenantTx,
    product: ProductId,
    values: &[(AttributeId, String)],
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    let (ids, values): (Vec<_>, Vec<_>) = values.iter().map(|(id, value)| (id.0, value.clone())).unzip();
    sqlx::query!(
        "DELETE FROM product_attributes WHERE tenant_id = $1 AND product_id = $2 AND NOT attribute_id = ANY ($3)",
        tenant.0,
        product.0,
        &ids,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO product_attributes (tenant_id, product_id, attribute_id, value)
         SELECT $1, $2, n.id, n.value FROM unnest($3::uuid[], $4::text[]) AS n (id, value)
         ON CONFLICT (tenant_id, product_id, attribute_id) DO UPDATE SET value = excluded.value",
        tenant.0,
        product.0,
        &ids,
        &values,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
