//! Payments and refunds.

use chrono::{DateTime, Utc};
use gateway::VersionId;
use kernel::{Amount, Currency, Line, Text, TextError};
use serde_json::Value;
use uuid::Uuid;

use super::machine::PaymentState;
use crate::orders::machine::words;
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

words! {
    /// Where a refund is.
    RefundState {
        /// The gateway is being asked, or has taken it on.
        Pending = "pending",
        /// The gateway did not say what became of it.
        Indeterminate = "indeterminate",
        /// The money is on its way back, for good.
        Succeeded = "succeeded",
        /// The gateway said no.
        Failed = "failed",
    }
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

impl Payment {
    /// What could still be given back.
    #[must_use]
    pub fn left(&self) -> i64 {
        self.captured.minor() - self.refunded.minor() - self.returning.minor()
    }

    /// It is held since its gateway was asked for long and did not say what became of it.
    pub const UNANSWERED: &str = "unanswered";
    /// It is held since its gateway does not let go what it promised.
    pub const PROMISE: &str = "promise";

    /// Whether it is held for this.
    #[must_use]
    pub fn is_held_for(&self, why: &str) -> bool {
        self.held_for.as_deref() == Some(why)
    }

    /// Whether its buyer or its gateway may still say something about it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.status, PaymentState::Created | PaymentState::Pending | PaymentState::Indeterminate)
    }
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
    /// How much of that was given back, for good.
    pub refunded: Amount,
    /// How much more is on its way back.
    pub returning: Amount,
    /// The component that it was begun with; none where nobody has to be asked.
    pub through: Option<VersionId>,
    /// The gateway's name for it.
    pub reference: Option<String>,
    /// What the buyer has to do.
    pub next: Option<Value>,
    /// Whether its order has no use for its money.
    pub surplus: bool,
    /// Why staff has to look at it: `amount`, `transaction`, `unanswered` or `promise`.
    pub held_for: Option<String>,
    /// What its gateway is being asked to do: `create`, `capture` or `void`.
    pub doing: Option<String>,
    /// Until when whoever asks is waited for.
    pub busy_until: Option<DateTime<Utc>>,
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
    /// Where it is.
    pub status: RefundState,
    /// What the gateway calls it.
    pub reference: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When the gateway was asked.
    pub asked_at: Option<DateTime<Utc>>,
    /// When staff was told that nobody says what became of it.
    pub told_at: Option<DateTime<Utc>>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// What staff found of a refund at its provider's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// The money went back.
    Back,
    /// It did not.
    Not,
}

impl Refund {
    /// Whether it is not known for good what became of it.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        matches!(self.status, RefundState::Pending | RefundState::Indeterminate)
    }
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
    /// It was begun before with the same key. One that its gateway has not heard of is the caller's to go on with.
    Again(Payment),
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
