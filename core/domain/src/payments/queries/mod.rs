//! The SQL of payments.

mod refunds;
mod through;

pub(super) use refunds::{
    insert_refund, note_asked, note_told, of_payment as refunds, refund, refunds_to_see_to, settle_refund, under_way,
};
pub(super) use through::{Begun, by_reference, by_start, is_anothers_transaction, note_transaction, present, session};

use chrono::{DateTime, Utc};
use gateway::VersionId;
use kernel::{Amount, Currency, Limit, Text as _};
use serde_json::Value;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::machine::PaymentState;
use super::{LoggedStep, Payment, PaymentFilter, PaymentId};
use crate::orders::{OrderId, Whose};

fn broken(what: &'static str) -> DbError {
    sqlx::Error::Decode(format!("a payment holds a {what} that breaks its rules").into()).into()
}

fn amount(minor: i64) -> Result<Amount, DbError> {
    Amount::new(minor).ok_or_else(|| broken("sum"))
}

struct Row {
    id: Uuid,
    order_id: Uuid,
    gateway: String,
    status: String,
    amount_minor: i64,
    currency: String,
    captured_minor: i64,
    refunded_minor: i64,
    returning_minor: i64,
    gateway_version: Option<Vec<u8>>,
    reference: Option<String>,
    next: Option<Value>,
    surplus: bool,
    held_for: Option<String>,
    doing: Option<String>,
    busy_until: Option<DateTime<Utc>>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<Payment, DbError> {
        Ok(Payment {
            id: PaymentId(self.id),
            order: OrderId(self.order_id),
            gateway: self.gateway,
            status: PaymentState::read(&self.status).ok_or_else(|| broken("status"))?,
            amount: amount(self.amount_minor)?,
            currency: Currency::parse(&self.currency).map_err(|_| broken("currency"))?,
            captured: amount(self.captured_minor)?,
            refunded: amount(self.refunded_minor)?,
            returning: amount(self.returning_minor)?,
            through: match self.gateway_version {
                Some(id) => Some(VersionId(id.try_into().map_err(|_| broken("version"))?)),
                None => None,
            },
            reference: self.reference,
            next: self.next,
            surplus: self.surplus,
            held_for: self.held_for,
            doing: self.doing,
            busy_until: self.busy_until,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// A statement over payments; `$rest` is what follows `WHERE p.tenant_id = $1 AND`.
macro_rules! payments {
    ($rest:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            Row,
            "SELECT p.id, p.order_id, p.gateway, p.status, p.amount_minor, p.currency, p.captured_minor, p.refunded_minor,
                    p.returning_minor, p.gateway_version, p.reference, p.next, p.surplus, p.held_for, p.doing, p.busy_until,
                    p.version, p.created_at, p.updated_at
             FROM payments p WHERE p.tenant_id = $1 AND " + $rest,
            $($arg),*
        )
    };
}

/// A payment of an order that is `whose`.
pub(super) async fn get(tx: &mut TenantTx, id: PaymentId, whose: Whose) -> Result<Option<Payment>, DbError> {
    let tenant = tx.tenant();
    let (customer, hash) = match whose {
        Whose::Store => (None, None),
        Whose::Customer(id) => (Some(id.0), None),
        Whose::Visitor(hash) => (None, Some(hash.to_vec())),
    };
    let row = payments!(
        "p.id = $2 AND EXISTS (
             SELECT FROM orders o WHERE o.tenant_id = $1 AND o.id = p.order_id AND ($3::uuid IS NULL OR o.customer_id = $3)
               AND ($4::bytea IS NULL OR o.access_hash = $4) AND (o.deleted_at IS NULL OR $3 IS NULL AND $4 IS NULL))",
        tenant.0,
        id.0,
        customer,
        hash
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

pub(super) async fn of_order(tx: &mut TenantTx, order: OrderId) -> Result<Vec<Payment>, DbError> {
    let tenant = tx.tenant();
    let rows = payments!("p.order_id = $2 ORDER BY p.id", tenant.0, order.0).fetch_all(tx.conn()).await?;
    rows.into_iter().map(Row::read).collect()
}

pub(super) async fn list(
    tx: &mut TenantTx,
    filter: PaymentFilter,
    before: Option<PaymentId>,
    limit: Limit,
) -> Result<Vec<Payment>, DbError> {
    let (tenant, before, limit) = (tx.tenant().0, before.map_or(Uuid::max(), |id| id.0), limit.and_one());
    let status = filter.status.map(PaymentState::as_str);
    let rows = match (filter.order, status) {
        (Some(order), status) => {
            payments!(
                "p.id < $2 AND p.order_id = $4 AND ($5::text IS NULL OR p.status = $5) ORDER BY p.id DESC LIMIT $3",
                tenant,
                before,
                limit,
                order.0,
                status
            )
            .fetch_all(tx.conn())
            .await
        }
        (None, Some(status)) => {
            payments!("p.id < $2 AND p.status = $4 ORDER BY p.id DESC LIMIT $3", tenant, before, limit, status)
                .fetch_all(tx.conn())
                .await
        }
        (None, None) => {
            payments!("p.id < $2 ORDER BY p.id DESC LIMIT $3", tenant, before, limit).fetch_all(tx.conn()).await
        }
    };
    rows?.into_iter().map(Row::read).collect()
}

/// Payments through gateways that something is still to be heard of, and was not since, the first first.
pub(super) async fn to_see_to(tx: &mut TenantTx, since: DateTime<Utc>, most: i64) -> Result<Vec<PaymentId>, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM payments
           WHERE tenant_id = $1 AND status IN ('created', 'pending', 'indeterminate') AND gateway_version IS NOT NULL
             AND updated_at < $2
           UNION
           SELECT id FROM payments
           WHERE tenant_id = $1 AND (held_for IN ('unanswered', 'promise') OR doing IN ('capture', 'void')) AND gateway_version IS NOT NULL
             AND updated_at < $2
           ORDER BY 1 LIMIT $3"#,
        tenant.0,
        since,
        most,
    );
    Ok(found.fetch_all(tx.conn()).await?.into_iter().map(PaymentId).collect())
}

/// Writes a new payment, and how it was begun where a gateway is to be asked.
pub(super) async fn insert(
    tx: &mut TenantTx,
    payment: &Payment,
    return_url: Option<&str>,
    begun: Option<&Begun>,
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO payments (tenant_id, id, order_id, gateway, status, amount_minor, currency, captured_minor, return_url,
                               gateway_version, sandbox, doing, busy_until, start_key, start_request, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)",
        tenant.0,
        payment.id.0,
        payment.order.0,
        payment.gateway,
        payment.status.as_str(),
        payment.amount.minor(),
        payment.currency.code(),
        payment.captured.minor(),
        return_url,
        payment.through.map(|id| id.0.to_vec()),
        begun.is_some_and(|begun| begun.sandbox),
        payment.doing,
        payment.busy_until,
        begun.map(|begun| &begun.key[..]),
        begun.map(|begun| &begun.request[..]),
        payment.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes where a payment is, if it still is where it was read; false where it is not.
pub(super) async fn save(tx: &mut TenantTx, before: &Payment, after: &Payment) -> Result<bool, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sqlx::query!(
        "UPDATE payments
         SET status = $5, captured_minor = $6, refunded_minor = $7, returning_minor = $8, surplus = $9, held_for = $10,
             doing = $11, busy_until = $12, version = version + 1, updated_at = $13
         WHERE tenant_id = $1 AND id = $2 AND version = $3 AND status = $4",
        tenant.0,
        before.id.0,
        before.version,
        before.status.as_str(),
        after.status.as_str(),
        after.captured.minor(),
        after.refunded.minor(),
        after.returning.minor(),
        after.surplus,
        after.held_for,
        after.doing,
        after.busy_until,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn log(
    tx: &mut TenantTx,
    id: PaymentId,
    kind: &str,
    from: Option<PaymentState>,
    to: PaymentState,
    detail: &Value,
) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "INSERT INTO payment_entries (tenant_id, payment_id, id, kind, from_status, to_status, detail, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        tenant.0,
        id.0,
        Uuid::now_v7(),
        kind,
        from.map(PaymentState::as_str),
        to.as_str(),
        detail,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// When a gateway was asked last to do something.
pub(super) async fn asked_at(tx: &mut TenantTx, id: PaymentId) -> Result<Option<DateTime<Utc>>, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        "SELECT max(created_at) FROM payment_entries
         WHERE tenant_id = $1 AND payment_id = $2 AND kind IN ('capture_asked', 'void_asked')",
        tenant.0,
        id.0,
    );
    Ok(found.fetch_one(tx.conn()).await?)
}

pub(super) async fn logged(tx: &mut TenantTx, id: PaymentId) -> Result<Vec<LoggedStep>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        LoggedStep,
        r#"SELECT id, kind, from_status AS "from", to_status AS "to", detail, created_at AS at
           FROM payment_entries WHERE tenant_id = $1 AND payment_id = $2 ORDER BY id"#,
        tenant.0,
        id.0,
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}
