//! What images look like in answers.

use std::collections::HashMap;

use domain::catalog::ProductId;
use domain::images::{self, Format, Image, Size};
use kernel::Text as _;
use poem_openapi::Object;
use serde::Serialize;
use tenants::{DbError, TenantId, TenantTx};
use uuid::Uuid;

use crate::App;

/// The width of the file that stands for an image where only one is asked for.
const USUAL: u32 = 640;

/// An image of a product.
#[derive(Object, Serialize, Clone)]
#[oai(rename = "ProductImage")]
pub(crate) struct ImageShown {
    /// Its id.
    pub(crate) id: Uuid,
    /// What it shows, for who can't see it.
    pub(crate) alt: Option<String>,
    /// A JPEG of a usual width, for `src`.
    pub(crate) url: String,
    /// The width of the largest file, in pixels.
    pub(crate) width: u32,
    /// The height of the largest file, in pixels.
    pub(crate) height: u32,
    /// All files, for `srcset`: in each format, the narrowest first. A file never changes; an image that is uploaded
    /// anew has other addresses.
    pub(crate) sources: Vec<SourceShown>,
}

/// A file of an image.
#[derive(Object, Serialize, Clone)]
#[oai(rename = "ImageSource")]
pub(crate) struct SourceShown {
    /// Its media type.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    kind: String,
    /// Its width in pixels.
    width: u32,
    /// Its height in pixels.
    height: u32,
    /// Where it is.
    url: String,
}

impl ImageShown {
    /// The first image of each of these products that has one, as a list of one.
    ///
    /// # Errors
    /// [`DbError`].
    pub(crate) async fn first(
        tx: &mut TenantTx,
        products: impl IntoIterator<Item = ProductId>,
        app: &App,
    ) -> Result<HashMap<ProductId, Vec<Self>>, DbError> {
        let (first, store) = (images::first_images(tx, products).await?, tx.tenant());
        Ok(first.into_iter().map(|(product, image)| (product, vec![Self::new(&image, app, store)])).collect())
    }

    /// All images of a product, in their order.
    ///
    /// # Errors
    /// [`DbError`].
    pub(crate) async fn all(tx: &mut TenantTx, product: ProductId, app: &App) -> Result<Vec<Self>, DbError> {
        let (images, store) = (images::images(tx, product).await?, tx.tenant());
        Ok(images.iter().map(|image| Self::new(image, app, store)).collect())
    }

    pub(crate) fn new(image: &Image, app: &App, store: TenantId) -> Self {
        let url =
            |size: &Size, format: Format| format!("{}/media/{}", app.media_url, image.key(store, size.width, format));
        let source = |size: &Size, format: Format| SourceShown {
            kind: format.media_type().to_owned(),
            width: size.width,
            height: size.height,
            url: url(size, format),
        };
        let largest = image.sizes.last().copied().unwrap_or(image.size);
        let usual = image.sizes.iter().rfind(|size| size.width <= USUAL).unwrap_or(&largest);
        Self {
            id: image.id.0,
            alt: image.alt.as_ref().map(|alt| alt.as_str().to_owned()),
            url: url(usual, Format::Jpeg),
            width: largest.width,
            height: largest.height,
            sources: Format::ALL
                .into_iter()
                .flat_map(|format| image.sizes.iter().map(move |size| source(size, format)))
                .collect(),
        }
    }
}
