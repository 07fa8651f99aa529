//! Payments and refunds.

use chrono::{DateTime, Utc};
use kernel::{Amount, Currency, Line, Text, TextError};
use serde_json::Value;
use uuid::Uuid;

use super::machine::PaymentState;
use crate::orders::{OrderId, Shortage};
use crate::stock::{Hold, Portion};

kernel::typed_id! {
    /// The id of a payment.
    PaymentId
}
kernel::typed_id! {
    /// The id of a refund.
    RefundId
}

/// Why money is given back.
pub type RefundReason = Line<500>;

/// A way to pay, by its name: 1 to 64 small letters, digits and dashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway(String);

impl Gateway {
    /// The buyer pays the carrier.
    pub const CASH_ON_DELIVERY: &str = "cash-on-delivery";
}

impl Text for Gateway {
    const NAME: &'static str = "gateway";
    const MIN: usize = 1;
    const MAX: usize = 64;
    const PATTERN: Option<&'static str> = Some("^[a-z0-9][a-z0-9-]*$");
    const EXAMPLE: &'static str = Self::CASH_ON_DELIVERY;

    fn parse(text: &str) -> Result<Self, TextError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let right =
            (Self::MIN..=Self::MAX).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with('-');
        if right {
            Ok(Self(text.to_owned()))
        } else {
            Err(TextError::new("must be 1 to 64 small letters, digits and dashes"))
        }
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// A payment.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// What it pays.
    pub order: OrderId,
    /// How.
    pub gateway: String,
    /// Where it is.
    pub status: PaymentState,
    /// How much is to be paid.
    pub amount: Amount,
    /// In this currency.
    pub currency: Currency,
    /// How much was.
    pub captured: Amount,
    /// How much of that was given back.
    pub refunded: Amount,
    /// Counts its changes.
    pub version: i64,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What was given back of a payment.
#[derive(Debug, Clone)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// Of which payment.
    pub payment: PaymentId,
    /// How much.
    pub amount: Amount,
    /// `pending`, `succeeded` or `failed`.
    pub status: String,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// A step of a payment, as its log has it.
#[derive(Debug, Clone)]
pub struct LoggedStep {
    /// Its id.
    pub id: Uuid,
    /// What happened, in a word.
    pub kind: String,
    /// Where the payment was.
    pub from: Option<String>,
    /// Where it is then.
    pub to: String,
    /// Facts about it.
    pub detail: Value,
    /// When.
    pub at: DateTime<Utc>,
}

/// What is to be given back.
#[derive(Debug, Clone)]
pub struct RefundWanted {
    /// How much; all that is left where it is left out.
    pub amount: Option<Amount>,
    /// Why.
    pub reason: Option<RefundReason>,
}

/// What came of a payment that a buyer begins.
#[derive(Debug, Clone)]
pub enum Started {
    /// It is written, and the stock that it needs is to be taken: last, before the commit.
    Begun {
        /// The payment.
        payment: Payment,
        /// What is to be taken.
        portions: Vec<Portion>,
        /// For how long.
        hold: Hold,
    },
    /// Lines are short: the order is cancelled.
    Short(Vec<Shortage>),
}

/// Which payments staff lists.
#[derive(Debug, Clone, Copy, Default)]
pub struct PaymentFilter {
    /// Those that are so.
    pub status: Option<PaymentState>,
    /// Those of one order.
    pub order: Option<OrderId>,
}
