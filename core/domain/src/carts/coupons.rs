//! Coupons of carts.

use tenants::TenantTx;

use super::ops::save;
use super::queries;
use super::reckoned::{Goods, Notice, Reckoned, Way, reckon, refuse};
use super::{Cart, CartError, Who};
use crate::promotions::{self, CouponCode, MOST_TOGETHER, PromotionsError};

/// Puts a coupon on the cart: beside those that it goes with, else in their place. It must take something off now.
///
/// # Errors
/// [`CartError::Coupon`]: why it is refused; [`CartError::Stale`].
pub async fn set_coupon(
    tx: &mut TenantTx,
    who: &Who,
    code: &CouponCode,
    expected: Option<i64>,
) -> Result<Reckoned, CartError> {
    let mut cart = queries::lock(tx, who).await?.unwrap_or_else(Cart::none);
    cart.expect(expected)?;
    let codes: Vec<_> = cart.codes.iter().cloned().chain([code.clone()]).collect();
    let mut known = promotions::coupons_of_codes(tx, &codes).await?;
    let place = known.iter().position(|coupon| coupon.terms.code == *code);
    let coupon = refuse(tx, who, place.map(|place| known.swap_remove(place))).await?;
    if cart.items.is_empty() {
        return Err(PromotionsError::NothingCovered.into());
    }
    if !cart.codes.contains(code) {
        let together = known.iter().all(|other| other.terms.goes_with(&coupon.terms));
        if !together || known.len() >= MOST_TOGETHER {
            cart.codes.clear();
        }
        // Those that are gone from the store make room.
        cart.codes.retain(|code| known.iter().any(|coupon| coupon.terms.code == *code));
        cart.codes.push(code.clone());
    }
    let goods = Goods::of(tx, &cart.variants()).await?;
    let reckoned = save(tx, who, cart, &goods).await?;
    if reckoned.coupons.iter().any(|applied| applied.coupon.terms.code == *code) {
        return Ok(reckoned);
    }
    let why = |notice| match notice {
        Notice::CouponIdle { code: idle, why } if idle == *code => Some(why),
        _ => None,
    };
    Err(reckoned.notices.into_iter().find_map(why).unwrap_or(PromotionsError::NothingCovered).into())
}

/// Takes all coupons off the cart. Where there is none nothing happens.
///
/// # Errors
/// [`CartError::Stale`].
pub async fn remove_coupons(tx: &mut TenantTx, who: &Who, expected: Option<i64>) -> Result<Reckoned, CartError> {
    let mut cart = queries::lock(tx, who).await?.unwrap_or_else(Cart::none);
    cart.expect(expected)?;
    let goods = Goods::of(tx, &cart.variants()).await?;
    if cart.codes.is_empty() {
        return reckon(tx, who, cart, &goods, &Way::default()).await;
    }
    cart.codes.clear();
    save(tx, who, cart, &goods).await
}
