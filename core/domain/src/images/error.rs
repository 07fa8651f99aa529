//! Why an image is refused, or can't be had.

use kernel::{DomainError, FieldError, Kind};
use pictures::PictureError;
use tenants::DbError;

use super::{ImageId, MOST_IMAGES, ObjectError};
use crate::catalog::CatalogError;

/// Why something could not be done with an image.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// No such image of this product.
    #[error("the product has no image {0}")]
    NoImage(ImageId),
    /// The picture.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The product is full.
    #[error("the product has {MOST_IMAGES} images already, which is the most; remove one first")]
    TooMany,
    /// The row was changed since the caller read it.
    #[error("it was changed in the meantime; read it again")]
    Stale,
    /// Too many uploads at once.
    #[error("too many pictures are being uploaded; try again in a moment")]
    Busy,
    /// The upload took so long that what it had written was removed as a leftover.
    #[error("the upload took too long; send it again")]
    TooSlow,
    /// The product.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Where the objects are kept.
    #[error("pictures can't be reached at the moment; try again soon")]
    Objects(#[from] ObjectError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for ImageError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for ImageError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoImage(_) => Kind::NotFound,
            Self::Picture(PictureError::Unwritten) => Kind::Internal,
            Self::Picture(_) => Kind::Invalid,
            Self::TooMany => Kind::Conflict,
            Self::Stale => Kind::Stale,
            Self::Busy | Self::TooSlow | Self::Objects(_) => Kind::Unavailable,
            Self::Catalog(err) => err.kind(),
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoImage(_) => "images.no_image",
            Self::Picture(PictureError::NoPicture) => "images.no_picture",
            Self::Picture(PictureError::Broken) => "images.broken",
            Self::Picture(PictureError::TooLarge) => "images.too_large",
            Self::Picture(PictureError::Unwritten) => "service.fault",
            Self::TooMany => "images.too_many",
            Self::Stale => "request.stale_version",
            Self::Busy => "images.busy",
            Self::TooSlow => "images.too_slow",
            Self::Objects(_) => "images.unavailable",
            Self::Catalog(err) => err.code(),
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            // The body as a whole (RFC 6901).
            Self::Picture(_) => vec![FieldError::new("", self.to_string())],
            Self::Catalog(err) => err.fields(),
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Busy | Self::TooSlow | Self::Objects(_) => Some(5),
            Self::Db(err) => err.retry_after_seconds(),
            Self::Catalog(err) => err.retry_after_seconds(),
            _ => None,
        }
    }
}
