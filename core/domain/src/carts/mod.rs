//! Carts: what somebody wants to buy. They hold no stock, and promise no price.
//!
//! A cart is **one row**, with its lines in it: locking the row is locking the cart, and each change reads and writes it
//! once. A visitor's is found by a token that only the visitor has, a customer's by the customer. A line remembers the price
//! that was seen when it was last touched, and what the thing was called then; what it costs *now*, and whether it can be
//! had, is asked of the catalogue and of stock each time, and a difference is a notice, never hidden.
//!
//! For orders: [`take_for_order`] empties a cart into what an order is made of, [`put_back`] puts lines into a cart again.

mod checkout;
mod coupons;
mod error;
mod jobs;
mod model;
mod ops;
mod queries;
mod reckoned;
mod token;

pub use checkout::{PutBack, Taken, TakenLine, merge, put_back, take_for_order};
pub use coupons::{remove_coupons, set_coupon};
pub use error::CartError;
pub use jobs::{CleanCarts, clean};
pub use model::{Cart, CartId, Item, MOST_LINES, MOST_OF_ONE, Quantity, Who};
pub use ops::{add, clear, hold, remove, set_quantity, shipping_methods, view};
pub use reckoned::{AppliedCoupon, Notice, Offer, Reckoned, ReckonedLine, Way};
pub use token::CartToken;
