//! The tree of categories: where one may be moved, moving it, and what visitors see of it.

use chrono::{DateTime, Utc};
use kernel::{Limit, Slug, Text};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::rows::{CategoryRow, text};
use crate::catalog::{CategoryId, ProductId, VisibleCategory};

/// Whether `id` is `above`, or lies below it.
pub(in crate::catalog) async fn is_below(
    tx: &mut TenantTx,
    id: CategoryId,
    above: CategoryId,
) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let below = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM category_ancestors WHERE tenant_id = $1 AND category_id = $2 AND ancestor_id = $3)
           AS "below!""#,
        tenant.0,
        id.0,
        above.0,
    );
    Ok(below.fetch_one(tx.conn()).await?)
}

/// How many levels a category has with all below it: 1 where nothing is.
pub(in crate::catalog) async fn height(tx: &mut TenantTx, id: CategoryId) -> Result<i64, DbError> {
    let tenant = tx.tenant();
    let height = sqlx::query_scalar!(
        r#"SELECT coalesce(max(distance), 0) + 1 AS "height!" FROM category_ancestors
           WHERE tenant_id = $1 AND ancestor_id = $2"#,
        tenant.0,
        id.0,
    );
    Ok(height.fetch_one(tx.conn()).await?)
}

/// Puts a category with all below it under `parent`, or at the top. Whoever calls it is alone.
pub(in crate::catalog) async fn move_below(
    tx: &mut TenantTx,
    id: CategoryId,
    parent: Option<CategoryId>,
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "DELETE FROM category_ancestors a USING category_ancestors s
         WHERE a.tenant_id = $1 AND s.tenant_id = $1 AND s.ancestor_id = $2 AND a.category_id = s.category_id
           AND a.distance > s.distance",
        tenant.0,
        id.0,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO category_ancestors (tenant_id, category_id, ancestor_id, distance)
         SELECT $1, s.category_id, u.ancestor_id, s.distance + u.distance + 1
         FROM category_ancestors s JOIN category_ancestors u ON u.tenant_id = $1 AND u.category_id = $3
         WHERE s.tenant_id = $1 AND s.ancestor_id = $2",
        tenant.0,
        id.0,
        parent.map(|parent| parent.0),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The slugs and names above a category, the top first.
pub(in crate::catalog) async fn path(tx: &mut TenantTx, id: CategoryId) -> Result<Vec<(Slug, String)>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        "SELECT c.slug, c.name FROM category_ancestors a JOIN categories c ON c.tenant_id = $1 AND c.id = a.ancestor_id
         WHERE a.tenant_id = $1 AND a.category_id = $2 AND a.distance > 0 ORDER BY a.distance DESC",
        tenant.0,
        id.0,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| Ok((text(&row.slug)?, row.name))).collect()
}

struct VisibleRow {
    id: Uuid,
    parent_id: Option<Uuid>,
    slug: String,
    name: String,
    description: String,
    top_product_id: Option<Uuid>,
    version: i64,
    created_at: DateTime<Utc>,
    products: i64,
    top: Option<Uuid>,
}

impl VisibleRow {
    fn read(self) -> Result<VisibleCategory, DbError> {
        let row = CategoryRow {
            id: self.id,
            parent_id: self.parent_id,
            slug: self.slug,
            name: self.name,
            description: self.description,
            top_product_id: self.top_product_id,
            version: self.version,
            created_at: self.created_at,
        };
        Ok(VisibleCategory { category: row.read()?, products: self.products, top: self.top.map(ProductId) })
    }
}

/// Categories with what is for sale in them and below; `$which` chooses some.
macro_rules! visible {
    ($which:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            VisibleRow,
            r#"SELECT c.id, c.parent_id, c.slug, c.name, c.description, c.top_product_id, c.version, c.created_at,
                      (SELECT count(*) FROM category_products e WHERE e.tenant_id = $1 AND e.category_id = c.id) AS "products!",
                      coalesce(
                          (SELECT e.product_id FROM category_products e
                           WHERE e.tenant_id = $1 AND e.product_id = c.top_product_id AND e.category_id = c.id),
                          (SELECT e.product_id FROM category_products e WHERE e.tenant_id = $1 AND e.category_id = c.id
                           ORDER BY e.product_id DESC LIMIT 1)) AS top
               FROM categories c WHERE c.tenant_id = $1 AND "# + $which,
            $($arg),*
        )
    };
}

pub(in crate::catalog) async fn visible(
    tx: &mut TenantTx,
    after: Option<&Slug>,
    limit: Limit,
) -> Result<Vec<VisibleCategory>, DbError> {
    let (tenant, after) = (tx.tenant(), after.map_or("", Text::as_str));
    let rows = visible!("c.slug > $2 ORDER BY c.slug LIMIT $3", tenant.0, after, limit.and_one());
    rows.fetch_all(tx.conn()).await?.into_iter().map(VisibleRow::read).collect()
}

pub(in crate::catalog) async fn visible_by_slug(
    tx: &mut TenantTx,
    slug: &Slug,
) -> Result<Option<VisibleCategory>, DbError> {
    let tenant = tx.tenant();
    let row = visible!("c.slug = $2", tenant.0, slug.as_str()).fetch_optional(tx.conn()).await?;
    row.map(VisibleRow::read).transpose()
}

/// The categories right below one, at most as many as a page holds.
pub(in crate::catalog) async fn children(tx: &mut TenantTx, id: CategoryId) -> Result<Vec<VisibleCategory>, DbError> {
    let (tenant, most) = (tx.tenant(), i64::from(Limit::MAX));
    let rows = visible!("c.parent_id = $2 ORDER BY c.slug LIMIT $3", tenant.0, id.0, most);
    rows.fetch_all(tx.conn()).await?.into_iter().map(VisibleRow::read).collect()
}
