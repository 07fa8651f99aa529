//! What is to be done about payments later.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::PaymentId;
use crate::jobs::{Kind, PlatformKind};

/// After so many tries the pauses grow no more.
pub(super) const STEADY: u32 = 11;

/// Asks a gateway what became of a payment, again and again, later and later, until it is settled.
#[derive(Debug, Serialize, Deserialize)]
pub struct WatchPayment {
    /// The payment.
    pub payment: Uuid,
    /// How often it was asked.
    pub tries: u32,
}

impl WatchPayment {
    /// A look at a payment at once, or in a moment.
    #[must_use]
    pub fn of(payment: PaymentId) -> Self {
        Self { payment: payment.0, tries: 0 }
    }

    /// A look at a payment that somebody sees to, in case they do not.
    #[must_use]
    pub fn in_case(payment: PaymentId) -> Self {
        Self { payment: payment.0, tries: 1 }
    }
}

impl Kind for WatchPayment {
    const NAME: &'static str = "payment.watch";
    /// A list, a verification and an inquiry, each as long as a gateway may take.
    const TIMEOUT: Duration = Duration::from_secs(120);

    /// However many begin to look, they become one.
    fn once(&self) -> Option<String> {
        Some(format!("{}/{}", self.payment, self.tries.min(STEADY)))
    }
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
    /// An inquiry, a refund and a void, each as long as a gateway may take.
    const TIMEOUT: Duration = Duration::from_secs(120);

    fn once(&self) -> Option<String> {
        Some(format!("{}/{}", self.refund, self.tries.min(STEADY)))
    }
}

/// Puts anew into the queue what nobody sees to any more in a store.
#[derive(Debug, Serialize, Deserialize)]
pub struct SweepPayments {}

impl Kind for SweepPayments {
    const NAME: &'static str = "payment.sweep";

    fn once(&self) -> Option<String> {
        Some("all".to_owned())
    }
}

/// Enqueues [`SweepPayments`] for every store, spread over the hour.
#[derive(Debug, Serialize, Deserialize)]
pub struct SweepEveryonesPayments {}

impl PlatformKind for SweepEveryonesPayments {
    const NAME: &'static str = "platform.sweep_payments";
}
