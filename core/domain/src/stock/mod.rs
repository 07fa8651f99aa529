//! What a store has of each variant, where, and how it came to have it.

mod ops;
mod queries;

pub use ops::available;
