//! The permissions as types, one for each guard `Allowed<may::…>`.

use crate::policy::Permission;

/// A permission that an operation asks for.
pub trait May: 'static {
    /// The permission; none where being one of the staff is enough.
    const PERMISSION: Option<Permission>;
}

macro_rules! may {
    ($($(#[$doc:meta])* $name:ident = $permission:expr;)*) => {
        $($(#[$doc])* pub enum $name {}
        impl May for $name {
            const PERMISSION: Option<Permission> = $permission;
        })*
    };
}

may! {
    /// Be one of the staff, in any role.
    BeStaff = None;
    /// See categories and products, visible or not.
    ReadCatalog = Some(Permission::CatalogRead);
    /// Change them.
    WriteCatalog = Some(Permission::CatalogWrite);
    /// See the store's settings.
    ReadStore = Some(Permission::StoreRead);
    /// Change them.
    WriteStore = Some(Permission::StoreWrite);
}
