//! Shipping methods.

use chrono::{DateTime, Utc};
use kernel::{Amount, Country, Limit, Text};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::broken;
use crate::pricing::{ShippingMethod, ShippingMethodChange, ShippingMethodId, ShippingName};

struct Row {
    id: Uuid,
    name: String,
    price_minor: i64,
    free_above_minor: Option<i64>,
    countries: Vec<String>,
    active: bool,
    version: i64,
    created_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<ShippingMethod, DbError> {
        let amount = |minor| Amount::new(minor).ok_or_else(|| broken("price"));
        let countries = self.countries.iter().map(|code| Country::parse(code).map_err(|_| broken("country")));
        Ok(ShippingMethod {
            id: ShippingMethodId(self.id),
            name: ShippingName::parse(&self.name).map_err(|_| broken("name"))?,
            price: amount(self.price_minor)?,
            free_above: self.free_above_minor.map(amount).transpose()?,
            countries: countries.collect::<Result<_, _>>()?,
            active: self.active,
            version: self.version,
            created_at: self.created_at,
        })
    }
}

fn codes(countries: &[Country]) -> Vec<String> {
    countries.iter().map(|country| country.code().to_owned()).collect()
}

/// Inserts the method; false where the store has `most` of them.
pub(in crate::pricing) async fn insert(tx: &mut TenantTx, method: &ShippingMethod, most: i64) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "INSERT INTO shipping_methods (tenant_id, id, name, price_minor, free_above_minor, countries, active, version,
                                       created_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
         WHERE (SELECT count(*) FROM shipping_methods WHERE tenant_id = $1) < $10",
        tenant.0,
        method.id.0,
        method.name.as_str(),
        method.price.minor(),
        method.free_above.map(Amount::minor),
        &codes(&method.countries),
        method.active,
        method.version,
        method.created_at,
        most,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::pricing) async fn get(
    tx: &mut TenantTx,
    id: ShippingMethodId,
) -> Result<Option<ShippingMethod>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        "SELECT id, name, price_minor, free_above_minor, countries, active, version, created_at
         FROM shipping_methods WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

pub(in crate::pricing) async fn list(
    tx: &mut TenantTx,
    after: Option<ShippingMethodId>,
    limit: Limit,
) -> Result<Vec<ShippingMethod>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, name, price_minor, free_above_minor, countries, active, version, created_at
         FROM shipping_methods WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        tenant.0,
        after.map_or(Uuid::max(), |id| id.0),
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}

pub(in crate::pricing) async fn active(tx: &mut TenantTx) -> Result<Vec<ShippingMethod>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, name, price_minor, free_above_minor, countries, active, version, created_at
         FROM shipping_methods WHERE tenant_id = $1 AND active",
        tenant.0,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Writes what `change` names; nothing where the method is not of that version.
pub(in crate::pricing) async fn update(
    tx: &mut TenantTx,
    id: ShippingMethodId,
    expected: Option<i64>,
    change: &ShippingMethodChange,
) -> Result<Option<ShippingMethod>, DbError> {
    let (tenant, countries) = (tx.tenant(), change.countries.as_deref().map(codes));
    let row = sqlx::query_as!(
        Row,
        "UPDATE shipping_methods
         SET name = coalesce($4, name), price_minor = coalesce($5, price_minor),
             free_above_minor = CASE WHEN $6 THEN $7 ELSE free_above_minor END,
             countries = coalesce($8, countries), active = coalesce($9, active), version = version + 1
         WHERE tenant_id = $1 AND id = $2 AND version = coalesce($3, version)
         RETURNING id, name, price_minor, free_above_minor, countries, active, version, created_at",
        tenant.0,
        id.0,
        expected,
        change.name.as_ref().map(Text::as_str),
        change.price.map(Amount::minor),
        change.free_above.is_some(),
        change.free_above.flatten().map(Amount::minor),
        countries.as_deref(),
        change.active,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

/// Deletes a method; false where it is not of that version.
pub(in crate::pricing) async fn delete(
    tx: &mut TenantTx,
    id: ShippingMethodId,
    expected: Option<i64>,
) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "DELETE FROM shipping_methods WHERE tenant_id = $1 AND id = $2 AND version = coalesce($3, version)",
        tenant.0,
        id.0,
        expected,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}
