//! Tax rates.

use chrono::{DateTime, Utc};
use kernel::{Country, Limit, Text};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::broken;
use crate::catalog::CategoryId;
use crate::pricing::{BasisPoints, PricingError, Region, TaxName, TaxRate, TaxRateChange, TaxRateId};

struct Row {
    id: Uuid,
    name: String,
    country: Option<String>,
    region: Option<String>,
    category_id: Option<Uuid>,
    basis_points: i32,
    on_shipping: bool,
    version: i64,
    created_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<TaxRate, DbError> {
        Ok(TaxRate {
            id: TaxRateId(self.id),
            name: TaxName::parse(&self.name).map_err(|_| broken("name"))?,
            country: self.country.as_deref().map(Country::parse).transpose().map_err(|_| broken("country"))?,
            region: self.region.as_deref().map(Region::parse).transpose().map_err(|_| broken("region"))?,
            category: self.category_id.map(CategoryId),
            basis_points: BasisPoints::new(self.basis_points.into()).ok_or_else(|| broken("rate"))?,
            on_shipping: self.on_shipping,
            version: self.version,
            created_at: self.created_at,
        })
    }
}

/// What a constraint says about a rate.
fn refusal(err: sqlx::Error, category: Option<CategoryId>) -> PricingError {
    match (err.as_database_error().and_then(|cause| cause.constraint()), category) {
        (Some("tax_rates_once"), _) => PricingError::RateTaken,
        (Some("tax_rates_category_not_on_shipping"), _) => PricingError::CategoryOnShipping,
        (Some("tax_rates_category_exists"), Some(id)) => PricingError::UnknownCategory(id),
        _ => err.into(),
    }
}

/// Inserts the rate; false where the store has `most` of them.
pub(in crate::pricing) async fn insert(tx: &mut TenantTx, rate: &TaxRate, most: i64) -> Result<bool, PricingError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "INSERT INTO tax_rates (tenant_id, id, name, country, region, category_id, basis_points, on_shipping, version,
                                created_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
         WHERE (SELECT count(*) FROM tax_rates WHERE tenant_id = $1) < $11",
        tenant.0,
        rate.id.0,
        rate.name.as_str(),
        rate.country.map(Country::code),
        rate.region.as_ref().map(Text::as_str),
        rate.category.map(|id| id.0),
        rate.basis_points.get(),
        rate.on_shipping,
        rate.version,
        rate.created_at,
        most,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| refusal(err, rate.category))?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::pricing) async fn get(tx: &mut TenantTx, id: TaxRateId) -> Result<Option<TaxRate>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        "SELECT id, name, country, region, category_id, basis_points, on_shipping, version, created_at
         FROM tax_rates WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

pub(in crate::pricing) async fn list(
    tx: &mut TenantTx,
    after: Option<TaxRateId>,
    limit: Limit,
) -> Result<Vec<TaxRate>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, name, country, region, category_id, basis_points, on_shipping, version, created_at
         FROM tax_rates WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        tenant.0,
        after.map_or(Uuid::max(), |id| id.0),
        limit.and_one(),
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Whether the store's prices include tax, and its rates for a country and for everywhere.
pub(in crate::pricing) async fn at(
    tx: &mut TenantTx,
    country: Option<Country>,
) -> Result<(bool, Vec<TaxRate>), DbError> {
    let tenant = tx.tenant();
    let included = super::settings(tx).await?.tax_included;
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, name, country, region, category_id, basis_points, on_shipping, version, created_at
         FROM tax_rates WHERE tenant_id = $1 AND (country IS NULL OR country = $2)",
        tenant.0,
        country.map(Country::code),
    )
    .fetch_all(tx.conn())
    .await?;
    Ok((included, rows.into_iter().map(Row::read).collect::<Result<_, _>>()?))
}

/// Writes what `change` names; nothing where the rate is not of that version.
pub(in crate::pricing) async fn update(
    tx: &mut TenantTx,
    id: TaxRateId,
    expected: Option<i64>,
    change: &TaxRateChange,
) -> Result<Option<TaxRate>, PricingError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        "UPDATE tax_rates SET name = coalesce($4, name), basis_points = coalesce($5, basis_points),
                on_shipping = coalesce($6, on_shipping), version = version + 1
         WHERE tenant_id = $1 AND id = $2 AND version = coalesce($3, version)
         RETURNING id, name, country, region, category_id, basis_points, on_shipping, version, created_at",
        tenant.0,
        id.0,
        expected,
        change.name.as_ref().map(Text::as_str),
        change.basis_points.map(BasisPoints::get),
        change.on_shipping,
    )
    .fetch_optional(tx.conn())
    .await
    .map_err(|err| refusal(err, None))?;
    Ok(row.map(Row::read).transpose()?)
}

/// Deletes a rate; false where it is not of that version.
pub(in crate::pricing) async fn delete(
    tx: &mut TenantTx,
    id: TaxRateId,
    expected: Option<i64>,
) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "DELETE FROM tax_rates WHERE tenant_id = $1 AND id = $2 AND version = coalesce($3, version)",
        tenant.0,
        id.0,
        expected,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}
