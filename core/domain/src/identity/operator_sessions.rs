//! Operators' log-ins. Everything that renews or ends one locks its row first, so that they follow one another.

use tenants::{DbError, PlatformTx};
use uuid::Uuid;

use super::refresh::LIFETIME;
use super::sessions::REMEMBERED;
use super::{IdentityError, OperatorId, PasswordHash, RefreshToken, Renewal};

/// Begins the log-in of an operator whose password was found right against `proof`: its id, and the token that renews it.
///
/// # Errors
/// [`IdentityError::WrongCredentials`] where the password was changed in the meantime.
pub async fn start_operator_session(
    tx: &mut PlatformTx,
    operator: OperatorId,
    proof: &PasswordHash,
) -> Result<(Uuid, RefreshToken), IdentityError> {
    let now = tx.now();
    let same = sqlx::query_scalar!(
        "SELECT id FROM platform.operators WHERE id = $1 AND password_hash = $2 FOR SHARE",
        operator.0,
        proof.as_str(),
    );
    same.fetch_optional(tx.conn()).await?.ok_or(IdentityError::WrongCredentials)?;
    let session = Uuid::now_v7();
    sqlx::query!(
        "INSERT INTO platform.operator_sessions (id, operator_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
        session,
        operator.0,
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
pub async fn renew_operator_session(
    tx: &mut PlatformTx,
    token: &RefreshToken,
) -> Result<Renewal<OperatorId>, IdentityError> {
    let now = tx.now();
    let Some(session) = session_of(tx, token).await? else { return Ok(Renewal::Refused) };
    let holder = sqlx::query_scalar!(
        "SELECT operator_id FROM platform.operator_sessions WHERE id = $1 AND expires_at > $2 FOR UPDATE",
        session,
        now,
    );
    let Some(holder) = holder.fetch_optional(tx.conn()).await? else { return Ok(Renewal::Refused) };
    let used = sqlx::query!(
        "UPDATE platform.operator_refresh_tokens SET used_at = $2 WHERE hash = $1 AND used_at IS NULL",
        token.hash(),
        now,
    )
    .execute(tx.conn())
    .await?;
    if used.rows_affected() == 0 {
        delete(tx, session).await?;
        return Ok(Renewal::Refused);
    }
    sqlx::query!("UPDATE platform.operator_sessions SET expires_at = $2 WHERE id = $1", session, now + LIFETIME)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "DELETE FROM platform.operator_refresh_tokens WHERE session_id = $1 AND used_at < $2",
        session,
        now - REMEMBERED,
    )
    .execute(tx.conn())
    .await?;
    let next = next_token(tx, session).await?;
    Ok(Renewal::Renewed { holder: OperatorId(holder), session, next })
}

/// Ends the log-in that a refresh token belongs to. An unknown token has none.
///
/// # Errors
/// [`DbError`].
pub async fn end_operator_session(tx: &mut PlatformTx, token: &RefreshToken) -> Result<(), DbError> {
    match session_of(tx, token).await? {
        Some(session) => delete(tx, session).await,
        None => Ok(()),
    }
}

/// Ends all log-ins of an operator.
///
/// # Errors
/// [`DbError`].
pub(super) async fn end_operator_sessions(tx: &mut PlatformTx, operator: OperatorId) -> Result<(), DbError> {
    sqlx::query!("DELETE FROM platform.operator_sessions WHERE operator_id = $1", operator.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Whether a log-in of this operator still goes on.
///
/// # Errors
/// [`DbError`].
pub async fn is_operator_session_alive(
    tx: &mut PlatformTx,
    operator: OperatorId,
    session: Uuid,
) -> Result<bool, DbError> {
    let now = tx.now();
    let alive = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM platform.operator_sessions WHERE id = $1 AND operator_id = $2 AND expires_at > $3)
           AS "alive!""#,
        session,
        operator.0,
        now,
    );
    Ok(alive.fetch_one(tx.conn()).await?)
}

async fn session_of(tx: &mut PlatformTx, token: &RefreshToken) -> Result<Option<Uuid>, DbError> {
    let session =
        sqlx::query_scalar!("SELECT session_id FROM platform.operator_refresh_tokens WHERE hash = $1", token.hash(),);
    Ok(session.fetch_optional(tx.conn()).await?)
}

async fn delete(tx: &mut PlatformTx, session: Uuid) -> Result<(), DbError> {
    sqlx::query!("DELETE FROM platform.operator_sessions WHERE id = $1", session).execute(tx.conn()).await?;
    Ok(())
}

async fn next_token(tx: &mut PlatformTx, session: Uuid) -> Result<RefreshToken, IdentityError> {
    let token = RefreshToken::generate()?;
    sqlx::query!(
        "INSERT INTO platform.operator_refresh_tokens (hash, session_id) VALUES ($1, $2)",
        token.hash(),
        session,
    )
    .execute(tx.conn())
    .await?;
    Ok(token)
}
