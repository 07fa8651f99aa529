//! The shop's rules and their SQL, one module each. No HTTP.

pub mod access;
pub mod addresses;
pub mod audit;
pub mod books;
pub mod carts;
pub mod catalog;
pub mod customers;
pub mod events;
pub mod gateways;
pub mod idempotency;
pub mod identity;
pub mod images;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod opening;
pub mod orders;
pub mod payments;
pub mod pricing;
pub mod privacy;
pub mod promotions;
pub mod reports;
pub mod reviews;
mod secret;
pub mod staff;
pub mod stock;
pub mod stores;
pub mod transfers;
pub mod upkeep;
pub mod wishlists;

pub use secret::{MasterKey, MasterKeyError};
