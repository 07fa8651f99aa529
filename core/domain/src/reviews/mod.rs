//! What shoppers say of products. Staff approves or rejects; what is approved is seen in the shop and counted in the
//! product's rating, and nothing else is.

mod error;
mod model;
mod ops;
mod queries;

pub use error::ReviewError;
pub use model::{Author, NewReview, Review, ReviewId, ReviewState, ReviewText, ReviewTitle, Stars};
pub use ops::{all_of, approved, decide, erase_of, list, remove, review, write};
