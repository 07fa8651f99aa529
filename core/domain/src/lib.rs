//! The shop's rules and their SQL, one module each. No HTTP.

pub mod catalog;
pub mod identity;
pub mod opening;
mod secret;

pub use secret::{MasterKey, MasterKeyError};
