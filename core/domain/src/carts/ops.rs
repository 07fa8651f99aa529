//! What shoppers do with carts.

use tenants::{DbError, TenantTx};

use super::reckoned::{Goods, Offer, Reckoned, Scales, Way, reckon};
use super::{Cart, CartError, CartId, CartToken, Quantity, Who};
use super::{jobs, queries};
use crate::catalog::VariantId;
use crate::identity::UserId;
use crate::pricing::{self, Place, Shipping};

/// Somebody's cart as it is now; an empty one for somebody who has none.
///
/// # Errors
/// [`CartError::UnknownShipping`]; [`CartError::Pricing`] where the total is too large.
pub async fn view(tx: &mut TenantTx, who: &Who, way: &Way) -> Result<Reckoned, CartError> {
    let cart = queries::find(tx, who).await?.unwrap_or_else(Cart::none);
    let goods = Goods::of(tx, &cart.variants()).await?;
    reckon(tx, who, cart, &goods, way).await
}

/// Holds a customer's cart until the transaction ends: no order is made of it meanwhile.
///
/// # Errors
/// [`DbError`].
pub async fn hold(tx: &mut TenantTx, customer: UserId) -> Result<(), DbError> {
    queries::lock(tx, &Who::Customer(customer)).await.map(drop)
}

/// Puts more of something into the cart. A visitor who has none gets one, with its token.
///
/// # Errors
/// [`CartError::UnknownVariant`], [`CartError::OutOfStock`], [`CartError::TooMany`], [`CartError::TooManyLines`].
pub async fn add(tx: &mut TenantTx, who: &Who, variant: VariantId, more: Quantity) -> Result<Reckoned, CartError> {
    let mut cart = lock_or_make(tx, who).await?;
    let mut variants = cart.variants();
    if !variants.contains(&variant) {
        variants.push(variant);
    }
    let goods = Goods::of(tx, &variants).await?;
    let sellable = goods.sellable(variant).ok_or(CartError::UnknownVariant(variant))?;
    cart.add(sellable, more, goods.available(variant))?;
    save(tx, who, cart, &goods).await
}

/// Makes the line of a variant as many.
///
/// # Errors
/// [`CartError::NoItem`], [`CartError::Stale`], [`CartError::OutOfStock`], [`CartError::Gone`].
pub async fn set_quantity(
    tx: &mut TenantTx,
    who: &Who,
    variant: VariantId,
    to: Quantity,
    expected: Option<i64>,
) -> Result<Reckoned, CartError> {
    let mut cart = queries::lock(tx, who).await?.ok_or(CartError::NoItem(variant))?;
    let place = cart.place_of(variant).ok_or(CartError::NoItem(variant))?;
    cart.expect(expected)?;
    let goods = Goods::of(tx, &cart.variants()).await?;
    let sellable = goods.sellable(variant).ok_or_else(|| CartError::Gone(vec![variant]))?;
    cart.set(place, to, sellable, goods.available(variant))?;
    save(tx, who, cart, &goods).await
}

/// Takes the line of a variant out.
///
/// # Errors
/// [`CartError::NoItem`], [`CartError::Stale`].
pub async fn remove(
    tx: &mut TenantTx,
    who: &Who,
    variant: VariantId,
    expected: Option<i64>,
) -> Result<Reckoned, CartError> {
    let mut cart = queries::lock(tx, who).await?.ok_or(CartError::NoItem(variant))?;
    let place = cart.place_of(variant).ok_or(CartError::NoItem(variant))?;
    cart.expect(expected)?;
    cart.items.remove(place);
    let goods = Goods::of(tx, &cart.variants()).await?;
    save(tx, who, cart, &goods).await
}

/// Takes everything out, coupons too. Where nothing is in it nothing happens.
///
/// # Errors
/// [`CartError::Stale`].
pub async fn clear(tx: &mut TenantTx, who: &Who, expected: Option<i64>) -> Result<Reckoned, CartError> {
    let cart = queries::lock(tx, who).await?.unwrap_or_else(Cart::none);
    cart.expect(expected)?;
    let goods = Goods::of(tx, &[]).await?;
    if cart.items.is_empty() && cart.codes.is_empty() {
        return reckon(tx, who, cart, &goods, &Way::default()).await;
    }
    save(tx, who, Cart { items: Vec::new(), codes: Vec::new(), ..cart }, &goods).await
}

/// The shipping methods that lead there, with what they cost for this cart, the cheapest first.
///
/// # Errors
/// [`CartError::Pricing`] where a total is too large.
pub async fn shipping_methods(tx: &mut TenantTx, who: &Who, place: Option<&Place>) -> Result<Vec<Offer>, CartError> {
    let methods = pricing::active_shipping_methods(tx).await?;
    let cart = queries::find(tx, who).await?.unwrap_or_else(Cart::none);
    let goods = Goods::of(tx, &cart.variants()).await?;
    let scales = Scales::of(tx, who, &cart, &goods, place).await?;
    let leading = methods.into_iter().filter(|method| method.leads_to(place.map(|place| place.country)));
    let offer = |method| {
        let price = scales.totals(Some(Shipping::from(&method)))?.shipping;
        Ok(Offer { method, price })
    };
    let mut offers = leading.map(offer).collect::<Result<Vec<_>, CartError>>()?;
    offers.sort_by(|one, other| (one.price, &one.method.name).cmp(&(other.price, &other.method.name)));
    Ok(offers)
}

/// Somebody's cart, which is ours until the transaction ends. A customer who has none gets one; a visitor gets one when it
/// is saved.
pub(super) async fn lock_or_make(tx: &mut TenantTx, who: &Who) -> Result<Cart, CartError> {
    if let Some(cart) = queries::lock(tx, who).await? {
        return Ok(cart);
    }
    let Who::Customer(id) = who else { return Ok(Cart::none()) };
    queries::make(tx, *id).await?;
    queries::lock(tx, who).await?.ok_or(CartError::NoCustomer)
}

/// Writes a changed cart, and reckons it.
pub(super) async fn save(tx: &mut TenantTx, who: &Who, mut cart: Cart, goods: &Goods) -> Result<Reckoned, CartError> {
    cart.version += 1;
    cart.left_out = 0;
    let token = match cart.id {
        Some(id) => {
            queries::update(tx, id, &cart).await?;
            None
        }
        None => {
            let (id, token) = (CartId::generate(), CartToken::generate()?);
            queries::insert(tx, id, &token, &cart).await?;
            jobs::clean_later(tx).await?;
            cart.id = Some(id);
            Some(token)
        }
    };
    let reckoned = reckon(tx, who, cart, goods, &Way::default()).await?;
    Ok(Reckoned { token, ..reckoned })
}
