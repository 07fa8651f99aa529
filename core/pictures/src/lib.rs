//! Pictures as bytes and as pixels. Pure work, bounded in time and memory by what is refused before it begins.
//!
//! A crate of its own, so that a build for development optimises it: its loops are written out here, not in the codecs.

mod error;
mod read;
mod write;

pub use error::PictureError;
pub use read::Decoder;
pub use write::files;

use bytes::Bytes;

/// Pixels of a picture, at most.
pub const MOST_PIXELS: u32 = 25_000_000;
/// Pixels of a side, at most.
pub const MOST_SIDE: u32 = 10_000;
/// Widths in which pictures are kept. A smaller one is kept in its own width, too; none is ever made larger.
const WIDTHS: [u32; 4] = [320, 640, 1280, 1920];

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

/// A format in which pictures are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For every browser of the last years; keeps transparency.
    WebP,
    /// For everything else; what is transparent is white.
    Jpeg,
}

impl Format {
    /// All of them, the better first.
    pub const ALL: [Self; 2] = [Self::WebP, Self::Jpeg];

    /// How file names end.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::WebP => "webp",
            Self::Jpeg => "jpg",
        }
    }

    /// The media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::WebP => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// A picture in one size and format.
pub struct File {
    /// Its size.
    pub size: Size,
    /// Its format.
    pub format: Format,
    /// Its content.
    pub bytes: Bytes,
}

impl Size {
    /// The same shape in a box of `width` and twice that height; itself where it fits.
    fn within(self, width: u32) -> Self {
        let height = width * 2;
        if self.width <= width && self.height <= height {
            return self;
        }
        // The nearest whole number to a × b ÷ c, at least 1.
        let share = |a: u32, b: u32, c: u32| {
            let (product, c) = (u64::from(a) * u64::from(b), u64::from(c.max(1)));
            u32::try_from((product + c / 2) / c).unwrap_or(u32::MAX).max(1)
        };
        if u64::from(self.width) * 2 >= u64::from(self.height) {
            Self { width, height: share(self.height, width, self.width) }
        } else {
            Self { width: share(self.width, height, self.height), height }
        }
    }

    /// What a picture of this size is kept in, the smallest first.
    #[must_use]
    pub fn kept(self) -> Vec<Self> {
        let mut kept: Vec<Self> = WIDTHS.into_iter().map(|width| self.within(width)).collect();
        kept.dedup_by_key(|size| size.width);
        kept
    }

    /// The same lying on its side.
    fn turned(self) -> Self {
        Self { width: self.height, height: self.width }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(width: u32, height: u32) -> Vec<(u32, u32)> {
        Size { width, height }.kept().into_iter().map(|size| (size.width, size.height)).collect()
    }

    #[test]
    fn pictures_are_kept_smaller_and_never_larger() {
        assert_eq!(kept(3000, 2000), [(320, 213), (640, 427), (1280, 853), (1920, 1280)]);
        assert_eq!(kept(900, 900), [(320, 320), (640, 640), (900, 900)]);
        assert_eq!(kept(320, 10), [(320, 10)]);
        assert_eq!(kept(1, 1), [(1, 1)]);
        assert_eq!(kept(10_000, 1), [(320, 1), (640, 1), (1280, 1), (1920, 1)]);
        assert_eq!(kept(100, 10_000), [(6, 640), (13, 1280), (26, 2560), (38, 3840)]);
        assert_eq!(kept(1, 10_000), [(1, 640)]);
    }
}
