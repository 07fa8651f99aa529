//! Orders, as their buyers make and see them.

mod shown;

use domain::orders::{self, OrderId, Whose};
use domain::payments::{self, Canceller};
use kernel::Limit;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use tenants::TenantTx;
use uuid::Uuid;

pub(crate) use self::shown::OrderShown;
use crate::guard::{Customer, Shopper};
use crate::http::{Answer, ShopperSteps, Fail, OwnReads, Problem};
use crate::orders::{ListedOrderShown, OrderPage};
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
}

/// An order with its payments.
pub(super) async fn whole(tx: &mut TenantTx, id: OrderId, whose: Whose) -> Result<OrderShown, Problem> {
    let order = orders::order(tx, id, whose).await?;
    Ok(OrderShown::new(&order, &payments::of_order(tx, id).await?))
}

fn twenty() -> u8 {
    20
}
