//! Why bytes are no picture to us.

use super::{MOST_PIXELS, MOST_SIDE};

/// Why bytes are no picture that can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The content is of no format that is taken.
    #[error("what was sent is no JPEG, PNG, WebP or GIF; other formats, SVG among them, are not taken")]
    NoPicture,
    /// It begins like a picture and does not go on like one.
    #[error("the picture is broken: it can't be decoded")]
    Broken,
    /// More than is decoded.
    #[error("the picture is too large: a side has at most {MOST_SIDE} pixels, all of it at most {} million", MOST_PIXELS / 1_000_000)]
    TooLarge,
    /// A picture that was decoded could not be written.
    #[error("the picture could not be written")]
    Unwritten,
}
