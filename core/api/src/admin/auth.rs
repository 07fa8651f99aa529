//! Staff logs in, renews its log-in, logs out.

use domain::identity::{self, IdentityError, Renewal, Surface, User};
use kernel::Text as _;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use crate::guard::{Allowed, AtStaffDoor, may};
use crate::http::{Answer, Body, Done, Fail, LogsIn, Problem, Reads, Renews};
use crate::session::{AccountShown, LogInBody, RefreshBody, SessionShown};
use crate::tag::Tag;

pub(crate) struct AuthApi;

#[OpenApi(tag = "Tag::Authentication")]
impl AuthApi {
    /// Log in
    ///
    /// For the store's staff. A wrong password and an unknown address are answered alike.
    #[oai(path = "/auth/login", method = "post", operation_id = "logIn")]
    async fn log_in(&self, door: AtStaffDoor, body: Body<LogInBody>) -> Result<Answer<SessionShown>, Fail<LogsIn>> {
        let LogInBody { email, password } = body.0;
        door.app().limits.log_in(format!("{}/{}", door.store.id, email.0.as_str()), door.address)?;
        let known = identity::find_user(&mut door.begin().await?, &email.0).await?;
        let (user, hash) = known.unzip();
        let right = door.app().passwords.verify(password.0, hash).await?;
        let user = user.filter(|_| right).ok_or(IdentityError::WrongCredentials)?;

        let mut tx = door.begin().await?;
        // A customer's password is as good as any, but opens no door to the staff.
        if identity::roles_of(&mut tx, user.id).await?.is_empty() {
            return Err(IdentityError::WrongCredentials.into());
        }
        let surface = Surface::Admin(door.store.id);
        let (session, refresh) = identity::start_session(&mut tx, user.id, surface).await?;
        tx.commit().await?;
        Ok(Answer::plain(&SessionShown::issue(door.app(), surface, session, &refresh, (&user).into())?)?)
    }

    /// Renew a log-in
    ///
    /// Takes a refresh token for a new access token and the next refresh token. A refresh token is good once: using it
    /// again ends the log-in.
    #[oai(path = "/auth/refresh", method = "post", operation_id = "refreshSession")]
    async fn refresh(&self, door: AtStaffDoor, body: Body<RefreshBody>) -> Result<Answer<SessionShown>, Fail<Renews>> {
        let surface = Surface::Admin(door.store.id);
        let mut tx = door.begin().await?;
        let renewal = identity::renew_session(&mut tx, &body.0.token(), surface).await?;
        let Renewal::Renewed { holder, session, next } = renewal else {
            tx.commit().await?;
            return Err(IdentityError::BadToken.into());
        };
        let user = identity::user(&mut tx, holder).await?;
        tx.commit().await?;
        Ok(Answer::plain(&SessionShown::issue(door.app(), surface, session, &next, (&user).into())?)?)
    }

    /// Log out
    ///
    /// Ends the log-in that a refresh token belongs to. An unknown token has none, and that is no error.
    #[oai(path = "/auth/logout", method = "post", operation_id = "logOut")]
    async fn log_out(&self, door: AtStaffDoor, body: Body<RefreshBody>) -> Result<Done, Fail<Renews>> {
        let mut tx = door.begin().await?;
        identity::end_session(&mut tx, &body.0.token()).await?;
        tx.commit().await?;
        Ok(Done)
    }

    /// Get the caller
    ///
    /// Who is logged in, in which roles, with which permissions.
    #[oai(path = "/me", method = "get", operation_id = "getMe")]
    async fn me(&self, caller: Allowed<may::BeStaff>) -> Result<Answer<MeShown>, Fail<Reads>> {
        let user = identity::user(&mut caller.begin_read().await?, caller.user).await.map_err(gone)?;
        Ok(Answer::plain(&MeShown::new(&user, &caller))?)
    }
}

/// A token whose user is gone is no good any more.
fn gone(err: IdentityError) -> Problem {
    match err {
        IdentityError::NoAccount => IdentityError::BadToken.into(),
        other => other.into(),
    }
}

/// The caller.
#[derive(Object, Serialize)]
#[oai(rename = "Me")]
struct MeShown {
    /// The caller's account.
    user: AccountShown,
    /// What the caller is in this store.
    roles: Vec<String>,
    /// What the caller may do in this store.
    permissions: Vec<String>,
}

impl MeShown {
    fn new(user: &User, caller: &Allowed<may::BeStaff>) -> Self {
        let permissions = caller.app().policy.permissions(&caller.roles);
        Self {
            user: user.into(),
            roles: caller.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            permissions: permissions.into_iter().map(|permission| permission.as_str().to_owned()).collect(),
        }
    }
}
