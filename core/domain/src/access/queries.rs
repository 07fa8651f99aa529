//! The SQL of roles.

use chrono::{DateTime, Utc};
use kernel::Text;
use tenants::{DbError, TenantTx};

use super::{CustomRole, NewRole, Permission, RoleChange, RoleLabel, RoleName};

struct Row {
    name: String,
    label: String,
    permissions: Vec<String>,
    version: i64,
    created_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<CustomRole, DbError> {
        let broken = || DbError::from(sqlx::Error::Decode(format!("role {} breaks its rules", self.name).into()));
        Ok(CustomRole {
            name: RoleName::parse(&self.name).map_err(|_| broken())?,
            label: RoleLabel::parse(&self.label).map_err(|_| broken())?,
            permissions: self.permissions.iter().filter_map(|word| Permission::read(word)).collect(),
            version: self.version,
            created_at: self.created_at,
        })
    }
}

pub(super) async fn list(tx: &mut TenantTx) -> Result<Vec<CustomRole>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        "SELECT name, label, permissions, version, created_at FROM roles WHERE tenant_id = $1 ORDER BY name",
        tenant.0,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}

pub(super) async fn get(tx: &mut TenantTx, name: &RoleName) -> Result<Option<CustomRole>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        "SELECT name, label, permissions, version, created_at FROM roles WHERE tenant_id = $1 AND name = $2",
        tenant.0,
        name.as_str(),
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

/// Locks the role's row, so that what is found of it next stays so.
pub(super) async fn lock(tx: &mut TenantTx, name: &RoleName) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("SELECT name FROM roles WHERE tenant_id = $1 AND name = $2 FOR UPDATE", tenant.0, name.as_str())
        .fetch_optional(tx.conn())
        .await?;
    Ok(())
}

/// Keeps the rows of these roles from being changed or removed until the transaction ends.
pub(super) async fn hold(tx: &mut TenantTx, names: &[RoleName]) -> Result<(), DbError> {
    let tenant = tx.tenant();
    let names: Vec<_> = names.iter().map(|name| name.as_str().to_owned()).collect();
    sqlx::query!(
        "SELECT name FROM roles WHERE tenant_id = $1 AND name = ANY ($2) ORDER BY name FOR SHARE",
        tenant.0,
        &names
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}

/// Inserts the role; false where its name is taken.
pub(super) async fn insert(tx: &mut TenantTx, new: &NewRole) -> Result<bool, DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let done = sqlx::query!(
        "INSERT INTO roles (tenant_id, name, label, permissions, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        tenant.0,
        new.name.as_str(),
        new.label.as_str(),
        &new.permissions.names(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes what `change` names. The row is locked by [`get`].
pub(super) async fn update(tx: &mut TenantTx, name: &RoleName, change: &RoleChange) -> Result<(), DbError> {
    let tenant = tx.tenant();
    let permissions = change.permissions.map(super::Permissions::names);
    sqlx::query!(
        "UPDATE roles SET label = coalesce($3, label), permissions = coalesce($4, permissions), version = version + 1
         WHERE tenant_id = $1 AND name = $2",
        tenant.0,
        name.as_str(),
        change.label.as_ref().map(Text::as_str),
        permissions.as_deref(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn is_in_use(tx: &mut TenantTx, name: &RoleName) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let used = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM user_roles WHERE tenant_id = $1 AND role = $2) AS "used!""#,
        tenant.0,
        name.as_str(),
    );
    Ok(used.fetch_one(tx.conn()).await?)
}

pub(super) async fn delete(tx: &mut TenantTx, name: &RoleName) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM roles WHERE tenant_id = $1 AND name = $2", tenant.0, name.as_str())
        .execute(tx.conn())
        .await?;
    Ok(())
}
