//! What a gateway is asked, and what it answers. `plugins/wit` says more of each.

use kernel::Money;
use uuid::Uuid;

/// A name with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// The name.
    pub key: String,
    /// The value.
    pub value: String,
}

/// A payment that is to begin.
#[derive(Debug, Clone)]
pub struct PaymentRequest {
    /// The shop's id of the payment.
    pub payment: Uuid,
    /// The order's number, for people.
    pub order_number: String,
    /// What is to be paid.
    pub amount: Money,
    /// What the buyer reads.
    pub description: String,
    /// Where the buyer's browser comes back to.
    pub callback_url: String,
    /// Where the provider's own calls go.
    pub webhook_url: String,
    /// The buyer's address for letters.
    pub customer_email: Option<String>,
    /// The buyer's telephone.
    pub customer_phone: Option<String>,
    /// Whether no real money may move.
    pub sandbox: bool,
}

/// A form that the buyer's browser sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where to.
    pub url: String,
    /// What is in it.
    pub fields: Vec<KeyValue>,
}

/// Where the buyer goes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// To this address.
    Redirect(String),
    /// To an address, with a form.
    PostForm(Form),
    /// Nowhere: the payment is verified at once.
    None,
}

/// A payment that has begun.
#[derive(Debug, Clone)]
pub struct Session {
    /// The provider's name for it.
    pub reference: String,
    /// Where the buyer goes next.
    pub next: Next,
    /// When the provider gives it up: milliseconds since 1970.
    pub expires_at: Option<u64>,
    /// What the gateway wants back with every later call: at most 16 KiB.
    pub state: Vec<u8>,
}

/// A payment, in every later call about it.
#[derive(Debug, Clone)]
pub struct PaymentRef {
    /// The shop's id.
    pub payment: Uuid,
    /// The provider's name for it.
    pub reference: String,
    /// What is to be paid, from the shop's own books.
    pub expected: Money,
    /// What the provider called the money's movement.
    pub transaction: Option<String>,
    /// Whether no real money may move.
    pub sandbox: bool,
    /// From the session.
    pub state: Vec<u8>,
}

/// What the buyer's browser brought back.
#[derive(Debug, Clone)]
pub struct Callback {
    /// Of which payment.
    pub payment: PaymentRef,
    /// The query of its address.
    pub query: Vec<KeyValue>,
    /// Its body.
    pub body: Vec<u8>,
}

/// Where the provider says that a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeStatus {
    /// The buyer is not done.
    Pending,
    /// The money is promised.
    Authorized,
    /// The money is there.
    Captured,
    /// The promise was let go.
    Voided,
    /// The provider says no, for good.
    Failed,
    /// The buyer gave up.
    Cancelled,
    /// All of it was given back.
    Refunded,
}

/// What the provider says of a payment.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Where it is.
    pub status: OutcomeStatus,
    /// Of how much the provider speaks: the shop compares it with its own books.
    pub amount: Money,
    /// How much of it was given back, where the provider says.
    pub refunded: Option<Money>,
    /// What the provider calls the money's movement.
    pub transaction: Option<String>,
    /// What was paid with, masked.
    pub instrument: Option<String>,
    /// The provider's own code.
    pub raw_code: Option<String>,
    /// Whether the provider says that it had told this before.
    pub already_verified: bool,
}

/// Money that is to be given back.
#[derive(Debug, Clone)]
pub struct RefundRequest {
    /// Of which payment.
    pub payment: PaymentRef,
    /// The shop's id of the refund.
    pub refund: Uuid,
    /// How much.
    pub amount: Money,
    /// How much was given back before.
    pub refunded_before: Money,
    /// Why.
    pub reason: Option<String>,
}

/// How far a refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundStatus {
    /// The provider took it on.
    Pending,
    /// The money is on its way back, for good.
    Succeeded,
    /// The provider says no.
    Failed,
}

/// What the provider says of a refund.
#[derive(Debug, Clone)]
pub struct RefundOutcome {
    /// How far it is.
    pub status: RefundStatus,
    /// What the provider calls it.
    pub reference: Option<String>,
    /// The provider's own code.
    pub raw_code: Option<String>,
}

/// A request, as it reached the address for webhooks.
#[derive(Debug, Clone)]
pub struct RawRequest {
    /// Its headers; names are in small letters.
    pub headers: Vec<KeyValue>,
    /// Its query.
    pub query: Vec<KeyValue>,
    /// Its body.
    pub body: Vec<u8>,
    /// Whether no real money may move.
    pub sandbox: bool,
}

/// What a webhook was about.
#[derive(Debug, Clone)]
pub struct WebhookEvent {
    /// The provider's name for the payment.
    pub reference: String,
    /// What the provider says of it, where its signature vouches for that.
    pub outcome: Option<Outcome>,
}

/// A payment that was paid and never verified.
#[derive(Debug, Clone)]
pub struct Unverified {
    /// The provider's name for it.
    pub reference: String,
    /// How much was paid.
    pub amount: Money,
}
