//! Products and their variants, one at a time.

use std::collections::BTreeMap;

use kernel::{Amount, Slug, Text};
use sqlx::types::Json;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::rows::{BrandRow, CategoryRow, OptionRow, ProductRow, VariantRow};
use crate::catalog::{BrandId, CatalogError, CategoryId, Product, ProductChange, ProductId};

/// What a write names may not be there, or be gone in the meantime.
fn refusal(err: sqlx::Error, category: Option<CategoryId>, brand: Option<BrandId>) -> CatalogError {
    match (err.as_database_error().and_then(|cause| cause.constraint()), category, brand) {
        (Some("products_category_exists"), Some(id), _) => {
            CatalogError::UnknownCategory { id, pointer: "/category_id" }
        }
        (Some("products_brand_exists"), _, Some(id)) => CatalogError::UnknownBrand(id),
        _ => err.into(),
    }
}

/// Inserts the product without its variants; false where its slug is taken.
pub(in crate::catalog) async fn insert(tx: &mut TenantTx, product: &Product) -> Result<bool, CatalogError> {
    let tenant = tx.tenant();
    let options: Vec<_> = product.options.iter().map(OptionRow::of).collect();
    let done = sqlx::query!(
        "INSERT INTO products (tenant_id, id, slug, name, description, category_id, active, price_minor, compare_minor,
                               options, version, created_at, updated_at, list_minor, brand_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         ON CONFLICT ON CONSTRAINT products_slug_once DO NOTHING",
        tenant.0,
        product.id.0,
        product.slug.as_str(),
        product.name.as_str(),
        product.description.as_str(),
        product.category.as_ref().map(|category| category.id.0),
        product.active,
        product.price.minor(),
        product.compare_at.map(Amount::minor),
        Json(options) as _,
        product.version,
        product.created_at,
        product.updated_at,
        product.list.minor(),
        product.brand.as_ref().map(|brand| brand.id.0),
    )
    .execute(tx.conn())
    .await
    .map_err(|err| {
        refusal(
            err,
            product.category.as_ref().map(|category| category.id),
            product.brand.as_ref().map(|brand| brand.id),
        )
    })?;
    Ok(done.rows_affected() == 1)
}

/// Numbers that are likely to make a free slug of a taken one: the lowest beyond those in use, and two to fall back on
/// when somebody takes that one now.
pub(in crate::catalog) async fn free_numbers(tx: &mut TenantTx, plain: &Slug) -> Result<[u64; 3], DbError> {
    let tenant = tx.tenant();
    let stem = format!("{}-", plain.as_str());
    let used = sqlx::query_scalar!(
        r#"SELECT count(*) AS "used!" FROM products WHERE tenant_id = $1 AND slug ^@ $2"#,
        tenant.0,
        stem,
    )
    .fetch_one(tx.conn())
    .await?;
    let next = used.unsigned_abs() + 2;
    Ok([next, next + 1, Uuid::now_v7().as_u64_pair().1 >> 32])
}

/// Inserts the product's variants; fewer than there are where the store has one of the SKUs.
pub(in crate::catalog) async fn insert_variants(tx: &mut TenantTx, product: &Product) -> Result<usize, DbError> {
    let tenant = tx.tenant();
    let variants = &product.variants;
    let ids: Vec<_> = variants.iter().map(|variant| variant.id.0).collect();
    let skus: Vec<_> = variants.iter().map(|variant| variant.sku.as_ref().map(|sku| sku.as_str().to_owned())).collect();
    let options: Vec<_> = variants.iter().map(|variant| serde_json::json!(variant.options)).collect();
    let prices: Vec<_> = variants.iter().map(|variant| variant.price.minor()).collect();
    let done = sqlx::query!(
        "INSERT INTO variants (tenant_id, product_id, id, position, sku, options, price_minor, list_minor)
         SELECT $1, $2, v.id, v.position, v.sku, v.options, v.price_minor, v.price_minor
         FROM unnest($3::uuid[], $4::text[], $5::jsonb[], $6::bigint[]) WITH ORDINALITY
              AS v (id, sku, options, price_minor, position)
         ORDER BY v.sku
         ON CONFLICT ON CONSTRAINT variants_sku_once DO NOTHING",
        tenant.0,
        product.id.0,
        &ids,
        &skus as &[Option<String>],
        &options,
        &prices,
    )
    .execute(tx.conn())
    .await?;
    Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
}

/// Which of `skus` belong to other products of the store.
pub(in crate::catalog) async fn taken_skus(
    tx: &mut TenantTx,
    product: ProductId,
    skus: &[String],
) -> Result<Vec<String>, DbError> {
    let tenant = tx.tenant();
    let taken = sqlx::query_scalar!(
        r#"SELECT sku AS "sku!" FROM variants WHERE tenant_id = $1 AND sku = ANY ($2) AND product_id <> $3 ORDER BY sku"#,
        tenant.0,
        skus,
        product.0,
    );
    Ok(taken.fetch_all(tx.conn()).await?)
}

/// Writes the row-reading half of a query of whole products; `$which` chooses them.
macro_rules! whole_products {
    ($which:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            ProductRow,
            r#"SELECT p.id, p.slug, p.name, p.description, p.active, p.price_minor, p.list_minor, p.compare_minor,
                      p.in_stock, p.rating_sum, p.rating_count, p.version, p.created_at, p.updated_at,
                      (SELECT coalesce(jsonb_object_agg(a.slug, v.value), '{}') FROM product_attributes v
                       JOIN attributes a ON a.tenant_id = $1 AND a.id = v.attribute_id
                       WHERE v.tenant_id = $1 AND v.product_id = p.id) AS "attributes!: Json<BTreeMap<String, String>>",
                      p.options AS "options!: Json<Vec<OptionRow>>",
                      (SELECT jsonb_build_object('id', b.id, 'slug', b.slug, 'name', b.name, 'version', b.version,
                                                 'created_at', b.created_at)
                       FROM brands b WHERE b.tenant_id = $1 AND b.id = p.brand_id) AS "brand?: Json<BrandRow>",
                      (SELECT jsonb_build_object('id', c.id, 'parent_id', c.parent_id, 'slug', c.slug, 'name', c.name,
                                                 'description', c.description, 'top_product_id', c.top_product_id,
                                                 'version', c.version, 'created_at', c.created_at)
                       FROM categories c WHERE c.tenant_id = $1 AND c.id = p.category_id)
                          AS "category?: Json<CategoryRow>",
                      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'sku', v.sku, 'options', v.options,
                                                                    'price_minor', v.price_minor,
                                                                    'list_minor', v.list_minor, 'version', v.version,
                                                                    'in_stock', EXISTS (
                                  SELECT FROM stock_levels l
                                  WHERE l.tenant_id = $1 AND l.variant_id = v.id AND l.on_hand > l.reserved)) ORDER BY v.position), '[]')
                       FROM variants v WHERE v.tenant_id = $1 AND v.product_id = p.id)
                          AS "variants!: Json<Vec<VariantRow>>"
               FROM products p WHERE p.tenant_id = $1 AND "# + $which,
            $($arg),*
        )
    };
}

pub(in crate::catalog) async fn get(tx: &mut TenantTx, id: ProductId) -> Result<Option<Product>, DbError> {
    let tenant = tx.tenant();
    let row = whole_products!("p.id = $2", tenant.0, id.0).fetch_optional(tx.conn()).await?;
    row.map(ProductRow::read).transpose()
}

pub(in crate::catalog) async fn get_visible(tx: &mut TenantTx, slug: &Slug) -> Result<Option<Product>, DbError> {
    let tenant = tx.tenant();
    let row = whole_products!("p.slug = $2 AND p.active", tenant.0, slug.as_str()).fetch_optional(tx.conn()).await?;
    row.map(ProductRow::read).transpose()
}

pub(in crate::catalog) async fn visible_id(tx: &mut TenantTx, slug: &Slug) -> Result<Option<ProductId>, DbError> {
    let tenant = tx.tenant();
    let id = sqlx::query_scalar!(
        "SELECT id FROM products WHERE tenant_id = $1 AND slug = $2 AND active",
        tenant.0,
        slug.as_str(),
    );
    Ok(id.fetch_optional(tx.conn()).await?.map(ProductId))
}

/// Locks a product's row; false where it is not there or not of that version.
pub(in crate::catalog) async fn lock(tx: &mut TenantTx, id: ProductId, expected: Option<i64>) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_scalar!(
        "SELECT version FROM products WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.is_some_and(|version| expected.is_none_or(|expected| expected == version)))
}

/// Writes what `change` names, and counts the change. The price is written by [`set_list_price`].
pub(in crate::catalog) async fn update(
    tx: &mut TenantTx,
    id: ProductId,
    change: &ProductChange,
) -> Result<(), CatalogError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let options = change.options.as_ref().map(|options| Json(options.iter().map(OptionRow::of).collect::<Vec<_>>()));
    sqlx::query!(
        "UPDATE products SET name = coalesce($3, name), slug = coalesce($4, slug),
                description = coalesce($5, description), active = coalesce($6, active),
                category_id = CASE WHEN $7 THEN $8 ELSE category_id END,
                compare_minor = CASE WHEN $9 THEN $10 ELSE compare_minor END,
                brand_id = CASE WHEN $12 THEN $13 ELSE brand_id END, options = coalesce($14, options),
                version = version + 1, updated_at = $11
         WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        change.name.as_ref().map(Text::as_str),
        change.slug.as_ref().map(Text::as_str),
        change.description.as_ref().map(Text::as_str),
        change.active,
        change.category.is_some(),
        change.category.flatten().map(|id| id.0),
        change.compare_at.is_some(),
        change.compare_at.flatten().map(Amount::minor),
        now,
        change.brand.is_some(),
        change.brand.flatten().map(|id| id.0),
        options as _,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match (err.as_database_error().and_then(|cause| cause.constraint()), &change.slug) {
        (Some("products_slug_once"), Some(slug)) => CatalogError::SlugTaken(slug.clone()),
        _ => refusal(err, change.category.flatten(), change.brand.flatten()),
    })?;
    Ok(())
}

/// Gives all variants of a product one price without discounts. What they cost now is another matter.
pub(in crate::catalog) async fn set_list_price(tx: &mut TenantTx, id: ProductId, price: Amount) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE variants SET list_minor = $3, version = version + 1
         WHERE tenant_id = $1 AND product_id = $2 AND list_minor <> $3",
        tenant.0,
        id.0,
        price.minor(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Counts a change of what belongs to a product.
pub(in crate::catalog) async fn touch(tx: &mut TenantTx, id: ProductId) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "UPDATE products SET version = version + 1, updated_at = $3 WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Remembers a slug that a product had; the last one that had it wins.
pub(in crate::catalog) async fn retire_slug(tx: &mut TenantTx, id: ProductId, slug: &Slug) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO old_product_slugs (tenant_id, slug, product_id) VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id, slug) DO UPDATE SET product_id = excluded.product_id",
        tenant.0,
        slug.as_str(),
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The slug that the active product has now which had this one.
pub(in crate::catalog) async fn moved(tx: &mut TenantTx, slug: &Slug) -> Result<Option<String>, DbError> {
    let tenant = tx.tenant();
    let moved = sqlx::query_scalar!(
        "SELECT p.slug FROM old_product_slugs o JOIN products p ON p.tenant_id = $1 AND p.id = o.product_id
         WHERE o.tenant_id = $1 AND o.slug = $2 AND p.active AND p.slug <> $2",
        tenant.0,
        slug.as_str(),
    );
    Ok(moved.fetch_optional(tx.conn()).await?)
}

/// Takes a product that goes from the categories that it leads.
pub(in crate::catalog) async fn leave_tops(tx: &mut TenantTx, id: ProductId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE categories SET top_product_id = NULL, version = version + 1 WHERE tenant_id = $1 AND top_product_id = $2",
        tenant.0,
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Deletes a product that is locked.
pub(in crate::catalog) async fn delete(tx: &mut TenantTx, id: ProductId) -> Result<(), CatalogError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM products WHERE tenant_id = $1 AND id = $2", tenant.0, id.0)
        .execute(tx.conn())
        .await
        .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
            Some("stock_levels_variant_exists") => CatalogError::HasHistory,
            _ => err.into(),
        })?;
    Ok(())
}
