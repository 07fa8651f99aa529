//! Operators' accounts and log-ins. They live beside the stores, never in one.

use chrono::{DateTime, Utc};
use kernel::Text;
use tenants::{DbError, PlatformTx};
use uuid::Uuid;

use super::refresh::LIFETIME;
use super::{Email, IdentityError, NewUser, Operator, OperatorId, PasswordHash, PersonName, RefreshToken, Renewal};

struct Row {
    id: Uuid,
    email: String,
    name: String,
    password_hash: String,
    created_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<(Operator, PasswordHash), DbError> {
        let broken = |what: &str| DbError::from(sqlx::Error::Decode(format!("operator {}: {what}", self.id).into()));
        let operator = Operator {
            id: OperatorId(self.id),
            email: Email::parse(&self.email).map_err(|_| broken("e-mail"))?,
            name: PersonName::parse(&self.name).map_err(|_| broken("name"))?,
            created_at: self.created_at,
        };
        Ok((operator, PasswordHash::stored(self.password_hash)))
    }
}

/// Makes an operator. The address must be new among operators.
///
/// # Errors
/// [`IdentityError::EmailTaken`].
pub async fn add_operator(tx: &mut PlatformTx, new: &NewUser) -> Result<OperatorId, IdentityError> {
    let (id, now) = (OperatorId::generate(), tx.now());
    sqlx::query!(
        "INSERT INTO platform.operators (id, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)",
        id.0,
        new.email.as_str(),
        new.name.as_str(),
        new.password.as_str(),
        now,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        Some("operators_email_once") => IdentityError::EmailTaken,
        _ => err.into(),
    })?;
    Ok(id)
}

/// The operator with that address and what the password is checked against.
///
/// # Errors
/// [`DbError`].
pub async fn find_operator(tx: &mut PlatformTx, email: &Email) -> Result<Option<(Operator, PasswordHash)>, DbError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, email, name, password_hash, created_at FROM platform.operators WHERE email = $1",
        email.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

/// An operator.
///
/// # Errors
/// [`IdentityError::NoAccount`].
pub async fn operator(tx: &mut PlatformTx, id: OperatorId) -> Result<Operator, IdentityError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, email, name, password_hash, created_at FROM platform.operators WHERE id = $1",
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()?.map(|(operator, _)| operator).ok_or(IdentityError::NoAccount)
}

/// Sets an operator's password and ends all of the operator's log-ins.
///
/// # Errors
/// [`IdentityError::NoAccount`].
pub async fn set_operator_password(
    tx: &mut PlatformTx,
    email: &Email,
    password: &PasswordHash,
) -> Result<(), IdentityError> {
    let id = sqlx::query_scalar!(
        "UPDATE platform.operators SET password_hash = $2 WHERE email = $1 RETURNING id",
        email.as_str(),
        password.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(IdentityError::NoAccount)?;
    sqlx::query!("DELETE FROM platform.operator_refresh_tokens WHERE operator_id = $1", id).execute(tx.conn()).await?;
    Ok(())
}

/// Begins an operator's log-in: its id, and the token that renews it.
///
/// # Errors
/// [`IdentityError`] where the random source or the database fails.
pub async fn start_operator_session(
    tx: &mut PlatformTx,
    operator: OperatorId,
) -> Result<(Uuid, RefreshToken), IdentityError> {
    let session = Uuid::now_v7();
    Ok((session, next_token(tx, operator, session).await?))
}

/// Takes a refresh token for the next one. One that was used before ends its whole log-in.
///
/// # Errors
/// [`IdentityError`] where the random source or the database fails.
pub async fn renew_operator_session(
    tx: &mut PlatformTx,
    token: &RefreshToken,
) -> Result<Renewal<OperatorId>, IdentityError> {
    let (hash, now) = (token.hash(), tx.now());
    let used = sqlx::query!(
        "UPDATE platform.operator_refresh_tokens SET used_at = $2
         WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING operator_id, family",
        hash,
        now,
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(row) = used {
        let operator = OperatorId(row.operator_id);
        let next = next_token(tx, operator, row.family).await?;
        return Ok(Renewal::Renewed { holder: operator, session: row.family, next });
    }
    end_operator_session(tx, token).await?;
    Ok(Renewal::Refused)
}

/// Ends the log-in that a refresh token belongs to. An unknown token has none.
///
/// # Errors
/// [`DbError`].
pub async fn end_operator_session(tx: &mut PlatformTx, token: &RefreshToken) -> Result<(), DbError> {
    sqlx::query!(
        "DELETE FROM platform.operator_refresh_tokens
         WHERE family = (SELECT t.family FROM platform.operator_refresh_tokens t WHERE t.hash = $1)",
        token.hash(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn next_token(tx: &mut PlatformTx, operator: OperatorId, session: Uuid) -> Result<RefreshToken, IdentityError> {
    let token = RefreshToken::generate()?;
    let expires_at = tx.now() + LIFETIME;
    sqlx::query!(
        "INSERT INTO platform.operator_refresh_tokens (hash, operator_id, family, expires_at) VALUES ($1, $2, $3, $4)",
        token.hash(),
        operator.0,
        session,
        expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(token)
}
