//! The SQL of files, and of how far they are.

pub(super) mod exports;
pub(super) mod files;
pub(super) mod imports;
