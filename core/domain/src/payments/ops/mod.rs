//! What can be done with payments.

mod end;
mod money;
mod read;
mod start;

pub use end::{Canceller, cancel_order, delete_order, expire_order, lapse_order};
pub use money::{capture, refund, refund_order, void};
pub use read::{History, list, methods, of_order, payment};
pub use start::{start, take_stock};
