//! Pictures of products: what they may be, how they are made ready for browsers, and where they are kept.
//!
//! An upload is decoded, turned upright, and written anew in a few widths; nothing of the uploaded bytes is kept. What is
//! written are objects outside the database. Their names are noted before the first of them is there and struck out in the
//! transaction that adds the picture, so that whatever a crash leaves behind is known.

mod error;
mod jobs;
mod model;
mod objects;
mod ops;
mod queries;
mod studio;

pub use error::ImageError;
pub use jobs::{SweepImages, forget_leftovers, leftovers, sweep_again, sweep_later};
pub use model::{Alt, Image, ImageChange, ImageId, MOST_IMAGES, MOST_UPLOADED};
pub use objects::{Key, ObjectError, Objects, Soon};
pub use ops::{add_image, announce, change_image, first_images, image, images, remove_image, room_for_image};
pub use pictures::{Format, Size};
pub use studio::{Kept, Seat, Studio};
