//! What is to be done after an event.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jobs::Kind;

/// Passes an event on to everyone who is to hear of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct PassOn {
    /// The event.
    pub event: Uuid,
}

impl Kind for PassOn {
    const NAME: &'static str = "event.pass_on";
}
