//! Where active products are listed: in their category and in all above it.

use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::catalog::{CategoryId, ProductId};

/// Lists products where they belong now, and nowhere else.
pub(in crate::catalog) async fn list_products(tx: &mut TenantTx, ids: &[ProductId]) -> Result<(), DbError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    list(tx, &ids).await
}

/// Lists the active products of a category, and of all below it, where they belong now.
pub(in crate::catalog) async fn list_below(tx: &mut TenantTx, category: CategoryId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    let products = sqlx::query_scalar!(
        "SELECT p.id FROM category_ancestors a JOIN products p ON p.tenant_id = $1 AND p.category_id = a.category_id
         WHERE a.tenant_id = $1 AND a.ancestor_id = $2 AND p.active",
        tenant.0,
        category.0,
    );
    let products = products.fetch_all(tx.conn()).await?;
    list(tx, &products).await
}

async fn list(tx: &mut TenantTx, products: &[Uuid]) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "DELETE FROM category_products c WHERE c.tenant_id = $1 AND c.product_id = ANY ($2) AND NOT EXISTS (
             SELECT FROM products p JOIN category_ancestors a ON a.tenant_id = $1 AND a.category_id = p.category_id
             WHERE p.tenant_id = $1 AND p.id = c.product_id AND p.active AND a.ancestor_id = c.category_id)",
        tenant.0,
        products,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO category_products (tenant_id, category_id, product_id, price_minor, name)
         SELECT $1, a.ancestor_id, p.id, p.price_minor, p.name
         FROM products p JOIN category_ancestors a ON a.tenant_id = $1 AND a.category_id = p.category_id
         WHERE p.tenant_id = $1 AND p.id = ANY ($2) AND p.active
         ON CONFLICT (tenant_id, product_id, category_id) DO UPDATE
         SET price_minor = excluded.price_minor, name = excluded.name
         WHERE (category_products.price_minor, category_products.name) IS DISTINCT FROM (excluded.price_minor, excluded.name)",
        tenant.0,
        products,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
