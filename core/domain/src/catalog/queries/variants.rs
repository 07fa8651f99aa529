//! Variants, one at a time. Their product is locked.

use kernel::Text;
use tenants::TenantTx;

use crate::catalog::{CatalogError, ProductId, Variant, VariantId};

fn refusal(err: sqlx::Error, variant: &Variant) -> CatalogError {
    match (err.as_database_error().and_then(|cause| cause.constraint()), &variant.sku) {
        (Some("variants_sku_once"), Some(sku)) => {
            CatalogError::SkuTaken { skus: vec![sku.as_str().to_owned()], pointers: vec!["/sku".to_owned()] }
        }
        _ => err.into(),
    }
}

/// Inserts a variant behind those that the product has.
pub(in crate::catalog) async fn insert(
    tx: &mut TenantTx,
    product: ProductId,
    variant: &Variant,
) -> Result<(), CatalogError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO variants (tenant_id, product_id, id, position, sku, options, price_minor, list_minor, version)
         SELECT $1::uuid, $2::uuid, $3, coalesce(max(v.position), 0) + 1, $4, $5, $6, $6, $7
         FROM variants v WHERE v.tenant_id = $1 AND v.product_id = $2",
        tenant.0,
        product.0,
        variant.id.0,
        variant.sku.as_ref().map(Text::as_str),
        serde_json::json!(variant.options),
        variant.list.minor(),
        variant.version,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| refusal(err, variant))?;
    Ok(())
}

/// Writes a variant but for what it costs now, and counts the change.
pub(in crate::catalog) async fn update(tx: &mut TenantTx, variant: &Variant) -> Result<(), CatalogError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE variants SET sku = $3, options = $4, list_minor = $5, version = version + 1
         WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        variant.id.0,
        variant.sku.as_ref().map(Text::as_str),
        serde_json::json!(variant.options),
        variant.list.minor(),
    )
    .execute(tx.conn())
    .await
    .map_err(|err| refusal(err, variant))?;
    Ok(())
}

pub(in crate::catalog) async fn delete(tx: &mut TenantTx, id: VariantId) -> Result<(), CatalogError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM variants WHERE tenant_id = $1 AND id = $2", tenant.0, id.0)
        .execute(tx.conn())
        .await
        .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
            Some("stock_levels_variant_exists") => CatalogError::VariantHasHistory,
            _ => err.into(),
        })?;
    Ok(())
}
