//! API keys of back-office integrations: shown once, kept as a hash, scoped, expiring, revocable. A key never does more
//! than its maker may at the time.

mod error;
mod model;
mod ops;
mod queries;

pub use error::KeyError;
pub use model::{ApiKey, ApiKeyId, KeyName, KeySecret, NewKey};
pub use ops::{add_key, find_key, ids_of, key, list_keys, revoke_key};
