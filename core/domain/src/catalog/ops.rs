//! What can be done with products.

use kernel::{Amount, FieldError, Limit, Page, Slug, Text};
use tenants::{DbError, TenantTx};

use super::queries::{list as list_queries, listing, prices as gate, products as queries};
use super::{
    BrandId, CatalogError, CategoryId, Listed, NewProduct, Place, Product, ProductChange, ProductId, Rating, Sort,
    Variant, attributes, brands, categories, model, prices, search, variants as variant_ops,
};

/// Adds a product. Its slug and its SKUs must be new to the store; a slug made of the name gets a number if need be.
///
/// # Errors
/// [`CatalogError`]: what does not fit together, or is taken, or is not there.
pub async fn add_product(tx: &mut TenantTx, new: &NewProduct) -> Result<Product, CatalogError> {
    let variants = new.checked_variants()?;
    gate::enter(tx).await?;
    let brand = match new.brand {
        Some(id) => Some(known_brand(tx, id).await?),
        None => None,
    };
    let category = match new.category {
        Some(id) => Some(known_category(tx, id).await?),
        None => None,
    };
    let mut product = Product {
        id: ProductId::generate(),
        slug: new.slug.clone().unwrap_or_else(|| Slug::of(new.name.as_str(), "product")),
        name: new.name.clone(),
        description: new.description.clone(),
        brand,
        category,
        active: new.active,
        price: lowest(&variants).unwrap_or(new.price),
        list: lowest(&variants).unwrap_or(new.price),
        compare_at: new.compare_at,
        attributes: std::collections::BTreeMap::new(),
        options: new.options.clone(),
        variants,
        in_stock: false,
        rating: Rating::default(),
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    insert_under_free_slug(tx, &mut product, new.slug.is_some()).await?;
    insert_variants(tx, &product, new).await?;
    if !new.attributes.is_empty() {
        attributes::set_attributes(tx, product.id, &new.attributes).await?;
    }
    finish(tx, product.id).await
}

/// Lists and prices a product that was written, and answers what it has become.
pub(super) async fn finish(tx: &mut TenantTx, id: ProductId) -> Result<Product, CatalogError> {
    finish_all(tx, &[id]).await?;
    product(tx, id).await
}

/// Lists and prices products that were written, and takes in what they are found by.
pub(super) async fn finish_all(tx: &mut TenantTx, ids: &[ProductId]) -> Result<(), DbError> {
    listing::list_products(tx, ids).await?;
    prices::reprice(tx, ids).await?;
    search::keep(tx, ids).await
}

async fn known_brand(tx: &mut TenantTx, id: BrandId) -> Result<brands::Brand, CatalogError> {
    match brands::brand(tx, id).await {
        Err(CatalogError::NoBrand(id)) => Err(CatalogError::UnknownBrand(id)),
        found => found,
    }
}

async fn known_category(tx: &mut TenantTx, id: CategoryId) -> Result<categories::Category, CatalogError> {
    match categories::category(tx, id).await {
        Err(CatalogError::NoCategory(id)) => Err(CatalogError::UnknownCategory { id, pointer: "/category_id" }),
        found => found,
    }
}

fn lowest(variants: &[Variant]) -> Option<Amount> {
    variants.iter().map(|variant| variant.list).min()
}

async fn insert_under_free_slug(tx: &mut TenantTx, product: &mut Product, chosen: bool) -> Result<(), CatalogError> {
    if queries::insert(tx, product).await? {
        return Ok(());
    }
    let plain = product.slug.clone();
    if !chosen {
        for number in queries::free_numbers(tx, &plain).await? {
            product.slug = plain.numbered(number);
            if queries::insert(tx, product).await? {
                return Ok(());
            }
        }
    }
    Err(CatalogError::SlugTaken(plain))
}

async fn insert_variants(tx: &mut TenantTx, product: &Product, new: &NewProduct) -> Result<(), CatalogError> {
    let made = queries::insert_variants(tx, product).await?;
    if made == product.variants.len() {
        return Ok(());
    }
    let wanted: Vec<_> =
        product.variants.iter().filter_map(|v| v.sku.as_ref()).map(|sku| sku.as_str().to_owned()).collect();
    let skus = queries::taken_skus(tx, product.id, &wanted).await?;
    Err(CatalogError::SkuTaken { pointers: new.places_of(&skus), skus })
}

/// A product with its variants, active or not.
///
/// # Errors
/// [`CatalogError::NoProduct`].
pub async fn product(tx: &mut TenantTx, id: ProductId) -> Result<Product, CatalogError> {
    queries::get(tx, id).await?.ok_or(CatalogError::NoProduct(id))
}

/// An active product with its variants, by its slug.
///
/// # Errors
/// [`CatalogError::NoProductNamed`].
pub async fn visible_product(tx: &mut TenantTx, slug: &Slug) -> Result<Product, CatalogError> {
    queries::get_visible(tx, slug).await?.ok_or_else(|| CatalogError::NoProductNamed(slug.clone()))
}

/// The id of an active product, by its slug.
///
/// # Errors
/// [`CatalogError::NoProductNamed`].
pub async fn visible_id(tx: &mut TenantTx, slug: &Slug) -> Result<ProductId, CatalogError> {
    queries::visible_id(tx, slug).await?.ok_or_else(|| CatalogError::NoProductNamed(slug.clone()))
}

/// Those of `ids` that are active, as lists show them, in no order.
///
/// # Errors
/// [`DbError`].
pub async fn visible_products(tx: &mut TenantTx, ids: &[ProductId]) -> Result<Vec<Listed>, DbError> {
    list_queries::visible_of(tx, ids).await
}

/// The slug that the product has now which once had this one, where visitors see it.
///
/// # Errors
/// [`DbError`].
pub async fn moved_product(tx: &mut TenantTx, slug: &Slug) -> Result<Option<Slug>, DbError> {
    Ok(queries::moved(tx, slug).await?.and_then(|slug| Slug::parse(&slug).ok()))
}

/// A page of the active products, those behind `after`, of one category with all below it or of all.
///
/// # Errors
/// [`DbError`].
pub async fn list_visible(
    tx: &mut TenantTx,
    category: Option<&Slug>,
    sort: Sort,
    after: Option<Place>,
    limit: Limit,
) -> Result<Page<Listed>, CatalogError> {
    let after = after.unwrap_or_else(|| Place::start(sort));
    let rows = match category {
        None => list_queries::visible(tx, sort, &after, limit).await?,
        Some(slug) => {
            let category = categories::named(tx, slug).await?;
            list_queries::visible_in(tx, category, sort, &after, limit).await?
        }
    };
    Ok(Page::cut(rows, limit))
}

/// A page of all products, active or not, the newest first.
///
/// # Errors
/// [`DbError`].
pub async fn list_all(
    tx: &mut TenantTx,
    active: Option<bool>,
    after: Option<ProductId>,
    limit: Limit,
) -> Result<Page<Listed>, DbError> {
    Ok(Page::cut(list_queries::all(tx, active, after, limit).await?, limit))
}

/// Changes a product where `expected` is still its version.
///
/// # Errors
/// [`CatalogError::NoProduct`], [`CatalogError::Stale`], [`CatalogError::SlugTaken`],
/// [`CatalogError::BadVariants`] for a new price where variants have different ones.
pub async fn change_product(
    tx: &mut TenantTx,
    id: ProductId,
    expected: Option<i64>,
    change: &ProductChange,
) -> Result<Product, CatalogError> {
    gate::enter(tx).await?;
    let old = lock_product(tx, id, expected).await?;
    if let Some(Some(category)) = change.category {
        known_category(tx, category).await?;
    }
    if let Some(Some(brand)) = change.brand {
        known_brand(tx, brand).await?;
    }
    if let Some(options) = &change.options {
        model::check_options(options)?;
        variant_ops::check_options(&old, options)?;
    }
    if let Some(attributes) = &change.attributes {
        attributes::set_attributes(tx, id, attributes).await?;
    }
    if let Some(price) = change.price {
        set_list_price(tx, &old, price).await?;
    }
    queries::update(tx, id, change).await?;
    if change.slug.as_ref().is_some_and(|slug| *slug != old.slug) {
        queries::retire_slug(tx, id, &old.slug).await?;
    }
    finish(tx, id).await
}

/// Locks a product's row, and answers what it is.
pub(super) async fn lock_product(
    tx: &mut TenantTx,
    id: ProductId,
    expected: Option<i64>,
) -> Result<Product, CatalogError> {
    let current = queries::lock(tx, id, expected).await?;
    let found = product(tx, id).await?;
    if current { Ok(found) } else { Err(CatalogError::Stale) }
}

async fn set_list_price(tx: &mut TenantTx, old: &Product, price: Amount) -> Result<(), CatalogError> {
    if old.variants.iter().any(|variant| Some(variant.list) != lowest(&old.variants)) {
        let why = "the variants have different prices; a price for all of them would lose these";
        return Err(CatalogError::BadVariants(vec![FieldError::new("/price", why)]));
    }
    Ok(queries::set_list_price(tx, old.id, price).await?)
}

/// Removes a product with its variants where `expected` is still its version.
///
/// # Errors
/// [`CatalogError::NoProduct`], [`CatalogError::Stale`], [`CatalogError::HasHistory`].
pub async fn remove_product(tx: &mut TenantTx, id: ProductId, expected: Option<i64>) -> Result<(), CatalogError> {
    gate::enter(tx).await?;
    lock_product(tx, id, expected).await?;
    queries::leave_tops(tx, id).await?;
    queries::delete(tx, id).await
}
