//! Who may do what. Casbin decides, once for each role and permission, into a table that requests read: a decision of
//! Casbin's costs some 250 µs, a look at the table a few nanoseconds.

use std::collections::HashSet;

use casbin::{CoreApi as _, DefaultModel, Enforcer, MemoryAdapter, MgmtApi as _};
use domain::identity::Role;

/// Something that a caller may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See categories and products, visible or not.
    CatalogRead,
    /// Change them.
    CatalogWrite,
    /// See the store's settings.
    StoreRead,
    /// Change them.
    StoreWrite,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::CatalogRead, Self::CatalogWrite, Self::StoreRead, Self::StoreWrite];

    /// Its name in the policy and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CatalogRead => "catalog.read",
            Self::CatalogWrite => "catalog.write",
            Self::StoreRead => "store.read",
            Self::StoreWrite => "store.write",
        }
    }

    /// Whether it changes something; a suspended store's staff has none of these.
    #[must_use]
    pub fn writes(self) -> bool {
        matches!(self, Self::CatalogWrite | Self::StoreWrite)
    }
}

/// What every role may, as Casbin decided it.
#[derive(Debug)]
pub struct Policy(HashSet<(Role, Permission)>);

impl Policy {
    /// Lets Casbin decide on every role and permission.
    ///
    /// # Errors
    /// Casbin's, where the model or the policy that this build carries can't be read.
    pub async fn load() -> Result<Self, casbin::Error> {
        let model = DefaultModel::from_str(include_str!("../../policy/model.conf")).await?;
        let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
        enforcer.add_policies(rules(include_str!("../../policy/policy.csv"))).await?;
        let mut allowed = HashSet::new();
        for role in Role::ALL {
            for permission in Permission::ALL {
                if enforcer.enforce((role.as_str(), permission.as_str()))? {
                    allowed.insert((role, permission));
                }
            }
        }
        Ok(Self(allowed))
    }

    /// Whether one of `roles` has `permission`.
    #[must_use]
    pub fn allows(&self, roles: &[Role], permission: Permission) -> bool {
        roles.iter().any(|role| self.0.contains(&(*role, permission)))
    }

    /// What `roles` have, in the order of [`Permission::ALL`].
    #[must_use]
    pub fn permissions(&self, roles: &[Role]) -> Vec<Permission> {
        Permission::ALL.into_iter().filter(|permission| self.allows(roles, *permission)).collect()
    }
}

fn rules(csv: &str) -> Vec<Vec<String>> {
    let rule = |line: &str| line.split(',').skip(1).map(|word| word.trim().to_owned()).collect();
    csv.lines().filter(|line| line.starts_with("p,")).map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_owner_may_everything_and_support_only_reads() {
        let policy = Policy::load().await.unwrap();
        assert_eq!(policy.permissions(&[Role::Owner]), Permission::ALL);
        assert!(policy.permissions(&[Role::Support]).iter().all(|permission| !permission.writes()));
        assert!(policy.permissions(&[]).is_empty());
        assert!(!policy.allows(&[Role::ContentManager, Role::UserManager], Permission::CatalogWrite));
    }

    #[test]
    fn the_policy_names_only_roles_that_there_are() {
        for rule in rules(include_str!("../../policy/policy.csv")) {
            assert!(Role::read(&rule[0]).is_some(), "{rule:?}");
        }
    }
}
