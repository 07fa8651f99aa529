//! The SQL of stock.

use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::catalog::VariantId;

pub(super) async fn available(tx: &mut TenantTx, variants: &[VariantId]) -> Result<Vec<(VariantId, i64)>, DbError> {
    let tenant = tx.tenant();
    let ids: Vec<Uuid> = variants.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"SELECT variant_id, sum(on_hand - reserved)::bigint AS "available!" FROM stock_levels
           WHERE tenant_id = $1 AND variant_id = ANY ($2) GROUP BY variant_id"#,
        tenant.0,
        &ids,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (VariantId(row.variant_id), row.available)).collect())
}
