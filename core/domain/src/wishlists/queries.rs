//! The SQL of wishlists.

use chrono::{DateTime, Utc};
use kernel::Limit;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::{WishId, WishlistError};
use crate::catalog::{CatalogError, ProductId};
use crate::identity::UserId;

/// A row of a list.
pub(super) struct Item {
    pub(super) id: WishId,
    pub(super) product: ProductId,
    pub(super) added_at: DateTime<Utc>,
}

pub(super) async fn list(
    tx: &mut TenantTx,
    customer: UserId,
    before: Option<WishId>,
    limit: Limit,
) -> Result<Vec<Item>, DbError> {
    let tenant = tx.tenant();
    let items = sqlx::query_as!(
        Item,
        "SELECT w.id, w.product_id AS product, w.added_at
         FROM wishlist_items w JOIN products p ON p.tenant_id = $1 AND p.id = w.product_id AND p.active
         WHERE w.tenant_id = $1 AND w.customer_id = $2 AND w.id < $3 ORDER BY w.id DESC LIMIT $4",
        tenant.0,
        customer.0,
        before.map_or(Uuid::max(), |id| id.0),
        limit.and_one(),
    );
    Ok(items.fetch_all(tx.conn()).await?)
}

pub(super) async fn all_of(tx: &mut TenantTx, customer: UserId) -> Result<Vec<Item>, DbError> {
    let tenant = tx.tenant();
    let items = sqlx::query_as!(
        Item,
        "SELECT id, product_id AS product, added_at FROM wishlist_items WHERE tenant_id = $1 AND customer_id = $2
         ORDER BY id DESC",
        tenant.0,
        customer.0,
    );
    Ok(items.fetch_all(tx.conn()).await?)
}

/// Locks a customer's account against others who write to the list; false where it is gone.
pub(super) async fn lock_customer(tx: &mut TenantTx, customer: UserId) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        "SELECT id FROM users WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        tenant.0,
        customer.0,
    );
    Ok(found.fetch_optional(tx.conn()).await?.is_some())
}

pub(super) async fn holds(tx: &mut TenantTx, customer: UserId, product: ProductId) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let held = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM wishlist_items WHERE tenant_id = $1 AND customer_id = $2 AND product_id = $3)
               AS "held!""#,
        tenant.0,
        customer.0,
        product.0,
    );
    Ok(held.fetch_one(tx.conn()).await?)
}

pub(super) async fn count(tx: &mut TenantTx, customer: UserId) -> Result<i64, DbError> {
    let tenant = tx.tenant();
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM wishlist_items WHERE tenant_id = $1 AND customer_id = $2"#,
        tenant.0,
        customer.0,
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

pub(super) async fn insert(tx: &mut TenantTx, customer: UserId, product: ProductId) -> Result<(), WishlistError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "INSERT INTO wishlist_items (tenant_id, customer_id, product_id, id, added_at) VALUES ($1, $2, $3, $4, $5)",
        tenant.0,
        customer.0,
        product.0,
        WishId::generate().0,
        now,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        // It was there a moment ago.
        Some("wishlist_items_product_exists") => CatalogError::NoProduct(product).into(),
        _ => WishlistError::from(err),
    })?;
    Ok(())
}

pub(super) async fn delete(tx: &mut TenantTx, customer: UserId, product: ProductId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "DELETE FROM wishlist_items WHERE tenant_id = $1 AND customer_id = $2 AND product_id = $3",
        tenant.0,
        customer.0,
        product.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
