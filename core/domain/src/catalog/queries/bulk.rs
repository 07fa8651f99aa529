//! Many products in a few statements.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use sqlx::types::Json;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::rows::OptionRow;
use crate::catalog::bulk::{Draft, Existing, ExistingVariant, Merged};

#[derive(Debug, Deserialize)]
struct VariantRow {
    id: Uuid,
    position: i64,
    sku: Option<String>,
    options: BTreeMap<String, String>,
    list_minor: i64,
}

/// Locks the products of these slugs in the order of their ids, and answers what they are, by slug.
pub(in crate::catalog) async fn lock(
    tx: &mut TenantTx,
    slugs: &[String],
) -> Result<HashMap<String, Existing>, DbError> {
    let tenant = tx.tenant();
    let ids = sqlx::query_scalar!(
        "SELECT id FROM products WHERE tenant_id = $1 AND slug = ANY ($2) ORDER BY id FOR UPDATE",
        tenant.0,
        slugs,
    )
    .fetch_all(tx.conn())
    .await?;
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"SELECT p.id, p.slug, p.name, p.description, p.brand_id, p.category_id, p.active, p.compare_minor,
                  p.options AS "options!: Json<Vec<OptionRow>>",
                  (SELECT coalesce(jsonb_object_agg(v.attribute_id, v.value), '{}') FROM product_attributes v
                   WHERE v.tenant_id = $1 AND v.product_id = p.id) AS "attributes!: Json<BTreeMap<Uuid, String>>",
                  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'position', v.position, 'sku', v.sku,
                                                                'options', v.options, 'list_minor', v.list_minor)
                                             ORDER BY v.position), '[]')
                   FROM variants v WHERE v.tenant_id = $1 AND v.product_id = p.id) AS "variants!: Json<Vec<VariantRow>>"
           FROM products p WHERE p.tenant_id = $1 AND p.id = ANY ($2)"#,
        tenant.0,
        &ids,
    )
    .fetch_all(tx.conn())
    .await?;
    let mut found = HashMap::new();
    for row in rows {
        let variant = |v: VariantRow| ExistingVariant {
            id: v.id,
            position: v.position,
            sku: v.sku,
            options: v.options,
            list: v.list_minor,
        };
        let product = Existing {
            id: row.id,
            name: row.name,
            description: row.description,
            brand: row.brand_id,
            category: row.category_id,
            active: row.active,
            compare_at: row.compare_minor,
            options: row.options.0.into_iter().map(OptionRow::read).collect::<Result<_, _>>()?,
            attributes: row.attributes.0,
            variants: row.variants.0.into_iter().map(variant).collect(),
        };
        found.insert(row.slug, product);
    }
    Ok(found)
}

pub(in crate::catalog) async fn brands(tx: &mut TenantTx, slugs: &[String]) -> Result<HashMap<String, Uuid>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!("SELECT slug, id FROM brands WHERE tenant_id = $1 AND slug = ANY ($2)", tenant.0, slugs);
    Ok(rows.fetch_all(tx.conn()).await?.into_iter().map(|row| (row.slug, row.id)).collect())
}

pub(in crate::catalog) async fn categories(
    tx: &mut TenantTx,
    slugs: &[String],
) -> Result<HashMap<String, Uuid>, DbError> {
    let tenant = tx.tenant();
    let rows =
        sqlx::query!("SELECT slug, id FROM categories WHERE tenant_id = $1 AND slug = ANY ($2)", tenant.0, slugs);
    Ok(rows.fetch_all(tx.conn()).await?.into_iter().map(|row| (row.slug, row.id)).collect())
}

/// Which variants have these SKUs, and the slugs of their products.
pub(in crate::catalog) async fn skus(
    tx: &mut TenantTx,
    skus: &[String],
) -> Result<HashMap<String, (Uuid, String)>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        r#"SELECT v.sku AS "sku!", v.id, p.slug
           FROM variants v JOIN products p ON p.tenant_id = $1 AND p.id = v.product_id
           WHERE v.tenant_id = $1 AND v.sku = ANY ($2)"#,
        tenant.0,
        skus,
    );
    Ok(rows.fetch_all(tx.conn()).await?.into_iter().map(|row| (row.sku, (row.id, row.slug))).collect())
}

/// What products are called now that had these slugs before, by these.
pub(in crate::catalog) async fn renamed(
    tx: &mut TenantTx,
    slugs: &[String],
) -> Result<HashMap<String, String>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        "SELECT o.slug AS before, p.slug FROM old_product_slugs o JOIN products p ON p.tenant_id = $1 AND p.id = o.product_id
         WHERE o.tenant_id = $1 AND o.slug = ANY ($2)",
        tenant.0,
        slugs,
    );
    Ok(rows.fetch_all(tx.conn()).await?.into_iter().map(|row| (row.before, row.slug)).collect())
}

/// A column of an array for each field of products.
macro_rules! columns {
    ($products:expr, $($name:ident: $value:expr),* $(,)?) => {
        $(let $name: Vec<_> = $products.iter().map($value).collect();)*
    };
}

fn options(product: &Merged) -> serde_json::Value {
    serde_json::to_value(product.options.iter().map(OptionRow::of).collect::<Vec<_>>()).unwrap_or_default()
}

fn lowest(product: &Merged) -> i64 {
    product.variants.iter().map(|draft| draft.list).min().unwrap_or(0)
}

pub(in crate::catalog) async fn insert_products(tx: &mut TenantTx, products: &[&Merged]) -> Result<(), DbError> {
    if products.is_empty() {
        return Ok(());
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    columns!(products, ids: |p| p.id, slugs: |p| p.slug.clone(), names: |p| p.name.clone(),
             descriptions: |p| p.description.clone(), categories: |p| p.category, brands: |p| p.brand,
             actives: |p| p.active, compares: |p| p.compare_at, prices: |p| lowest(p), options: |p| options(p));
    sqlx::query!(
        "INSERT INTO products (tenant_id, id, slug, name, description, category_id, brand_id, active, compare_minor,
                               price_minor, list_minor, options, version, created_at, updated_at)
         SELECT $1, n.id, n.slug, n.name, n.description, n.category_id, n.brand_id, n.active, n.compare_minor,
                n.price, n.price, n.options, 1, $2, $2
         FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], $9::bool[], $10::bigint[],
                     $11::bigint[], $12::jsonb[])
              AS n (id, slug, name, description, category_id, brand_id, active, compare_minor, price, options)
         ORDER BY n.slug",
        tenant.0,
        now,
        &ids,
        &slugs,
        &names,
        &descriptions,
        &categories as &[Option<Uuid>],
        &brands as &[Option<Uuid>],
        &actives,
        &compares as &[Option<i64>],
        &prices,
        &options,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::catalog) async fn update_products(tx: &mut TenantTx, products: &[&Merged]) -> Result<(), DbError> {
    if products.is_empty() {
        return Ok(());
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    columns!(products, ids: |p| p.id, names: |p| p.name.clone(), descriptions: |p| p.description.clone(),
             categories: |p| p.category, brands: |p| p.brand, actives: |p| p.active, compares: |p| p.compare_at,
             options: |p| options(p));
    sqlx::query!(
        "UPDATE products p SET name = n.name, description = n.description, category_id = n.category_id,
                brand_id = n.brand_id, active = n.active, compare_minor = n.compare_minor, options = n.options,
                version = p.version + 1, updated_at = $2
         FROM unnest($3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::bool[], $9::bigint[], $10::jsonb[])
              AS n (id, name, description, category_id, brand_id, active, compare_minor, options)
         WHERE p.tenant_id = $1 AND p.id = n.id",
        tenant.0,
        now,
        &ids,
        &names,
        &descriptions,
        &categories as &[Option<Uuid>],
        &brands as &[Option<Uuid>],
        &actives,
        &compares as &[Option<i64>],
        &options,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn drafts(products: &[Merged], which: fn(&Draft) -> bool) -> Vec<(Uuid, &Draft)> {
    let all = products.iter().flat_map(|product| product.variants.iter().map(|draft| (product.id, draft)));
    all.filter(|(_, draft)| which(draft)).collect()
}

pub(in crate::catalog) async fn insert_variants(tx: &mut TenantTx, products: &[Merged]) -> Result<(), DbError> {
    let drafts = drafts(products, |draft| draft.is_new);
    if drafts.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant();
    columns!(drafts, products: |(product, _)| *product, ids: |(_, v)| v.id,
             positions: |(_, v)| i32::try_from(v.position).unwrap_or(i32::MAX), skus: |(_, v)| v.sku.clone(),
             options: |(_, v)| serde_json::json!(v.options), lists: |(_, v)| v.list);
    sqlx::query!(
        "INSERT INTO variants (tenant_id, product_id, id, position, sku, options, price_minor, list_minor)
         SELECT $1, n.product_id, n.id, n.position, n.sku, n.options, n.list, n.list
         FROM unnest($2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::jsonb[], $7::bigint[])
              AS n (product_id, id, position, sku, options, list)
         ORDER BY n.sku",
        tenant.0,
        &products,
        &ids,
        &positions,
        &skus as &[Option<String>],
        &options,
        &lists,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::catalog) async fn update_variants(tx: &mut TenantTx, products: &[Merged]) -> Result<(), DbError> {
    let drafts = drafts(products, |draft| draft.changed);
    if drafts.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant();
    columns!(drafts, ids: |(_, v)| v.id, skus: |(_, v)| v.sku.clone(),
             options: |(_, v)| serde_json::json!(v.options), lists: |(_, v)| v.list);
    sqlx::query!(
        "UPDATE variants v SET sku = n.sku, options = n.options, list_minor = n.list, version = v.version + 1
         FROM unnest($2::uuid[], $3::text[], $4::jsonb[], $5::bigint[]) AS n (id, sku, options, list)
         WHERE v.tenant_id = $1 AND v.id = n.id",
        tenant.0,
        &ids,
        &skus as &[Option<String>],
        &options,
        &lists,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives the products whose attributes change these, and no others.
pub(in crate::catalog) async fn set_attributes(tx: &mut TenantTx, products: &[Merged]) -> Result<(), DbError> {
    let changing: Vec<_> = products.iter().filter(|product| product.attributes.is_some()).collect();
    if changing.is_empty() {
        return Ok(());
    }
    let tenant = tx.tenant();
    let all: Vec<Uuid> = changing.iter().map(|product| product.id).collect();
    let pairs = changing.iter().flat_map(|product| {
        product.attributes.iter().flatten().map(|(attribute, value)| (product.id, *attribute, value.clone()))
    });
    let pairs: Vec<_> = pairs.collect();
    columns!(pairs, products: |pair| pair.0, attributes: |pair| pair.1, values: |pair| pair.2.clone());
    sqlx::query!("DELETE FROM product_attributes WHERE tenant_id = $1 AND product_id = ANY ($2)", tenant.0, &all)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "INSERT INTO product_attributes (tenant_id, product_id, attribute_id, value)
         SELECT $1, n.product_id, n.attribute_id, n.value
         FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS n (product_id, attribute_id, value)",
        tenant.0,
        &products,
        &attributes,
        &values,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
