//! What is to be done about orders later.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jobs::Kind;

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
