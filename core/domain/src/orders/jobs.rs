//! What is to be done about orders later.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jobs::Kind;

/// Writes to the buyer of an order about what happened to it. What it says is of the event and the order, as they are then.
#[derive(Debug, Serialize, Deserialize)]
pub struct OrderLetter {
    /// The event.
    pub event: Uuid,
}

impl Kind for OrderLetter {
    const NAME: &'static str = "order.letter";
}

/// Ends an order whose money was promised long ago, if nobody has taken it or shipped for it since.
#[derive(Debug, Serialize, Deserialize)]
pub struct LapseOrder {
    /// The order.
    pub order: Uuid,
}

impl Kind for LapseOrder {
    const NAME: &'static str = "order.lapse";
}

/// Ends an order that was not paid in time. Finds nothing to do where it was paid or cancelled, and comes again later where
/// it was given more time.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExpireOrder {
    /// The order.
    pub order: Uuid,
}

impl Kind for ExpireOrder {
    const NAME: &'static str = "order.expire";
}
