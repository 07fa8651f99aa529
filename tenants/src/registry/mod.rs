//! The registry of stores: opening one, its life, and what its own staff may change of its entry.

mod error;
mod model;
mod ops;
mod queries;

pub use error::RegistryError;
pub use model::{Language, NewStore, Origin, Store, StoreName, StoreSlug, StoreStatus, StoreStep};
pub use ops::{change_this_store, find, get, is_own_host, list, open, step, this_store};

pub(crate) use queries::{find as find_entry, find_by_id as find_entry_by_id};
