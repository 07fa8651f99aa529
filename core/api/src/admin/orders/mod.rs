//! Orders, as staff sees and deals with them.

mod body;
mod shown;

use domain::access::Permission;
use domain::audit::Entry;
use domain::idempotency;
use domain::identity::{Email, UserId};
use domain::orders::{self, FulfilmentStatus, OrderFilter, OrderId, OrderStatus, PaymentStatus, Whose};
use domain::payments::{self, Canceller};
use kernel::Limit;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use tenants::TenantTx;
use uuid::Uuid;

pub(super) use self::body::RefundBody;
use self::body::{FulfilmentBody, FulfilmentWord, NoteBody, OrderWord, PaymentWord};
pub(super) use self::shown::OrderShown;
use super::payments::{keep, written};
use crate::guard::{Allowed, may};
use crate::http::{
    Answer, Body, ComparedBody, Creates, Done, Expected, Fail, IdempotencyKey, In, New, Once, Problem, Reads, Removes,
    Steps, Versioned, json,
};
use crate::orders::{ListedOrderShown, OrderPage};
use crate::tag::Tag;

pub(crate) struct OrdersApi;

#[OpenApi(prefix_path = "/orders", tag = "Tag::Orders")]
impl OrdersApi {
    /// List orders
    ///
    /// The store's orders, the newest first, page by page.
    #[oai(path = "/", method = "get", operation_id = "listOrders")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the request")]
    async fn list(
        &self,
        caller: Allowed<may::ReadOrders>,
        /// Those that are so.
        status: Query<Option<OrderWord>>,
        /// Those whose money is so.
        payment_status: Query<Option<PaymentWord>>,
        /// Those whose goods are so.
        fulfilment_status: Query<Option<FulfilmentWord>>,
        /// Those of one customer.
        customer_id: Query<Option<Uuid>>,
        /// Those of one e-mail address.
        email: Query<Option<In<Email>>>,
        /// The one of this number.
        #[oai(validator(minimum(value = "1")))]
        number: Query<Option<i64>>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<OrderPage>, Fail<Reads>> {
        let filter = OrderFilter {
            status: status.0.map(OrderStatus::from),
            payment: payment_status.0.map(PaymentStatus::from),
            fulfilment: fulfilment_status.0.map(FulfilmentStatus::from),
            customer: customer_id.0.map(UserId),
            email: email.0.map(|email| email.0),
            number: number.0,
        };
        let (scope, cursors) = (("orders", caller.store.id.0, format!("{filter:?}")), &caller.app().cursors);
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = orders::list(&mut caller.begin_read().await?, &filter, before.map(OrderId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|order| order.id.0);
        let shown = OrderPage {
            items: page.items.iter().map(ListedOrderShown::from).collect(),
            next_cursor: last.and_then(|id| cursors.seal(&scope, &id)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Get an order
    ///
    /// With its lines, payments and timeline.
    #[oai(path = "/:id", method = "get", operation_id = "getOrder")]
    async fn get(
        &self,
        caller: Allowed<may::ReadOrders>,
        /// The order's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<OrderShown>, Fail<Reads>> {
        let shown = whole(&mut caller.begin_read().await?, OrderId(id.0)).await?;
        Ok(Answer::of_version(&shown, shown.version)?)
    }

    /// Ship an order
    ///
    /// Notes that lines, or all that is left, were handed to the carrier. The order must be paid, or its payment promised.
    #[oai(path = "/:id/fulfilments", method = "post", operation_id = "fulfilOrder")]
    async fn fulfil(
        &self,
        caller: Allowed<may::WriteOrders>,
        /// The order's id.
        id: Path<Uuid>,
        body: Body<FulfilmentBody>,
    ) -> Result<Versioned<OrderShown>, Fail<Creates>> {
        let (id, shipped) = (OrderId(id.0), body.0.parse()?);
        let mut change = caller.change().await?;
        let (before, actor) = (whole(change.tx(), id).await?, change.actor());
        orders::fulfil(change.tx(), id, &shipped, actor).await?;
        let shown = whole(change.tx(), id).await?;
        change.commit(Entry::new("fulfilOrder", "order", id).before(before.words()).after(shown.words())).await?;
        Ok(Answer::of_version(&shown, shown.version)?)
    }

    /// Call off an order
    ///
    /// Before anything of it was shipped. What was paid is given back, which needs the permission `orders.refund`; stock
    /// that was taken is put back.
    #[oai(path = "/:id/cancel", method = "post", operation_id = "cancelOrder")]
    async fn cancel(
        &self,
        caller: Allowed<may::WriteOrders>,
        /// The order's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<OrderShown>, Fail<Steps>> {
        let id = OrderId(id.0);
        let mut change = caller.change().await?;
        let (before, actor) = (whole(change.tx(), id).await?, change.actor());
        let by = match caller.permissions().holds(Permission::OrdersRefund) {
            true => Canceller::Refunder(actor),
            false => Canceller::Staff(actor),
        };
        payments::cancel_order(change.tx(), id, by).await?;
        let shown = whole(change.tx(), id).await?;
        change.commit(Entry::new("cancelOrder", "order", id).before(before.words()).after(shown.words())).await?;
        Ok(Answer::of_version(&shown, shown.version)?)
    }

    /// Give money of an order back
    ///
    /// Some of what was paid, or all that is left. Stock stays as it is. The gateway is asked for it; what came of that is said
    /// by the payment.
    #[oai(path = "/:id/refunds", method = "post", operation_id = "refundOrder")]
    async fn refund(
        &self,
        caller: Allowed<may::RefundOrders>,
        /// The order's id.
        id: Path<Uuid>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: ComparedBody<RefundBody>,
    ) -> Result<Once<OrderShown, New>, Fail<Creates>> {
        let id = OrderId(id.0);
        let claim = caller.claim("refundOrder", key, body.about(id.0));
        let wanted = body.value.parse(caller.store.currency)?;
        let mut change = caller.change().await?;
        if let Some(kept) = idempotency::claim(change.tx(), &claim).await? {
            return Ok(Once::again(kept)?);
        }
        let (before, actor) = (whole(change.tx(), id).await?, change.actor());
        let (history, refund) = payments::refund_order(change.tx(), id, &wanted, Some(actor)).await?;
        let shown = whole(change.tx(), id).await?;
        let answer = Once::first(&shown)?.at(format!("/admin/v1/orders/{id}"), shown.version);
        keep(change.tx(), &claim, answer.kept(), &history.payment).await?;
        change.commit(Entry::new("refundOrder", "order", id).before(before.words()).after(shown.words())).await?;
        if history.payment.through.is_none() {
            return Ok(answer);
        }
        let (teller, store) = (&caller.app().teller, caller.store.id);
        let asked = async {
            teller.carry_out_refund(store, refund).await?;
            let shown = whole(&mut caller.begin_read().await?, id).await?;
            Ok(Once::first(&shown)?.at(format!("/admin/v1/orders/{id}"), shown.version))
        };
        Ok(written(teller, store, &claim, asked.await, answer).await)
    }

    /// Write a note to an order
    ///
    /// For staff: buyers do not see it.
    #[oai(path = "/:id/notes", method = "post", operation_id = "noteOrder")]
    async fn note(
        &self,
        caller: Allowed<may::WriteOrders>,
        /// The order's id.
        id: Path<Uuid>,
        body: Body<NoteBody>,
    ) -> Result<Versioned<OrderShown>, Fail<Creates>> {
        let id = OrderId(id.0);
        let mut change = caller.change().await?;
        let actor = change.actor();
        orders::add_note(change.tx(), id, &body.0.text.0, actor).await?;
        let shown = whole(change.tx(), id).await?;
        change.commit(Entry::new("noteOrder", "order", id)).await?;
        Ok(Answer::of_version(&shown, shown.version)?)
    }

    /// Remove an order
    ///
    /// From sight: its record stays. Stock that was taken and not shipped is put back; money stays where it is.
    #[oai(path = "/:id", method = "delete", operation_id = "removeOrder")]
    async fn remove(
        &self,
        caller: Allowed<may::DeleteOrders>,
        /// The order's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let id = OrderId(id.0);
        let mut change = caller.change().await?;
        let (before, actor) = (whole(change.tx(), id).await?, change.actor());
        payments::delete_order(change.tx(), id, expected.0, actor).await?;
        change.commit(Entry::new("removeOrder", "order", id).before(json(&before.words()))).await?;
        Ok(Done)
    }
}

/// An order with its payments.
async fn whole(tx: &mut TenantTx, id: OrderId) -> Result<OrderShown, Problem> {
    let order = orders::order(tx, id, Whose::Store).await?;
    Ok(OrderShown::new(&order, &payments::of_order(tx, id).await?))
}

fn twenty() -> u8 {
    20
}
