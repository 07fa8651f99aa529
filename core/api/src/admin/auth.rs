//! Staff logs in, stays so, gets back in.

use domain::audit::{self, Actor, Entry};
use domain::identity::{self, Surface};
use domain::staff;
use kernel::Text as _;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use crate::guard::{Allowed, At, StaffDoor, may};
use crate::http::{Answer, Body, Done, Fail, In, LogsIn, Own, Reads, Renews, json};
use crate::session::{
    self, AccountShown, ChangePasswordBody, EmailBody, LogInBody, RefreshBody, ResetBody, SessionShown, TokenText, gone,
};
use crate::tag::Tag;
use domain::identity::Password;

pub(crate) struct AuthApi;

#[OpenApi(tag = "Tag::Authentication")]
impl AuthApi {
    /// Log in
    ///
    /// For the store's staff. A wrong password and an unknown address are answered alike.
    #[oai(path = "/auth/login", method = "post", operation_id = "logIn")]
    async fn log_in(&self, door: At<StaffDoor>, body: Body<LogInBody>) -> Result<Answer<SessionShown>, Fail<LogsIn>> {
        Ok(Answer::plain(&session::log_in(&door, body.0, None).await?)?)
    }

    /// Renew a log-in
    ///
    /// Takes a refresh token for a new access token and the next refresh token. A refresh token is good once: using it
    /// again ends the log-in.
    #[oai(path = "/auth/refresh", method = "post", operation_id = "refreshSession")]
    async fn refresh(
        &self,
        door: At<StaffDoor>,
        body: Body<RefreshBody>,
    ) -> Result<Answer<SessionShown>, Fail<Renews>> {
        Ok(Answer::plain(&session::renew(&door, &body.0).await?)?)
    }

    /// Log out
    ///
    /// Ends the log-in that a refresh token belongs to, and its access tokens within a second. An unknown token has
    /// none, and that is no error.
    #[oai(path = "/auth/logout", method = "post", operation_id = "logOut")]
    async fn log_out(&self, door: At<StaffDoor>, body: Body<RefreshBody>) -> Result<Done, Fail<Renews>> {
        session::log_out(&door, &body.0).await?;
        Ok(Done)
    }

    /// Ask for a new password
    ///
    /// Sends a mail with a link that is good for an hour. Whether the address is known is not told.
    #[oai(path = "/auth/password/forgot", method = "post", operation_id = "forgotPassword")]
    async fn forgot(&self, door: At<StaffDoor>, body: Body<EmailBody>) -> Result<Done, Fail<LogsIn>> {
        session::forgot(&door, &body.0).await?;
        Ok(Done)
    }

    /// Set a new password
    ///
    /// With the token in the mailed link. All log-ins of the account end.
    #[oai(path = "/auth/password/reset", method = "post", operation_id = "resetPassword")]
    async fn reset(&self, door: At<StaffDoor>, body: Body<ResetBody>) -> Result<Done, Fail<LogsIn>> {
        session::reset(&door, body.0).await?;
        Ok(Done)
    }

    /// Change the password
    ///
    /// By somebody who knows it. All log-ins of the account end, and a new one begins.
    #[oai(path = "/auth/password/change", method = "post", operation_id = "changePassword")]
    async fn change(
        &self,
        caller: Allowed<may::BeStaff>,
        body: Body<ChangePasswordBody>,
    ) -> Result<Answer<SessionShown>, Fail<Own>> {
        let (store, user) = (&caller.store, caller.user());
        let (origin, surface) = (caller.origin(), Surface::Admin(store.id));
        let changed = session::change_password(caller.app(), store, user, origin, surface, body.0).await?;
        Ok(Answer::plain(&changed)?)
    }

    /// Take up an invitation
    ///
    /// With the token in the mailed link and a password of one's own choice. Logs in.
    #[oai(path = "/auth/invitations/accept", method = "post", operation_id = "acceptInvitation")]
    async fn accept(&self, door: At<StaffDoor>, body: Body<AcceptBody>) -> Result<Answer<SessionShown>, Fail<LogsIn>> {
        door.app().limits.mailed_token(door.address)?;
        let (token, password) = (body.0.token.0.token(), door.app().passwords.hash(body.0.password.0).await?);
        let mut tx = door.begin().await?;
        let user = staff::accept(&mut tx, &door.app().policy, &token, &password).await?;
        let roles = identity::role_names_of(&mut tx, user.id).await?;
        let roles: Vec<_> = roles.iter().map(|role| role.as_str().to_owned()).collect();
        let entry = Entry::new("acceptInvitation", "user", user.id).after(json(&JoinedShown { roles }));
        audit::record(&mut tx, &door.origin(Actor::User(user.id.0)), &entry).await?;
        Ok(Answer::plain(&session::begin(door.app(), tx, &user, &password, door.surface()).await?)?)
    }

    /// Get the caller
    ///
    /// Who is logged in, in which roles, with which permissions.
    #[oai(path = "/me", method = "get", operation_id = "getMe")]
    async fn me(&self, caller: Allowed<may::BeStaff>) -> Result<Answer<MeShown>, Fail<Reads>> {
        let user = identity::user(&mut caller.begin_read().await?, caller.user()).await.map_err(gone::<Reads>)?;
        let (roles, permissions) = (caller.role_names(), caller.permissions().names());
        Ok(Answer::plain(&MeShown { user: (&user).into(), roles, permissions })?)
    }
}

/// An invitation, taken up.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptBody {
    /// The token in the mailed link.
    token: In<TokenText>,
    /// A password of one's own choice.
    password: In<Password>,
}

/// What the audit says of somebody who joined.
#[derive(Serialize)]
struct JoinedShown {
    roles: Vec<String>,
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
