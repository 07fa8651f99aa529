//! Products in lists. One statement a sort order, so that each walks its own index whatever plan is kept for it.

use std::collections::BTreeMap;

use kernel::Limit;
use sqlx::types::Json;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::rows::ListedRow;
use crate::catalog::{CategoryId, Listed, Place, ProductId, Sort, StockLevel};

/// A statement over products; `$rest` is what follows `WHERE p.tenant_id = $1 AND`.
macro_rules! listed {
    ($rest:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            ListedRow,
            r#"SELECT p.id, p.slug, p.name, b.slug AS "brand_slug?", b.name AS "brand_name?",
                      c.slug AS "category_slug?", c.name AS "category_name?", p.active, p.price_minor, p.list_minor,
                      p.compare_minor,
                      (SELECT coalesce(jsonb_object_agg(a.slug, v.value), '{}') FROM product_attributes v
                       JOIN attributes a ON a.tenant_id = $1 AND a.id = v.attribute_id
                       WHERE v.tenant_id = $1 AND v.product_id = p.id) AS "attributes!: Json<BTreeMap<String, String>>",
                      p.in_stock, p.rating_sum, p.rating_count, p.sold, p.version
               FROM products p LEFT JOIN brands b ON b.tenant_id = $1 AND b.id = p.brand_id
               LEFT JOIN categories c ON c.tenant_id = $1 AND c.id = p.category_id
               WHERE p.tenant_id = $1 AND "# + $rest,
            $($arg),*
        )
    };
}

fn read(rows: Vec<ListedRow>) -> Result<Vec<Listed>, DbError> {
    rows.into_iter().map(ListedRow::read).collect()
}

/// The active products behind `after`. A place of another sort order lies before the first product.
pub(in crate::catalog) async fn visible(
    tx: &mut TenantTx,
    sort: Sort,
    after: &Place,
    limit: Limit,
) -> Result<Vec<Listed>, DbError> {
    let (tenant, limit, id) = (tx.tenant().0, limit.and_one(), after.id());
    let rows = match (sort, after) {
        (Sort::PriceUp, Place::Price(price, _)) => {
            listed!(
                "p.active AND (p.price_minor, p.id) > ($2, $3) ORDER BY p.price_minor, p.id LIMIT $4",
                tenant,
                *price,
                id,
                limit
            )
            .fetch_all(tx.conn())
            .await
        }
        (Sort::PriceDown, Place::Price(price, _)) => {
            listed!(
                "p.active AND (p.price_minor, p.id) < ($2, $3) ORDER BY p.price_minor DESC, p.id DESC LIMIT $4",
                tenant,
                *price,
                id,
                limit
            )
            .fetch_all(tx.conn())
            .await
        }
        (Sort::Name, Place::Name(name, _)) => {
            listed!(
                r#"p.active AND (p.name COLLATE "und-x-icu", p.id) > ($2, $3)
                   ORDER BY p.name COLLATE "und-x-icu", p.id LIMIT $4"#,
                tenant,
                name,
                id,
                limit
            )
            .fetch_all(tx.conn())
            .await
        }
        (Sort::BestSelling, Place::Sold(sold, _)) => {
            listed!(
                "p.active AND (p.sold, p.id) < ($2, $3) ORDER BY p.sold DESC, p.id DESC LIMIT $4",
                tenant,
                *sold,
                id,
                limit
            )
            .fetch_all(tx.conn())
            .await
        }
        _ => {
            listed!("p.active AND p.id < $2 ORDER BY p.id DESC LIMIT $3", tenant, id, limit).fetch_all(tx.conn()).await
        }
    };
    read(rows?)
}

/// A statement over the products of the category `$2` and of all below it; `$rest` chooses some of them and their order.
macro_rules! listed_in {
    ($rest:literal, $order:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            ListedRow,
            r#"SELECT p.id, p.slug, p.name, b.slug AS "brand_slug?", b.name AS "brand_name?",
                      c.slug AS "category_slug?", c.name AS "category_name?", p.active, p.price_minor, p.list_minor,
                      p.compare_minor,
                      (SELECT coalesce(jsonb_object_agg(a.slug, v.value), '{}') FROM product_attributes v
                       JOIN attributes a ON a.tenant_id = $1 AND a.id = v.attribute_id
                       WHERE v.tenant_id = $1 AND v.product_id = p.id) AS "attributes!: Json<BTreeMap<String, String>>",
                      p.in_stock, p.rating_sum, p.rating_count, p.sold, p.version
               FROM (SELECT e.product_id, e.price_minor, e.name FROM category_products e
                     WHERE e.tenant_id = $1 AND e.category_id = $2 "# + $rest + r#") e
               JOIN products p ON p.tenant_id = $1 AND p.id = e.product_id
               LEFT JOIN brands b ON b.tenant_id = $1 AND b.id = p.brand_id
               LEFT JOIN categories c ON c.tenant_id = $1 AND c.id = p.category_id
               ORDER BY "# + $order,
            $($arg),*
        )
    };
}

/// The active products of a category, and of all below it, behind `after`.
pub(in crate::catalog) async fn visible_in(
    tx: &mut TenantTx,
    category: CategoryId,
    sort: Sort,
    after: &Place,
    limit: Limit,
) -> Result<Vec<Listed>, DbError> {
    let (tenant, limit, id, category) = (tx.tenant().0, limit.and_one(), after.id(), category.0);
    let rows =
        match (sort, after) {
            (Sort::PriceUp, Place::Price(price, _)) => {
                listed_in!(
                    "AND (e.price_minor, e.product_id) > ($5, $3) ORDER BY e.price_minor, e.product_id LIMIT $4",
                    "e.price_minor, e.product_id",
                    tenant,
                    category,
                    id,
                    limit,
                    *price
                )
                .fetch_all(tx.conn())
                .await
            }
            (Sort::PriceDown, Place::Price(price, _)) => listed_in!(
                "AND (e.price_minor, e.product_id) < ($5, $3) ORDER BY e.price_minor DESC, e.product_id DESC LIMIT $4",
                "e.price_minor DESC, e.product_id DESC",
                tenant,
                category,
                id,
                limit,
                *price
            )
            .fetch_all(tx.conn())
            .await,
            (Sort::Name, Place::Name(name, _)) => {
                listed_in!(
                    r#"AND (e.name COLLATE "und-x-icu", e.product_id) > ($5, $3)
                   ORDER BY e.name COLLATE "und-x-icu", e.product_id LIMIT $4"#,
                    r#"e.name COLLATE "und-x-icu", e.product_id"#,
                    tenant,
                    category,
                    id,
                    limit,
                    name
                )
                .fetch_all(tx.conn())
                .await
            }
            _ => {
                listed_in!(
                    "AND e.product_id < $3 ORDER BY e.product_id DESC LIMIT $4",
                    "e.product_id DESC",
                    tenant,
                    category,
                    id,
                    limit
                )
                .fetch_all(tx.conn())
                .await
            }
        };
    read(rows?)
}

/// The active ones among `ids`.
pub(in crate::catalog) async fn visible_of(tx: &mut TenantTx, ids: &[ProductId]) -> Result<Vec<Listed>, DbError> {
    let (tenant, ids) = (tx.tenant().0, ids.iter().map(|id| id.0).collect::<Vec<_>>());
    read(listed!("p.id = ANY ($2) AND p.active", tenant, &ids).fetch_all(tx.conn()).await?)
}

/// All products, or all that are active or not, the newest first.
pub(in crate::catalog) async fn all(
    tx: &mut TenantTx,
    active: Option<bool>,
    after: Option<ProductId>,
    limit: Limit,
) -> Result<Vec<Listed>, DbError> {
    let (tenant, after, limit) = (tx.tenant().0, after.map_or(Uuid::max(), |id| id.0), limit.and_one());
    let rows = listed!(
        "p.id < $2 AND p.active = coalesce($4, p.active) ORDER BY p.id DESC LIMIT $3",
        tenant,
        after,
        limit,
        active
    )
    .fetch_all(tx.conn())
    .await?;
    read(rows)
}

/// The products of which so much is left to sell, in all variants and places together, the newest first. Which numbers are
/// few is the store's to say.
pub(in crate::catalog) async fn at_level(
    tx: &mut TenantTx,
    level: StockLevel,
    active: Option<bool>,
    category: Option<CategoryId>,
    brand: Option<Uuid>,
    after: Option<ProductId>,
    limit: Limit,
) -> Result<Vec<Listed>, DbError> {
    let (tenant, after, limit) = (tx.tenant().0, after.map_or(Uuid::max(), |id| id.0), limit.and_one());
    let rows = listed!(
        r#"p.id < $2 AND p.active = coalesce($4, p.active) AND ($5::uuid IS NULL OR p.brand_id = $5)
           AND ($6::uuid IS NULL OR EXISTS (SELECT FROM category_ancestors u
                WHERE u.tenant_id = $1 AND u.category_id = p.category_id AND u.ancestor_id = $6))
           AND $7 = (SELECT CASE WHEN n.rest <= s.stock_critical THEN 'critical' WHEN n.rest <= s.stock_medium THEN 'medium'
                                 ELSE 'good' END
                     FROM store_settings s CROSS JOIN (
                         SELECT coalesce(sum(l.on_hand - l.reserved), 0) AS rest FROM variants v
                         JOIN stock_levels l ON l.tenant_id = $1 AND l.variant_id = v.id
                         WHERE v.tenant_id = $1 AND v.product_id = p.id) n
                     WHERE s.tenant_id = $1)
           ORDER BY p.id DESC LIMIT $3"#,
        tenant,
        after,
        limit,
        active,
        brand,
        category.map(|id| id.0),
        level.as_str()
    )
    .fetch_all(tx.conn())
    .await?;
    read(rows)
}

/// Products by their ids, in their order.
pub(in crate::catalog) async fn in_order(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<Listed>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let tenant = tx.tenant().0;
    let rows = listed!("p.id = ANY ($2) ORDER BY array_position($2, p.id)", tenant, ids).fetch_all(tx.conn()).await?;
    read(rows)
}
