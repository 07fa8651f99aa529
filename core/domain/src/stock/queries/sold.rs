//! Counting what was sold.

use tenants::{DbError, TenantTx};

/// Moves at most `most` changes into their products, whose rows are locked in the order of their ids; whether there were any.
pub(in crate::stock) async fn count(tx: &mut TenantTx, most: i64) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let counted = sqlx::query_scalar!(
        r#"WITH gone AS (
               DELETE FROM sold_changes WHERE tenant_id = $1 AND id IN (
                   SELECT c.id FROM sold_changes c WHERE c.tenant_id = $1 ORDER BY c.id LIMIT $2 FOR UPDATE SKIP LOCKED)
               RETURNING variant_id, delta
           ), sums AS (
               SELECT v.product_id, sum(g.delta)::bigint AS sold
               FROM gone g JOIN variants v ON v.tenant_id = $1 AND v.id = g.variant_id GROUP BY v.product_id
           ), held AS MATERIALIZED (
               SELECT p.id FROM products p WHERE p.tenant_id = $1 AND p.id IN (SELECT product_id FROM sums WHERE sold <> 0)
               ORDER BY p.id FOR NO KEY UPDATE
           ), written AS (
               UPDATE products p SET sold = greatest(p.sold + s.sold, 0)
               FROM sums s JOIN held h ON h.id = s.product_id
               WHERE p.tenant_id = $1 AND p.id = s.product_id
           )
           SELECT count(*) AS "counted!" FROM gone"#,
        tenant.0,
        most,
    );
    Ok(counted.fetch_one(tx.conn()).await? > 0)
}
