//! Orders, as their buyers make and see them.

mod shown;

use domain::addresses::{self, AddressError, AddressId};
use domain::idempotency;
use domain::identity::{Email, UserId};
use domain::orders::{self, Address, Checkout, OrderError, OrderId, OrderNote, OrderTokens, Whose};
use domain::payments::{self, Canceller};
use domain::pricing::ShippingMethodId;
use kernel::{FieldError, Limit};
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use tenants::TenantTx;
use uuid::Uuid;

pub(crate) use self::shown::OrderShown;
use super::cart::{CartShown, answer};
use crate::guard::{CartHeader, Customer, Shopper};
use crate::http::{
    Answer, ComparedBody, Fail, IdempotencyKey, In, New, Once, OwnReads, Problem, ShopperMakes, ShopperSteps,
    Versioned, given,
};
use crate::orders::{AddressBody, ListedOrderShown, OrderPage};
use crate::tag::Tag;

pub(crate) struct OrdersApi;

#[OpenApi(prefix_path = "/orders", tag = "Tag::Orders")]
impl OrdersApi {
    /// List one's own orders
    ///
    /// Those of the customer who is logged in, the newest first, page by page.
    #[oai(path = "/", method = "get", operation_id = "listOrders")]
    async fn list(
        &self,
        customer: Customer,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<OrderPage>, Fail<OwnReads>> {
        let scope = ("own orders", customer.store.id.0, customer.user.0);
        let cursors = &customer.app().cursors;
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let mut tx = customer.begin_read().await?;
        let page = orders::list_own(&mut tx, customer.user, before.map(OrderId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|order| order.id.0);
        let shown = OrderPage {
            items: page.items.iter().map(ListedOrderShown::from).collect(),
            next_cursor: last.and_then(|id| cursors.seal(&scope, &id)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Order what is in the cart
    ///
    /// At the prices of now; the cart is empty then. Nothing is taken from stock until it is paid, and it waits for that as
    /// long as `expires_at` says. A visitor gets at the order with its `access_token`, and says an `email`; a customer is
    /// written to at the own address.
    #[oai(path = "/", method = "post", operation_id = "placeOrder")]
    async fn place(
        &self,
        shopper: Shopper,
        #[oai(name = "Stoa-Cart")] cart: CartHeader,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: ComparedBody<CheckoutBody>,
    ) -> Result<Once<OrderShown, New>, Fail<ShopperMakes>> {
        let visitor = cart.0.as_ref().map(|token| token.reveal().to_owned()).unwrap_or_default();
        let claim = shopper.claim("placeOrder", key, &visitor, body.hash);
        let (who, mut tries) = (cart.of(&shopper), 0);
        let CheckoutBody { email, shipping_address, address_id, shipping_method, note } = body.value;
        let (goes_to, email) = (Destination::read(&shopper, shipping_address, address_id)?, email.map(|email| email.0));
        loop {
            tries += 1;
            let (mut tx, id) = (shopper.begin().await?, OrderId::generate());
            let token = shopper.app().order_tokens.of(shopper.store.id, id);
            if let Some(kept) = idempotency::claim(&mut tx, &claim).await? {
                return Ok(told(&shopper, Once::again(kept)?));
            }
            let checkout = Checkout {
                email: email.clone(),
                address: goes_to.address(&mut tx).await?,
                shipping: shipping_method.map(ShippingMethodId),
                note: note.as_ref().map(|note| note.0.clone()),
                access: OrderTokens::hash(&token),
                currency: shopper.store.currency,
            };
            let done = match orders::check_out(&mut tx, id, &who, &checkout).await {
                Ok(order) => {
                    let answer = Once::first(&OrderShown::new(&order, &[]))?;
                    let answer = answer.at(format!("/store/v1/orders/{id}"), order.version);
                    idempotency::keep(&mut tx, &claim, answer.kept()).await?;
                    tx.commit().await.map(|()| answer).map_err(OrderError::from)
                }
                Err(err) => {
                    tx.roll_back().await?;
                    Err(err)
                }
            };
            match done {
                Err(err) if err.may_pass() && tries < TRIES => {}
                done => return Ok(told(&shopper, done?)),
            }
        }
    }

    /// Get one's own order
    ///
    /// That of the customer who is logged in or, with its token, that of a visitor.
    #[oai(path = "/:id", method = "get", operation_id = "getOrder")]
    async fn get(
        &self,
        shopper: Shopper,
        /// The order's id.
        id: Path<Uuid>,
        /// The order's token, of a visitor.
        #[oai(name = "Stoa-Order-Token", validator(max_length = 100))]
        token: Header<Option<String>>,
    ) -> Result<Answer<OrderShown>, Fail<OwnReads>> {
        let whose = shopper.whose(token.0.as_deref())?;
        Ok(Answer::plain(&whole(&mut shopper.begin_read().await?, OrderId(id.0), whose).await?)?)
    }

    /// Call off one's own order
    ///
    /// As long as it is not paid. Coupons can be used again; the items can be put back into a cart.
    #[oai(path = "/:id/cancel", method = "post", operation_id = "cancelOrder")]
    async fn cancel(
        &self,
        shopper: Shopper,
        /// The order's id.
        id: Path<Uuid>,
        /// The order's token, of a visitor.
        #[oai(name = "Stoa-Order-Token", validator(max_length = 100))]
        token: Header<Option<String>>,
    ) -> Result<Answer<OrderShown>, Fail<ShopperSteps>> {
        let (id, whose) = (OrderId(id.0), shopper.whose(token.0.as_deref())?);
        let mut tx = shopper.begin().await?;
        payments::cancel_order(&mut tx, id, Canceller::Buyer(whose)).await?;
        let shown = whole(&mut tx, id, whose).await?;
        tx.commit().await?;
        Ok(Answer::plain(&shown)?)
    }

    /// Put the items of one's own order into a cart again
    ///
    /// Of one that was cancelled or has expired unpaid: as much as there is of each, once. A visitor without a cart gets one.
    #[oai(path = "/:id/to-cart", method = "post", operation_id = "putOrderIntoCart")]
    async fn to_cart(
        &self,
        shopper: Shopper,
        /// The order's id.
        id: Path<Uuid>,
        /// The order's token, of a visitor.
        #[oai(name = "Stoa-Order-Token", validator(max_length = 100))]
        token: Header<Option<String>>,
        #[oai(name = "Stoa-Cart")] cart: CartHeader,
    ) -> Result<Versioned<CartShown>, Fail<ShopperSteps>> {
        let whose = shopper.whose(token.0.as_deref())?;
        let mut tx = shopper.begin().await?;
        let put_back = orders::put_into_cart(&mut tx, OrderId(id.0), whose, &cart.of(&shopper)).await?;
        tx.commit().await?;
        answer(&shopper, &put_back.cart)
    }
}

/// How often an order is tried anew when somebody else was faster.
const TRIES: usize = 8;

/// An order, with the token that a visitor gets at it by: derived each time, stored never.
fn told(shopper: &Shopper, answer: Once<OrderShown, New>) -> Once<OrderShown, New> {
    if shopper.user.is_some() {
        return answer;
    }
    let id = answer.kept().location.as_ref().and_then(|place| place.rsplit('/').next()?.parse().ok());
    match id {
        Some(id) => {
            let token = shopper.app().order_tokens.of(shopper.store.id, OrderId(id));
            answer.telling("access_token", &token)
        }
        None => answer,
    }
}

/// What is ordered, for whom and where to.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckoutBody {
    /// Where letters go; needed of visitors.
    #[serde(default, deserialize_with = "given")]
    email: Option<In<Email>>,
    /// Where the goods go; or else `address_id`.
    #[serde(default, deserialize_with = "given")]
    shipping_address: Option<AddressBody>,
    /// One of the customer's own addresses, where the goods go.
    #[serde(default, deserialize_with = "given")]
    address_id: Option<Uuid>,
    /// The id of a shipping method that leads there; needed where several do.
    #[serde(default, deserialize_with = "given")]
    shipping_method: Option<Uuid>,
    /// What the buyer has to say.
    #[serde(default, deserialize_with = "given")]
    note: Option<In<OrderNote>>,
}

/// Where the goods go.
enum Destination {
    Said(Address),
    Kept(UserId, AddressId),
}

impl Destination {
    fn read(shopper: &Shopper, said: Option<AddressBody>, kept: Option<Uuid>) -> Result<Self, Problem> {
        let wrong = |pointer, detail| Err(Problem::of_field(FieldError::new(pointer, detail)));
        match (said, kept, shopper.user) {
            (Some(said), None, _) => Ok(Self::Said(said.into())),
            (None, Some(kept), Some(user)) => Ok(Self::Kept(user, AddressId(kept))),
            (None, Some(_), None) => wrong("/address_id", "is for customers who are logged in"),
            (Some(_), Some(_), _) => wrong("/address_id", "can't be there beside `shipping_address`"),
            (None, None, _) => wrong("/shipping_address", "is required, unless `address_id` is there"),
        }
    }

    async fn address(&self, tx: &mut TenantTx) -> Result<Address, Problem> {
        match self {
            Self::Said(address) => Ok(address.clone()),
            Self::Kept(user, id) => match addresses::address(tx, *user, *id).await {
                Ok(kept) => Ok(kept.address.into()),
                Err(AddressError::NoAddress(_)) => {
                    Err(Problem::of_field(FieldError::new("/address_id", "is none of your addresses")))
                }
                Err(other) => Err(other.into()),
            },
        }
    }
}

/// An order with its payments.
pub(super) async fn whole(tx: &mut TenantTx, id: OrderId, whose: Whose) -> Result<OrderShown, Problem> {
    let order = orders::order(tx, id, whose).await?;
    Ok(OrderShown::new(&order, &payments::of_order(tx, id).await?))
}

fn twenty() -> u8 {
    20
}
