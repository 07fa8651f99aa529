//! The SQL of staff.

use chrono::{DateTime, Utc};
use kernel::{Limit, Text};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::{Invitation, InvitationId, Member, StaffError};
use crate::access::RoleName;
use crate::identity::{Email, PersonName, User, UserId};

fn broken(what: &str, id: Uuid) -> DbError {
    sqlx::Error::Decode(format!("{what} {id} breaks its rules").into()).into()
}

fn role_names(words: &[String]) -> Vec<RoleName> {
    words.iter().filter_map(|word| RoleName::parse(word).ok()).collect()
}

struct MemberRow {
    id: Uuid,
    email: String,
    name: String,
    version: i64,
    created_at: DateTime<Utc>,
    roles: Vec<String>,
}

impl MemberRow {
    fn read(self) -> Result<Member, DbError> {
        let user = User {
            id: UserId(self.id),
            email: Email::parse(&self.email).map_err(|_| broken("user", self.id))?,
            name: PersonName::parse(&self.name).map_err(|_| broken("user", self.id))?,
            created_at: self.created_at,
        };
        Ok(Member { user, roles: role_names(&self.roles), version: self.version })
    }
}

pub(super) async fn members(tx: &mut TenantTx, after: Option<UserId>, limit: Limit) -> Result<Vec<Member>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        MemberRow,
        r#"SELECT u.id, u.email, u.name, u.version, u.created_at, r.roles AS "roles!"
           FROM users u JOIN LATERAL (SELECT array_agg(ur.role ORDER BY ur.role) AS roles FROM user_roles ur
                                      WHERE ur.tenant_id = $1 AND ur.user_id = u.id) r ON r.roles IS NOT NULL
           WHERE u.tenant_id = $1 AND u.id > $2 ORDER BY u.id LIMIT $3"#,
        tenant.0,
        after.map_or(Uuid::nil(), |id| id.0),
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(MemberRow::read).collect()
}

pub(super) async fn member(tx: &mut TenantTx, id: UserId) -> Result<Option<Member>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        MemberRow,
        r#"SELECT u.id, u.email, u.name, u.version, u.created_at, r.roles AS "roles!"
           FROM users u JOIN LATERAL (SELECT array_agg(ur.role ORDER BY ur.role) AS roles FROM user_roles ur
                                      WHERE ur.tenant_id = $1 AND ur.user_id = u.id) r ON r.roles IS NOT NULL
           WHERE u.tenant_id = $1 AND u.id = $2"#,
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(MemberRow::read).transpose()
}

/// Locks the owners' roles, and answers who they are.
pub(super) async fn lock_owners(tx: &mut TenantTx) -> Result<Vec<Uuid>, DbError> {
    let tenant = tx.tenant();
    let owners = sqlx::query_scalar!(
        "SELECT user_id FROM user_roles WHERE tenant_id = $1 AND role = 'owner' ORDER BY user_id FOR UPDATE",
        tenant.0,
    );
    Ok(owners.fetch_all(tx.conn()).await?)
}

pub(super) async fn lock_user(tx: &mut TenantTx, id: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("SELECT id FROM users WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tenant.0, id.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn set_roles(tx: &mut TenantTx, id: UserId, roles: &[RoleName]) -> Result<(), DbError> {
    let tenant = tx.tenant();
    let words: Vec<_> = roles.iter().map(|role| role.as_str().to_owned()).collect();
    sqlx::query!(
        "DELETE FROM user_roles WHERE tenant_id = $1 AND user_id = $2 AND role <> ALL ($3)",
        tenant.0,
        id.0,
        &words,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO user_roles (tenant_id, user_id, role) SELECT $1, $2, role FROM unnest($3::text[]) AS r (role)
         ON CONFLICT DO NOTHING",
        tenant.0,
        id.0,
        &words,
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("UPDATE users SET version = version + 1 WHERE tenant_id = $1 AND id = $2", tenant.0, id.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

struct InvitationRow {
    id: Uuid,
    email: String,
    name: String,
    roles: Vec<String>,
    invited_by: Uuid,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl InvitationRow {
    fn read(self) -> Result<Invitation, DbError> {
        Ok(Invitation {
            id: InvitationId(self.id),
            email: Email::parse(&self.email).map_err(|_| broken("invitation", self.id))?,
            name: PersonName::parse(&self.name).map_err(|_| broken("invitation", self.id))?,
            roles: role_names(&self.roles),
            invited_by: UserId(self.invited_by),
            expires_at: self.expires_at,
            created_at: self.created_at,
        })
    }
}

pub(super) async fn insert_invitation(tx: &mut TenantTx, new: &Invitation, hash: &[u8]) -> Result<(), StaffError> {
    let tenant = tx.tenant();
    let roles: Vec<_> = new.roles.iter().map(|role| role.as_str().to_owned()).collect();
    sqlx::query!(
        "INSERT INTO invitations (tenant_id, id, hash, email, name, roles, invited_by, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant.0,
        new.id.0,
        hash,
        new.email.as_str(),
        new.name.as_str(),
        &roles,
        new.invited_by.0,
        new.expires_at,
        new.created_at,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        Some("invitations_email_once") => StaffError::MemberAlready,
        _ => DbError::from(err).into(),
    })?;
    Ok(())
}

pub(super) async fn set_invitation_hash(tx: &mut TenantTx, id: InvitationId, hash: &[u8]) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("UPDATE invitations SET hash = $3 WHERE tenant_id = $1 AND id = $2", tenant.0, id.0, hash)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn invitations(tx: &mut TenantTx) -> Result<Vec<Invitation>, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let rows = sqlx::query_as!(
        InvitationRow,
        "SELECT id, email, name, roles, invited_by, expires_at, created_at FROM invitations
         WHERE tenant_id = $1 AND expires_at > $2 ORDER BY id DESC LIMIT 500",
        tenant.0,
        now,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(InvitationRow::read).collect()
}

pub(super) async fn invitation(tx: &mut TenantTx, id: InvitationId) -> Result<Option<Invitation>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        InvitationRow,
        "SELECT id, email, name, roles, invited_by, expires_at, created_at FROM invitations
         WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(InvitationRow::read).transpose()
}

/// The invitation to an address, if it is still good.
pub(super) async fn invitation_to(tx: &mut TenantTx, email: &Email) -> Result<Option<Invitation>, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let row = sqlx::query_as!(
        InvitationRow,
        "SELECT id, email, name, roles, invited_by, expires_at, created_at FROM invitations
         WHERE tenant_id = $1 AND email = $2 AND expires_at > $3",
        tenant.0,
        email.as_str(),
        now,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(InvitationRow::read).transpose()
}

/// Deletes the invitation that has this token, if it is still good. Of many who try at once, one gets it.
pub(super) async fn take_invitation(tx: &mut TenantTx, hash: &[u8]) -> Result<Option<Invitation>, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let row = sqlx::query_as!(
        InvitationRow,
        "DELETE FROM invitations WHERE tenant_id = $1 AND hash = $2 AND expires_at > $3
         RETURNING id, email, name, roles, invited_by, expires_at, created_at",
        tenant.0,
        hash,
        now,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(InvitationRow::read).transpose()
}

pub(super) async fn delete_invitation(tx: &mut TenantTx, id: InvitationId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM invitations WHERE tenant_id = $1 AND id = $2", tenant.0, id.0).execute(tx.conn()).await?;
    Ok(())
}

pub(super) async fn delete_invitation_to(tx: &mut TenantTx, email: &Email) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM invitations WHERE tenant_id = $1 AND email = $2", tenant.0, email.as_str())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Who works here, in which roles: at most 1,000.
pub(super) async fn everybody(tx: &mut TenantTx) -> Result<Vec<(UserId, Vec<RoleName>)>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        r#"SELECT user_id, array_agg(role ORDER BY role) AS "roles!" FROM user_roles
           WHERE tenant_id = $1 GROUP BY user_id ORDER BY user_id LIMIT 1000"#,
        tenant.0,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (UserId(row.user_id), role_names(&row.roles))).collect())
}

pub(super) async fn wants_letters(tx: &mut TenantTx) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let wants = sqlx::query_scalar!("SELECT staff_letters FROM store_settings WHERE tenant_id = $1", tenant.0);
    Ok(wants.fetch_optional(tx.conn()).await?.unwrap_or(false))
}

pub(super) async fn want_letters(tx: &mut TenantTx, wanted: bool) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("UPDATE store_settings SET staff_letters = $2 WHERE tenant_id = $1", tenant.0, wanted)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn remove_expired(tx: &mut TenantTx) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!("DELETE FROM invitations WHERE tenant_id = $1 AND expires_at <= $2", tenant.0, now)
        .execute(tx.conn())
        .await?;
    Ok(())
}
