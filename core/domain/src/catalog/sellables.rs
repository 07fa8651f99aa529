//! Variants as carts, orders and coupons see them.

use std::collections::BTreeMap;

use kernel::{Amount, Slug};
use tenants::{DbError, TenantTx};

use super::queries::sellables as queries;
use super::{BrandId, CategoryId, ProductId, ProductName, Sku, VariantId};

/// A variant that can be bought: its product is there, and active.
#[derive(Debug, Clone)]
pub struct Sellable {
    /// Its id.
    pub variant: VariantId,
    /// Its product.
    pub product: ProductId,
    /// The product's name in addresses.
    pub slug: Slug,
    /// The product's name, with the values of its options.
    pub name: String,
    /// The product's name alone.
    pub product_name: ProductName,
    /// The store's own name for it.
    pub sku: Option<Sku>,
    /// One value for each option of the product.
    pub options: BTreeMap<String, String>,
    /// What one costs now, after the discounts of products.
    pub price: Amount,
    /// What one costs without them.
    pub list: Amount,
    /// What the product is said to have cost before.
    pub compare_at: Option<Amount>,
    /// Who makes it.
    pub brand: Option<BrandId>,
    /// The category of the product, followed by all above it.
    pub categories: Vec<CategoryId>,
}

/// Those of `variants` that can be bought, as they are at the moment of `tx`: prices are reckoned, not remembered. What is
/// not there, or whose product is not active, is left out.
///
/// # Errors
/// [`DbError`].
pub async fn sellables(tx: &mut TenantTx, variants: &[VariantId]) -> Result<BTreeMap<VariantId, Sellable>, DbError> {
    let (now, ids) = (tx.now(), variants.iter().map(|id| id.0).collect::<Vec<_>>());
    let found = queries::sellables(tx, &ids, now).await?;
    Ok(found.into_iter().map(|sellable| (sellable.variant, sellable)).collect())
}
