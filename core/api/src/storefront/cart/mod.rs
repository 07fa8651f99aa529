//! The shopper's cart.

mod body;
mod shown;

use domain::carts::{self, CartError, Quantity, Way};
use domain::catalog::VariantId;
use domain::idempotency;
use domain::pricing::{Place, Region, ShippingMethodId};
use kernel::{Country, FieldError};
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use uuid::Uuid;

use self::body::{AddBody, CouponBody, QuantityBody};
pub(super) use self::shown::CartShown;
use self::shown::OfferList;
use crate::guard::{CartHeader, Shopper};
use crate::http::{
    Answer, Body, Changed, ComparedBody, Fail, In, Once, OptionalKey, OptionalVersion, OwnChanges, OwnRemoves, Problem,
    ShopperReads, Versioned,
};
use crate::tag::Tag;

pub(crate) struct CartApi;

#[OpenApi(tag = "Tag::Cart")]
impl CartApi {
    /// Get the cart
    ///
    /// With the prices and the stock of now; what differs from what was seen is in `notices`. The cart of a customer who is
    /// logged in, else that of the header `Stoa-Cart`, else an empty one without an id.
    ///
    /// Shipping is in the totals once a `shipping_method` is named; tax is that of `country` and `region`, else that of the
    /// rates for everywhere.
    #[oai(path = "/cart", method = "get", operation_id = "getCart")]
    async fn get(
        &self,
        shopper: Shopper,
        #[oai(name = "Stoa-Cart")] cart: CartHeader,
        /// Where it will go (ISO 3166-1 alpha-2).
        country: Query<Option<In<Country>>>,
        /// To which part of the country.
        region: Query<Option<In<Region>>>,
        /// How it will travel: the id of a shipping method that leads there.
        shipping_method: Query<Option<Uuid>>,
    ) -> Result<Versioned<CartShown>, Fail<ShopperReads>> {
        let place = place(country.0, region.0)?;
        let way = Way { place, method: shipping_method.0.map(ShippingMethodId) };
        let mut tx = shopper.begin_read().await?;
        let cart = carts::view(&mut tx, &cart.of(&shopper), &way).await.map_err(|err| match err {
            CartError::UnknownShipping(_) => in_query("shipping_method", err.to_string()),
            other => refused(other),
        })?;
        answer(&shopper, &cart)
    }

    /// Empty the cart
    ///
    /// Takes everything out, coupons too.
    #[oai(path = "/cart", method = "delete", operation_id = "clearCart")]
    async fn clear(
        &self,
        shopper: Shopper,
        #[oai(name = "Stoa-Cart")] cart: CartHeader,
        #[oai(name = "If-Match")] expected: OptionalVersion,
    ) -> Result<Versioned<CartShown>, Fail<OwnRemoves>> {
        let mut tx = shopper.begin().await?;
        let cart = carts::clear(&mut tx, &cart.of(&shopper), expected.0).await?;
        tx.commit().await?;
        answer(&shopper, &cart)
    }

    /// Put something into the cart
    ///
    /// As many more as `quantity` says. If there are fewer than that makes, 409 `carts.out_of_stock` tells with the member
    /// `available` how many there are. The first answer to a visitor without a cart holds its `cart_token`: send it as
    /// `Stoa-Cart` from then on.
    ///
    /// With an `Idempotency-Key` that was sent before, nothing more is put in, and the answer is the first one. A visitor without
    /// a cart has nothing yet by which a key could be its own: there, each request makes a cart.
    #[oai(path = "/cart/items", method = "post", operation_id = "addCartItem")]
    async fn add(
        &self,
        shopper: Shopper,
        #[oai(name = "Stoa-Cart")] cart: CartHeader,
        #[oai(name = "Idempotency-Key")] key: OptionalKey,
        body: ComparedBody<AddBody>,
    ) -> Result<Once<CartShown, Changed>, Fail<OwnChanges>> {
        let (variant, more) = (VariantId(body.value.variant_id), quantity(body.value.quantity.0)?);
        let visitor = cart.0.as_ref().map(|token| token.reveal().to_owned());
        let named = key.0.filter(|_| shopper.user.is_some() || visitor.is_some());
        let claim = named.map(|key| shopper.claim("addCartItem", key, visitor.as_deref().unwrap_or(""), body.hash));
        let mut tx = shopper.begin().await?;
        if let Some(claim) = &claim
            && let Some(kept) = idempotency::claim(&mut tx, claim).await?
        {
            return Ok(Once::again(kept)?);
        }
        let cart = carts::add(&mut tx, &cart.of(&shopper), variant, more).await.map_err(refused)?;
        let answer = Once::first(&CartShown::new(&cart, shopper.store.currency))?.of_version(cart.cart.version);
        // A new cart's answer holds its token, a secret: whoever sent a token that leads nowhere gets it once.
        if let (Some(claim), None) = (&claim, &cart.token) {
            idempotency::keep(&mut tx, claim, answer.kept()).await?;
        }
        tx.commit().await?;
        Ok(answer)
    }

    /// Change how many of something are in the cart
    ///
    /// As many as `quantity` says, if there are. The price that is asked now counts as seen.
    #[oai(path = "/cart/items/:variant_id", method = "patch", operation_id = "changeCartItem")]
    async fn change(
        &self,
        shopper: Shopper,
        #[oai(name = "Stoa-Cart")] cart: CartHeader,
        /// The variant's id.
        variant_id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: OptionalVersion,
        body: Body<QuantityBody>,
    ) -> Result<Versioned<CartShown>, Fail<OwnChanges>> {
        let (variant, to) = (VariantId(variant_id.0), quantity(body.0.quantity.0)?);
        let mut tx = shopper.begin().await?;
        let cart = carts::set_quantity(&mut tx, &cart.of(&shopper), variant, to, expected.0).await.map_err(refused)?;
        tx.commit().await?;
        answer(&shopper, &cart)
    }

    /// Take something out of the cart
    ///
    /// All of it.
    #[oai(path = "/cart/items/:variant_id", method = "delete", operation_id = "removeCartItem")]
    async fn remove(
        &self,
        shopper: Shopper,
        #[oai(name = "Stoa-Cart")] cart: CartHeader,
        /// The variant's id.
        variant_id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: OptionalVersion,
    ) -> Result<Versioned<CartShown>, Fail<OwnRemoves>> {
        let mut tx = shopper.begin().await?;
        let cart = carts::remove(&mut tx, &cart.of(&shopper), VariantId(variant_id.0), expected.0).await?;
        tx.commit().await?;
        answer(&shopper, &cart)
    }

    /// Put a coupon on the cart
    ///
    /// One that goes together with those that are there joins them; any other takes their place. It must take something
    /// off what is in the cart.
    #[oai(path = "/cart/coupon", method = "put", operation_id = "setCartCoupon")]
    async fn set_coupon(
        &self,
        shopper: Shopper,
        #[oai(name = "Stoa-Cart")] cart: CartHeader,
        #[oai(name = "If-Match")] expected: OptionalVersion,
        body: Body<CouponBody>,
    ) -> Result<Versioned<CartShown>, Fail<OwnChanges>> {
        let mut tx = shopper.begin().await?;
        let cart = carts::set_coupon(&mut tx, &cart.of(&shopper), &body.0.code.0, expected.0).await?;
        tx.commit().await?;
        answer(&shopper, &cart)
    }

    /// Take the coupons off the cart
    ///
    /// All of them.
    #[oai(path = "/cart/coupon", method = "delete", operation_id = "removeCartCoupon")]
    async fn remove_coupon(
        &self,
        shopper: Shopper,
        #[oai(name = "Stoa-Cart")] cart: CartHeader,
        #[oai(name = "If-Match")] expected: OptionalVersion,
    ) -> Result<Versioned<CartShown>, Fail<OwnRemoves>> {
        let mut tx = shopper.begin().await?;
        let cart = carts::remove_coupons(&mut tx, &cart.of(&shopper), expected.0).await?;
        tx.commit().await?;
        answer(&shopper, &cart)
    }

    /// List shipping methods
    ///
    /// Those that lead there, with what they cost for this cart, the cheapest first.
    #[oai(path = "/shipping-methods", method = "get", operation_id = "listShippingMethods")]
    async fn shipping_methods(
        &self,
        shopper: Shopper,
        #[oai(name = "Stoa-Cart")] cart: CartHeader,
        /// Where it will go (ISO 3166-1 alpha-2); all methods where it is left out.
        country: Query<Option<In<Country>>>,
    ) -> Result<Answer<OfferList>, Fail<ShopperReads>> {
        let place = place(country.0, None)?;
        let mut tx = shopper.begin_read().await?;
        let offers = carts::shipping_methods(&mut tx, &cart.of(&shopper), place.as_ref()).await?;
        Ok(Answer::plain(&OfferList::new(&offers, shopper.store.currency))?)
    }
}

pub(super) fn answer<S>(shopper: &Shopper, cart: &carts::Reckoned) -> Result<Versioned<CartShown>, Fail<S>> {
    let shown = CartShown::new(cart, shopper.store.currency);
    Ok(Answer::of_version(&shown, cart.cart.version)?)
}

/// The refusal, with how many there are where there are too few.
pub(super) fn refused(err: CartError) -> Problem {
    let problem = Problem::of(&err);
    match err {
        CartError::OutOfStock { available } => problem.with_member("available", available),
        _ => problem,
    }
}

pub(super) fn quantity(sent: i32) -> Result<Quantity, Problem> {
    let wrong = || Problem::of_field(FieldError::new("/quantity", CartError::TooMany.to_string()));
    Quantity::new(sent.into()).ok_or_else(wrong)
}

fn place(country: Option<In<Country>>, region: Option<In<Region>>) -> Result<Option<Place>, Problem> {
    match (country, region) {
        (Some(country), region) => Ok(Some(Place { country: country.0, region: region.map(|region| region.0) })),
        (None, Some(_)) => Err(in_query("region", "needs its country".to_owned())),
        (None, None) => Ok(None),
    }
}

fn in_query(name: &str, detail: String) -> Problem {
    Problem::of_field(FieldError::new(format!("/query/{name}"), detail))
}
