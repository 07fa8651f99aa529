//! The SQL of addresses.

use chrono::{DateTime, Utc};
use kernel::{Country, Text, TextError};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::{Address, AddressId, AddressLine, City, Kept, PostalCode, Region};
use crate::customers::Phone;
use crate::identity::{PersonName, UserId};

struct Row {
    id: Uuid,
    name: String,
    line1: String,
    line2: Option<String>,
    city: String,
    region: Option<String>,
    postal_code: Option<String>,
    country: String,
    phone: Option<String>,
    is_default: bool,
    version: i64,
    created_at: DateTime<Utc>,
}

fn maybe<T: Text>(text: Option<&str>) -> Result<Option<T>, TextError> {
    text.map(T::parse).transpose()
}

impl Row {
    fn address(&self) -> Result<Address, TextError> {
        Ok(Address {
            name: PersonName::parse(&self.name)?,
            line1: AddressLine::parse(&self.line1)?,
            line2: maybe(self.line2.as_deref())?,
            city: City::parse(&self.city)?,
            region: maybe::<Region>(self.region.as_deref())?,
            postal_code: maybe::<PostalCode>(self.postal_code.as_deref())?,
            country: Country::parse(&self.country)?,
            phone: maybe::<Phone>(self.phone.as_deref())?,
        })
    }

    fn read(self) -> Result<Kept, DbError> {
        let broken = |_| DbError::from(sqlx::Error::Decode(format!("address {} breaks its rules", self.id).into()));
        let address = self.address().map_err(broken)?;
        let Self { id, is_default, version, created_at, .. } = self;
        Ok(Kept { id: AddressId(id), address, is_default, version, created_at })
    }
}

pub(super) async fn list(
    tx: &mut TenantTx,
    customer: UserId,
    before: Option<AddressId>,
    limit: i64,
) -> Result<Vec<Kept>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, name, line1, line2, city, region, postal_code, country, phone, is_default, version, created_at
         FROM addresses WHERE tenant_id = $1 AND customer_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
        tenant.0,
        customer.0,
        before.map_or(Uuid::max(), |id| id.0),
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}

pub(super) async fn get(tx: &mut TenantTx, customer: UserId, id: AddressId) -> Result<Option<Kept>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        "SELECT id, name, line1, line2, city, region, postal_code, country, phone, is_default, version, created_at
         FROM addresses WHERE tenant_id = $1 AND customer_id = $2 AND id = $3",
        tenant.0,
        customer.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::read).transpose()
}

/// Locks a customer's account against others who write to the addresses; false where it is gone.
pub(super) async fn lock_customer(tx: &mut TenantTx, customer: UserId) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        "SELECT id FROM users WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        tenant.0,
        customer.0,
    );
    Ok(found.fetch_optional(tx.conn()).await?.is_some())
}

pub(super) async fn count(tx: &mut TenantTx, customer: UserId) -> Result<i64, DbError> {
    let tenant = tx.tenant();
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM addresses WHERE tenant_id = $1 AND customer_id = $2"#,
        tenant.0,
        customer.0,
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

pub(super) async fn clear_default(tx: &mut TenantTx, customer: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE addresses SET is_default = false, version = version + 1
         WHERE tenant_id = $1 AND customer_id = $2 AND is_default",
        tenant.0,
        customer.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn make_newest_default(tx: &mut TenantTx, customer: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "UPDATE addresses SET is_default = true, version = version + 1
         WHERE tenant_id = $1 AND id = (SELECT a.id FROM addresses a WHERE a.tenant_id = $1 AND a.customer_id = $2
                                        ORDER BY a.id DESC LIMIT 1)",
        tenant.0,
        customer.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn insert(tx: &mut TenantTx, customer: UserId, kept: &Kept) -> Result<(), DbError> {
    let (tenant, address) = (tx.tenant(), &kept.address);
    sqlx::query!(
        "INSERT INTO addresses (tenant_id, customer_id, id, name, line1, line2, city, region, postal_code, country,
                                phone, is_default, version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        tenant.0,
        customer.0,
        kept.id.0,
        address.name.as_str(),
        address.line1.as_str(),
        address.line2.as_ref().map(Text::as_str),
        address.city.as_str(),
        address.region.as_ref().map(Text::as_str),
        address.postal_code.as_ref().map(Text::as_str),
        address.country.as_str(),
        address.phone.as_ref().map(Text::as_str),
        kept.is_default,
        kept.version,
        kept.created_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update(tx: &mut TenantTx, customer: UserId, kept: &Kept) -> Result<(), DbError> {
    let (tenant, address) = (tx.tenant(), &kept.address);
    sqlx::query!(
        "UPDATE addresses SET name = $4, line1 = $5, line2 = $6, city = $7, region = $8, postal_code = $9, country = $10,
                phone = $11, is_default = $12, version = $13
         WHERE tenant_id = $1 AND customer_id = $2 AND id = $3",
        tenant.0,
        customer.0,
        kept.id.0,
        address.name.as_str(),
        address.line1.as_str(),
        address.line2.as_ref().map(Text::as_str),
        address.city.as_str(),
        address.region.as_ref().map(Text::as_str),
        address.postal_code.as_ref().map(Text::as_str),
        address.country.as_str(),
        address.phone.as_ref().map(Text::as_str),
        kept.is_default,
        kept.version,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut TenantTx, customer: UserId, id: AddressId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "DELETE FROM addresses WHERE tenant_id = $1 AND customer_id = $2 AND id = $3",
        tenant.0,
        customer.0,
        id.0,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
