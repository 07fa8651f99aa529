//! Categories: a tree by which visitors find products.

use chrono::{DateTime, Utc};
use kernel::{Limit, Line, Page, Slug};
use tenants::{DbError, TenantTx};

use super::CatalogError;
use super::queries::{categories as queries, prices};

kernel::typed_id! {
    /// The id of a category.
    CategoryId
}

/// A category's name.
pub type CategoryName = Line<100>;

/// How deep categories nest.
pub(super) const DEEPEST: i64 = 8;

/// A category.
#[derive(Debug, Clone)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// The category above it; none at the top.
    pub parent: Option<CategoryId>,
    /// Its name in addresses, unique in the store.
    pub slug: Slug,
    /// Its name for people.
    pub name: CategoryName,
    /// Counts its changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What a category is made with.
#[derive(Debug, Clone)]
pub struct NewCategory {
    /// Its name for people.
    pub name: CategoryName,
    /// Made of the name where it is left out.
    pub slug: Option<Slug>,
    /// The category above it, for good.
    pub parent: Option<CategoryId>,
}

/// What of a category is to be changed; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct CategoryChange {
    /// Its name for people.
    pub name: Option<CategoryName>,
    /// Its name in addresses.
    pub slug: Option<Slug>,
}

/// Adds a category.
///
/// # Errors
/// [`CatalogError::UnknownCategory`] for its parent, [`CatalogError::TooDeep`], [`CatalogError::SlugTaken`].
pub async fn add_category(tx: &mut TenantTx, new: &NewCategory) -> Result<Category, CatalogError> {
    prices::enter(tx).await?;
    if let Some(parent) = new.parent {
        let depth = queries::depth(tx, parent).await?;
        if depth == 0 {
            return Err(CatalogError::UnknownCategory { id: parent, pointer: "/parent_id" });
        }
        if depth >= DEEPEST {
            return Err(CatalogError::TooDeep);
        }
    }
    let mut category = Category {
        id: CategoryId::generate(),
        parent: new.parent,
        slug: new.slug.clone().unwrap_or_else(|| Slug::of(kernel::Text::as_str(&new.name), "category")),
        name: new.name.clone(),
        version: 1,
        created_at: tx.now(),
    };
    insert_under_free_slug(tx, &mut category, new.slug.is_some()).await?;
    queries::insert_ancestors(tx, &category).await?;
    prices::count_change(tx).await?;
    Ok(category)
}

async fn insert_under_free_slug(tx: &mut TenantTx, category: &mut Category, chosen: bool) -> Result<(), CatalogError> {
    if queries::insert(tx, category).await? {
        return Ok(());
    }
    let plain = category.slug.clone();
    if !chosen {
        for number in queries::free_numbers(tx, &plain).await? {
            category.slug = plain.numbered(number);
            if queries::insert(tx, category).await? {
                return Ok(());
            }
        }
    }
    Err(CatalogError::SlugTaken(plain))
}

/// A category.
///
/// # Errors
/// [`CatalogError::NoCategory`].
pub async fn category(tx: &mut TenantTx, id: CategoryId) -> Result<Category, CatalogError> {
    queries::get(tx, id).await?.ok_or(CatalogError::NoCategory(id))
}

/// A category by its slug.
///
/// # Errors
/// [`CatalogError::NoCategoryNamed`].
pub async fn visible_category(tx: &mut TenantTx, slug: &Slug) -> Result<Category, CatalogError> {
    queries::by_slug(tx, slug).await?.ok_or_else(|| CatalogError::NoCategoryNamed(slug.clone()))
}

/// The categories of the store in the order of their slugs, those after `after`.
///
/// # Errors
/// [`DbError`].
pub async fn list_categories(tx: &mut TenantTx, after: Option<&Slug>, limit: Limit) -> Result<Page<Category>, DbError> {
    Ok(Page::cut(queries::list(tx, after, limit).await?, limit))
}

/// Changes a category where `expected` is still its version.
///
/// # Errors
/// [`CatalogError::NoCategory`], [`CatalogError::Stale`], [`CatalogError::SlugTaken`].
pub async fn change_category(
    tx: &mut TenantTx,
    id: CategoryId,
    expected: Option<i64>,
    change: &CategoryChange,
) -> Result<Category, CatalogError> {
    let Some(changed) = queries::update(tx, id, expected, change).await? else {
        category(tx, id).await?;
        return Err(CatalogError::Stale);
    };
    prices::count_change(tx).await?;
    Ok(changed)
}

/// Removes a category where `expected` is still its version. It must be empty.
///
/// # Errors
/// [`CatalogError::NoCategory`], [`CatalogError::Stale`], [`CatalogError::CategoryInUse`].
pub async fn remove_category(tx: &mut TenantTx, id: CategoryId, expected: Option<i64>) -> Result<(), CatalogError> {
    prices::enter(tx).await?;
    if queries::delete(tx, id, expected).await? {
        return Ok(prices::count_change(tx).await?);
    }
    category(tx, id).await?;
    Err(CatalogError::Stale)
}
