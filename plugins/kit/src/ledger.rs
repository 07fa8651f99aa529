//! What really happened at a provider, in its order.

use serde::Serialize;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A payment was asked for.
    Requested,
    /// The buyer promised the money.
    Held,
    /// The buyer paid.
    Paid,
    /// The buyer's payment failed, or was given up.
    Failed,
    /// The shop asked and was told that it is paid.
    Verified,
    /// What was promised was taken.
    Captured,
    /// It was let go, or turned back.
    Reversed,
    /// Some of it was given back.
    Refunded,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What.
    pub what: What,
    /// The provider's name for the payment.
    pub reference: String,
    /// The shop's name for it: its id, or the order's number, as far as the provider was told.
    pub payment: Option<String>,
    /// How much money, in minor units (rials for Zarinpal).
    pub amount: u64,
}

/// Keeps the last of them.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Vec<Entry>);

impl Ledger {
    pub(crate) fn note(&mut self, what: What, reference: &str, payment: Option<&str>, amount: u64) {
        self.0.push(Entry { what, reference: reference.to_owned(), payment: payment.map(str::to_owned), amount });
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.0.clone()
    }
}
