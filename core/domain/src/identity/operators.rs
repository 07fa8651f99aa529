//! Operators' accounts and log-ins. They live beside the stores, never in one.

use chrono::{DateTime, Utc};
use kernel::{Limit, Page, Text};
use tenants::{DbError, PlatformTx};
use uuid::Uuid;

use super::operator_sessions::end_operator_sessions;
use super::{Email, IdentityError, NewUser, Operator, OperatorId, PasswordHash, PersonName, Purpose, RefreshToken};

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
) -> Result<OperatorId, IdentityError> {
    let id = sqlx::query_scalar!(
        "UPDATE platform.operators SET password_hash = $2 WHERE email = $1 RETURNING id",
        email.as_str(),
        password.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(IdentityError::NoAccount)?;
    end_operator_sessions(tx, OperatorId(id)).await?;
    Ok(OperatorId(id))
}

/// What an operator's password is checked against.
///
/// # Errors
/// [`IdentityError::NoAccount`].
pub async fn operator_password(tx: &mut PlatformTx, id: OperatorId) -> Result<(Operator, PasswordHash), IdentityError> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, email, name, password_hash, created_at FROM platform.operators WHERE id = $1",
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()?.ok_or(IdentityError::NoAccount)
}

/// The operators, in the order in which they came.
///
/// # Errors
/// [`DbError`].
pub async fn list_operators(
    tx: &mut PlatformTx,
    after: Option<OperatorId>,
    limit: Limit,
) -> Result<Page<Operator>, DbError> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, email, name, password_hash, created_at FROM platform.operators WHERE id > $1 ORDER BY id LIMIT $2",
        after.map_or(Uuid::nil(), |id| id.0),
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    let all: Result<Vec<_>, DbError> = rows.into_iter().map(|row| Ok(row.read()?.0)).collect();
    Ok(Page::cut(all?, limit))
}

/// Removes an operator and its log-ins. The last one stays.
///
/// # Errors
/// [`IdentityError::NoAccount`], [`IdentityError::LastOperator`].
pub async fn remove_operator(tx: &mut PlatformTx, id: OperatorId) -> Result<Operator, IdentityError> {
    // All rows, in order: two who remove one another at the same moment follow one another.
    let all =
        sqlx::query_scalar!("SELECT id FROM platform.operators ORDER BY id FOR UPDATE").fetch_all(tx.conn()).await?;
    let found = operator(tx, id).await?;
    if all.len() == 1 {
        return Err(IdentityError::LastOperator);
    }
    sqlx::query!("DELETE FROM platform.operators WHERE id = $1", id.0).execute(tx.conn()).await?;
    Ok(found)
}

/// Makes a token with which an operator can set a new password. One that was made before is good no more.
///
/// # Errors
/// [`IdentityError`] where the random source or the database fails.
pub async fn issue_operator_token(tx: &mut PlatformTx, id: OperatorId) -> Result<RefreshToken, IdentityError> {
    let token = RefreshToken::generate()?;
    let expires_at = tx.now() + Purpose::Reset.lifetime();
    sqlx::query!("DELETE FROM platform.operator_tokens WHERE operator_id = $1", id.0).execute(tx.conn()).await?;
    sqlx::query!(
        "INSERT INTO platform.operator_tokens (hash, operator_id, purpose, expires_at) VALUES ($1, $2, $3, $4)",
        token.hash(),
        id.0,
        Purpose::Reset.word(),
        expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(token)
}

/// Takes a mailed token, which is then used up, and says whose it was.
///
/// # Errors
/// [`IdentityError::BadToken`].
pub async fn take_operator_token(tx: &mut PlatformTx, token: &RefreshToken) -> Result<Operator, IdentityError> {
    let now = tx.now();
    let id = sqlx::query_scalar!(
        "DELETE FROM platform.operator_tokens WHERE hash = $1 AND expires_at > $2 RETURNING operator_id",
        token.hash(),
        now,
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(IdentityError::BadToken)?;
    operator(tx, OperatorId(id)).await
}
