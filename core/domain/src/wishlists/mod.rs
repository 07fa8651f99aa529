//! What customers wish for: one list a customer, of products.

mod error;
mod ops;
mod queries;

pub use error::WishlistError;
pub use ops::{MOST_WISHES, Wish, WishId, add, all_of, chosen, list, remove};
