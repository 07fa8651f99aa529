//! Shoppers: the account, and what a shop knows of the person. Registering makes both in one transaction.

mod ops;
mod queries;

pub use ops::{BirthDate, Customer, CustomerChange, Phone, change_customer, customer, delete_account, register};
