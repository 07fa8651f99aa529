//! What can be done with images.

use std::collections::HashMap;

use tenants::{DbError, TenantTx};

use super::jobs::{UPLOAD, sweep_later};
use super::{Alt, Image, ImageChange, ImageError, ImageId, Kept, MOST_IMAGES, queries};
use crate::catalog::{CatalogError, ProductId};

/// The images of a product, in their order.
///
/// # Errors
/// [`DbError`].
pub async fn images(tx: &mut TenantTx, product: ProductId) -> Result<Vec<Image>, DbError> {
    queries::of_product(tx, product).await
}

/// The first image of each of these products that has one.
///
/// # Errors
/// [`DbError`].
pub async fn first_images(
    tx: &mut TenantTx,
    products: impl IntoIterator<Item = ProductId>,
) -> Result<HashMap<ProductId, Image>, DbError> {
    let products: Vec<_> = products.into_iter().map(|id| id.0).collect();
    if products.is_empty() {
        return Ok(HashMap::new());
    }
    let images = queries::first(tx, &products).await?;
    Ok(images.into_iter().map(|image| (image.product, image)).collect())
}

/// An image of a product.
///
/// # Errors
/// [`ImageError::NoImage`].
pub async fn image(tx: &mut TenantTx, product: ProductId, id: ImageId) -> Result<Image, ImageError> {
    queries::get(tx, product, id).await?.ok_or(ImageError::NoImage(id))
}

/// Refuses an upload that could not be added: asked before any work is done.
///
/// # Errors
/// [`CatalogError::NoProduct`], [`ImageError::TooMany`].
pub async fn room_for_image(tx: &mut TenantTx, product: ProductId) -> Result<(), ImageError> {
    match queries::count(tx, product).await? {
        None => Err(CatalogError::NoProduct(product).into()),
        Some(count) if count < MOST_IMAGES => Ok(()),
        Some(_) => Err(ImageError::TooMany),
    }
}

/// Notes the name of a picture before its first object is written. What comes of it or not, nothing is left that nobody
/// knows of. Commit it, write the objects, then [`add_image`] in another transaction.
///
/// # Errors
/// [`DbError`].
pub async fn announce(tx: &mut TenantTx, kept: &Kept) -> Result<(), DbError> {
    queries::note_leftover(tx, &kept.name).await?;
    sweep_later(tx).await
}

/// Adds an image of which the objects are there as the product's last; the one that the product has of this picture, where
/// it has one. Says whether it is new.
///
/// # Errors
/// [`CatalogError::NoProduct`], [`ImageError::TooMany`], [`ImageError::TooSlow`].
pub async fn add_image(
    tx: &mut TenantTx,
    product: ProductId,
    kept: &Kept,
    alt: Option<&Alt>,
) -> Result<(Image, bool), ImageError> {
    lock(tx, product).await?;
    let images = queries::of_product(tx, product).await?;
    if let Some(known) = queries::by_content(tx, product, &kept.content).await? {
        return images.into_iter().find(|image| image.id == known).map(|image| (image, false)).ok_or(ImageError::Stale);
    }
    if images.len() >= MOST_IMAGES {
        return Err(ImageError::TooMany);
    }
    let since = tx.now() - UPLOAD;
    if !queries::strike_leftover(tx, &kept.name, since).await? {
        return Err(ImageError::TooSlow);
    }
    let image = Image {
        id: kept.id,
        product,
        alt: alt.cloned(),
        name: kept.name.clone(),
        size: kept.size,
        sizes: kept.sizes.clone(),
        bytes: kept.bytes,
        version: 1,
        created_at: tx.now(),
    };
    queries::insert(tx, &image, &kept.content, images.len()).await?;
    Ok((image, true))
}

/// Changes an image where `expected` is still its version.
///
/// # Errors
/// [`CatalogError::NoProduct`], [`ImageError::NoImage`], [`ImageError::Stale`].
pub async fn change_image(
    tx: &mut TenantTx,
    product: ProductId,
    id: ImageId,
    expected: Option<i64>,
    change: &ImageChange,
) -> Result<Image, ImageError> {
    lock(tx, product).await?;
    let mut order: Vec<_> = queries::of_product(tx, product).await?.into_iter().map(|image| image.id).collect();
    if !queries::update(tx, product, id, expected, change).await? {
        image(tx, product, id).await?;
        return Err(ImageError::Stale);
    }
    if let Some(position) = change.position {
        order.retain(|other| *other != id);
        order.insert(position.min(order.len()), id);
        queries::reorder(tx, product, &order).await?;
    }
    image(tx, product, id).await
}

/// Removes an image where `expected` is still its version. Its objects stay for a while, for who sees it now.
///
/// # Errors
/// [`CatalogError::NoProduct`], [`ImageError::NoImage`], [`ImageError::Stale`].
pub async fn remove_image(
    tx: &mut TenantTx,
    product: ProductId,
    id: ImageId,
    expected: Option<i64>,
) -> Result<(), ImageError> {
    lock(tx, product).await?;
    if !queries::delete(tx, product, id, expected).await? {
        image(tx, product, id).await?;
        return Err(ImageError::Stale);
    }
    let order: Vec<_> = queries::of_product(tx, product).await?.into_iter().map(|image| image.id).collect();
    queries::reorder(tx, product, &order).await?;
    Ok(sweep_later(tx).await?)
}

/// One at a time changes the images of a product.
async fn lock(tx: &mut TenantTx, product: ProductId) -> Result<(), ImageError> {
    if queries::lock_product(tx, product).await? { Ok(()) } else { Err(CatalogError::NoProduct(product).into()) }
}
