//! What everything costs now, and when that changes next.

use chrono::{DateTime, Utc};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::catalog::{ProductId, State};

/// Waits until nobody is alone in the catalogue, and keeps it so until the transaction ends.
pub(in crate::catalog) async fn enter(tx: &mut TenantTx) -> Result<(), DbError> {
    let gate = format!("catalog of {}", tx.tenant());
    sqlx::query!("SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))", gate).execute(tx.conn()).await?;
    Ok(())
}

/// Waits until nobody else writes to the catalogue, and keeps it so until the transaction ends.
pub(in crate::catalog) async fn enter_alone(tx: &mut TenantTx) -> Result<(), DbError> {
    let gate = format!("catalog of {}", tx.tenant());
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", gate).execute(tx.conn()).await?;
    Ok(())
}

pub(in crate::catalog) async fn state(tx: &mut TenantTx) -> Result<State, DbError> {
    let tenant = tx.tenant();
    let state = sqlx::query_as!(
        State,
        "SELECT version, next_price_change_at, priced_at FROM catalog_state WHERE tenant_id = $1",
        tenant.0,
    );
    Ok(state.fetch_optional(tx.conn()).await?.unwrap_or_default())
}

/// Notes that prices are those of `now`, and when the next discount begins or ends.
pub(in crate::catalog) async fn plan(tx: &mut TenantTx, now: DateTime<Utc>) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO catalog_state (tenant_id, version, priced_at, next_price_change_at)
         SELECT $1, 0, $2, min(least(CASE WHEN d.starts_at > $2 THEN d.starts_at END, CASE WHEN d.ends_at > $2 THEN d.ends_at END))
         FROM discounts d WHERE d.tenant_id = $1 AND d.active
         ON CONFLICT (tenant_id) DO UPDATE
         SET priced_at = excluded.priced_at,
             next_price_change_at = excluded.next_price_change_at",
        tenant.0,
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A query over `priced`: for the variants of the products that `$which` chooses, what they cost at the moment `$2`. It is
/// the one place that says so. A discount of all products, of the product, of its brand, or of its category or one above
/// that, counts while it runs; the best one alone does. Half a minor unit is rounded up, and nothing costs less than 0.
macro_rules! with_prices {
    ($query:ident!($($row:ty,)? $which:literal, $rest:literal, $($arg:expr),* $(,)?)) => {
        sqlx::$query!(
            $($row,)?
            r#"WITH running AS MATERIALIZED (
                   SELECT d.id, d.basis_points, d.amount_minor, d.everything FROM discounts d
                   WHERE d.tenant_id = $1 AND d.active AND d.starts_at <= $2 AND (d.ends_at IS NULL OR d.ends_at > $2)
               ), chosen AS MATERIALIZED (
                   SELECT p.id, p.brand_id, p.category_id FROM products p WHERE p.tenant_id = $1 AND "# + $which + r#"
               ), targets AS MATERIALIZED (
                   SELECT t.product_id, t.category_id, t.brand_id, r.basis_points, r.amount_minor
                   FROM running r JOIN discount_targets t ON t.tenant_id = $1 AND t.discount_id = r.id
               ), best AS MATERIALIZED (
                   SELECT h.product_id, max(h.basis_points) AS basis_points, max(h.amount_minor) AS amount_minor FROM (
                       SELECT c.id AS product_id, e.basis_points, e.amount_minor FROM chosen c CROSS JOIN (
                           SELECT max(r.basis_points) AS basis_points, max(r.amount_minor) AS amount_minor
                           FROM running r WHERE r.everything) e
                       UNION ALL
                       SELECT c.id, t.basis_points, t.amount_minor FROM targets t JOIN chosen c ON c.id = t.product_id
                       UNION ALL
                       SELECT c.id, t.basis_points, t.amount_minor FROM targets t JOIN chosen c ON c.brand_id = t.brand_id
                       UNION ALL
                       SELECT c.id, t.basis_points, t.amount_minor
                       FROM targets t JOIN category_ancestors a ON a.tenant_id = $1 AND a.ancestor_id = t.category_id
                       JOIN chosen c ON c.category_id = a.category_id
                   ) h GROUP BY h.product_id
               ), priced AS MATERIALIZED (
                   SELECT v.id, v.product_id, v.list_minor, least(
                       v.list_minor,
                       -- In two parts, so that the largest price fits.
                       v.list_minor / 10000 * (10000 - b.basis_points) + (v.list_minor % 10000 * (10000 - b.basis_points) + 5000) / 10000,
                       CASE WHEN b.amount_minor IS NOT NULL THEN greatest(v.list_minor - b.amount_minor, 0) END
                   ) AS price_minor
                   FROM chosen c JOIN variants v ON v.tenant_id = $1 AND v.product_id = c.id
                   LEFT JOIN best b ON b.product_id = c.id
               ) "# + $rest,
            $($arg),*
        )
    };
}
pub(super) use with_prices;

/// Writes the prices of `$which` where they are others than those that are written.
macro_rules! reprice {
    ($which:literal, $($arg:expr),*) => {
        with_prices!(query!(
            $which,
            r#", lowest AS MATERIALIZED (
                   SELECT n.product_id, min(n.price_minor) AS price_minor, min(n.list_minor) AS list_minor
                   FROM priced n GROUP BY n.product_id
               ), variants_written AS (
                   UPDATE variants v SET price_minor = n.price_minor FROM priced n
                   WHERE v.tenant_id = $1 AND v.id = n.id AND v.price_minor <> n.price_minor
               ), products_written AS (
                   UPDATE products p SET price_minor = l.price_minor, list_minor = l.list_minor FROM lowest l
                   WHERE p.tenant_id = $1 AND p.id = l.product_id
                     AND (p.price_minor <> l.price_minor OR p.list_minor <> l.list_minor)
               )
               UPDATE category_products c SET price_minor = l.price_minor FROM lowest l
               WHERE c.tenant_id = $1 AND c.product_id = l.product_id AND c.price_minor <> l.price_minor"#,
            $($arg),*
        ))
    };
}

/// Makes the prices of products what they are to be at `now`.
pub(in crate::catalog) async fn reprice(
    tx: &mut TenantTx,
    products: &[ProductId],
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let (tenant, products) = (tx.tenant(), products.iter().map(|id| id.0).collect::<Vec<_>>());
    reprice!("p.id = ANY ($3)", tenant.0, now, &products).execute(tx.conn()).await?;
    Ok(())
}

/// How many products get their prices in one statement: few enough that none comes near the time that a statement has.
const AT_ONCE: i64 = 2_000;

/// Makes all prices what they are to be at `now`.
pub(in crate::catalog) async fn reprice_all(tx: &mut TenantTx, now: DateTime<Utc>) -> Result<(), DbError> {
    let (tenant, mut after) = (tx.tenant(), Uuid::nil());
    loop {
        let last = sqlx::query_scalar!(
            "SELECT id FROM products WHERE tenant_id = $1 AND id > $2 ORDER BY id OFFSET $3 LIMIT 1",
            tenant.0,
            after,
            AT_ONCE - 1,
        )
        .fetch_optional(tx.conn())
        .await?;
        let until = last.unwrap_or(Uuid::max());
        reprice!("p.id > $3 AND p.id <= $4", tenant.0, now, after, until).execute(tx.conn()).await?;
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}
