//! How operations are grouped in the documents.

use poem_openapi::Tags;

/// The group of an operation.
#[derive(Tags)]
pub enum Tag {
    /// Logging in, renewing a log-in, logging out.
    Authentication,
    /// Products and categories.
    Catalog,
    /// The store itself.
    Store,
    /// Opening and running stores.
    Stores,
}
