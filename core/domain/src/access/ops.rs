//! What can be done with a store's own roles.

use tenants::{DbError, TenantTx};

use super::{AccessError, CustomRole, NewRole, Permissions, RoleChange, RoleName, queries};

/// What a role holds, by name. Built-in roles are known to the policy, a store's own are rows.
pub trait RoleGrants: Send + Sync {
    /// What the built-in role of that name holds; none where it is not built in.
    fn built_in(&self, name: &RoleName) -> Option<Permissions>;

    /// What a store's own role with these permissions holds, as the policy's engine decides it.
    fn custom(&self, permissions: Permissions) -> Permissions;
}

/// Refuses what reaches beyond `own`: nobody can give, edit or take what they do not have.
///
/// # Errors
/// [`AccessError::Beyond`] with what is missing.
pub fn may_give(own: Permissions, given: Permissions) -> Result<(), AccessError> {
    let beyond: Permissions = given.iter().filter(|permission| !own.holds(*permission)).collect();
    if beyond == Permissions::NONE { Ok(()) } else { Err(AccessError::Beyond(beyond)) }
}

/// What all of `roles` together hold.
///
/// # Errors
/// [`AccessError::UnknownRole`] where one of them is not there.
pub async fn grants_of_all(
    tx: &mut TenantTx,
    grants: &dyn RoleGrants,
    roles: &[RoleName],
) -> Result<Permissions, AccessError> {
    let mut all = Permissions::NONE;
    for role in roles {
        let held = match grants.built_in(role) {
            Some(held) => held,
            None => {
                let own = queries::get(tx, role).await?.ok_or_else(|| AccessError::UnknownRole(role.clone()))?;
                grants.custom(own.permissions)
            }
        };
        all = all.or(held);
    }
    Ok(all)
}

/// What all of `roles` together hold, which are about to be given: until the transaction ends none of them goes, or becomes
/// another.
///
/// # Errors
/// [`AccessError::UnknownRole`] where one of them is not there.
pub async fn grants_to_give(
    tx: &mut TenantTx,
    grants: &dyn RoleGrants,
    roles: &[RoleName],
) -> Result<Permissions, AccessError> {
    queries::hold(tx, roles).await?;
    grants_of_all(tx, grants, roles).await
}

/// The store's own roles, by name.
///
/// # Errors
/// [`DbError`].
pub async fn list_roles(tx: &mut TenantTx) -> Result<Vec<CustomRole>, DbError> {
    queries::list(tx).await
}

/// One of the store's own roles.
///
/// # Errors
/// [`AccessError::NoRole`].
pub async fn custom_role(tx: &mut TenantTx, name: &RoleName) -> Result<CustomRole, AccessError> {
    queries::get(tx, name).await?.ok_or_else(|| AccessError::NoRole(name.clone()))
}

/// Makes a role that holds nothing beyond `own`.
///
/// # Errors
/// [`AccessError::RoleTaken`], [`AccessError::Beyond`].
pub async fn add_role(tx: &mut TenantTx, own: Permissions, new: &NewRole) -> Result<CustomRole, AccessError> {
    may_give(own, new.permissions)?;
    if new.name.built_in().is_some() || !queries::insert(tx, new).await? {
        return Err(AccessError::RoleTaken(new.name.clone()));
    }
    custom_role(tx, &new.name).await
}

/// Changes a role that holds nothing beyond `own` into one that does neither.
///
/// # Errors
/// [`AccessError::NoRole`], [`AccessError::Stale`], [`AccessError::Beyond`], [`AccessError::BuiltIn`].
pub async fn change_role(
    tx: &mut TenantTx,
    own: Permissions,
    name: &RoleName,
    expected: Option<i64>,
    change: &RoleChange,
) -> Result<CustomRole, AccessError> {
    let role = editable(tx, own, name, expected).await?;
    may_give(own, change.permissions.unwrap_or(role.permissions))?;
    queries::update(tx, name, change).await?;
    custom_role(tx, name).await
}

/// Removes a role that nobody has and that holds nothing beyond `own`.
///
/// # Errors
/// [`AccessError::NoRole`], [`AccessError::Stale`], [`AccessError::Beyond`], [`AccessError::BuiltIn`],
/// [`AccessError::RoleInUse`].
pub async fn remove_role(
    tx: &mut TenantTx,
    own: Permissions,
    name: &RoleName,
    expected: Option<i64>,
) -> Result<CustomRole, AccessError> {
    let role = editable(tx, own, name, expected).await?;
    if queries::is_in_use(tx, name).await? {
        return Err(AccessError::RoleInUse(name.clone()));
    }
    queries::delete(tx, name).await?;
    Ok(role)
}

async fn editable(
    tx: &mut TenantTx,
    own: Permissions,
    name: &RoleName,
    expected: Option<i64>,
) -> Result<CustomRole, AccessError> {
    if name.built_in().is_some() {
        return Err(AccessError::BuiltIn(name.clone()));
    }
    queries::lock(tx, name).await?;
    let role = custom_role(tx, name).await?;
    may_give(own, role.permissions)?;
    if expected.is_some_and(|expected| expected != role.version) {
        return Err(AccessError::Stale);
    }
    Ok(role)
}
