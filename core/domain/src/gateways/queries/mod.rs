//! The SQL of gateways.

pub(super) mod registry;
mod rows;
pub(super) mod store;
