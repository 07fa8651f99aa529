//! Putting away log-ins and tokens that are over.

use tenants::{DbError, PlatformTx, TenantTx};

/// Forgets log-ins that nobody renewed, with their refresh tokens, and mailed tokens that nobody used.
///
/// # Errors
/// [`DbError`].
pub async fn remove_expired(tx: &mut TenantTx) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!("DELETE FROM sessions WHERE tenant_id = $1 AND expires_at <= $2", tenant.0, now)
        .execute(tx.conn())
        .await?;
    sqlx::query!("DELETE FROM account_tokens WHERE tenant_id = $1 AND expires_at <= $2", tenant.0, now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The same of operators.
///
/// # Errors
/// [`DbError`].
pub async fn remove_expired_of_operators(tx: &mut PlatformTx) -> Result<(), DbError> {
    let now = tx.now();
    sqlx::query!("DELETE FROM platform.operator_sessions WHERE expires_at <= $1", now).execute(tx.conn()).await?;
    sqlx::query!("DELETE FROM platform.operator_tokens WHERE expires_at <= $1", now).execute(tx.conn()).await?;
    Ok(())
}
