//! Where customers live: one default address, where there are any, and as many more as wanted.

mod error;
mod model;
mod ops;
mod queries;

pub use error::AddressError;
pub use model::{Address, AddressChange, AddressId, AddressLine, City, Kept, PostalCode, Region};
pub use ops::{MOST_ADDRESSES, add, address, all_of, change, list, remove};
