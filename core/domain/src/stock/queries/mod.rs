//! The SQL of stock.

pub(super) mod counts;
pub(super) mod levels;
pub(super) mod locations;
pub(super) mod movements;
pub(super) mod orders;
pub(super) mod sold;
