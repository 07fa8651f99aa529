//! Customers, as staff finds them.

use kernel::{Limit, Text};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::Row;
use crate::customers::CustomerFilter;
use crate::identity::UserId;

/// A statement over customers; `$rest` is what follows `WHERE c.tenant_id = $1 AND`.
macro_rules! customers {
    ($rest:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT u.id, u.email, u.name, u.created_at, u.email_confirmed_at, u.version, c.phone AS "phone?",
                      c.birth_date AS "birth_date?"
               FROM customers c JOIN users u ON u.tenant_id = $1 AND u.id = c.user_id
               WHERE c.tenant_id = $1 AND "# + $rest,
            $($arg),*
        )
    };
}

/// Without a beginning the list is walked from its end. With one, those who fit are looked up in two indexes first: the
/// greatest character of all stands for what comes behind everything that begins alike.
pub(in crate::customers) async fn list(
    tx: &mut TenantTx,
    filter: &CustomerFilter,
    before: Option<UserId>,
    limit: Limit,
) -> Result<Vec<Row>, DbError> {
    let (tenant, before, limit) = (tx.tenant().0, before.map_or(Uuid::max(), |id| id.0), limit.and_one());
    let rows = match &filter.beginning {
        None => {
            customers!(
                "c.user_id < $2
                 AND ($4::boolean IS NULL
                      OR $4 = EXISTS (SELECT FROM addresses a WHERE a.tenant_id = $1 AND a.customer_id = c.user_id))
                 ORDER BY c.user_id DESC LIMIT $3",
                tenant,
                before,
                limit,
                filter.has_address
            )
            .fetch_all(tx.conn())
            .await?
        }
        Some(beginning) => {
            customers!(
                r#"c.user_id < $2
                   AND ($4::boolean IS NULL
                        OR $4 = EXISTS (SELECT FROM addresses a WHERE a.tenant_id = $1 AND a.customer_id = c.user_id))
                   AND (u.name_folded >= lower($5) AND u.name_folded < lower($5) || chr(1114111)
                        OR u.email COLLATE "C" >= lower($5) AND u.email COLLATE "C" < lower($5) || chr(1114111))
                   ORDER BY c.user_id DESC LIMIT $3"#,
                tenant,
                before,
                limit,
                filter.has_address,
                beginning.as_str()
            )
            .fetch_all(tx.conn())
            .await?
        }
    };
    Ok(rows)
}

pub(in crate::customers) async fn get(tx: &mut TenantTx, id: UserId) -> Result<Option<Row>, DbError> {
    let tenant = tx.tenant();
    Ok(customers!("c.user_id = $2", tenant.0, id.0).fetch_optional(tx.conn()).await?)
}

/// Keeps an account from being deleted until the transaction ends.
pub(in crate::customers) async fn hold(tx: &mut TenantTx, id: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("SELECT id FROM users WHERE tenant_id = $1 AND id = $2 FOR KEY SHARE", tenant.0, id.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(())
}
