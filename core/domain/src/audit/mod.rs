//! Who did what: an entry for every write by staff, keys and operators, in the transaction of the write.

mod model;
mod ops;
mod queries;

pub use model::{Actor, Entry, EntryId, Origin, Recorded};
pub use ops::{forget, list, list_platform, record, record_platform};
