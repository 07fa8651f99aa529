//! Coupons: what a code takes off an order, for whom and how often.
//!
//! A coupon that is not stackable stands alone; [`MOST_TOGETHER`] stackable ones go together, but no two that are for
//! first orders only (as with Shopify's combinations, both sides must agree). What they take off, and in which order, is
//! [`crate::pricing`]'s to say.
//!
//! A **use** is a row, taken with the order and given back when the order is cancelled or expires, each exactly once,
//! whatever is retried. Who takes one holds the coupon's row until the end of the transaction: take it late.

mod error;
mod model;
mod ops;
mod queries;
mod uses;

pub use error::PromotionsError;
pub use model::{
    Coupon, CouponChange, CouponCode, CouponId, CouponNote, KindGiven, KindWord, MOST_NAMED, MOST_TOGETHER, MOST_USES,
    Terms, TermsGiven,
};
pub use ops::{add_coupon, change_coupon, coupon, coupons_of_codes, list_coupons, remove_coupon};
pub use uses::{Buyer, CouponUse, CouponUseId, forget_customer, give_back, list_uses, refuse_buyer, take_coupon};
