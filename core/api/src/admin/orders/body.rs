//! What staff says about orders.

use domain::catalog::VariantId;
use domain::orders::{FulfilmentStatus, OrderNote, OrderStatus, PaymentStatus, Shipped};
use domain::payments::{RefundReason, RefundWanted};
use kernel::{Currency, FieldError, Line, Text as _};
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use uuid::Uuid;

use crate::http::{In, List, MoneyBody, Problem, Whole, given};

macro_rules! word {
    ($(#[$doc:meta])* $name:ident ($label:literal) of $domain:ident { $($(#[$variant_doc:meta])* $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Enum, Clone, Copy)]
        #[oai(rename = $label, rename_all = "snake_case")]
        pub(super) enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl From<$name> for $domain {
            fn from(word: $name) -> Self {
                match word {
                    $($name::$variant => Self::$variant,)*
                }
            }
        }
    };
}

word! {
    /// Where an order is.
    OrderWord ("OrderStatus") of OrderStatus {
        /// Something is still to be done.
        Open,
        /// Paid and shipped.
        Completed,
        /// Called off.
        Cancelled,
        /// Not paid in time.
        Expired,
    }
}
word! {
    /// Where the money is.
    PaymentWord ("OrderPaymentStatus") of PaymentStatus {
        /// With the buyer.
        Unpaid,
        /// A payment is under way.
        Pending,
        /// Promised.
        Authorized,
        /// With the store.
        Paid,
        /// Some of it was given back.
        PartiallyRefunded,
        /// All of it was given back.
        Refunded,
        /// With the store, which must give it back.
        RefundDue,
    }
}
word! {
    /// Where the goods are.
    FulfilmentWord ("OrderFulfilmentStatus") of FulfilmentStatus {
        /// All with the store.
        Unfulfilled,
        /// Some have left.
        Partial,
        /// All have left.
        Fulfilled,
    }
}

/// Lines of a shipment, at most.
const MOST_LINES: usize = 100;

/// What was handed to the carrier.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FulfilmentBody {
    /// How many of which lines; all that is left where it is left out.
    #[serde(default, deserialize_with = "given")]
    lines: Option<List<FulfilledLineBody, 1, MOST_LINES>>,
    /// By which the carrier knows it.
    #[serde(default, deserialize_with = "given")]
    tracking: Option<In<Line<200>>>,
}

/// A line that was handed to the carrier.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct FulfilledLineBody {
    /// Which line.
    variant_id: Uuid,
    /// How many.
    quantity: Whole<1, 1_000_000>,
}

impl FulfilmentBody {
    pub(super) fn parse(self) -> Result<Shipped, Problem> {
        let lines: Vec<_> = self
            .lines
            .into_iter()
            .flat_map(|list| list.0)
            .map(|line| (VariantId(line.variant_id), i64::from(line.quantity.0)))
            .collect();
        for (place, (variant, _)) in lines.iter().enumerate() {
            if lines[..place].iter().any(|(other, _)| other == variant) {
                let pointer = format!("/lines/{place}/variant_id");
                return Err(Problem::of_field(FieldError::new(pointer, "is there twice")));
            }
        }
        Ok(Shipped { lines, tracking: self.tracking.map(|tracking| tracking.0.as_str().to_owned()) })
    }
}

/// What is to be given back.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct RefundBody {
    /// How much; all that is left where it is left out.
    #[serde(default, deserialize_with = "given")]
    amount: Option<MoneyBody>,
    /// Why.
    #[serde(default, deserialize_with = "given")]
    reason: Option<In<RefundReason>>,
}

impl RefundBody {
    pub(in crate::admin) fn parse(self, currency: Currency) -> Result<RefundWanted, Problem> {
        let amount = self.amount.map(|money| money.in_currency(currency, "/amount")).transpose()?;
        Ok(RefundWanted { amount, reason: self.reason.map(|reason| reason.0) })
    }
}

/// What staff has to say.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoteBody {
    /// The words.
    pub(super) text: In<OrderNote>,
}
