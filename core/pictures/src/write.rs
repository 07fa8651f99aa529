//! From pixels to the files that browsers load.

use bytes::Bytes;
use fast_image_resize::images::{Image, TypedImageRef};
use fast_image_resize::pixels::{U8x3, U8x4};
use fast_image_resize::{PixelTrait, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, RgbImage, RgbaImage};

use super::{File, Format, PictureError, Size};

/// Where more is not seen.
const WEBP_QUALITY: f32 = 80.0;
/// The same for JPEG, by its own measure.
const JPEG_QUALITY: u8 = 82;

/// The files of a picture that lies as it was decoded and, upright, is kept in `sizes`, the smallest first.
///
/// # Errors
/// [`PictureError::Unwritten`].
pub fn files(
    mut picture: DynamicImage,
    orientation: Orientation,
    lies: bool,
    sizes: &[Size],
) -> Result<Vec<File>, PictureError> {
    let mut files = Vec::with_capacity(sizes.len() * Format::ALL.len());
    let mut turn = Some(orientation);
    // Each is made of the next larger one.
    for size in sizes.iter().rev() {
        let target = if turn.is_some() && lies { size.turned() } else { *size };
        if target != (Size { width: picture.width(), height: picture.height() }) {
            picture = resized(&picture, target)?;
        }
        // It is made smaller before it is turned, which takes less.
        if let Some(orientation) = turn.take() {
            picture.apply_orientation(orientation);
        }
        files.push(File { size: *size, format: Format::WebP, bytes: webp(&picture)? });
        files.push(File { size: *size, format: Format::Jpeg, bytes: jpeg(&picture)? });
    }
    Ok(files)
}

fn resized(picture: &DynamicImage, size: Size) -> Result<DynamicImage, PictureError> {
    let from = Size { width: picture.width(), height: picture.height() };
    let resized = match picture {
        DynamicImage::ImageRgba8(pixels) => {
            RgbaImage::from_raw(size.width, size.height, scaled::<U8x4>(pixels, from, size)?)
                .map(DynamicImage::ImageRgba8)
        }
        DynamicImage::ImageRgb8(pixels) => {
            RgbImage::from_raw(size.width, size.height, scaled::<U8x3>(pixels, from, size)?)
                .map(DynamicImage::ImageRgb8)
        }
        _ => None,
    };
    resized.ok_or(PictureError::Unwritten)
}

/// Compiled for the two kinds of pixels alone: for all kinds that there are it would take minutes.
fn scaled<P: PixelTrait>(pixels: &[u8], from: Size, to: Size) -> Result<Vec<u8>, PictureError> {
    let source =
        TypedImageRef::<P>::from_buffer(from.width, from.height, pixels).map_err(|_| PictureError::Unwritten)?;
    let mut scaled = Image::new(to.width, to.height, P::pixel_type());
    let mut target = scaled.typed_image_mut::<P>().ok_or(PictureError::Unwritten)?;
    Resizer::new().resize_typed(&source, &mut target, None).map_err(|_| PictureError::Unwritten)?;
    Ok(scaled.into_vec())
}

fn webp(picture: &DynamicImage) -> Result<Bytes, PictureError> {
    let encoder = match picture {
        DynamicImage::ImageRgba8(pixels) => webp::Encoder::from_rgba(pixels, pixels.width(), pixels.height()),
        DynamicImage::ImageRgb8(pixels) => webp::Encoder::from_rgb(pixels, pixels.width(), pixels.height()),
        _ => return Err(PictureError::Unwritten),
    };
    let written = encoder.encode_simple(false, WEBP_QUALITY).map_err(|_| PictureError::Unwritten)?;
    Ok(Bytes::copy_from_slice(&written))
}

fn jpeg(picture: &DynamicImage) -> Result<Bytes, PictureError> {
    let mut written = Vec::new();
    let encoder = &mut JpegEncoder::new_with_quality(&mut written, JPEG_QUALITY);
    match picture {
        DynamicImage::ImageRgba8(pixels) => encoder.encode_image(&on_white(pixels)),
        DynamicImage::ImageRgb8(pixels) => encoder.encode_image(pixels),
        _ => return Err(PictureError::Unwritten),
    }
    .map_err(|_| PictureError::Unwritten)?;
    Ok(written.into())
}

/// What a transparent picture looks like on white paper.
fn on_white(picture: &RgbaImage) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let mix = |channel: u8| {
            let mixed = u32::from(channel) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from((mixed + 127) / 255).unwrap_or(u8::MAX)
        };
        image::Rgb([mix(red), mix(green), mix(blue)])
    })
}
