//! Permissions and roles: what there is to be allowed, and who may pass it on.

mod error;
mod model;
mod ops;
mod permission;
mod queries;

pub use error::AccessError;
pub use model::{CustomRole, NewRole, RoleChange, RoleLabel, RoleName};
pub use ops::{
    RoleGrants, add_role, change_role, custom_role, grants_of_all, grants_to_give, list_roles, may_give, remove_role,
};
pub use permission::{Permission, Permissions};
