//! Shipping methods: how goods travel, and for how much.

use chrono::{DateTime, Utc};
use kernel::{Amount, Country, Limit, Line, Page};
use tenants::{DbError, TenantTx};

use super::queries::shipping as queries;
use super::{PricingError, Shipping};

kernel::typed_id! {
    /// The id of a shipping method.
    ShippingMethodId
}

/// A shipping method's name.
pub type ShippingName = Line<100>;

/// Countries of a shipping method, at most: all that there are.
pub const MOST_COUNTRIES: usize = 249;
/// Shipping methods of a store, at most: a cart looks at all of them.
const MOST: i64 = 200;

/// A way for goods to travel.
#[derive(Debug, Clone)]
pub struct ShippingMethod {
    /// Its id.
    pub id: ShippingMethodId,
    /// Its name for people.
    pub name: ShippingName,
    /// What it costs.
    pub price: Amount,
    /// From which spend on, after discounts, it costs nothing.
    pub free_above: Option<Amount>,
    /// Where it leads; everywhere where there is none.
    pub countries: Vec<Country>,
    /// Whether it can be chosen.
    pub active: bool,
    /// Counts its changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl ShippingMethod {
    /// Whether goods can be sent there in this way now. Where it is not known yet where they go, they may.
    #[must_use]
    pub fn leads_to(&self, country: Option<Country>) -> bool {
        self.active && country.is_none_or(|country| self.countries.is_empty() || self.countries.contains(&country))
    }
}

impl From<&ShippingMethod> for Shipping {
    fn from(method: &ShippingMethod) -> Self {
        Self { price: method.price, free_above: method.free_above }
    }
}

/// What a shipping method is made with.
#[derive(Debug, Clone)]
pub struct NewShippingMethod {
    /// Its name for people.
    pub name: ShippingName,
    /// What it costs.
    pub price: Amount,
    /// From which spend on it costs nothing.
    pub free_above: Option<Amount>,
    /// Where it leads; everywhere where there is none.
    pub countries: Vec<Country>,
    /// Whether it can be chosen.
    pub active: bool,
}

/// What of a shipping method is to be changed; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct ShippingMethodChange {
    /// Its name for people.
    pub name: Option<ShippingName>,
    /// What it costs.
    pub price: Option<Amount>,
    /// From which spend on it costs nothing; some none takes it away.
    pub free_above: Option<Option<Amount>>,
    /// Where it leads.
    pub countries: Option<Vec<Country>>,
    /// Whether it can be chosen.
    pub active: Option<bool>,
}

/// Adds a shipping method.
///
/// # Errors
/// [`PricingError::TooMany`].
pub async fn add_shipping_method(tx: &mut TenantTx, new: &NewShippingMethod) -> Result<ShippingMethod, PricingError> {
    let method = ShippingMethod {
        id: ShippingMethodId::generate(),
        name: new.name.clone(),
        price: new.price,
        free_above: new.free_above,
        countries: new.countries.clone(),
        active: new.active,
        version: 1,
        created_at: tx.now(),
    };
    if queries::insert(tx, &method, MOST).await? { Ok(method) } else { Err(PricingError::TooMany(MOST)) }
}

/// A shipping method.
///
/// # Errors
/// [`PricingError::NoShippingMethod`].
pub async fn shipping_method(tx: &mut TenantTx, id: ShippingMethodId) -> Result<ShippingMethod, PricingError> {
    queries::get(tx, id).await?.ok_or(PricingError::NoShippingMethod(id))
}

/// A page of the shipping methods, those behind `after`, the newest first.
///
/// # Errors
/// [`DbError`].
pub async fn list_shipping_methods(
    tx: &mut TenantTx,
    after: Option<ShippingMethodId>,
    limit: Limit,
) -> Result<Page<ShippingMethod>, DbError> {
    Ok(Page::cut(queries::list(tx, after, limit).await?, limit))
}

/// All shipping methods that can be chosen.
///
/// # Errors
/// [`DbError`].
pub async fn active_shipping_methods(tx: &mut TenantTx) -> Result<Vec<ShippingMethod>, DbError> {
    queries::active(tx).await
}

/// Changes a shipping method where `expected` is still its version.
///
/// # Errors
/// [`PricingError::NoShippingMethod`], [`PricingError::Stale`].
pub async fn change_shipping_method(
    tx: &mut TenantTx,
    id: ShippingMethodId,
    expected: Option<i64>,
    change: &ShippingMethodChange,
) -> Result<ShippingMethod, PricingError> {
    if let Some(changed) = queries::update(tx, id, expected, change).await? {
        return Ok(changed);
    }
    shipping_method(tx, id).await?;
    Err(PricingError::Stale)
}

/// Removes a shipping method where `expected` is still its version.
///
/// # Errors
/// [`PricingError::NoShippingMethod`], [`PricingError::Stale`].
pub async fn remove_shipping_method(
    tx: &mut TenantTx,
    id: ShippingMethodId,
    expected: Option<i64>,
) -> Result<(), PricingError> {
    if queries::delete(tx, id, expected).await? {
        return Ok(());
    }
    shipping_method(tx, id).await?;
    Err(PricingError::Stale)
}
