//! Categories: a tree by which visitors find products.

use chrono::{DateTime, Utc};
use kernel::{Limit, Line, Page, Prose, Slug, Text};
use tenants::{DbError, TenantTx};

use super::queries::{categories as queries, listing, prices as gate, products, tree};
use super::{CatalogError, ProductId, prices, search};

kernel::typed_id! {
    /// The id of a category.
    CategoryId
}

/// A category's name.
pub type CategoryName = Line<100>;
/// What a category is about.
pub type CategoryText = Prose<2_000>;

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
    /// For people.
    pub description: CategoryText,
    /// What staff chose to lead it.
    pub top_product: Option<ProductId>,
    /// Counts its changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A category as visitors see it.
#[derive(Debug, Clone)]
pub struct VisibleCategory {
    /// The category.
    pub category: Category,
    /// How many active products are in it and in all below it.
    pub products: i64,
    /// The active one of them that leads it: what staff chose, or else the newest.
    pub top: Option<ProductId>,
}

/// What a category is made with.
#[derive(Debug, Clone)]
pub struct NewCategory {
    /// Its name for people.
    pub name: CategoryName,
    /// Made of the name where it is left out.
    pub slug: Option<Slug>,
    /// For people.
    pub description: CategoryText,
    /// The category above it.
    pub parent: Option<CategoryId>,
}

/// What of a category is to be changed; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct CategoryChange {
    /// Its name for people.
    pub name: Option<CategoryName>,
    /// Its name in addresses.
    pub slug: Option<Slug>,
    /// For people.
    pub description: Option<CategoryText>,
    /// The category above it; `Some(None)` puts it at the top.
    pub parent: Option<Option<CategoryId>>,
    /// What leads it; `Some(None)` chooses nothing.
    pub top_product: Option<Option<ProductId>>,
}

/// Adds a category.
///
/// # Errors
/// [`CatalogError::UnknownCategory`] for its parent, [`CatalogError::TooDeep`], [`CatalogError::SlugTaken`].
pub async fn add_category(tx: &mut TenantTx, new: &NewCategory) -> Result<Category, CatalogError> {
    gate::enter(tx).await?;
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
        slug: new.slug.clone().unwrap_or_else(|| Slug::of(new.name.as_str(), "category")),
        name: new.name.clone(),
        description: new.description.clone(),
        top_product: None,
        version: 1,
        created_at: tx.now(),
    };
    insert_under_free_slug(tx, &mut category, new.slug.is_some()).await?;
    queries::insert_ancestors(tx, &category).await?;
    search::keep_category(tx, category.id, &category.name).await?;
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

/// A category by its slug, as visitors see it.
///
/// # Errors
/// [`CatalogError::NoCategoryNamed`].
pub async fn visible_category(tx: &mut TenantTx, slug: &Slug) -> Result<VisibleCategory, CatalogError> {
    tree::visible_by_slug(tx, slug).await?.ok_or_else(|| CatalogError::NoCategoryNamed(slug.clone()))
}

/// The id of a category by its slug.
///
/// # Errors
/// [`CatalogError::NoCategoryNamed`].
pub(super) async fn named(tx: &mut TenantTx, slug: &Slug) -> Result<CategoryId, CatalogError> {
    queries::id_of(tx, slug).await?.ok_or_else(|| CatalogError::NoCategoryNamed(slug.clone()))
}

/// The categories in the order of their slugs, those after `after`, as visitors see them.
///
/// # Errors
/// [`DbError`].
pub async fn visible_categories(
    tx: &mut TenantTx,
    after: Option<&Slug>,
    limit: Limit,
) -> Result<Page<VisibleCategory>, DbError> {
    Ok(Page::cut(tree::visible(tx, after, limit).await?, limit))
}

/// What lies around a category: slugs and names above it, the top first, and the categories right below it.
///
/// # Errors
/// [`DbError`].
pub async fn around(tx: &mut TenantTx, id: CategoryId) -> Result<(Vec<(Slug, String)>, Vec<VisibleCategory>), DbError> {
    Ok((tree::path(tx, id).await?, tree::children(tx, id).await?))
}

/// The slug that the category has now which once had this one.
///
/// # Errors
/// [`DbError`].
pub async fn moved_category(tx: &mut TenantTx, slug: &Slug) -> Result<Option<Slug>, DbError> {
    Ok(queries::moved(tx, slug).await?.and_then(|slug| Slug::parse(&slug).ok()))
}

/// The categories of the store in the order of their slugs, those after `after`.
///
/// # Errors
/// [`DbError`].
pub async fn list_categories(tx: &mut TenantTx, after: Option<&Slug>, limit: Limit) -> Result<Page<Category>, DbError> {
    Ok(Page::cut(queries::list(tx, after, limit).await?, limit))
}

/// Changes a category where `expected` is still its version. Under another parent it goes with all below it.
///
/// # Errors
/// [`CatalogError::NoCategory`], [`CatalogError::Stale`], [`CatalogError::SlugTaken`],
/// [`CatalogError::UnknownCategory`] for its parent, [`CatalogError::CategoryCycle`], [`CatalogError::TooDeep`],
/// [`CatalogError::UnknownTopProduct`].
pub async fn change_category(
    tx: &mut TenantTx,
    id: CategoryId,
    expected: Option<i64>,
    change: &CategoryChange,
) -> Result<Category, CatalogError> {
    // Who moves one is alone: two moves at once could make a circle of two lines.
    match change.parent {
        Some(_) => gate::enter_alone(tx).await?,
        None => gate::enter(tx).await?,
    }
    let old = queries::lock(tx, id).await?.ok_or(CatalogError::NoCategory(id))?;
    if expected.is_some_and(|expected| expected != old.version) {
        return Err(CatalogError::Stale);
    }
    let moved = change.parent.filter(|parent| *parent != old.parent);
    if let Some(Some(parent)) = moved {
        check_parent(tx, id, parent).await?;
    }
    if let Some(Some(top)) = change.top_product {
        products::get(tx, top).await?.ok_or(CatalogError::UnknownTopProduct(top))?;
    }
    let changed = queries::update(tx, id, change).await?;
    if changed.slug != old.slug {
        queries::retire_slug(tx, id, &old.slug).await?;
    }
    search::keep_category(tx, id, &changed.name).await?;
    if let Some(parent) = moved {
        tree::move_below(tx, id, parent).await?;
        listing::list_below(tx, id).await?;
        prices::reprice_all(tx).await?;
    }
    Ok(changed)
}

async fn check_parent(tx: &mut TenantTx, id: CategoryId, parent: CategoryId) -> Result<(), CatalogError> {
    let depth = queries::depth(tx, parent).await?;
    if depth == 0 {
        return Err(CatalogError::UnknownCategory { id: parent, pointer: "/parent_id" });
    }
    if tree::is_below(tx, parent, id).await? {
        return Err(CatalogError::CategoryCycle);
    }
    if depth + tree::height(tx, id).await? > DEEPEST {
        return Err(CatalogError::TooDeep);
    }
    Ok(())
}

/// Removes a category where `expected` is still its version. It must be empty.
///
/// # Errors
/// [`CatalogError::NoCategory`], [`CatalogError::Stale`], [`CatalogError::CategoryInUse`].
pub async fn remove_category(tx: &mut TenantTx, id: CategoryId, expected: Option<i64>) -> Result<(), CatalogError> {
    gate::enter(tx).await?;
    if queries::delete(tx, id, expected).await? {
        return Ok(search::forget(tx, id.0).await?);
    }
    category(tx, id).await?;
    Err(CatalogError::Stale)
}
