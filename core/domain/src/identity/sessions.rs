//! Log-ins to a store. Everything that renews or ends one locks its row first, so that they follow one another.

use chrono::{DateTime, TimeDelta, Utc};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::refresh::LIFETIME;
use super::{IdentityError, PasswordHash, RefreshToken, Renewal, Surface, UserId};

/// For how long a used refresh token is remembered, to notice that it is used again.
pub(super) const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// Begins a log-in at `surface` for a user whose password was found right against `proof`: its id, and the token that
/// renews it.
///
/// # Errors
/// [`IdentityError::WrongCredentials`] where the password was changed in the meantime.
pub async fn start_session(
    tx: &mut TenantTx,
    user: UserId,
    proof: &PasswordHash,
    surface: Surface,
) -> Result<(Uuid, RefreshToken), IdentityError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    // Locked against a new password: either that comes first and is seen here, or it ends this session too.
    let same = sqlx::query_scalar!(
        "SELECT id FROM users WHERE tenant_id = $1 AND id = $2 AND password_hash = $3 FOR SHARE",
        tenant.0,
        user.0,
        proof.as_str(),
    );
    same.fetch_optional(tx.conn()).await?.ok_or(IdentityError::WrongCredentials)?;
    let session = Uuid::now_v7();
    sqlx::query!(
        "INSERT INTO sessions (tenant_id, id, user_id, surface, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        tenant.0,
        session,
        user.0,
        surface.word(),
        now,
        now + LIFETIME,
    )
    .execute(tx.conn())
    .await?;
    Ok((session, next_token(tx, session).await?))
}

/// Takes a refresh token for the next one. One that was used before ends its whole log-in.
///
/// # Errors
/// [`IdentityError`] where the random source or the database fails.
pub async fn renew_session(
    tx: &mut TenantTx,
    token: &RefreshToken,
    surface: Surface,
) -> Result<Renewal<UserId>, IdentityError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let Some(session) = session_of(tx, token).await? else { return Ok(Renewal::Refused) };
    let holder = sqlx::query_scalar!(
        "SELECT user_id FROM sessions WHERE tenant_id = $1 AND id = $2 AND surface = $3 AND expires_at > $4 FOR UPDATE",
        tenant.0,
        session,
        surface.word(),
        now,
    );
    let Some(holder) = holder.fetch_optional(tx.conn()).await? else { return Ok(Renewal::Refused) };
    let used = sqlx::query!(
        "UPDATE refresh_tokens SET used_at = $3 WHERE tenant_id = $1 AND hash = $2 AND used_at IS NULL",
        tenant.0,
        token.hash(),
        now,
    )
    .execute(tx.conn())
    .await?;
    if used.rows_affected() == 0 {
        delete(tx, session).await?;
        return Ok(Renewal::Refused);
    }
    sqlx::query!(
        "UPDATE sessions SET expires_at = $3 WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        session,
        now + LIFETIME,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "DELETE FROM refresh_tokens WHERE tenant_id = $1 AND session_id = $2 AND used_at < $3",
        tenant.0,
        session,
        now - REMEMBERED,
    )
    .execute(tx.conn())
    .await?;
    let next = next_token(tx, session).await?;
    Ok(Renewal::Renewed { holder: UserId(holder), session, next })
}

/// Ends the log-in that a refresh token belongs to. An unknown token has none.
///
/// # Errors
/// [`DbError`].
pub async fn end_session(tx: &mut TenantTx, token: &RefreshToken) -> Result<(), DbError> {
    match session_of(tx, token).await? {
        Some(session) => delete(tx, session).await,
        None => Ok(()),
    }
}

/// Ends all log-ins of a user.
///
/// # Errors
/// [`DbError`].
pub async fn end_sessions(tx: &mut TenantTx, user: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM sessions WHERE tenant_id = $1 AND user_id = $2", tenant.0, user.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A log-in that goes on.
#[derive(Debug, Clone)]
pub struct LogIn {
    /// `storefront` or `admin`.
    pub surface: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ends if it is not renewed.
    pub expires_at: DateTime<Utc>,
}

/// The log-ins of a user that go on, the newest first.
///
/// # Errors
/// [`DbError`].
pub async fn log_ins_of(tx: &mut TenantTx, user: UserId) -> Result<Vec<LogIn>, DbError> {
    let tenant = tx.tenant();
    let log_ins = sqlx::query_as!(
        LogIn,
        "SELECT surface, created_at, expires_at FROM sessions WHERE tenant_id = $1 AND user_id = $2 ORDER BY id DESC",
        tenant.0,
        user.0,
    );
    Ok(log_ins.fetch_all(tx.conn()).await?)
}

/// Whether a log-in of this user still goes on.
///
/// # Errors
/// [`DbError`].
pub async fn is_session_alive(tx: &mut TenantTx, user: UserId, session: Uuid) -> Result<bool, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let alive = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM sessions WHERE tenant_id = $1 AND id = $2 AND user_id = $3 AND expires_at > $4)
           AS "alive!""#,
        tenant.0,
        session,
        user.0,
        now,
    );
    Ok(alive.fetch_one(tx.conn()).await?)
}

async fn session_of(tx: &mut TenantTx, token: &RefreshToken) -> Result<Option<Uuid>, DbError> {
    let tenant = tx.tenant();
    let session = sqlx::query_scalar!(
        "SELECT session_id FROM refresh_tokens WHERE tenant_id = $1 AND hash = $2",
        tenant.0,
        token.hash(),
    );
    Ok(session.fetch_optional(tx.conn()).await?)
}

async fn delete(tx: &mut TenantTx, session: Uuid) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM sessions WHERE tenant_id = $1 AND id = $2", tenant.0, session).execute(tx.conn()).await?;
    Ok(())
}

async fn next_token(tx: &mut TenantTx, session: Uuid) -> Result<RefreshToken, IdentityError> {
    let (tenant, token) = (tx.tenant(), RefreshToken::generate()?);
    sqlx::query!(
        "INSERT INTO refresh_tokens (tenant_id, hash, session_id) VALUES ($1, $2, $3)",
        tenant.0,
        token.hash(),
        session,
    )
    .execute(tx.conn())
    .await?;
    Ok(token)
}
