//! Many counts at once.

use std::collections::HashMap;

use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::locations;
use super::queries::counts as queries;
use crate::audit::Actor;
use crate::catalog::VariantId;

/// So many of a variant lie at the default place.
#[derive(Debug, Clone, Copy)]
pub struct Count {
    /// Of what.
    pub variant: VariantId,
    /// How many, up to [`super::MOST_ON_HAND`].
    pub on_hand: i64,
    /// Whether the variant was just made.
    pub is_new: bool,
}

/// A level that changes.
pub(super) struct Change {
    pub(super) variant: Uuid,
    pub(super) on_hand: i64,
    pub(super) delta: i64,
    pub(super) is_new: bool,
}

/// Sets what lies at the default place, each variant once. A count below what is promised there changes nothing: answered are the places of such
/// counts, with how many are promised.
///
/// # Errors
/// [`DbError`].
pub async fn count_many(tx: &mut TenantTx, counts: &[Count], actor: Actor) -> Result<Vec<(usize, i64)>, DbError> {
    if counts.is_empty() {
        return Ok(Vec::new());
    }
    let location = locations::default_location(tx).await?;
    let counted: Vec<_> = counts.iter().filter(|count| count.on_hand > 0).map(|count| count.variant.0).collect();
    queries::make_levels(tx, &counted, location).await?;
    let all: Vec<_> = counts.iter().map(|count| count.variant.0).collect();
    let levels: HashMap<Uuid, (i64, i64)> = queries::lock_levels(tx, &all, location).await?;
    let (mut changes, mut refused) = (Vec::new(), Vec::new());
    for (place, count) in counts.iter().enumerate() {
        // Without a level there is nothing, and nothing is to be.
        let Some((on_hand, reserved)) = levels.get(&count.variant.0) else { continue };
        let delta = count.on_hand - on_hand;
        if count.on_hand < *reserved {
            refused.push((place, *reserved));
        } else if delta != 0 {
            let (variant, is_new) = (count.variant.0, count.is_new);
            changes.push(Change { variant, on_hand: count.on_hand, delta, is_new });
        }
    }
    if !changes.is_empty() {
        queries::write(tx, &changes, location, actor).await?;
        queries::refresh_presence(tx, &changes).await?;
    }
    Ok(refused)
}
