//! Shoppers: the account, and what a shop knows of the person. Registering makes both in one transaction.

mod ops;
mod queries;

pub use ops::{Customer, CustomerChange, Phone, customer, change_customer, delete_account, register};
