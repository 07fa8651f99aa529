//! Discounts. Whoever writes them is alone in the catalogue: no version is compared here.

use chrono::{DateTime, Utc};
use kernel::{Limit, Text};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::rows::{amount, text};
use crate::catalog::{
    BrandId, CatalogError, CategoryId, Discount, DiscountId, DiscountName, DiscountTerms, Off, ProductId, Targets,
};

struct DiscountRow {
    id: Uuid,
    name: String,
    basis_points: Option<i64>,
    amount_minor: Option<i64>,
    everything: bool,
    active: bool,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    products: Vec<Uuid>,
    categories: Vec<Uuid>,
    brands: Vec<Uuid>,
}

impl DiscountRow {
    fn read(self) -> Result<Discount, DbError> {
        let off = match self.basis_points {
            Some(parts) => Off::Percentage(parts),
            None => Off::Amount(amount(self.amount_minor.unwrap_or(-1))?),
        };
        Ok(Discount {
            id: DiscountId(self.id),
            terms: DiscountTerms {
                name: text::<DiscountName>(&self.name)?,
                off,
                active: self.active,
                starts_at: self.starts_at,
                ends_at: self.ends_at,
            },
            targets: Targets {
                everything: self.everything,
                products: self.products.into_iter().map(ProductId).collect(),
                categories: self.categories.into_iter().map(CategoryId).collect(),
                brands: self.brands.into_iter().map(BrandId).collect(),
            },
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

fn parts(off: Off) -> (Option<i64>, Option<i64>) {
    match off {
        Off::Percentage(parts) => (Some(parts), None),
        Off::Amount(amount) => (None, Some(amount.minor())),
    }
}

pub(in crate::catalog) async fn insert(tx: &mut TenantTx, discount: &Discount) -> Result<(), DbError> {
    let (tenant, terms, (basis_points, amount)) = (tx.tenant(), &discount.terms, parts(discount.terms.off));
    sqlx::query!(
        "INSERT INTO discounts (tenant_id, id, name, basis_points, amount_minor, everything, active, starts_at, ends_at,
                                version, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        tenant.0,
        discount.id.0,
        terms.name.as_str(),
        basis_points,
        amount,
        discount.targets.everything,
        terms.active,
        terms.starts_at,
        terms.ends_at,
        discount.version,
        discount.created_at,
        discount.updated_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The lists and the places in them where something is named that is not in the store.
pub(in crate::catalog) async fn unknown_targets(
    tx: &mut TenantTx,
    targets: &Targets,
) -> Result<Vec<(String, i64)>, DbError> {
    let (tenant, (products, categories, brands)) = (tx.tenant(), ids(targets));
    let unknown = sqlx::query!(
        r#"SELECT 'product_ids' AS "list!", n.place - 1 AS "place!"
           FROM unnest($2::uuid[]) WITH ORDINALITY AS n (id, place)
           WHERE NOT EXISTS (SELECT FROM products p WHERE p.tenant_id = $1 AND p.id = n.id)
           UNION ALL
           SELECT 'category_ids', n.place - 1 FROM unnest($3::uuid[]) WITH ORDINALITY AS n (id, place)
           WHERE NOT EXISTS (SELECT FROM categories c WHERE c.tenant_id = $1 AND c.id = n.id)
           UNION ALL
           SELECT 'brand_ids', n.place - 1 FROM unnest($4::uuid[]) WITH ORDINALITY AS n (id, place)
           WHERE NOT EXISTS (SELECT FROM brands b WHERE b.tenant_id = $1 AND b.id = n.id)
           LIMIT 20"#,
        tenant.0,
        &products,
        &categories,
        &brands,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(unknown.into_iter().map(|row| (row.list, row.place)).collect())
}

fn ids(targets: &Targets) -> (Vec<Uuid>, Vec<Uuid>, Vec<Uuid>) {
    (
        targets.products.iter().map(|id| id.0).collect(),
        targets.categories.iter().map(|id| id.0).collect(),
        targets.brands.iter().map(|id| id.0).collect(),
    )
}

/// Notes what a discount is for; what is named twice counts once.
pub(in crate::catalog) async fn insert_targets(
    tx: &mut TenantTx,
    id: DiscountId,
    targets: &Targets,
) -> Result<(), CatalogError> {
    let (tenant, (products, categories, brands)) = (tx.tenant(), ids(targets));
    sqlx::query!(
        "INSERT INTO discount_targets (tenant_id, discount_id, target_id, product_id, category_id, brand_id)
         SELECT $1::uuid, $2::uuid, n.id, n.id, NULL::uuid, NULL::uuid FROM unnest($3::uuid[]) AS n (id)
         UNION
         SELECT $1, $2, n.id, NULL, n.id, NULL FROM unnest($4::uuid[]) AS n (id)
         UNION
         SELECT $1, $2, n.id, NULL, NULL, n.id FROM unnest($5::uuid[]) AS n (id)",
        tenant.0,
        id.0,
        &products,
        &categories,
        &brands,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::catalog) async fn delete_targets(tx: &mut TenantTx, id: DiscountId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM discount_targets WHERE tenant_id = $1 AND discount_id = $2", tenant.0, id.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(in crate::catalog) async fn get(tx: &mut TenantTx, id: DiscountId) -> Result<Option<Discount>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        DiscountRow,
        r#"SELECT d.id, d.name, d.basis_points, d.amount_minor, d.everything, d.active, d.starts_at, d.ends_at, d.version,
                  d.created_at, d.updated_at,
                  ARRAY(SELECT t.product_id FROM discount_targets t WHERE t.tenant_id = $1 AND t.discount_id = d.id
                        AND t.product_id IS NOT NULL ORDER BY 1) AS "products!: Vec<Uuid>",
                  ARRAY(SELECT t.category_id FROM discount_targets t WHERE t.tenant_id = $1 AND t.discount_id = d.id
                        AND t.category_id IS NOT NULL ORDER BY 1) AS "categories!: Vec<Uuid>",
                  ARRAY(SELECT t.brand_id FROM discount_targets t WHERE t.tenant_id = $1 AND t.discount_id = d.id
                        AND t.brand_id IS NOT NULL ORDER BY 1) AS "brands!: Vec<Uuid>"
           FROM discounts d WHERE d.tenant_id = $1 AND d.id = $2"#,
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(DiscountRow::read).transpose()
}

pub(in crate::catalog) async fn list(
    tx: &mut TenantTx,
    before: Option<DiscountId>,
    limit: Limit,
) -> Result<Vec<Discount>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        DiscountRow,
        r#"SELECT id, name, basis_points, amount_minor, everything, active, starts_at, ends_at, version, created_at,
                  updated_at, '{}'::uuid[] AS "products!", '{}'::uuid[] AS "categories!", '{}'::uuid[] AS "brands!"
           FROM discounts WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"#,
        tenant.0,
        before.map_or(Uuid::max(), |id| id.0),
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(DiscountRow::read).collect()
}

/// Writes the terms of a discount, and counts the change.
pub(in crate::catalog) async fn update(
    tx: &mut TenantTx,
    id: DiscountId,
    terms: &DiscountTerms,
    everything: bool,
) -> Result<(), DbError> {
    let (tenant, now, (basis_points, amount)) = (tx.tenant(), tx.now(), parts(terms.off));
    sqlx::query!(
        "UPDATE discounts SET name = $3, basis_points = $4, amount_minor = $5, everything = $6, active = $7,
                starts_at = $8, ends_at = $9, version = version + 1, updated_at = $10
         WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        terms.name.as_str(),
        basis_points,
        amount,
        everything,
        terms.active,
        terms.starts_at,
        terms.ends_at,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::catalog) async fn delete(tx: &mut TenantTx, id: DiscountId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM discounts WHERE tenant_id = $1 AND id = $2", tenant.0, id.0).execute(tx.conn()).await?;
    Ok(())
}
