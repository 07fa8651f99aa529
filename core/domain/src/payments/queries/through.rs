//! The SQL of what gateways are asked, and what they say.

use serde_json::Value;
use tenants::{DbError, TenantTx};

use crate::payments::{Payment, PaymentId};

/// How a payment is begun that a gateway is asked for.
pub(in crate::payments) struct Begun {
    /// SHA-256 of who begins it, with which idempotency key.
    pub(in crate::payments) key: [u8; 32],
    /// SHA-256 of what is asked.
    pub(in crate::payments) request: [u8; 32],
    /// Whether no real money moves.
    pub(in crate::payments) sandbox: bool,
}

/// What calls about a payment need, beside the payment.
pub(in crate::payments) struct Session {
    pub(in crate::payments) sandbox: bool,
    pub(in crate::payments) transaction: Option<String>,
    pub(in crate::payments) state: Option<Vec<u8>>,
    pub(in crate::payments) return_url: Option<String>,
}

pub(in crate::payments) async fn session(tx: &mut TenantTx, id: PaymentId) -> Result<Option<Session>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Session,
        "SELECT sandbox, transaction_id AS transaction, session AS state, return_url
         FROM payments WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// The last payment that was begun with a key in the time that keys are kept, and what was asked for then.
pub(in crate::payments) async fn by_start(
    tx: &mut TenantTx,
    key: [u8; 32],
) -> Result<Option<(PaymentId, Vec<u8>)>, DbError> {
    let (tenant, since) = (tx.tenant(), tx.now() - chrono::TimeDelta::hours(24));
    let row = sqlx::query!(
        r#"SELECT id, start_request AS "request!" FROM payments
           WHERE tenant_id = $1 AND start_key = $2 AND created_at > $3 ORDER BY id DESC LIMIT 1"#,
        tenant.0,
        &key[..],
        since,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (PaymentId(row.id), row.request)))
}

/// The payment that a gateway knows by this name.
pub(in crate::payments) async fn by_reference(
    tx: &mut TenantTx,
    gateway: &str,
    reference: &str,
) -> Result<Option<PaymentId>, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        "SELECT id FROM payments WHERE tenant_id = $1 AND gateway = $2 AND reference = $3",
        tenant.0,
        gateway,
        reference,
    );
    Ok(found.fetch_optional(tx.conn()).await?.map(PaymentId))
}

/// Writes how a gateway calls a payment, and what its buyer has to do.
pub(in crate::payments) async fn present(
    tx: &mut TenantTx,
    id: PaymentId,
    reference: &str,
    state: &[u8],
    next: &Value,
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE payments SET reference = $3, session = $4, next = $5 WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        reference,
        state,
        next,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether another payment moved the money that a gateway calls so.
pub(in crate::payments) async fn is_anothers_transaction(
    tx: &mut TenantTx,
    payment: &Payment,
    transaction: &str,
) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM payments WHERE tenant_id = $1 AND gateway = $2 AND transaction_id = $3 AND id <> $4)
               AS "another!""#,
        tenant.0,
        payment.gateway,
        transaction,
        payment.id.0,
    );
    Ok(found.fetch_one(tx.conn()).await?)
}

/// Writes what a gateway calls the money's movement, and what was paid with.
pub(in crate::payments) async fn note_transaction(
    tx: &mut TenantTx,
    id: PaymentId,
    transaction: Option<&str>,
    instrument: Option<&str>,
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE payments SET transaction_id = coalesce(transaction_id, $3), instrument = coalesce(instrument, $4)
         WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        transaction,
        instrument,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
