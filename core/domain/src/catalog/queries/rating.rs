//! Ratings, kept on the product's row.

use tenants::{DbError, TenantTx};

use crate::catalog::{ProductId, RatingChange};

pub(in crate::catalog) async fn lock(tx: &mut TenantTx, products: &[ProductId]) -> Result<(), DbError> {
    let tenant = tx.tenant();
    let ids: Vec<_> = products.iter().map(|id| id.0).collect();
    sqlx::query!(
        "SELECT id FROM products WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY id FOR NO KEY UPDATE",
        tenant.0,
        &ids,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::catalog) async fn add(tx: &mut TenantTx, changes: &[RatingChange]) -> Result<(), DbError> {
    let tenant = tx.tenant();
    let ids: Vec<_> = changes.iter().map(|change| change.product.0).collect();
    let stars: Vec<_> = changes.iter().map(|change| change.stars).collect();
    let reviews: Vec<_> = changes.iter().map(|change| change.reviews).collect();
    sqlx::query!(
        "UPDATE products p SET rating_sum = rating_sum + c.stars, rating_count = rating_count + c.reviews
         FROM unnest($2::uuid[], $3::bigint[], $4::bigint[]) AS c (id, stars, reviews)
         WHERE p.tenant_id = $1 AND p.id = c.id",
        tenant.0,
        &ids,
        &stars,
        &reviews,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
