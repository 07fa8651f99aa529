//! The catalogue's SQL.

pub(super) mod categories;
pub(super) mod list;
pub(super) mod products;
pub(super) mod rating;
mod rows;
