//! Images of products, and what of them can be changed.

use chrono::{DateTime, Utc};
use kernel::Line;
use tenants::TenantId;

use super::{Format, Key, Size};
use crate::catalog::ProductId;

kernel::typed_id! {
    /// The id of an image.
    ImageId
}

/// What an image shows, for who can't see it.
pub type Alt = Line<250>;

/// Images of a product, at most.
pub const MOST_IMAGES: usize = 20;
/// Bytes of an upload, at most: 10 MiB.
pub const MOST_UPLOADED: usize = 10 * 1024 * 1024;

/// An image of a product.
#[derive(Debug, Clone)]
pub struct Image {
    /// Its id.
    pub id: ImageId,
    /// Whose image it is.
    pub product: ProductId,
    /// What it shows.
    pub alt: Option<Alt>,
    /// What its objects are called.
    pub name: String,
    /// As it was uploaded, upright.
    pub size: Size,
    /// What it is kept in, the smallest first.
    pub sizes: Vec<Size>,
    /// What its objects take together.
    pub bytes: u64,
    /// Counts its changes.
    pub version: i64,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
}

impl Image {
    /// The name of one of its objects, for an image of `store`.
    #[must_use]
    pub fn key(&self, store: TenantId, width: u32, format: Format) -> Key {
        Key::new(store, &self.name, width, format)
    }
}

/// What of an image is to be changed; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct ImageChange {
    /// What it shows.
    pub alt: Option<Option<Alt>>,
    /// Where it is to stand among the product's images, counted from 0; behind the last, it becomes the last.
    pub position: Option<usize>,
}
