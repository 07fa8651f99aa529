//! The SQL of what is given back.

use chrono::{DateTime, Utc};
use kernel::Text as _;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::{amount, broken};
use crate::audit::Actor;
use crate::payments::{PaymentId, Refund, RefundId, RefundState, RefundWanted};

/// Writes down that money is to be given back.
pub(in crate::payments) async fn insert_refund(
    tx: &mut TenantTx,
    id: RefundId,
    payment: PaymentId,
    minor: i64,
    wanted: &RefundWanted,
    actor: Option<Actor>,
) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "INSERT INTO refunds (tenant_id, id, payment_id, amount_minor, status, reason, actor_kind, actor_id, created_at, updated_at)
         VALUES ($1, $2, $3, $4, 'pending', $5, $6, $7, $8, $8)",
        tenant.0,
        id.0,
        payment.0,
        minor,
        wanted.reason.as_ref().map(|reason| reason.as_str()),
        actor.map(|actor| actor.kind()),
        actor.map(|actor| actor.id()),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

struct Row {
    id: Uuid,
    payment_id: Uuid,
    amount_minor: i64,
    status: String,
    reference: Option<String>,
    reason: Option<String>,
    asked_at: Option<DateTime<Utc>>,
    told_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<Refund, DbError> {
        Ok(Refund {
            id: RefundId(self.id),
            payment: PaymentId(self.payment_id),
            amount: amount(self.amount_minor)?,
            status: RefundState::read(&self.status).ok_or_else(|| broken("refund"))?,
            reference: self.reference,
            reason: self.reason,
            asked_at: self.asked_at,
            told_at: self.told_at,
            created_at: self.created_at,
        })
    }
}

/// The refunds of a payment, the first first.
pub(in crate::payments) async fn of_payment(tx: &mut TenantTx, id: PaymentId) -> Result<Vec<Refund>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, payment_id, amount_minor, status, reference, reason, asked_at, told_at, created_at FROM refunds
         WHERE tenant_id = $1 AND payment_id = $2 ORDER BY id",
        tenant.0,
        id.0,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}

pub(in crate::payments) async fn refund(tx: &mut TenantTx, id: RefundId) -> Result<Option<Refund>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        "SELECT id, payment_id, amount_minor, status, reference, reason, asked_at, told_at, created_at FROM refunds
         WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

/// The refund of a payment that is under way.
pub(in crate::payments) async fn under_way(tx: &mut TenantTx, id: PaymentId) -> Result<Option<RefundId>, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        "SELECT id FROM refunds WHERE tenant_id = $1 AND payment_id = $2 AND status IN ('pending', 'indeterminate')",
        tenant.0,
        id.0,
    );
    Ok(found.fetch_optional(tx.conn()).await?.map(RefundId))
}

/// Notes that a gateway is asked for a refund now, or that it surely was not.
pub(in crate::payments) async fn note_asked(
    tx: &mut TenantTx,
    id: RefundId,
    asked_at: Option<DateTime<Utc>>,
) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "UPDATE refunds SET asked_at = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        asked_at,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes that staff was told that nobody says what became of a refund.
pub(in crate::payments) async fn note_told(tx: &mut TenantTx, id: RefundId) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "UPDATE refunds SET told_at = $3, updated_at = $3 WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes what a gateway said of a refund. Its order is locked.
pub(in crate::payments) async fn settle_refund(
    tx: &mut TenantTx,
    id: RefundId,
    to: RefundState,
    reference: Option<&str>,
    raw_code: Option<&str>,
) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "UPDATE refunds SET status = $3, reference = coalesce($4, reference), raw_code = coalesce($5, raw_code), updated_at = $6
         WHERE tenant_id = $1 AND id = $2 AND status IN ('pending', 'indeterminate')",
        tenant.0,
        id.0,
        to.as_str(),
        reference,
        raw_code,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Refunds under way of which nothing was heard since, the first first.
pub(in crate::payments) async fn refunds_to_see_to(
    tx: &mut TenantTx,
    since: DateTime<Utc>,
    most: i64,
) -> Result<Vec<RefundId>, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        "SELECT id FROM refunds WHERE tenant_id = $1 AND status IN ('pending', 'indeterminate') AND updated_at < $2
         ORDER BY id LIMIT $3",
        tenant.0,
        since,
        most,
    );
    Ok(found.fetch_all(tx.conn()).await?.into_iter().map(RefundId).collect())
}
