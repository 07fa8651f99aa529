//! The id of a store, in its role as the owner of rows.

kernel::typed_id! {
    /// The id of a store. Every row of a store begins with it.
    TenantId
}
