//! Brands: who makes products.

use chrono::{DateTime, Utc};
use kernel::{Limit, Line, Page, Slug};
use tenants::{DbError, TenantTx};

use super::queries::{brands as queries, prices};
use super::{CatalogError, search};

kernel::typed_id! {
    /// The id of a brand.
    BrandId
}

/// A brand's name.
pub type BrandName = Line<100>;

/// A brand.
#[derive(Debug, Clone)]
pub struct Brand {
    /// Its id.
    pub id: BrandId,
    /// Its name in addresses, unique in the store.
    pub slug: Slug,
    /// Its name for people.
    pub name: BrandName,
    /// Counts its changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A brand that has something for sale.
#[derive(Debug, Clone)]
pub struct VisibleBrand {
    /// The brand.
    pub brand: Brand,
    /// How many active products it has.
    pub products: i64,
}

/// What a brand is made with.
#[derive(Debug, Clone)]
pub struct NewBrand {
    /// Its name for people.
    pub name: BrandName,
    /// Made of the name where it is left out.
    pub slug: Option<Slug>,
}

/// What of a brand is to be changed; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct BrandChange {
    /// Its name for people.
    pub name: Option<BrandName>,
    /// Its name in addresses.
    pub slug: Option<Slug>,
}

/// Adds a brand.
///
/// # Errors
/// [`CatalogError::SlugTaken`].
pub async fn add_brand(tx: &mut TenantTx, new: &NewBrand) -> Result<Brand, CatalogError> {
    let mut brand = Brand {
        id: BrandId::generate(),
        slug: new.slug.clone().unwrap_or_else(|| Slug::of(kernel::Text::as_str(&new.name), "brand")),
        name: new.name.clone(),
        version: 1,
        created_at: tx.now(),
    };
    if queries::insert(tx, &brand).await? {
        search::keep_brand(tx, brand.id, &brand.name).await?;
        return Ok(brand);
    }
    let plain = brand.slug.clone();
    if new.slug.is_none() {
        for number in queries::free_numbers(tx, &plain).await? {
            brand.slug = plain.numbered(number);
            if queries::insert(tx, &brand).await? {
                search::keep_brand(tx, brand.id, &brand.name).await?;
                return Ok(brand);
            }
        }
    }
    Err(CatalogError::SlugTaken(plain))
}

/// A brand.
///
/// # Errors
/// [`CatalogError::NoBrand`].
pub async fn brand(tx: &mut TenantTx, id: BrandId) -> Result<Brand, CatalogError> {
    queries::get(tx, id).await?.ok_or(CatalogError::NoBrand(id))
}

/// The brands of the store in the order of their slugs, those after `after`.
///
/// # Errors
/// [`DbError`].
pub async fn list_brands(tx: &mut TenantTx, after: Option<&Slug>, limit: Limit) -> Result<Page<Brand>, DbError> {
    Ok(Page::cut(queries::list(tx, after, limit).await?, limit))
}

/// The brands that have something for sale, in the order of their slugs, those after `after`.
///
/// # Errors
/// [`DbError`].
pub async fn visible_brands(
    tx: &mut TenantTx,
    after: Option<&Slug>,
    limit: Limit,
) -> Result<Page<VisibleBrand>, DbError> {
    Ok(Page::cut(queries::visible(tx, after, limit).await?, limit))
}

/// Changes a brand where `expected` is still its version.
///
/// # Errors
/// [`CatalogError::NoBrand`], [`CatalogError::Stale`], [`CatalogError::SlugTaken`].
pub async fn change_brand(
    tx: &mut TenantTx,
    id: BrandId,
    expected: Option<i64>,
    change: &BrandChange,
) -> Result<Brand, CatalogError> {
    let Some(changed) = queries::update(tx, id, expected, change).await? else {
        brand(tx, id).await?;
        return Err(CatalogError::Stale);
    };
    search::keep_brand(tx, id, &changed.name).await?;
    Ok(changed)
}

/// Removes a brand where `expected` is still its version. It must have no products; discounts for it lose it.
///
/// # Errors
/// [`CatalogError::NoBrand`], [`CatalogError::Stale`], [`CatalogError::BrandInUse`].
pub async fn remove_brand(tx: &mut TenantTx, id: BrandId, expected: Option<i64>) -> Result<(), CatalogError> {
    prices::enter(tx).await?;
    if queries::delete(tx, id, expected).await? {
        search::forget(tx, id.0).await?;
        return Ok(());
    }
    brand(tx, id).await?;
    Err(CatalogError::Stale)
}
