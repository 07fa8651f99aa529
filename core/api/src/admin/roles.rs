//! Roles: the built-in ones, and a store's own.

use domain::access::{
    self, CustomRole, NewRole, Permission, Permissions, RoleChange, RoleGrants as _, RoleLabel, RoleName,
};
use domain::audit::Entry;
use domain::identity::Role;
use kernel::Text as _;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use crate::guard::{Allowed, may};
use crate::http::{
    Answer, Body, Changes, Created, Creates, Done, Expected, Fail, In, List, Reads, Removes, Versioned, given, json,
};
use crate::policy::Policy;
use crate::tag::Tag;

pub(crate) struct RolesApi;

#[OpenApi(tag = "Tag::Staff")]
impl RolesApi {
    /// List permissions
    ///
    /// All that a role or a key can hold.
    #[oai(path = "/permissions", method = "get", operation_id = "listPermissions")]
    async fn permissions(&self, caller: Allowed<may::BeStaff>) -> Result<Answer<PermissionList>, Fail<Reads>> {
        let own = caller.permissions();
        let shown = |permission: &Permission| PermissionShown {
            name: permission.as_str().to_owned(),
            yours: own.holds(*permission),
        };
        Ok(Answer::plain(&PermissionList { items: Permission::ALL.iter().map(shown).collect() })?)
    }

    /// List roles
    ///
    /// The built-in ones, which are the same in every store, and the store's own.
    #[oai(path = "/roles", method = "get", operation_id = "listRoles")]
    async fn list(&self, caller: Allowed<may::ReadStaff>) -> Result<Answer<RoleList>, Fail<Reads>> {
        let own = access::list_roles(&mut caller.begin_read().await?).await?;
        let built_in = Role::ALL.into_iter().map(|role| RoleShown::built_in(role.into(), &caller.app().policy));
        Ok(Answer::plain(&RoleList { items: built_in.chain(own.iter().map(RoleShown::own)).collect() })?)
    }

    /// Make a role
    ///
    /// With nothing beyond the caller's own permissions.
    #[oai(path = "/roles", method = "post", operation_id = "addRole")]
    async fn add(
        &self,
        caller: Allowed<may::WriteStaff>,
        body: Body<NewRoleBody>,
    ) -> Result<Created<RoleShown>, Fail<Creates>> {
        let NewRoleBody { name, label, permissions } = body.0;
        let new = NewRole { name: name.0, label: label.0, permissions: held(permissions) };
        let mut change = caller.change().await?;
        let role = access::add_role(change.tx(), caller.permissions(), &new).await?;
        let shown = RoleShown::own(&role);
        change.commit(Entry::new("addRole", "role", role.name.as_str()).after(json(&shown))).await?;
        Ok(Created::at(format!("/admin/v1/roles/{}", role.name.as_str()), &shown, role.version)?)
    }

    /// Get a role
    ///
    /// A built-in one, or one of the store's own.
    #[oai(path = "/roles/:name", method = "get", operation_id = "getRole")]
    async fn get(
        &self,
        caller: Allowed<may::ReadStaff>,
        /// The role's name.
        name: Path<In<RoleName>>,
    ) -> Result<Versioned<RoleShown>, Fail<Reads>> {
        let name = name.0.0;
        let shown = if name.built_in().is_some() {
            RoleShown::built_in(name, &caller.app().policy)
        } else {
            RoleShown::own(&access::custom_role(&mut caller.begin_read().await?, &name).await?)
        };
        let version = shown.version;
        Ok(Answer::of_version(&shown, version)?)
    }

    /// Change a role
    ///
    /// One of the store's own. Neither what it held nor what it will hold may reach beyond the caller's permissions.
    #[oai(path = "/roles/:name", method = "patch", operation_id = "changeRole")]
    async fn change(
        &self,
        caller: Allowed<may::WriteStaff>,
        /// The role's name.
        name: Path<In<RoleName>>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<RoleChangeBody>,
    ) -> Result<Versioned<RoleShown>, Fail<Changes>> {
        let (name, RoleChangeBody { label, permissions }) = (name.0.0, body.0);
        let wanted = RoleChange { label: label.map(|label| label.0), permissions: permissions.map(held) };
        let mut change = caller.change().await?;
        let before = if name.built_in().is_some() {
            None
        } else {
            Some(RoleShown::own(&access::custom_role(change.tx(), &name).await?))
        };
        let role = access::change_role(change.tx(), caller.permissions(), &name, expected.0, &wanted).await?;
        let shown = RoleShown::own(&role);
        change
            .commit(Entry::new("changeRole", "role", name.as_str()).before(json(&before)).after(json(&shown)))
            .await?;
        Ok(Answer::of_version(&shown, role.version)?)
    }

    /// Remove a role
    ///
    /// One of the store's own that nobody has.
    #[oai(path = "/roles/:name", method = "delete", operation_id = "removeRole")]
    async fn remove(
        &self,
        caller: Allowed<may::WriteStaff>,
        /// The role's name.
        name: Path<In<RoleName>>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let name = name.0.0;
        let mut change = caller.change().await?;
        let before = access::remove_role(change.tx(), caller.permissions(), &name, expected.0).await?;
        change.commit(Entry::new("removeRole", "role", name.as_str()).before(json(&RoleShown::own(&before)))).await?;
        Ok(Done)
    }
}

/// The set of the permissions that a body lists.
pub(super) fn held<const MIN: usize, const MAX: usize>(listed: List<In<Permission>, MIN, MAX>) -> Permissions {
    listed.0.into_iter().map(|permission| permission.0).collect()
}

/// A permission.
#[derive(Object, Serialize)]
#[oai(rename = "Permission")]
struct PermissionShown {
    /// Its name.
    name: String,
    /// Whether the caller has it, and so can give it.
    yours: bool,
}

/// All permissions.
#[derive(Object, Serialize)]
struct PermissionList {
    /// The permissions.
    items: Vec<PermissionShown>,
}

/// A role.
#[derive(Object, Serialize)]
#[oai(rename = "Role")]
struct RoleShown {
    /// Its name.
    name: String,
    /// What people call it.
    label: String,
    /// Whether it is the same in every store.
    built_in: bool,
    /// What it holds.
    permissions: Vec<String>,
    /// Counts changes; the same as in `ETag`.
    version: i64,
}

impl RoleShown {
    fn own(role: &CustomRole) -> Self {
        Self {
            name: role.name.as_str().to_owned(),
            label: role.label.as_str().to_owned(),
            built_in: false,
            permissions: role.permissions.names(),
            version: role.version,
        }
    }

    fn built_in(name: RoleName, policy: &Policy) -> Self {
        let held = policy.built_in(&name).unwrap_or_default();
        let label = name.as_str().replace('_', " ");
        Self { name: name.as_str().to_owned(), label, built_in: true, permissions: held.names(), version: 1 }
    }
}

/// The roles of a store.
#[derive(Object, Serialize)]
struct RoleList {
    /// The built-in ones first.
    items: Vec<RoleShown>,
}

/// A role to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRoleBody {
    /// Its name, unique in the store.
    name: In<RoleName>,
    /// What people call it.
    label: In<RoleLabel>,
    /// What it will hold, by name.
    permissions: List<In<Permission>, 0, 100>,
}

/// What of a role is to be changed; what is left out stays.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleChangeBody {
    /// What people call it.
    #[serde(default, deserialize_with = "given")]
    label: Option<In<RoleLabel>>,
    /// All that it will hold, by name.
    #[serde(default, deserialize_with = "given")]
    permissions: Option<List<In<Permission>, 0, 100>>,
}
