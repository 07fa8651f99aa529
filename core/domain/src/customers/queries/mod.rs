//! The SQL of shoppers.

pub(super) mod letters;
pub(super) mod notes;
pub(super) mod profile;
mod row;
pub(super) mod staffed;

pub(super) use row::Row;
