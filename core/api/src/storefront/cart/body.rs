//! What shoppers send.

use domain::carts::MOST_OF_ONE;
use domain::promotions::CouponCode;
use poem_openapi::Object;
use serde::Deserialize;
use uuid::Uuid;

use crate::http::{In, Whole};

const MOST: i32 = MOST_OF_ONE as i32;

/// Something to put into the cart.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddBody {
    /// What.
    pub(super) variant_id: Uuid,
    /// How many more.
    pub(super) quantity: Whole<1, MOST>,
}

/// How many there should be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
#[oai(rename = "CartItemBody")]
pub(super) struct QuantityBody {
    /// How many in all.
    pub(super) quantity: Whole<1, MOST>,
}

/// A coupon.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
#[oai(rename = "CartCouponBody")]
pub(super) struct CouponBody {
    /// Its code, in any case.
    pub(super) code: In<CouponCode>,
}
