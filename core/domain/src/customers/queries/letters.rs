//! Letters under way.

use chrono::{DateTime, Utc};
use kernel::{Text, TextError};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::customers::{LetterId, LetterSubject, LetterText, PrivateLetter};
use crate::identity::{Email, PersonName, User, UserId};

struct LetterRow {
    user_id: Uuid,
    email: String,
    name: String,
    created_at: DateTime<Utc>,
    subject: String,
    body: String,
}

impl LetterRow {
    fn read(self) -> Result<PrivateLetter, TextError> {
        let (email, name) = (Email::parse(&self.email)?, PersonName::parse(&self.name)?);
        Ok(PrivateLetter {
            to: User { id: UserId(self.user_id), email, name, created_at: self.created_at },
            subject: LetterSubject::parse(&self.subject)?,
            text: LetterText::parse(&self.body)?,
        })
    }
}

pub(in crate::customers) async fn insert(
    tx: &mut TenantTx,
    id: LetterId,
    customer: UserId,
    subject: &LetterSubject,
    text: &LetterText,
) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "INSERT INTO customer_letters (tenant_id, id, customer_id, subject, body, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        tenant.0,
        id.0,
        customer.0,
        subject.as_str(),
        text.as_str(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(in crate::customers) async fn get(tx: &mut TenantTx, id: LetterId) -> Result<Option<PrivateLetter>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        LetterRow,
        "SELECT u.id AS user_id, u.email, u.name, u.created_at, l.subject, l.body
         FROM customer_letters l JOIN users u ON u.tenant_id = $1 AND u.id = l.customer_id
         WHERE l.tenant_id = $1 AND l.id = $2",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    let broken = |_| DbError::from(sqlx::Error::Decode(format!("letter {id} breaks its rules").into()));
    row.map(LetterRow::read).transpose().map_err(broken)
}

pub(in crate::customers) async fn delete(tx: &mut TenantTx, id: LetterId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM customer_letters WHERE tenant_id = $1 AND id = $2", tenant.0, id.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}
