//! What is sent to customers later.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jobs::Kind;

/// Sends a private letter of the staff. What it says is in the letter's row, and goes with it.
#[derive(Debug, Serialize, Deserialize)]
pub struct CustomerLetter {
    /// The letter.
    pub letter: Uuid,
}

impl Kind for CustomerLetter {
    const NAME: &'static str = "customer.letter";
}
