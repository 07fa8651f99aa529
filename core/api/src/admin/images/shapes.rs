//! What staff sends and is shown of images.

use chrono::{DateTime, Utc};
use domain::images::{Alt, Image, ImageChange, MOST_IMAGES};
use poem_openapi::Object;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::guard::Allowed;
use crate::guard::may::May;
use crate::http::{In, Maybe, given};
use crate::images::{ImageShown, SourceShown};

/// A product's images.
#[derive(Object, Serialize)]
#[oai(rename = "ProductImageList")]
pub(super) struct ImageList {
    /// In the order in which the product shows them.
    pub(super) items: Vec<StaffImage>,
}

/// An image of a product.
#[derive(Object, Serialize)]
#[oai(rename = "ProductImage")]
pub(crate) struct StaffImage {
    /// Its id.
    id: Uuid,
    /// What it shows, for who can't see it.
    alt: Option<String>,
    /// A JPEG of a usual width, for `src`.
    url: String,
    /// The width of the largest file, in pixels.
    width: u32,
    /// The height of the largest file, in pixels.
    height: u32,
    /// All files, for `srcset`: in each format, the narrowest first. A file never changes.
    sources: Vec<SourceShown>,
    /// What its files take together, in bytes.
    bytes: u64,
    /// Counts its changes; the same as in `ETag`. Its place among the product's images is that of the product.
    version: i64,
    /// When it was uploaded.
    created_at: DateTime<Utc>,
}

impl StaffImage {
    pub(crate) fn new<P: May>(image: &Image, caller: &Allowed<P>) -> Self {
        let ImageShown { id, alt, url, width, height, sources } = ImageShown::new(image, caller.app(), caller.store.id);
        let Image { bytes, version, created_at, .. } = *image;
        Self { id, alt, url, width, height, sources, bytes, version, created_at }
    }

    pub(crate) fn all<P: May>(images: &[Image], caller: &Allowed<P>) -> Vec<Self> {
        images.iter().map(|image| Self::new(image, caller)).collect()
    }
}

/// What of an image is to be changed; what is left out stays.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImageChangeBody {
    /// What it shows; null takes that away.
    #[serde(default)]
    alt: Maybe<In<Alt>>,
    /// Where it is to stand among the product's images, counted from 0; behind the last, it becomes the last.
    #[oai(validator(minimum(value = "0"), maximum(value = "19")))]
    #[serde(default, deserialize_with = "place")]
    position: Option<u8>,
}

fn place<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    let place = given::<u8, D>(deserializer).ok().flatten().filter(|place| usize::from(*place) < MOST_IMAGES);
    place.map(Some).ok_or_else(|| D::Error::custom(format!("must be a whole number from 0 to {}", MOST_IMAGES - 1)))
}

impl ImageChangeBody {
    pub(super) fn parse(self) -> ImageChange {
        ImageChange { alt: self.alt.change(|alt| alt.0), position: self.position.map(usize::from) }
    }
}
