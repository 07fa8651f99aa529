//! From bytes to pixels.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError as Cause, ImageFormat, ImageReader, Limits};

use super::{MOST_PIXELS, MOST_SIDE, PictureError, Size};

/// Bytes that a picture may take once decoded.
const MOST_BYTES: u64 = 128 * 1024 * 1024;

/// A picture of which only the head was read.
pub struct Decoder<'a> {
    decoder: Box<dyn ImageDecoder + 'a>,
    orientation: Orientation,
    size: Size,
}

/// What the content is. What it is called and declared to be is not asked.
fn format(bytes: &[u8]) -> Option<ImageFormat> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(ImageFormat::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(ImageFormat::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(ImageFormat::WebP),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(ImageFormat::Gif),
        _ => None,
    }
}

impl<'a> Decoder<'a> {
    /// Reads the head.
    ///
    /// # Errors
    /// [`PictureError`] where it is no picture, or one that is not decoded.
    pub fn new(bytes: &'a [u8]) -> Result<Self, PictureError> {
        let format = format(bytes).ok_or(PictureError::NoPicture)?;
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        let mut limits = Limits::default();
        (limits.max_image_width, limits.max_image_height) = (Some(MOST_SIDE), Some(MOST_SIDE));
        limits.max_alloc = Some(MOST_BYTES);
        reader.limits(limits);
        let mut decoder: Box<dyn ImageDecoder + 'a> = Box::new(reader.into_decoder().map_err(refused)?);
        let (width, height) = decoder.dimensions();
        if width == 0 || height == 0 {
            return Err(PictureError::Broken);
        }
        if u64::from(width) * u64::from(height) > u64::from(MOST_PIXELS) || decoder.total_bytes() > MOST_BYTES {
            return Err(PictureError::TooLarge);
        }
        // Metadata that can't be read turns nothing.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        Ok(Self { decoder, orientation, size: Size { width, height } })
    }

    /// Millions of pixels that are to be decoded, at least one.
    #[must_use]
    pub fn megapixels(&self) -> u32 {
        (self.size.width * self.size.height).div_ceil(1_000_000).max(1)
    }

    /// Its size, upright.
    #[must_use]
    pub fn size(&self) -> Size {
        if self.lies() { self.size.turned() } else { self.size }
    }

    /// Whether it is turned by a quarter before it is upright.
    #[must_use]
    pub fn lies(&self) -> bool {
        use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
        matches!(self.orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
    }

    /// Reads the pixels, in eight bits a channel, and how they are to be turned. Of what moves, the first picture.
    ///
    /// # Errors
    /// [`PictureError::Broken`], [`PictureError::TooLarge`].
    pub fn pixels(self) -> Result<(DynamicImage, Orientation), PictureError> {
        let picture = DynamicImage::from_decoder(self.decoder).map_err(refused)?;
        let picture = if picture.color().has_alpha() {
            let picture = picture.into_rgba8();
            // Most pictures that could be transparent are not.
            let opaque = picture.pixels().all(|pixel| pixel.0[3] == u8::MAX);
            let picture = DynamicImage::ImageRgba8(picture);
            if opaque { DynamicImage::ImageRgb8(picture.into_rgb8()) } else { picture }
        } else {
            DynamicImage::ImageRgb8(picture.into_rgb8())
        };
        Ok((picture, self.orientation))
    }
}

fn refused(cause: Cause) -> PictureError {
    match cause {
        Cause::Limits(_) => PictureError::TooLarge,
        _ => PictureError::Broken,
    }
}
