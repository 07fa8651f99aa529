//! Why a payment refuses.

use kernel::{DomainError, FieldError, Kind};
use tenants::DbError;

use super::machine::{PaymentState, PaymentStep};
use super::{PaymentId, RefundId, RefundState};
use crate::idempotency::IdempotencyError;
use crate::orders::OrderError;

/// Why something could not be done to a payment.
#[derive(Debug, thiserror::Error)]
pub enum PaymentError {
    /// No such payment, or not the caller's.
    #[error("there is no payment {0}")]
    NoPayment(PaymentId),
    /// The store can't be paid this way.
    #[error("this store can't be paid this way; GET /payment-methods lists the ways")]
    UnknownGateway,
    /// The payment is where this step does not begin.
    #[error("the payment is {state}: it can't become {step}")]
    WrongStep {
        /// Where the payment is.
        state: PaymentState,
        /// What was to be done.
        step: PaymentStep,
    },
    /// No such refund of the payment.
    #[error("the payment has no refund {0}")]
    NoRefund(RefundId),
    /// It is known what became of the refund.
    #[error("it is known what became of this refund: it {0}")]
    RefundIsSettled(RefundState),
    /// More is to be given back than was captured and not given back before.
    #[error("{0} minor units of this payment are left to give back")]
    TooMuch(i64),
    /// The order has no payment of which something can be given back.
    #[error("nothing of this order can be given back: no payment of it is captured")]
    NothingCaptured,
    /// Calling the order off gives money back, which the caller may not.
    #[error("calling off a paid order gives its money back: that needs the permission `orders.refund`")]
    MayNotRefund,
    /// Its gateway is being asked for something about it.
    #[error("the gateway is being asked about this payment; ask again in a moment")]
    UnderWay,
    /// The gateway does not take the payment.
    #[error("this way to pay does not work at the moment; choose another")]
    GatewayRefused,
    /// The gateway is not there.
    #[error("the payment gateway does not answer; try again in a moment, or choose another way to pay")]
    GatewayAway,
    /// A webhook that is not its provider's.
    #[error("the message does not come from the provider")]
    Unauthentic,
    /// A webhook about nothing that is known.
    #[error("there is no such payment")]
    NoReference,
    /// The request's name.
    #[error(transparent)]
    Repeated(#[from] IdempotencyError),
    /// The order.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for PaymentError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl PaymentError {
    /// Whether the same may go well when it is tried again from the beginning.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Order(err) => err.may_pass(),
            Self::Db(err) => matches!(err, DbError::Contended(_)),
            _ => false,
        }
    }
}

impl DomainError for PaymentError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoPayment(_) | Self::NoRefund(_) => Kind::NotFound,
            Self::UnknownGateway => Kind::Invalid,
            Self::WrongStep { .. } | Self::TooMuch(_) | Self::NothingCaptured => Kind::Conflict,
            Self::MayNotRefund => Kind::Forbidden,
            Self::UnderWay | Self::GatewayRefused | Self::RefundIsSettled(_) => Kind::Conflict,
            Self::GatewayAway => Kind::Unavailable,
            Self::Unauthentic => Kind::Unauthenticated,
            Self::NoReference => Kind::NotFound,
            Self::Repeated(err) => err.kind(),
            Self::Order(err) => err.kind(),
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoPayment(_) => "payment.no_payment",
            Self::NoRefund(_) => "payment.no_refund",
            Self::RefundIsSettled(_) => "payment.refund_is_settled",
            Self::UnknownGateway => "payment.unknown_gateway",
            Self::WrongStep { .. } => "payment.wrong_step",
            Self::TooMuch(_) => "payment.refund_too_large",
            Self::NothingCaptured => "payment.nothing_captured",
            Self::MayNotRefund => "access.denied",
            Self::UnderWay => "payment.under_way",
            Self::GatewayRefused => "payment.gateway_refused",
            Self::GatewayAway => "payment.gateway_away",
            Self::Unauthentic => "payment.unauthentic",
            Self::NoReference => "payment.unknown_reference",
            Self::Repeated(err) => err.code(),
            Self::Order(err) => err.code(),
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::UnknownGateway => vec![FieldError::new("/gateway", self.to_string())],
            Self::TooMuch(_) => vec![FieldError::new("/amount/amount", self.to_string())],
            Self::Repeated(err) => err.fields(),
            Self::Order(err) => err.fields(),
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::GatewayAway => Some(5),
            Self::UnderWay => Some(1),
            Self::Repeated(err) => err.retry_after_seconds(),
            Self::Order(err) => err.retry_after_seconds(),
            Self::Db(err) => err.retry_after_seconds(),
            _ => None,
        }
    }
}
