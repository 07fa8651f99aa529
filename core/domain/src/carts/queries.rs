//! The SQL of carts.

use chrono::{DateTime, Utc};
use kernel::{Amount, Text as _};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::{Cart, CartError, CartId, CartToken, Item, Quantity, Who};
use crate::catalog::VariantId;
use crate::identity::UserId;
use crate::promotions::CouponCode;

/// A line as it is kept in `carts.items`.
#[derive(Serialize, Deserialize)]
struct ItemRow {
    variant: Uuid,
    quantity: i64,
    seen_minor: i64,
    name: String,
    slug: String,
}

struct Row {
    id: Uuid,
    customer_id: Option<Uuid>,
    items: Json<Vec<ItemRow>>,
    codes: Vec<String>,
    left_out: i32,
    version: i64,
}

impl Row {
    fn read(self) -> Result<Cart, DbError> {
        let broken = || DbError::from(sqlx::Error::Decode("a cart holds what breaks its rules".into()));
        let item = |row: ItemRow| {
            Some(Item {
                variant: VariantId(row.variant),
                quantity: Quantity::new(row.quantity)?,
                seen: Amount::new(row.seen_minor)?,
                name: row.name,
                slug: row.slug,
            })
        };
        let items: Option<_> = self.items.0.into_iter().map(item).collect();
        let codes = self.codes.iter().map(|code| CouponCode::parse(code)).collect::<Result<_, _>>();
        Ok(Cart {
            id: Some(CartId(self.id)),
            items: items.ok_or_else(broken)?,
            codes: codes.map_err(|_| broken())?,
            left_out: self.left_out,
            version: self.version,
        })
    }
}

fn kept(cart: &Cart) -> (Json<Vec<ItemRow>>, Vec<String>) {
    let item = |item: &Item| ItemRow {
        variant: item.variant.0,
        quantity: item.quantity.get().into(),
        seen_minor: item.seen.minor(),
        name: item.name.clone(),
        slug: item.slug.clone(),
    };
    let codes = cart.codes.iter().map(|code| code.as_str().to_owned()).collect();
    (Json(cart.items.iter().map(item).collect()), codes)
}

/// Writes a query of whole carts; `$which` chooses them.
macro_rules! carts {
    ($which:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT id, customer_id, items AS "items!: Json<Vec<ItemRow>>", codes, left_out, version
               FROM carts WHERE tenant_id = $1 AND "# + $which,
            $($arg),*
        )
    };
}

/// Somebody's cart, if there is one.
pub(super) async fn find(tx: &mut TenantTx, who: &Who) -> Result<Option<Cart>, DbError> {
    let tenant = tx.tenant().0;
    let row = match who {
        Who::Visitor(None) => return Ok(None),
        Who::Visitor(Some(token)) => carts!("token_hash = $2", tenant, token.hash()).fetch_optional(tx.conn()).await?,
        Who::Customer(id) => carts!("customer_id = $2", tenant, id.0).fetch_optional(tx.conn()).await?,
    };
    row.map(Row::read).transpose()
}

/// Somebody's cart, if there is one, which is ours until the transaction ends.
pub(super) async fn lock(tx: &mut TenantTx, who: &Who) -> Result<Option<Cart>, DbError> {
    let tenant = tx.tenant().0;
    let row = match who {
        Who::Visitor(None) => return Ok(None),
        Who::Visitor(Some(token)) => {
            carts!("token_hash = $2 FOR UPDATE", tenant, token.hash()).fetch_optional(tx.conn()).await?
        }
        Who::Customer(id) => carts!("customer_id = $2 FOR UPDATE", tenant, id.0).fetch_optional(tx.conn()).await?,
    };
    row.map(Row::read).transpose()
}

/// A visitor's and a customer's cart, which are ours until the transaction ends.
pub(super) async fn lock_both(
    tx: &mut TenantTx,
    token: &CartToken,
    customer: UserId,
) -> Result<(Option<Cart>, Option<Cart>), DbError> {
    let tenant = tx.tenant().0;
    let rows = carts!("(token_hash = $2 OR customer_id = $3) ORDER BY id FOR UPDATE", tenant, token.hash(), customer.0)
        .fetch_all(tx.conn())
        .await?;
    let (mut visitors, mut own) = (None, None);
    for row in rows {
        let place = if row.customer_id.is_some() { &mut own } else { &mut visitors };
        *place = Some(row.read()?);
    }
    Ok((visitors, own))
}

/// Makes an empty cart for a customer who has none, whoever else does so now.
pub(super) async fn make(tx: &mut TenantTx, customer: UserId) -> Result<(), CartError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "INSERT INTO carts (tenant_id, id, customer_id, created_at, touched_at) VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT ON CONSTRAINT carts_one_a_customer DO NOTHING",
        tenant.0,
        Uuid::now_v7(),
        customer.0,
        now,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        Some("carts_customer_exists") => CartError::NoCustomer,
        _ => err.into(),
    })?;
    Ok(())
}

/// Inserts the cart of a visitor.
pub(super) async fn insert(tx: &mut TenantTx, id: CartId, token: &CartToken, cart: &Cart) -> Result<(), DbError> {
    let (tenant, now, (items, codes)) = (tx.tenant(), tx.now(), kept(cart));
    sqlx::query!(
        "INSERT INTO carts (tenant_id, id, token_hash, items, codes, version, created_at, touched_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        tenant.0,
        id.0,
        token.hash(),
        items as _,
        &codes,
        cart.version,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes a cart whose row was locked.
pub(super) async fn update(tx: &mut TenantTx, id: CartId, cart: &Cart) -> Result<(), CartError> {
    let (tenant, now, (items, codes)) = (tx.tenant(), tx.now(), kept(cart));
    let done = sqlx::query!(
        "UPDATE carts SET items = $3, codes = $4, version = $5, touched_at = $6, left_out = $7
         WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        items as _,
        &codes,
        cart.version,
        now,
        cart.left_out,
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(CartError::Stale) }
}

pub(super) async fn delete(tx: &mut TenantTx, id: CartId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM carts WHERE tenant_id = $1 AND id = $2", tenant.0, id.0).execute(tx.conn()).await?;
    Ok(())
}

/// Deletes visitors' carts that nobody has touched since `before`, `most` at once. One that somebody touches now stays.
pub(super) async fn delete_untouched_since(
    tx: &mut TenantTx,
    before: DateTime<Utc>,
    most: i64,
) -> Result<u64, DbError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "DELETE FROM carts WHERE tenant_id = $1 AND touched_at < $2 AND id IN (
             SELECT c.id FROM carts c
             WHERE c.tenant_id = $1 AND c.token_hash IS NOT NULL AND c.touched_at < $2
             ORDER BY c.touched_at LIMIT $3 FOR UPDATE SKIP LOCKED)",
        tenant.0,
        before,
        most,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Whether the store has carts of visitors.
pub(super) async fn any_of_visitors(tx: &mut TenantTx) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let any = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM carts WHERE tenant_id = $1 AND token_hash IS NOT NULL) AS "any!""#,
        tenant.0,
    );
    Ok(any.fetch_one(tx.conn()).await?)
}
