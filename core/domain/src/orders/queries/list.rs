//! Orders in lists.

use chrono::{DateTime, Utc};
use kernel::{Limit, Text as _};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::read::{amount, currency, state};
use crate::identity::UserId;
use crate::orders::{ListedOrder, OrderFilter, OrderId};

struct ListedRow {
    id: Uuid,
    number: i64,
    status: String,
    payment_status: String,
    fulfilment_status: String,
    customer_id: Option<Uuid>,
    email: String,
    total_minor: i64,
    currency: String,
    lines: i64,
    version: i64,
    created_at: DateTime<Utc>,
}

/// A statement over orders that staff did not remove, the newest first; `$rest` is what follows
/// `WHERE o.tenant_id = $1 AND o.id < $2 AND o.deleted_at IS NULL AND`.
macro_rules! listed {
    ($rest:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            ListedRow,
            r#"SELECT o.id, o.number, o.status, o.payment_status, o.fulfilment_status, o.customer_id, o.email, o.total_minor,
                      o.currency, o.version, o.created_at,
                      (SELECT count(*) FROM order_lines l WHERE l.tenant_id = $1 AND l.order_id = o.id) AS "lines!"
               FROM orders o WHERE o.tenant_id = $1 AND o.id < $2 AND o.deleted_at IS NULL AND "# + $rest
                + " ORDER BY o.id DESC LIMIT $3",
            $($arg),*
        )
    };
}

/// A customer's own orders.
pub(in crate::orders) async fn own(
    tx: &mut TenantTx,
    customer: UserId,
    before: Option<OrderId>,
    limit: Limit,
) -> Result<Vec<ListedOrder>, DbError> {
    let (tenant, before, limit) = (tx.tenant().0, before.map_or(Uuid::max(), |id| id.0), limit.and_one());
    let rows = listed!("o.customer_id = $4", tenant, before, limit, customer.0).fetch_all(tx.conn()).await?;
    rows.into_iter().map(ListedRow::read).collect()
}

/// The store's orders. What narrows them most has a statement of its own, so that each walks its own index.
pub(in crate::orders) async fn all(
    tx: &mut TenantTx,
    filter: &OrderFilter,
    before: Option<OrderId>,
    limit: Limit,
) -> Result<Vec<ListedOrder>, DbError> {
    let (tenant, before, limit) = (tx.tenant().0, before.map_or(Uuid::max(), |id| id.0), limit.and_one());
    let (status, payment) = (filter.status.map(|s| s.as_str()), filter.payment.map(|s| s.as_str()));
    let fulfilment = filter.fulfilment.map(|s| s.as_str());
    let rows = if let Some(number) = filter.number {
        listed!("o.number = $4", tenant, before, limit, number).fetch_all(tx.conn()).await
    } else if let Some(customer) = filter.customer {
        listed!(
            "o.customer_id = $4 AND ($5::text IS NULL OR o.status = $5) AND ($6::text IS NULL OR o.payment_status = $6)
             AND ($7::text IS NULL OR o.fulfilment_status = $7)",
            tenant,
            before,
            limit,
            customer.0,
            status,
            payment,
            fulfilment
        )
        .fetch_all(tx.conn())
        .await
    } else if let Some(email) = &filter.email {
        listed!(
            "o.email = $4 AND ($5::text IS NULL OR o.status = $5) AND ($6::text IS NULL OR o.payment_status = $6)
             AND ($7::text IS NULL OR o.fulfilment_status = $7)",
            tenant,
            before,
            limit,
            email.as_str(),
            status,
            payment,
            fulfilment
        )
        .fetch_all(tx.conn())
        .await
    } else if let Some(status) = status {
        listed!(
            "o.status = $4 AND ($5::text IS NULL OR o.payment_status = $5) AND ($6::text IS NULL OR o.fulfilment_status = $6)",
            tenant,
            before,
            limit,
            status,
            payment,
            fulfilment
        )
        .fetch_all(tx.conn())
        .await
    } else if let Some(payment) = payment {
        listed!(
            "o.payment_status = $4 AND ($5::text IS NULL OR o.fulfilment_status = $5)",
            tenant,
            before,
            limit,
            payment,
            fulfilment
        )
        .fetch_all(tx.conn())
        .await
    } else {
        listed!("($4::text IS NULL OR o.fulfilment_status = $4)", tenant, before, limit, fulfilment)
            .fetch_all(tx.conn())
            .await
    };
    rows?.into_iter().map(ListedRow::read).collect()
}

impl ListedRow {
    fn read(self) -> Result<ListedOrder, DbError> {
        Ok(ListedOrder {
            id: OrderId(self.id),
            number: self.number,
            state: state(&self.status, &self.payment_status, &self.fulfilment_status)?,
            customer: self.customer_id.map(UserId),
            email: self.email,
            total: amount(self.total_minor)?,
            currency: currency(&self.currency)?,
            lines: self.lines,
            version: self.version,
            created_at: self.created_at,
        })
    }
}

/// Orders whose time was over before this, and that are still open, the first first.
pub(in crate::orders) async fn overdue(
    tx: &mut TenantTx,
    since: DateTime<Utc>,
    most: i64,
) -> Result<Vec<OrderId>, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        "SELECT id FROM orders WHERE tenant_id = $1 AND status = 'open' AND expires_at < $2 ORDER BY expires_at LIMIT $3",
        tenant.0,
        since,
        most,
    );
    Ok(found.fetch_all(tx.conn()).await?.into_iter().map(OrderId).collect())
}

/// Orders whose money is promised by a payment that was begun before this, and of which nothing has left.
pub(in crate::orders) async fn promised(
    tx: &mut TenantTx,
    since: DateTime<Utc>,
    most: i64,
) -> Result<Vec<OrderId>, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        "SELECT o.id FROM orders o
         WHERE o.tenant_id = $1 AND o.status = 'open' AND o.payment_status = 'authorized'
           AND o.fulfilment_status = 'unfulfilled' AND o.deleted_at IS NULL
           AND EXISTS (SELECT FROM payments p WHERE p.tenant_id = $1 AND p.order_id = o.id AND p.status = 'authorized'
                         AND p.created_at < $2)
         ORDER BY o.id LIMIT $3",
        tenant.0,
        since,
        most,
    );
    Ok(found.fetch_all(tx.conn()).await?.into_iter().map(OrderId).collect())
}
