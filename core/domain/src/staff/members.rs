//! Those who work here.

use kernel::{Limit, Page};
use tenants::{DbError, TenantTx};

use super::{StaffError, queries};
use crate::access::{
    AccessError, Permission, Permissions, RoleGrants, RoleName, grants_of_all, grants_to_give, may_give,
};
use crate::identity::{Role, User, UserId};

/// A user with roles.
#[derive(Debug, Clone)]
pub struct Member {
    /// The account.
    pub user: User,
    /// In the order of their names; at least one.
    pub roles: Vec<RoleName>,
    /// Counts changes of the account and its roles.
    pub version: i64,
}

/// A page of those who work here, in the order in which they came, those after `after`.
///
/// # Errors
/// [`DbError`].
pub async fn list_members(tx: &mut TenantTx, after: Option<UserId>, limit: Limit) -> Result<Page<Member>, DbError> {
    Ok(Page::cut(queries::members(tx, after, limit).await?, limit))
}

/// One who works here.
///
/// # Errors
/// [`StaffError::NoMember`].
pub async fn member(tx: &mut TenantTx, id: UserId) -> Result<Member, StaffError> {
    queries::member(tx, id).await?.ok_or(StaffError::NoMember(id))
}

/// Sets the roles of one who works here, where `expected` is still the version. Neither the old nor the new roles may
/// reach beyond `own`.
///
/// # Errors
/// [`StaffError`]: beyond the caller, the last owner, stale, no such member or role.
pub async fn set_roles(
    tx: &mut TenantTx,
    own: Permissions,
    grants: &dyn RoleGrants,
    id: UserId,
    expected: Option<i64>,
    roles: &[RoleName],
) -> Result<Member, StaffError> {
    let found = editable(tx, own, grants, id, expected).await?;
    may_give(own, grants_to_give(tx, grants, roles).await?)?;
    if !roles.contains(&Role::Owner.into()) {
        keep_an_owner(tx, &found).await?;
    }
    queries::set_roles(tx, id, roles).await?;
    member(tx, id).await
}

/// Takes all roles from one who works here, and ends its log-ins. The account stays, as a shopper's.
///
/// # Errors
/// [`StaffError`]: beyond the caller, the last owner, stale, no such member.
pub async fn remove_member(
    tx: &mut TenantTx,
    own: Permissions,
    grants: &dyn RoleGrants,
    id: UserId,
    expected: Option<i64>,
) -> Result<Member, StaffError> {
    let found = editable(tx, own, grants, id, expected).await?;
    keep_an_owner(tx, &found).await?;
    queries::set_roles(tx, id, &[]).await?;
    crate::identity::end_sessions(tx, id).await?;
    Ok(found)
}

/// One who works here and has nothing beyond `own`.
///
/// # Errors
/// [`StaffError::NoMember`], or that it reaches beyond the caller.
pub async fn covered_member(
    tx: &mut TenantTx,
    own: Permissions,
    grants: &dyn RoleGrants,
    id: UserId,
) -> Result<Member, StaffError> {
    editable(tx, own, grants, id, None).await
}

/// The member, locked, if `own` covers all that it has.
async fn editable(
    tx: &mut TenantTx,
    own: Permissions,
    grants: &dyn RoleGrants,
    id: UserId,
    expected: Option<i64>,
) -> Result<Member, StaffError> {
    // Owners first, always: two owners who demote one another at the same moment follow one another.
    queries::lock_owners(tx).await?;
    queries::lock_user(tx, id).await?;
    let found = member(tx, id).await?;
    may_give(own, grants_of_all(tx, grants, &found.roles).await?)?;
    if expected.is_some_and(|expected| expected != found.version) {
        return Err(StaffError::Stale);
    }
    Ok(found)
}

async fn keep_an_owner(tx: &mut TenantTx, leaving: &Member) -> Result<(), StaffError> {
    let owners = queries::lock_owners(tx).await?;
    if owners == [leaving.user.id.0] { Err(StaffError::LastOwner) } else { Ok(()) }
}

/// Those who work here and hold `permission`.
///
/// # Errors
/// [`DbError`].
pub async fn who_may(
    tx: &mut TenantTx,
    grants: &dyn RoleGrants,
    permission: Permission,
) -> Result<Vec<UserId>, DbError> {
    let mut found = Vec::new();
    for (user, roles) in queries::everybody(tx).await? {
        match grants_of_all(tx, grants, &roles).await {
            Ok(held) if held.holds(permission) => found.push(user),
            // A role that is gone gives nothing.
            Ok(_) | Err(AccessError::UnknownRole(_)) => {}
            Err(AccessError::Db(err)) => return Err(err),
            Err(_) => {}
        }
    }
    Ok(found)
}

/// Whether the store wants its staff to have letters about what waits for it.
///
/// # Errors
/// [`DbError`].
pub async fn wants_letters(tx: &mut TenantTx) -> Result<bool, DbError> {
    queries::wants_letters(tx).await
}

/// Changes that. The store's version is counted up by who calls.
///
/// # Errors
/// [`DbError`].
pub async fn want_letters(tx: &mut TenantTx, wanted: bool) -> Result<(), DbError> {
    queries::want_letters(tx, wanted).await
}
