//! A shopper's own account.

use kernel::Text;
use tenants::{DbError, TenantTx};

use super::Row;
use crate::customers::{BirthDate, Customer, CustomerChange};
use crate::identity::UserId;

pub(in crate::customers) async fn insert(tx: &mut TenantTx, id: UserId) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!("INSERT INTO customers (tenant_id, user_id, created_at) VALUES ($1, $2, $3)", tenant.0, id.0, now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(in crate::customers) async fn get(tx: &mut TenantTx, id: UserId) -> Result<Option<Customer>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        r#"SELECT u.id, u.email, u.name, u.created_at, u.email_confirmed_at, u.version, c.phone AS "phone?",
                  c.birth_date AS "birth_date?"
           FROM users u LEFT JOIN customers c ON c.tenant_id = $1 AND c.user_id = u.id
           WHERE u.tenant_id = $1 AND u.id = $2"#,
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

pub(in crate::customers) async fn update_user(
    tx: &mut TenantTx,
    id: UserId,
    expected: Option<i64>,
    change: &CustomerChange,
) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "UPDATE users SET name = coalesce($4, name), version = version + 1
         WHERE tenant_id = $1 AND id = $2 AND version = coalesce($3, version)",
        tenant.0,
        id.0,
        expected,
        change.name.as_ref().map(Text::as_str),
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::customers) async fn upsert_details(
    tx: &mut TenantTx,
    id: UserId,
    change: &CustomerChange,
) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let (phone, birth_date) = (change.phone.as_ref(), change.birth_date.as_ref());
    sqlx::query!(
        "INSERT INTO customers AS c (tenant_id, user_id, phone, birth_date, created_at) VALUES ($1, $2, $4, $6, $7)
         ON CONFLICT (tenant_id, user_id) DO UPDATE
         SET phone = CASE WHEN $3 THEN $4 ELSE c.phone END, birth_date = CASE WHEN $5 THEN $6 ELSE c.birth_date END",
        tenant.0,
        id.0,
        phone.is_some(),
        phone.and_then(Option::as_ref).map(Text::as_str),
        birth_date.is_some(),
        birth_date.and_then(Option::as_ref).map(BirthDate::day),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Locks an account against everybody; none where it is not there, false where it is not of that version.
pub(in crate::customers) async fn lock(
    tx: &mut TenantTx,
    id: UserId,
    expected: Option<i64>,
) -> Result<Option<bool>, DbError> {
    let tenant = tx.tenant();
    let version =
        sqlx::query_scalar!("SELECT version FROM users WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tenant.0, id.0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(version.map(|version| expected.is_none_or(|expected| expected == version)))
}

pub(in crate::customers) async fn delete(tx: &mut TenantTx, id: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM users WHERE tenant_id = $1 AND id = $2", tenant.0, id.0).execute(tx.conn()).await?;
    Ok(())
}
