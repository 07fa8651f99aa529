//! The SQL of coupons.

mod coupons;
mod uses;

pub(in crate::promotions) use coupons::{delete, get, insert, known, list, lock, of_codes, update};
pub(in crate::promotions) use uses::{count_uses, forget_customer, give_back, list_uses, lock_those_of, take};

use tenants::DbError;

fn broken(what: &'static str) -> DbError {
    sqlx::Error::Decode(format!("a coupon holds a {what} that breaks its rules").into()).into()
}
