//! Notes about customers.

use chrono::{DateTime, Utc};
use kernel::Text;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::customers::{Note, NoteId, NoteText};
use crate::identity::UserId;

struct NoteRow {
    id: Uuid,
    author_id: Uuid,
    body: String,
    created_at: DateTime<Utc>,
}

impl NoteRow {
    fn read(self) -> Result<Note, DbError> {
        let broken = |_| DbError::from(sqlx::Error::Decode(format!("note {} breaks its rules", self.id).into()));
        let text = NoteText::parse(&self.body).map_err(broken)?;
        Ok(Note { id: NoteId(self.id), author: UserId(self.author_id), text, created_at: self.created_at })
    }
}

pub(in crate::customers) async fn insert(tx: &mut TenantTx, customer: UserId, note: &Note) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO customer_notes (tenant_id, id, customer_id, author_id, body, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        tenant.0,
        note.id.0,
        customer.0,
        note.author.0,
        note.text.as_str(),
        note.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The notes before `before`, at most `limit` of them where there is one.
pub(in crate::customers) async fn list(
    tx: &mut TenantTx,
    customer: UserId,
    before: Option<NoteId>,
    limit: Option<i64>,
) -> Result<Vec<Note>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        NoteRow,
        "SELECT id, author_id, body, created_at FROM customer_notes
         WHERE tenant_id = $1 AND customer_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
        tenant.0,
        customer.0,
        before.map_or(Uuid::max(), |id| id.0),
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(NoteRow::read).collect()
}
