//! Stock, as it is shown.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::stock::{Adjusted, Level, Movement, Stocked};
use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

/// A page of variants with what the store has of them.
#[derive(Object, Serialize)]
pub(super) struct StockPage {
    /// The variants.
    pub(super) items: Vec<StockedShown>,
    /// Where the next page begins; null on the last.
    pub(super) next_cursor: Option<String>,
}

/// A variant, and what the store has of it.
#[derive(Object, Serialize)]
#[oai(rename = "StockOfVariant")]
pub(super) struct StockedShown {
    /// The variant.
    variant_id: Uuid,
    /// Its product.
    product_id: Uuid,
    /// The product's name.
    product_name: String,
    /// The store's own name for the variant.
    sku: Option<String>,
    /// One value for each option of the product.
    options: BTreeMap<String, String>,
    /// What lies anywhere.
    on_hand: i64,
    /// What of it is promised to orders that are being paid.
    reserved: i64,
    /// What can be sold.
    available: i64,
    /// What lies where.
    levels: Vec<LevelShown>,
}

/// What lies at one location.
#[derive(Object, Serialize)]
#[oai(rename = "StockLevel")]
struct LevelShown {
    /// The location.
    location_id: Uuid,
    /// What lies there.
    on_hand: i64,
    /// What of it is promised to orders that are being paid.
    reserved: i64,
    /// What can be sold.
    available: i64,
}

impl From<Stocked> for StockedShown {
    fn from(stocked: Stocked) -> Self {
        let (on_hand, reserved) = (stocked.on_hand(), stocked.reserved());
        Self {
            variant_id: stocked.variant.0,
            product_id: stocked.product.0,
            product_name: stocked.product_name,
            sku: stocked.sku,
            options: stocked.options,
            on_hand,
            reserved,
            available: on_hand - reserved,
            levels: stocked.levels.iter().map(LevelShown::from).collect(),
        }
    }
}

impl From<&Level> for LevelShown {
    fn from(level: &Level) -> Self {
        Self {
            location_id: level.location.0,
            on_hand: level.on_hand,
            reserved: level.reserved,
            available: level.available(),
        }
    }
}

/// What an adjustment led to.
#[derive(Object, Serialize)]
#[oai(rename = "StockAdjusted")]
pub(super) struct AdjustedShown {
    /// Of what.
    variant_id: Uuid,
    /// Where.
    location_id: Uuid,
    /// By how many it changed.
    delta: i64,
    /// What lies there now.
    on_hand: i64,
    /// What of it is promised to orders that are being paid.
    reserved: i64,
    /// What can be sold.
    available: i64,
    /// The movement; null where as many were counted as were known.
    movement_id: Option<Uuid>,
}

impl From<&Adjusted> for AdjustedShown {
    fn from(adjusted: &Adjusted) -> Self {
        let level = adjusted.level;
        Self {
            variant_id: adjusted.variant.0,
            location_id: level.location.0,
            delta: adjusted.delta,
            on_hand: level.on_hand,
            reserved: level.reserved,
            available: level.available(),
            movement_id: adjusted.movement.map(|id| id.0),
        }
    }
}

/// A page of movements.
#[derive(Object, Serialize)]
#[oai(rename = "StockMovementPage")]
pub(super) struct MovementPage {
    /// The movements, the newest first.
    pub(super) items: Vec<MovementShown>,
    /// Where the next page begins; null on the last.
    pub(super) next_cursor: Option<String>,
}

/// Something that came or went.
#[derive(Object, Serialize)]
#[oai(rename = "StockMovement")]
pub(super) struct MovementShown {
    /// Its id.
    id: Uuid,
    /// Of what.
    variant_id: Uuid,
    /// Where.
    location_id: Uuid,
    /// How many came, or went where it is negative.
    delta: i64,
    /// Why: those of adjustments, `sold` and `put_back`.
    reason: String,
    /// More about it.
    note: Option<String>,
    /// `user` or `api_key`; null where an order moved it.
    actor_kind: Option<String>,
    /// Who moved it.
    actor_id: Option<Uuid>,
    /// The order that moved it.
    order_id: Option<Uuid>,
    /// When.
    at: DateTime<Utc>,
}

impl From<Movement> for MovementShown {
    fn from(movement: Movement) -> Self {
        let (actor_kind, actor_id) = movement.actor.unzip();
        Self {
            id: movement.id.0,
            variant_id: movement.variant.0,
            location_id: movement.location.0,
            delta: movement.delta,
            reason: movement.reason,
            note: movement.note,
            actor_kind,
            actor_id,
            order_id: movement.order,
            at: movement.at,
        }
    }
}
