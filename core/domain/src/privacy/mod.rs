//! What the shop keeps of one person: all of it, shown on request, and forgotten on request. A module that keeps
//! something of a person has its line here, in both.

mod error;
mod ops;

pub use error::PrivacyError;
pub use ops::{Kept, erase, everything_of};
