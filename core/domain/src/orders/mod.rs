//! Orders: what was bought, for how much, and what becomes of it.
//!
//! An order has three words: where it is, where its money is, where its goods are. [`machine::step`] alone says which step
//! is legal from where, and what it does to stock, coupons and money; `transitions.txt` is the whole of it. Whoever takes a
//! step locks the order's row first and writes the words last but for stock: of an expiry and a payment at the same moment
//! one finds the order as it expects, and the other does not.

mod error;
mod jobs;
pub mod machine;
mod model;
mod ops;
mod queries;
mod token;

pub use error::OrderError;
pub use jobs::{ExpireOrder, LapseOrder, OrderLetter};
pub use machine::{FulfilmentStatus, OrderStatus, PaymentStatus, State, Step};
pub use model::{
    Address, Cancelled, CopiedAddress, CopiedCoupon, CopiedShipping, ListedOrder, NewEntry, NewOrder, Order,
    OrderFilter, OrderId, OrderLine, OrderNote, OrderTotals, Shortage, TimelineEntry, Whose,
};
pub use ops::{
    Checkout, Did, Expiry, Shipped, add_note, all_of, cancel, change_settings, check_out, delete, end_overdue, expire,
    extend, forget, fulfil, has_bought, lapse, list, list_own, lock, mark, note, order, place, put_into_cart, settings,
    take_step,
};
pub use queries::read::Locked;
pub use queries::write::OrderSettings;
pub use token::OrderTokens;
