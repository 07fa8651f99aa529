//! The SQL of orders.

pub(super) mod list;
pub(super) mod privacy;
pub(super) mod read;
pub(super) mod write;
