//! Many counts at once.

use std::collections::{HashMap, HashSet};

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
}

/// A level that changes.
pub(super) struct Change {
    pub(super) variant: Uuid,
    pub(super) on_hand: i64,
    pub(super) delta: i64,
    /// Whether nothing ever lay there before.
    pub(super) is_first: bool,
}

/// The variants of which another number lies at the default place than was counted, with how many are promised there.
///
/// # Errors
/// [`DbError`].
pub async fn others(tx: &mut TenantTx, counts: &[Count]) -> Result<HashMap<VariantId, i64>, DbError> {
    if counts.is_empty() {
        return Ok(HashMap::new());
    }
    let location = locations::default_location(tx).await?;
    queries::others(tx, counts, location).await
}

/// Sets what lies at the default place, each variant once. A count below what is promised there changes nothing: answered
/// are the places of such counts, with how many are promised. Only levels that change are locked, in the order of their
/// variants, and the products after them: as [`super::adjust`] does for one.
///
/// # Errors
/// [`DbError`].
pub async fn count_many(tx: &mut TenantTx, counts: &[Count], actor: Actor) -> Result<Vec<(usize, i64)>, DbError> {
    if counts.is_empty() {
        return Ok(Vec::new());
    }
    let location = locations::default_location(tx).await?;
    let some: Vec<_> = counts.iter().filter(|count| count.on_hand > 0).map(|count| count.variant.0).collect();
    let made: HashSet<Uuid> = queries::make_levels(tx, &some, location).await?.into_iter().collect();
    let levels: HashMap<Uuid, (i64, i64)> = queries::lock_others(tx, counts, location).await?;
    let (mut changes, mut refused) = (Vec::new(), Vec::new());
    for (place, count) in counts.iter().enumerate() {
        // Where none is locked, there is as much as is to be. A variant without a level has nothing.
        let Some((on_hand, reserved)) = levels.get(&count.variant.0) else { continue };
        if count.on_hand < *reserved {
            refused.push((place, *reserved));
            continue;
        }
        let (variant, delta) = (count.variant.0, count.on_hand - on_hand);
        changes.push(Change { variant, on_hand: count.on_hand, delta, is_first: made.contains(&variant) });
    }
    if !changes.is_empty() {
        queries::write(tx, &changes, location, actor).await?;
        queries::refresh_presence(tx, &changes).await?;
    }
    Ok(refused)
}
