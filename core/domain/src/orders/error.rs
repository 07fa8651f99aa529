//! Why an order refuses.

use kernel::{DomainError, FieldError, Kind};
use tenants::DbError;

use super::machine::{State, Step};
use super::{OrderId, Shortage};
use crate::carts::CartError;
use crate::catalog::VariantId;
use crate::promotions::PromotionsError;

/// Why something could not be done to an order.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// No such order, or not the caller's.
    #[error("there is no order {0}")]
    NoOrder(OrderId),
    /// The order is where this step does not begin.
    #[error("the order is {state}: it can't become {}", .step)]
    WrongStep {
        /// Where the order is.
        state: State,
        /// What was to be done.
        step: Step,
    },
    /// Its time is over.
    #[error("the order has expired; put its items back into a cart and order again")]
    Expired,
    /// Lines are short.
    #[error("there is not enough of: {}", names(.0))]
    OutOfStock(Vec<Shortage>),
    /// The order has no such line.
    #[error("the order has no line of the variant {0}")]
    NoLine(VariantId),
    /// More are to leave than are left.
    #[error("{left} of this line are left to ship")]
    TooManyShipped {
        /// Which line of the request.
        pointer: String,
        /// How many are left.
        left: i64,
    },
    /// Nobody says where letters go.
    #[error("say with `email` where we can write to")]
    EmailNeeded,
    /// Several shipping methods lead there.
    #[error("choose one of the shipping methods that lead there: GET /shipping-methods lists them")]
    ShippingNeeded,
    /// Only what came to nothing is put back into a cart.
    #[error("the order is {0}: only what was cancelled or has expired unpaid can be put into a cart again, once")]
    NotForCart(State),
    /// The cart.
    #[error(transparent)]
    Cart(#[from] CartError),
    /// A coupon is not good any more.
    #[error(transparent)]
    Coupon(#[from] PromotionsError),
    /// Whoever has an open order is not forgotten: the goods could not be sent, nor the money given back.
    #[error("there are open orders; they must be completed or cancelled first")]
    StillOpen,
    /// Something changed at the same moment: trying again finds out.
    #[error("the stock changed in this moment; try again")]
    Raced,
    /// The row was changed since the caller read it.
    #[error("it was changed in the meantime; read it again")]
    Stale,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

fn names(shortages: &[Shortage]) -> String {
    let one = |short: &Shortage| format!("{} ({} asked for, {} left)", short.name, short.requested, short.available);
    shortages.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl From<sqlx::Error> for OrderError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl OrderError {
    /// Whether the same may go well when it is tried again from the beginning.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Raced
                | Self::Db(DbError::Contended(_))
                | Self::Cart(CartError::Db(DbError::Contended(_)))
                | Self::Coupon(PromotionsError::Db(DbError::Contended(_)))
        )
    }
}

impl DomainError for OrderError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoOrder(_) => Kind::NotFound,
            Self::WrongStep { .. }
            | Self::Expired
            | Self::OutOfStock(_)
            | Self::TooManyShipped { .. }
            | Self::StillOpen
            | Self::NotForCart(_) => Kind::Conflict,
            Self::NoLine(_) | Self::EmailNeeded | Self::ShippingNeeded => Kind::Invalid,
            Self::Cart(err) => err.kind(),
            Self::Coupon(err) => err.kind(),
            Self::Raced => Kind::Unavailable,
            Self::Stale => Kind::Stale,
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoOrder(_) => "order.no_order",
            Self::WrongStep { .. } => "order.wrong_step",
            Self::Expired => "order.expired",
            Self::OutOfStock(_) => "order.out_of_stock",
            Self::NoLine(_) => "order.no_line",
            Self::TooManyShipped { .. } => "order.too_many_shipped",
            Self::EmailNeeded => "order.email_needed",
            Self::ShippingNeeded => "order.shipping_needed",
            Self::NotForCart(_) => "order.not_for_cart",
            Self::Cart(err) => err.code(),
            Self::Coupon(err) => err.code(),
            Self::StillOpen => "order.still_open",
            Self::Raced => "service.unavailable",
            Self::Stale => "request.stale_version",
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::TooManyShipped { pointer, .. } => vec![FieldError::new(pointer.clone(), self.to_string())],
            Self::EmailNeeded => vec![FieldError::new("/email", self.to_string())],
            Self::ShippingNeeded => vec![FieldError::new("/shipping_method", self.to_string())],
            Self::Cart(err) => err.fields(),
            Self::Coupon(err) => err.fields(),
            Self::NoLine(_) => vec![FieldError::new("/lines", self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Raced => Some(1),
            Self::Cart(err) => err.retry_after_seconds(),
            Self::Coupon(err) => err.retry_after_seconds(),
            Self::Db(err) => err.retry_after_seconds(),
            _ => None,
        }
    }
}
