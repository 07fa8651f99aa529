//! The catalogue's SQL.

pub(super) mod attributes;
pub(super) mod brands;
pub(super) mod bulk;
pub(super) mod categories;
pub(super) mod discounts;
pub(super) mod list;
pub(super) mod listing;
pub(super) mod prices;
pub(super) mod products;
pub(super) mod rating;
mod rows;
pub(super) mod sellables;
pub(super) mod tree;
pub(super) mod variants;
