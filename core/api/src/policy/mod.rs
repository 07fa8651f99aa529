//! Who may do what. Casbin decides, once for each role and permission, into tables that requests read: a decision of
//! Casbin's costs some 250 µs, a look at the table a few nanoseconds.

use std::collections::HashMap;
use std::sync::Mutex;

use casbin::{CoreApi as _, DefaultModel, Enforcer, MemoryAdapter, MgmtApi as _};
use domain::access::{Permission, Permissions, RoleGrants, RoleName};
use domain::identity::Role;
use futures_util::FutureExt as _;

/// The model that all decisions follow.
const MODEL: &str = include_str!("../../policy/model.conf");
/// What the built-in roles hold.
const BUILT_IN: &str = include_str!("../../policy/policy.csv");

/// What every role holds, as Casbin decided it.
pub struct Policy {
    built_in: HashMap<Role, Permissions>,
    /// Roles of stores, by what their rows list. There are few different ones, and each is decided once.
    custom: moka::sync::Cache<Permissions, Permissions>,
    engine: Mutex<Enforcer>,
}

impl Policy {
    /// Lets Casbin decide on every built-in role and permission.
    ///
    /// # Errors
    /// Casbin's, where the model or the policy that this build carries can't be read.
    pub async fn load() -> Result<Self, casbin::Error> {
        let mut engine = engine().await?;
        engine.add_policies(rules(BUILT_IN)).await?;
        let mut built_in = HashMap::new();
        for role in Role::ALL {
            built_in.insert(role, decide(&engine, role.as_str())?);
        }
        engine.clear_policy().await?;
        Ok(Self { built_in, custom: moka::sync::Cache::new(10_000), engine: Mutex::new(engine) })
    }

    fn decide_custom(&self, listed: Permissions) -> Option<Permissions> {
        let rules = listed.names().into_iter().map(|permission| vec!["custom".to_owned(), permission]).collect();
        let mut engine = self.engine.lock().ok()?;
        // In memory all of these are done at once.
        engine.clear_policy().now_or_never()?.ok()?;
        engine.add_policies(rules).now_or_never()?.ok()?;
        decide(&engine, "custom").ok()
    }
}

impl RoleGrants for Policy {
    fn built_in(&self, name: &RoleName) -> Option<Permissions> {
        name.built_in().and_then(|role| self.built_in.get(&role).copied())
    }

    fn custom(&self, listed: Permissions) -> Permissions {
        // Where the engine fails, nothing is allowed.
        self.custom.get_with(listed, || self.decide_custom(listed).unwrap_or(Permissions::NONE))
    }
}

async fn engine() -> Result<Enforcer, casbin::Error> {
    Enforcer::new(DefaultModel::from_str(MODEL).await?, MemoryAdapter::default()).await
}

fn decide(engine: &Enforcer, role: &str) -> Result<Permissions, casbin::Error> {
    let mut held = Vec::new();
    for permission in Permission::ALL {
        if engine.enforce((role, permission.as_str()))? {
            held.push(*permission);
        }
    }
    Ok(held.into_iter().collect())
}

fn rules(csv: &str) -> Vec<Vec<String>> {
    let rule = |line: &str| line.split(',').skip(1).map(|word| word.trim().to_owned()).collect();
    csv.lines().filter(|line| line.starts_with("p,")).map(rule).collect()
}

/// The table of built-in roles and permissions, for people to review.
#[must_use]
pub fn table(policy: &Policy) -> String {
    let mut text = format!("{:<18}", "permission");
    for role in Role::ALL {
        text += &format!("{:<17}", role.as_str());
    }
    for permission in Permission::ALL {
        text = format!("{}\n{:<18}", text.trim_end(), permission.as_str());
        for role in Role::ALL {
            let held = policy.built_in(&role.into()).is_some_and(|held| held.holds(*permission));
            text += &format!("{:<17}", if held { "yes" } else { "-" });
        }
    }
    format!("{}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_table_is_as_it_was_reviewed() {
        let table = table(&Policy::load().await.unwrap());
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/policy/roles.txt");
        if std::env::var_os("STOA_ACCEPT").is_some() {
            std::fs::write(path, &table).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(table == committed, "review and commit, with STOA_ACCEPT=1, what the roles hold now:\n{table}");
    }

    #[tokio::test]
    async fn the_owner_holds_everything_and_support_only_reads() {
        let policy = Policy::load().await.unwrap();
        let held = |role: Role| policy.built_in(&role.into()).unwrap();
        assert_eq!(held(Role::Owner), Permission::ALL.iter().copied().collect());
        let reads: Permissions = Permission::ALL.iter().copied().filter(|permission| !permission.writes()).collect();
        assert_eq!(held(Role::Support), reads);
        assert!(!held(Role::Admin).holds(Permission::StoreClose));
        for role in Role::ALL {
            let deletes = matches!(role, Role::Owner | Role::Admin | Role::OrderManager);
            assert_eq!(held(role).holds(Permission::OrdersDelete), deletes, "{role:?}");
        }
    }

    #[test]
    fn the_policy_names_only_roles_and_permissions_that_there_are() {
        for rule in rules(BUILT_IN) {
            assert!(Role::read(&rule[0]).is_some(), "{rule:?}");
            let known = |permission: &Permission| permission.as_str().starts_with(rule[1].trim_end_matches('*'));
            assert!(Permission::ALL.iter().any(known), "{rule:?}");
        }
    }

    #[tokio::test]
    async fn casbin_and_the_table_agree_on_a_thousand_custom_roles() {
        let policy = Policy::load().await.unwrap();
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..1_000 {
            // xorshift64: any spread will do, and this one replays.
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let listed: Permissions =
                Permission::ALL.iter().copied().filter(|p| seed >> (*p as u64) & 1 == 1).collect();
            let mut engine = engine().await.unwrap();
            engine.add_policies(listed.names().into_iter().map(|p| vec!["r".to_owned(), p]).collect()).await.unwrap();
            for permission in Permission::ALL {
                let decided = engine.enforce(("r", permission.as_str())).unwrap();
                assert_eq!(policy.custom(listed).holds(*permission), decided, "{listed:?} {permission:?}");
            }
        }
    }
}
