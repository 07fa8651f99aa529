//! What can be done with orders.

mod checkout;
mod end;
mod place;
mod privacy;
mod read;
mod ship;
mod steps;

pub use checkout::{Checkout, check_out};
pub use end::{Expiry, cancel, delete, end_overdue, expire, lapse};
pub use place::{change_settings, place, settings};
pub use privacy::{all_of, forget};
pub use read::{add_note, has_bought, list, list_own, order, put_into_cart};
pub use ship::{Shipped, fulfil};
pub use steps::{Did, extend, lock, mark, note, take_step};
