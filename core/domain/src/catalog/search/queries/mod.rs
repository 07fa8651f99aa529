//! The SQL of searching.

pub(super) mod found;
pub(super) mod kept;
pub(super) mod labels;
