//! Tax rates: how much, on what, where.

use chrono::{DateTime, Utc};
use kernel::{Country, Limit, Line, Page};
use tenants::{DbError, TenantTx};

use super::queries::taxes as queries;
use super::{BasisPoints, PricingError, Rate, Taxes};
use crate::catalog::CategoryId;

kernel::typed_id! {
    /// The id of a tax rate.
    TaxRateId
}

/// A tax rate's name.
pub type TaxName = Line<100>;
/// A part of a country, as addresses name it: `CA`, `Bavaria`. Compared without regard to case.
pub type Region = Line<100>;

/// Tax rates of a store, at most.
const MOST: i64 = 1_000;

/// Where goods go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The country.
    pub country: Country,
    /// The part of it.
    pub region: Option<Region>,
}

/// A tax rate.
#[derive(Debug, Clone)]
pub struct TaxRate {
    /// Its id.
    pub id: TaxRateId,
    /// Its name for people: `VAT`.
    pub name: TaxName,
    /// Where it applies; wherever no other does where there is none.
    pub country: Option<Country>,
    /// In which part of the country; wherever in it no other does where there is none.
    pub region: Option<Region>,
    /// On what of the category or below it; on everything else where there is none.
    pub category: Option<CategoryId>,
    /// How much.
    pub basis_points: BasisPoints,
    /// Whether shipping bears it, too.
    pub on_shipping: bool,
    /// Counts its changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What a tax rate is made with.
#[derive(Debug, Clone)]
pub struct NewTaxRate {
    /// Its name for people.
    pub name: TaxName,
    /// Where it applies.
    pub country: Option<Country>,
    /// In which part of the country.
    pub region: Option<Region>,
    /// On what of the category or below it.
    pub category: Option<CategoryId>,
    /// How much.
    pub basis_points: BasisPoints,
    /// Whether shipping bears it, too.
    pub on_shipping: bool,
}

/// What of a tax rate is to be changed; what is left out stays. Where it applies and on what stays for good.
#[derive(Debug, Clone, Default)]
pub struct TaxRateChange {
    /// Its name for people.
    pub name: Option<TaxName>,
    /// How much.
    pub basis_points: Option<BasisPoints>,
    /// Whether shipping bears it, too.
    pub on_shipping: Option<bool>,
}

/// Adds a tax rate.
///
/// # Errors
/// [`PricingError::RateTaken`], [`PricingError::RegionWithoutCountry`], [`PricingError::CategoryOnShipping`],
/// [`PricingError::UnknownCategory`], [`PricingError::TooMany`].
pub async fn add_tax_rate(tx: &mut TenantTx, new: &NewTaxRate) -> Result<TaxRate, PricingError> {
    if new.region.is_some() && new.country.is_none() {
        return Err(PricingError::RegionWithoutCountry);
    }
    if new.category.is_some() && new.on_shipping {
        return Err(PricingError::CategoryOnShipping);
    }
    let rate = TaxRate {
        id: TaxRateId::generate(),
        name: new.name.clone(),
        country: new.country,
        region: new.region.clone(),
        category: new.category,
        basis_points: new.basis_points,
        on_shipping: new.on_shipping,
        version: 1,
        created_at: tx.now(),
    };
    if queries::insert(tx, &rate, MOST).await? { Ok(rate) } else { Err(PricingError::TooMany(MOST)) }
}

/// A tax rate.
///
/// # Errors
/// [`PricingError::NoTaxRate`].
pub async fn tax_rate(tx: &mut TenantTx, id: TaxRateId) -> Result<TaxRate, PricingError> {
    queries::get(tx, id).await?.ok_or(PricingError::NoTaxRate(id))
}

/// A page of the tax rates, those behind `after`, the newest first.
///
/// # Errors
/// [`DbError`].
pub async fn list_tax_rates(
    tx: &mut TenantTx,
    after: Option<TaxRateId>,
    limit: Limit,
) -> Result<Page<TaxRate>, DbError> {
    Ok(Page::cut(queries::list(tx, after, limit).await?, limit))
}

/// Changes a tax rate where `expected` is still its version.
///
/// # Errors
/// [`PricingError::NoTaxRate`], [`PricingError::Stale`], [`PricingError::CategoryOnShipping`].
pub async fn change_tax_rate(
    tx: &mut TenantTx,
    id: TaxRateId,
    expected: Option<i64>,
    change: &TaxRateChange,
) -> Result<TaxRate, PricingError> {
    if let Some(changed) = queries::update(tx, id, expected, change).await? {
        return Ok(changed);
    }
    tax_rate(tx, id).await?;
    Err(PricingError::Stale)
}

/// Removes a tax rate where `expected` is still its version.
///
/// # Errors
/// [`PricingError::NoTaxRate`], [`PricingError::Stale`].
pub async fn remove_tax_rate(tx: &mut TenantTx, id: TaxRateId, expected: Option<i64>) -> Result<(), PricingError> {
    if queries::delete(tx, id, expected).await? {
        return Ok(());
    }
    tax_rate(tx, id).await?;
    Err(PricingError::Stale)
}

/// How what goes to `place` is taxed. Where it is not known yet where that is, by the rates that name no country.
///
/// # Errors
/// [`DbError`].
pub async fn taxes_at(tx: &mut TenantTx, place: Option<&Place>) -> Result<Taxes, DbError> {
    let (included, found) = queries::at(tx, place.map(|place| place.country)).await?;
    Ok(Taxes { included, rates: nearest_first(&found, place) })
}

/// The rates of the region, those of its country, and those of everywhere.
fn nearest_first(rates: &[TaxRate], place: Option<&Place>) -> Vec<Vec<Rate>> {
    let folded = |region: &Region| kernel::Text::as_str(region).to_lowercase();
    let region = place.and_then(|place| place.region.as_ref()).map(folded);
    let nearness = |rate: &TaxRate| match (rate.country, rate.region.as_ref().map(folded)) {
        (None, _) => Some(2),
        (country, None) if country == place.map(|place| place.country) => Some(1),
        (country, wanted) if country == place.map(|place| place.country) && wanted == region => Some(0),
        _ => None,
    };
    let at = |level: usize| {
        let there = rates.iter().filter(move |rate| nearness(rate) == Some(level));
        there.map(|rate| Rate {
            basis_points: rate.basis_points,
            category: rate.category,
            on_shipping: rate.on_shipping,
        })
    };
    (0..3).map(|level| at(level).collect()).collect()
}

#[cfg(test)]
mod tests {
    use kernel::Text as _;

    use super::*;

    fn rate(country: Option<&str>, region: Option<&str>, basis_points: i64) -> TaxRate {
        TaxRate {
            id: TaxRateId::generate(),
            name: TaxName::parse("VAT").unwrap(),
            country: country.map(|code| Country::parse(code).unwrap()),
            region: region.map(|name| Region::parse(name).unwrap()),
            category: None,
            basis_points: BasisPoints::new(basis_points).unwrap(),
            on_shipping: true,
            version: 1,
            created_at: Utc::now(),
        }
    }

    #[test]
    fn the_nearest_rate_decides() {
        let rates = [rate(None, None, 500), rate(Some("US"), None, 0), rate(Some("US"), Some("CA"), 725)];
        let first = |place: Option<Place>| {
            let found = nearest_first(&rates, place.as_ref());
            found.into_iter().flatten().next().map(|rate| rate.basis_points.get())
        };
        let place = |country: &str, region: Option<&str>| {
            let region = region.map(|name| Region::parse(name).unwrap());
            Some(Place { country: Country::parse(country).unwrap(), region })
        };
        assert_eq!(first(None), Some(500));
        assert_eq!(first(place("DE", Some("CA"))), Some(500));
        assert_eq!(first(place("US", None)), Some(0));
        assert_eq!(first(place("US", Some("ca"))), Some(725));
        assert_eq!(first(place("US", Some("NY"))), Some(0));
    }
}
