//! What can be done with stock.

use std::collections::HashMap;

use tenants::{DbError, TenantTx};

use super::queries;
use crate::catalog::VariantId;

/// How many of each variant can be sold now, at all places together: what lies there and is promised to nobody. None of
/// those that are not there.
///
/// # Errors
/// [`DbError`].
pub async fn available(tx: &mut TenantTx, variants: &[VariantId]) -> Result<HashMap<VariantId, i64>, DbError> {
    let mut counts: HashMap<_, _> = variants.iter().map(|id| (*id, 0)).collect();
    counts.extend(queries::available(tx, variants).await?);
    Ok(counts)
}
