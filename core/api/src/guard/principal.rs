//! Who a token or a key stands for, and what that may do now.
//!
//! What is found is believed for half a second: a role, a key or a log-in that is taken away stops within a second on every
//! replica, without a message between them that could be lost.

use std::sync::Arc;
use std::time::Duration;

use domain::access::{Permissions, RoleGrants as _, RoleName, grants_of_all};
use domain::audit::Actor;
use domain::identity::{self, UserId};
use domain::keys::{self, KeySecret};
use moka::future::Cache;
use tenants::{DbError, TenantDb, TenantId};
use uuid::Uuid;

use crate::http::Problem;
use crate::policy::Policy;

/// Who is asking.
#[derive(Debug, Clone)]
pub(crate) struct Principal {
    /// In whose name.
    pub(crate) user: UserId,
    /// Who acts: the user itself, or a key of the user's.
    pub(crate) actor: Actor,
    /// The roles of the user.
    pub(crate) roles: Vec<RoleName>,
    /// What it may do. A key: its scopes, as far as its maker may.
    pub(crate) permissions: Permissions,
}

/// Finds principals.
pub(crate) struct Principals {
    by_session: Cache<(TenantId, Uuid), Option<Arc<Principal>>>,
    by_key: Cache<(TenantId, [u8; 32]), Option<Arc<Principal>>>,
}

type Found = Option<Arc<Principal>>;

impl Principals {
    pub(crate) fn new() -> Self {
        const BELIEVED: Duration = Duration::from_millis(500);
        let by_session = Cache::builder().max_capacity(100_000).time_to_live(BELIEVED).build();
        Self { by_session, by_key: Cache::builder().max_capacity(20_000).time_to_live(BELIEVED).build() }
    }

    /// The user of a log-in that still goes on.
    pub(super) async fn of_session(
        &self,
        db: &TenantDb,
        policy: &Policy,
        store: TenantId,
        user: UserId,
        session: Uuid,
    ) -> Result<Found, Problem> {
        let look_up = async {
            let mut tx = db.begin_read(store).await?;
            if !identity::is_session_alive(&mut tx, user, session).await? {
                return Ok(None);
            }
            let (roles, permissions) = held(&mut tx, policy, user).await?;
            Ok(Some(Arc::new(Principal { user, actor: Actor::User(user.0), roles, permissions })))
        };
        // The session's id is ours, in a token that we signed for this user: it can't name another's.
        self.by_session.try_get_with((store, session), look_up).await.map_err(problem)
    }

    /// What a key may do now.
    pub(super) async fn of_key(
        &self,
        db: &TenantDb,
        policy: &Policy,
        store: TenantId,
        secret: &KeySecret,
    ) -> Result<Found, Problem> {
        let look_up = async {
            let mut tx = db.begin(store).await?;
            let Some(key) = keys::find_key(&mut tx, secret).await? else { return Ok(None) };
            let (roles, permissions) = held(&mut tx, policy, key.made_by).await?;
            tx.commit().await?;
            let permissions = permissions.and(key.scopes);
            Ok(Some(Arc::new(Principal { user: key.made_by, actor: Actor::Key(key.id.0), roles, permissions })))
        };
        self.by_key.try_get_with((store, secret.hash()), look_up).await.map_err(problem)
    }
}

fn problem(err: Arc<DbError>) -> Problem {
    Problem::of(&*err)
}

async fn held(
    tx: &mut tenants::TenantTx,
    policy: &Policy,
    user: UserId,
) -> Result<(Vec<RoleName>, Permissions), DbError> {
    let roles = identity::role_names_of(tx, user).await?;
    let mut permissions = Permissions::NONE;
    for role in &roles {
        let held = match policy.built_in(role) {
            Some(held) => held,
            // A role that is gone gives nothing.
            None => match grants_of_all(tx, policy, std::slice::from_ref(role)).await {
                Ok(held) => held,
                Err(domain::access::AccessError::Db(err)) => return Err(err),
                Err(_) => Permissions::NONE,
            },
        };
        permissions = permissions.or(held);
    }
    Ok((roles, permissions))
}
