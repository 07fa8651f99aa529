//! What can be done with a wishlist.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{Limit, Page};
use tenants::{DbError, TenantTx};

use super::{WishlistError, queries};
use crate::catalog::{self, CatalogError, Listed, ProductId, VariantId};
use crate::identity::{IdentityError, UserId};

kernel::typed_id! {
    /// The id of an item on a wishlist.
    WishId
}

/// Products on a wishlist, at most.
pub const MOST_WISHES: i64 = 200;

/// A product that somebody wishes for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Its place on the list.
    pub id: WishId,
    /// The product, as it is now.
    pub product: Listed,
    /// Since when.
    pub added_at: DateTime<Utc>,
}

/// A page of what a customer wishes for, the newest first, those before `before`. What is not for sale is left out, and
/// is back when it is for sale again.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut TenantTx,
    customer: UserId,
    before: Option<WishId>,
    limit: Limit,
) -> Result<Page<Wish>, DbError> {
    let items = queries::list(tx, customer, before, limit).await?;
    let ids: Vec<_> = items.iter().map(|item| item.product).collect();
    let products = catalog::visible_products(tx, &ids).await?;
    let mut products: HashMap<_, _> = products.into_iter().map(|product| (product.id, product)).collect();
    let wish = |item: queries::Item| {
        let product = products.remove(&item.product)?;
        Some(Wish { id: item.id, product, added_at: item.added_at })
    };
    Ok(Page::cut(items.into_iter().filter_map(wish).collect(), limit))
}

/// All products that a customer wishes for, and since when, for sale or not, the newest first.
///
/// # Errors
/// [`DbError`].
pub async fn all_of(tx: &mut TenantTx, customer: UserId) -> Result<Vec<(ProductId, DateTime<Utc>)>, DbError> {
    let items = queries::all_of(tx, customer).await?;
    Ok(items.into_iter().map(|item| (item.product, item.added_at)).collect())
}

/// Puts an active product on a customer's list. One that is there already keeps its place.
///
/// # Errors
/// [`CatalogError::NoProduct`], [`WishlistError::Full`], [`IdentityError::NoAccount`] where the customer is gone.
pub async fn add(tx: &mut TenantTx, customer: UserId, product: ProductId) -> Result<(), WishlistError> {
    // Two at once follow one another, so that both see how long the list is.
    if !queries::lock_customer(tx, customer).await? {
        return Err(IdentityError::NoAccount.into());
    }
    if catalog::visible_products(tx, &[product]).await?.is_empty() {
        return Err(CatalogError::NoProduct(product).into());
    }
    if queries::holds(tx, customer, product).await? {
        return Ok(());
    }
    if queries::count(tx, customer).await? >= MOST_WISHES {
        return Err(WishlistError::Full);
    }
    queries::insert(tx, customer, product).await
}

/// The variant by which something on a customer's list goes into the cart: the one that is named, or the only one.
///
/// # Errors
/// [`WishlistError::NoWish`], [`CatalogError::NoProduct`] where it is not for sale, [`WishlistError::NoVariant`].
pub async fn chosen(
    tx: &mut TenantTx,
    customer: UserId,
    product: ProductId,
    named: Option<VariantId>,
) -> Result<VariantId, WishlistError> {
    if !queries::holds(tx, customer, product).await? {
        return Err(WishlistError::NoWish(product));
    }
    let found = catalog::product(tx, product).await?;
    if !found.active {
        return Err(CatalogError::NoProduct(product).into());
    }
    let chosen = match (named, found.variants.as_slice()) {
        (None, [only]) => Some(only.id),
        (None, _) => None,
        (Some(named), variants) => variants.iter().map(|variant| variant.id).find(|id| *id == named),
    };
    chosen.ok_or(WishlistError::NoVariant)
}

/// Takes a product off a customer's list, if it is there.
///
/// # Errors
/// [`DbError`].
pub async fn remove(tx: &mut TenantTx, customer: UserId, product: ProductId) -> Result<(), DbError> {
    queries::delete(tx, customer, product).await
}
