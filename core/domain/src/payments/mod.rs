//! Payments of orders: begun, promised, captured, let go, given back.
//!
//! A payment is one row that moves by compare-and-set; [`machine::step`] alone says which step is legal. Its order is locked
//! first, always: what happens to a payment and to its order happens in one transaction, one order's after another.

mod error;
mod jobs;
pub mod machine;
mod model;
mod ops;
mod queries;
mod teller;

pub use error::PaymentError;
pub use jobs::{GiveBack, SweepEveryonesPayments, SweepPayments, WatchPayment};
pub use machine::{PaymentState, PaymentStep};
pub use model::{
    Gateway, Given, LoggedStep, Payment, PaymentFilter, PaymentId, Refund, RefundId, RefundReason, RefundState,
    RefundWanted, Started,
};
pub use ops::{
    Canceller, History, Way, begin, cancel_order, capture, delete_order, expire_order, lapse_order, list, methods,
    of_order, payment, refund, refund_order, settle_by_hand, start, sweep, take_stock, void,
};
pub use teller::{Returned, Teller, Webhook};
