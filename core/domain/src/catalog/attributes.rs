//! Attributes: what products are described by, with one value each.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{FieldError, Limit, Line, Page, Slug, Text};
use tenants::{DbError, TenantTx};

use super::queries::attributes as queries;
use super::{CatalogError, ProductId};

kernel::typed_id! {
    /// The id of an attribute.
    AttributeId
}

/// An attribute's name.
pub type AttributeName = Line<60>;
/// How a write names an attribute: by its slug, or by its name.
pub type AttributeKey = Line<100>;
/// A value of an attribute.
pub type AttributeValue = Line<100>;

/// Attributes of a product, at most.
pub const MOST_ATTRIBUTES: usize = 50;

/// An attribute.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Its id.
    pub id: AttributeId,
    /// Its name in addresses, unique in the store.
    pub slug: Slug,
    /// Its name for people.
    pub name: AttributeName,
    /// Counts its changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What an attribute is made with.
#[derive(Debug, Clone)]
pub struct NewAttribute {
    /// Its name for people.
    pub name: AttributeName,
    /// Made of the name where it is left out.
    pub slug: Option<Slug>,
}

/// What of an attribute is to be changed; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct AttributeChange {
    /// Its name for people.
    pub name: Option<AttributeName>,
    /// Its name in addresses.
    pub slug: Option<Slug>,
}

/// Adds an attribute.
///
/// # Errors
/// [`CatalogError::SlugTaken`], [`CatalogError::NameTaken`].
pub async fn add_attribute(tx: &mut TenantTx, new: &NewAttribute) -> Result<Attribute, CatalogError> {
    let mut attribute = Attribute {
        id: AttributeId::generate(),
        slug: new.slug.clone().unwrap_or_else(|| Slug::of(new.name.as_str(), "attribute")),
        name: new.name.clone(),
        version: 1,
        created_at: tx.now(),
    };
    if queries::insert(tx, &attribute).await? {
        return Ok(attribute);
    }
    let plain = attribute.slug.clone();
    if new.slug.is_none() {
        for number in queries::free_numbers(tx, &plain).await? {
            attribute.slug = plain.numbered(number);
            if queries::insert(tx, &attribute).await? {
                return Ok(attribute);
            }
        }
    }
    Err(CatalogError::SlugTaken(plain))
}

/// An attribute.
///
/// # Errors
/// [`CatalogError::NoAttribute`].
pub async fn attribute(tx: &mut TenantTx, id: AttributeId) -> Result<Attribute, CatalogError> {
    queries::get(tx, id).await?.ok_or(CatalogError::NoAttribute(id))
}

/// The attributes of the store in the order of their slugs, those after `after`.
///
/// # Errors
/// [`DbError`].
pub async fn list_attributes(
    tx: &mut TenantTx,
    after: Option<&Slug>,
    limit: Limit,
) -> Result<Page<Attribute>, DbError> {
    Ok(Page::cut(queries::list(tx, after, limit).await?, limit))
}

/// Changes an attribute where `expected` is still its version.
///
/// # Errors
/// [`CatalogError::NoAttribute`], [`CatalogError::Stale`], [`CatalogError::SlugTaken`], [`CatalogError::NameTaken`].
pub async fn change_attribute(
    tx: &mut TenantTx,
    id: AttributeId,
    expected: Option<i64>,
    change: &AttributeChange,
) -> Result<Attribute, CatalogError> {
    let Some(changed) = queries::update(tx, id, expected, change).await? else {
        attribute(tx, id).await?;
        return Err(CatalogError::Stale);
    };
    Ok(changed)
}

/// Removes an attribute where `expected` is still its version. No product may have it.
///
/// # Errors
/// [`CatalogError::NoAttribute`], [`CatalogError::Stale`], [`CatalogError::AttributeInUse`].
pub async fn remove_attribute(tx: &mut TenantTx, id: AttributeId, expected: Option<i64>) -> Result<(), CatalogError> {
    if queries::delete(tx, id, expected).await? {
        return Ok(());
    }
    attribute(tx, id).await?;
    Err(CatalogError::Stale)
}

/// Gives a product these attributes, each named by its slug or its name, and no others.
pub(super) async fn set_attributes(
    tx: &mut TenantTx,
    product: ProductId,
    given: &BTreeMap<AttributeKey, AttributeValue>,
) -> Result<(), CatalogError> {
    let keys: Vec<_> = given.keys().map(|key| key.as_str().to_owned()).collect();
    let (mut values, mut faults) = (Vec::new(), Vec::new());
    for ((key, id), value) in queries::named(tx, &keys).await?.into_iter().zip(given.values()) {
        let twice = id.is_some_and(|id| values.iter().any(|(known, _)| *known == id));
        match id {
            Some(id) if !twice => values.push((id, value.as_str().to_owned())),
            Some(_) => faults.push(fault(&key, "is there twice, by its slug and by its name")),
            None => faults.push(fault(&key, "is no attribute of this store")),
        }
    }
    if faults.is_empty() {
        return Ok(queries::set(tx, product, &values).await?);
    }
    Err(CatalogError::UnknownAttributes(faults))
}

fn fault(key: &str, why: &str) -> FieldError {
    FieldError::new(format!("/attributes/{}", key.replace('~', "~0").replace('/', "~1")), why)
}
