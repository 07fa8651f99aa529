//! What is to be done about payments later.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::PaymentId;
use crate::jobs::Kind;

/// Asks a gateway what became of a payment, again and again, later and later, until it is settled.
#[derive(Debug, Serialize, Deserialize)]
pub struct WatchPayment {
    /// The payment.
    pub payment: Uuid,
    /// How often it was asked.
    pub tries: u32,
}

impl WatchPayment {
    /// The first look at a payment.
    #[must_use]
    pub fn of(payment: PaymentId) -> Self {
        Self { payment: payment.0, tries: 0 }
    }
}

impl Kind for WatchPayment {
    const NAME: &'static str = "payment.watch";
}

/// Asks a gateway to give money back, or what became of that.
#[derive(Debug, Serialize, Deserialize)]
pub struct GiveBack {
    /// The refund.
    pub refund: Uuid,
    /// How often it was seen to.
    pub tries: u32,
}

impl Kind for GiveBack {
    const NAME: &'static str = "payment.give_back";
}
