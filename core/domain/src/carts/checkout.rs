//! Carts become one, become orders, and come back.

use tenants::TenantTx;

use super::ops::{lock_or_make, save};
use super::reckoned::{AppliedCoupon, Goods, Notice, Reckoned, Scales, Way, chosen};
use super::{Cart, CartError, CartId, CartToken, Quantity, Who, queries};
use crate::catalog::{Sellable, VariantId};
use crate::identity::UserId;
use crate::pricing::{LineTotal, Shipping, ShippingMethod, Totals};

/// What an order is made of.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The cart, now empty.
    pub cart: CartId,
    /// What is bought, in the order of the cart.
    pub lines: Vec<TakenLine>,
    /// What its coupons took off: for each a use is to be taken.
    pub coupons: Vec<AppliedCoupon>,
    /// How it travels, if that was chosen.
    pub shipping: Option<ShippingMethod>,
    /// What it costs. Its lines are those of `lines`.
    pub totals: Totals,
}

/// A line of an order to be.
#[derive(Debug, Clone)]
pub struct TakenLine {
    /// What is bought, with what one costs now.
    pub sellable: Sellable,
    /// How many.
    pub quantity: Quantity,
    /// What they cost.
    pub total: LineTotal,
}

/// Lines that were put into a cart again.
#[derive(Debug)]
pub struct PutBack {
    /// The cart.
    pub cart: Reckoned,
    /// What is not for sale any more, or had no room.
    pub missing: Vec<VariantId>,
}

/// Empties a cart into an order: locks it, and answers what is in it at the prices of now. Stock is not asked: an order
/// holds none until it is paid. Dropping the transaction leaves the cart as it was.
///
/// # Errors
/// [`CartError::Empty`], [`CartError::Gone`], [`CartError::UnknownShipping`]; [`CartError::Coupon`] where a coupon of the cart
/// is not good any more, so that nobody pays more than was shown.
pub async fn take_for_order(tx: &mut TenantTx, who: &Who, way: &Way) -> Result<Taken, CartError> {
    let cart = queries::lock(tx, who).await?.filter(|cart| !cart.items.is_empty()).ok_or(CartError::Empty)?;
    let id = cart.id.ok_or(CartError::Empty)?;
    let goods = Goods::of(tx, &cart.variants()).await?;
    let gone: Vec<_> = cart.variants().into_iter().filter(|variant| goods.sellable(*variant).is_none()).collect();
    if !gone.is_empty() {
        return Err(CartError::Gone(gone));
    }
    let method = chosen(tx, way).await?;
    let scales = Scales::of(tx, who, &cart, &goods, way.place.as_ref()).await?;
    let totals = scales.totals(method.as_ref().map(Shipping::from))?;
    let (coupons, idle) = scales.weighed(&totals);
    if let Some(Notice::CouponIdle { why, .. }) = idle.into_iter().next() {
        return Err(why.into());
    }
    let lines = cart.items.iter().zip(&totals.lines).filter_map(|(item, total)| {
        let sellable = goods.sellable(item.variant)?.clone();
        Some(TakenLine { sellable, quantity: item.quantity, total: *total })
    });
    let lines = lines.collect();
    let empty = Cart { items: Vec::new(), codes: Vec::new(), left_out: 0, version: cart.version + 1, ..cart };
    queries::update(tx, id, &empty).await?;
    Ok(Taken { cart: id, lines, coupons, shipping: method, totals })
}

/// Puts lines into a cart again, as many as there are of each; a visitor who has no cart gets one.
///
/// # Errors
/// [`CartError`].
pub async fn put_back(tx: &mut TenantTx, who: &Who, lines: &[(VariantId, Quantity)]) -> Result<PutBack, CartError> {
    let mut cart = lock_or_make(tx, who).await?;
    let mut variants = cart.variants();
    variants.extend(lines.iter().map(|(variant, _)| *variant));
    let goods = Goods::of(tx, &variants).await?;
    let mut missing = Vec::new();
    for (variant, quantity) in lines {
        let available = goods.available(*variant);
        let line =
            goods.sellable(*variant).filter(|_| available > 0).map(|sellable| Cart::line_of(sellable, *quantity));
        if !line.is_some_and(|line| cart.take_in(line, available)) {
            missing.push(*variant);
        }
    }
    Ok(PutBack { cart: save(tx, who, cart, &goods).await?, missing })
}

/// Makes a visitor's cart a part of the customer's: quantities add up, as far as there is stock, and the visitor's is gone.
/// Once, whatever is retried: a token that leads nowhere changes nothing.
///
/// # Errors
/// [`CartError::NoCustomer`].
pub async fn merge(tx: &mut TenantTx, token: &CartToken, customer: UserId) -> Result<(), CartError> {
    if queries::find(tx, &Who::Visitor(Some(token.clone()))).await?.is_none() {
        return Ok(());
    }
    queries::make(tx, customer).await?;
    let (Some(visitors), Some(mut own)) = queries::lock_both(tx, token, customer).await? else { return Ok(()) };
    let (Some(from), Some(into)) = (visitors.id, own.id) else { return Ok(()) };
    let goods = Goods::of(tx, &visitors.variants()).await?;
    for line in visitors.items {
        let available = goods.available(line.variant);
        own.left_out += i32::from(!own.take_in(line, available));
    }
    if own.codes.is_empty() {
        own.codes = visitors.codes;
    }
    own.version += 1;
    queries::update(tx, into, &own).await?;
    Ok(queries::delete(tx, from).await?)
}
