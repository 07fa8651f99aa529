//! Events.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

kernel::typed_id! {
    /// The id of an event.
    EventId
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// What can happen in a store.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($(#[$doc])* $name,)*
        }

        impl EventKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name, permanent: rows and webhooks carry it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

kinds! {
    /// Somebody made an account in the shop. The subject is the user.
    CustomerRegistered = "customer.registered";
    /// A review was written and waits for approval. The subject is the review.
    ReviewWaiting = "review.waiting";
    /// Somebody ordered. The subject is the order, as with all that follow but the last.
    OrderPlaced = "order.placed";
    /// The money for an order is promised.
    OrderAuthorized = "order.authorized";
    /// An order was paid.
    OrderPaid = "order.paid";
    /// Some or all of an order was handed to the carrier.
    OrderFulfilled = "order.fulfilled";
    /// An order was called off.
    OrderCancelled = "order.cancelled";
    /// An order was called off because a line of it was short.
    OrderOutOfStock = "order.out_of_stock";
    /// An order was not paid in time.
    OrderExpired = "order.expired";
    /// Money of an order was given back.
    OrderRefunded = "order.refunded";
    /// Money of an order is to be given back, and its gateway can't: staff has to.
    OrderRefundDue = "order.refund_due";
    /// What a gateway says of a payment of an order is not what the shop expects: staff has to look.
    PaymentHeld = "payment.held";
    /// Little is left of a variant. The subject is the variant.
    StockLow = "stock.low";
}

impl EventKind {
    /// The kind of that name.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}

/// Something that has happened, to be recorded.
#[derive(Debug, Clone)]
pub struct Event {
    pub(super) kind: EventKind,
    pub(super) subject: Uuid,
    pub(super) payload: Value,
}

impl Event {
    /// An event about one thing, with nothing to say but that.
    pub fn new(kind: EventKind, subject: Uuid) -> Self {
        Self { kind, subject, payload: Value::Object(serde_json::Map::new()) }
    }

    /// With facts for who is told of it: a struct or a map. No secrets; of people, ids only.
    #[must_use]
    pub fn with(self, facts: &impl Serialize) -> Self {
        Self { payload: serde_json::to_value(facts).unwrap_or(self.payload), ..self }
    }
}

/// An event, read.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Its id.
    pub id: EventId,
    /// What happened, dotted. A later build may have written a kind that this one does not know.
    pub kind: String,
    /// What it happened to.
    pub subject: Uuid,
    /// The facts.
    pub payload: Value,
    /// When it happened.
    pub created_at: DateTime<Utc>,
}
