//! What can be done with payments.

mod end;
pub(super) mod money;
mod read;
pub(super) mod refunds;
pub(super) mod settle;
pub(super) mod start;
mod sweep;

pub use end::{Canceller, cancel_order, delete_order, expire_order, lapse_order};
pub use money::{capture, void};
pub use read::{History, Way, list, methods, of_order, payment};
pub use refunds::{refund, refund_order, settle_by_hand};
pub(super) use start::PATIENCE;
pub use start::{begin, start, take_stock};
pub use sweep::sweep;
