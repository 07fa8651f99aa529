//! The SQL of a store's accounts.

use chrono::{DateTime, Utc};
use kernel::Text;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::{Email, IdentityError, PasswordHash, PersonName, Purpose, Role, User, UserId};

struct Row {
    id: Uuid,
    email: String,
    name: String,
    password_hash: String,
    created_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<(User, PasswordHash), DbError> {
        let broken = |what: &str| DbError::from(sqlx::Error::Decode(format!("user {}: {what}", self.id).into()));
        let user = User {
            id: UserId(self.id),
            email: Email::parse(&self.email).map_err(|_| broken("e-mail"))?,
            name: PersonName::parse(&self.name).map_err(|_| broken("name"))?,
            created_at: self.created_at,
        };
        Ok((user, PasswordHash::stored(self.password_hash)))
    }
}

pub(super) async fn insert_user(tx: &mut TenantTx, user: &User, password: &PasswordHash) -> Result<(), IdentityError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO users (tenant_id, id, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        tenant.0,
        user.id.0,
        user.email.as_str(),
        user.name.as_str(),
        password.as_str(),
        user.created_at,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        Some("users_email_once") => IdentityError::EmailTaken,
        _ => err.into(),
    })?;
    Ok(())
}

pub(super) async fn insert_role(tx: &mut TenantTx, user: UserId, role: Role) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO user_roles (tenant_id, user_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        tenant.0,
        user.0,
        role.as_str(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn roles_of(tx: &mut TenantTx, user: UserId) -> Result<Vec<String>, DbError> {
    let tenant = tx.tenant();
    let roles = sqlx::query_scalar!(
        "SELECT role FROM user_roles WHERE tenant_id = $1 AND user_id = $2 ORDER BY role",
        tenant.0,
        user.0,
    );
    Ok(roles.fetch_all(tx.conn()).await?)
}

pub(super) async fn find_user(tx: &mut TenantTx, email: &Email) -> Result<Option<(User, PasswordHash)>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        "SELECT id, email, name, password_hash, created_at FROM users WHERE tenant_id = $1 AND email = $2",
        tenant.0,
        email.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

pub(super) async fn user(tx: &mut TenantTx, id: UserId) -> Result<Option<User>, DbError> {
    Ok(user_with_password(tx, id).await?.map(|(user, _)| user))
}

pub(super) async fn user_with_password(tx: &mut TenantTx, id: UserId) -> Result<Option<(User, PasswordHash)>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        "SELECT id, email, name, password_hash, created_at FROM users WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

pub(super) async fn is_email_confirmed(tx: &mut TenantTx, id: UserId) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let confirmed = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM users WHERE tenant_id = $1 AND id = $2 AND email_confirmed_at IS NOT NULL) AS "confirmed!""#,
        tenant.0,
        id.0,
    );
    Ok(confirmed.fetch_one(tx.conn()).await?)
}

pub(super) async fn confirm_email(tx: &mut TenantTx, id: UserId) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "UPDATE users SET email_confirmed_at = coalesce(email_confirmed_at, $3) WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn replace_mailed(
    tx: &mut TenantTx,
    hash: &[u8],
    user: UserId,
    purpose: Purpose,
    expires_at: DateTime<Utc>,
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "DELETE FROM account_tokens WHERE tenant_id = $1 AND user_id = $2 AND purpose = $3",
        tenant.0,
        user.0,
        purpose.word(),
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO account_tokens (tenant_id, hash, user_id, purpose, expires_at) VALUES ($1, $2, $3, $4, $5)",
        tenant.0,
        hash,
        user.0,
        purpose.word(),
        expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn take_mailed(tx: &mut TenantTx, hash: &[u8], purpose: Purpose) -> Result<Option<UserId>, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let user = sqlx::query_scalar!(
        "DELETE FROM account_tokens WHERE tenant_id = $1 AND hash = $2 AND purpose = $3 AND expires_at > $4
         RETURNING user_id",
        tenant.0,
        hash,
        purpose.word(),
        now,
    );
    Ok(user.fetch_optional(tx.conn()).await?.map(UserId))
}

pub(super) async fn set_password(
    tx: &mut TenantTx,
    email: &Email,
    password: &PasswordHash,
) -> Result<Option<User>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        "UPDATE users SET password_hash = $3 WHERE tenant_id = $1 AND email = $2
         RETURNING id, email, name, password_hash, created_at",
        tenant.0,
        email.as_str(),
        password.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(Row::read).transpose()?.map(|(user, _)| user))
}
