//! Goods that leave.

use std::collections::BTreeMap;

use serde_json::json;
use tenants::TenantTx;

use super::super::queries::write;
use super::super::{FulfilmentStatus, NewEntry, Order, OrderError, OrderId, Step, Whose};
use super::order;
use super::steps::{Did, lock, take_step};
use crate::audit::Actor;
use crate::catalog::VariantId;
use crate::events::EventKind;

/// What leaves.
#[derive(Debug, Clone)]
pub struct Shipped {
    /// How many of which lines; all that is left where there is none.
    pub lines: Vec<(VariantId, i64)>,
    /// By which the carrier knows it.
    pub tracking: Option<String>,
}

/// Notes that some of an order left, or all that was left.
///
/// # Errors
/// [`OrderError::NoOrder`], [`OrderError::NoLine`], [`OrderError::TooManyShipped`], [`OrderError::WrongStep`].
pub async fn fulfil(tx: &mut TenantTx, id: OrderId, shipped: &Shipped, actor: Actor) -> Result<Order, OrderError> {
    let locked = lock(tx, id, Whose::Store).await?;
    let before = order(tx, id, Whose::Store).await?;
    let mut left: BTreeMap<_, _> =
        before.lines.iter().map(|line| (line.variant, line.quantity - line.fulfilled)).collect();
    let leaving = match shipped.lines.is_empty() {
        true => left.iter().map(|(variant, left)| (*variant, *left)).filter(|(_, left)| *left > 0).collect(),
        false => shipped.lines.clone(),
    };
    for (place, (variant, quantity)) in leaving.iter().enumerate() {
        let left = left.get_mut(variant).ok_or(OrderError::NoLine(*variant))?;
        if quantity > left {
            return Err(OrderError::TooManyShipped { pointer: format!("/lines/{place}/quantity"), left: *left });
        }
        *left -= quantity;
    }
    let all = left.values().all(|left| *left == 0);
    let lines: Vec<_> =
        leaving.iter().map(|(id, quantity)| json!({ "variant_id": id.0, "quantity": quantity })).collect();
    let detail = json!({ "lines": lines, "tracking": shipped.tracking });
    let did = Did { entry: NewEntry::new("fulfilled").with(detail).by(Some(actor)), ..Did::new("fulfilled") };
    let did = did.heard(EventKind::OrderFulfilled);
    take_step(tx, id, &locked, if all { Step::ShipAll } else { Step::ShipSome }, &did).await?;
    for (variant, quantity) in leaving {
        write::add_fulfilled(tx, id, variant, quantity).await?;
    }
    let after = order(tx, id, Whose::Store).await?;
    debug_assert_eq!(after.state.fulfilment == FulfilmentStatus::Fulfilled, all);
    Ok(after)
}
