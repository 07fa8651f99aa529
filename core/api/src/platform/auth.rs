//! Operators log in, stay so, get back in.

use domain::audit::{self, Actor, Entry};
use domain::identity::{self, ForgottenOperatorPassword, IdentityError, Renewal, Surface};
use domain::jobs;
use kernel::Text as _;
use poem_openapi::OpenApi;

use crate::App;
use crate::guard::{Anyone, OperatorCaller};
use crate::http::{Answer, Body, Done, Fail, OperatorLogsIn, OperatorRenews, Problem};
use crate::session::{ChangePasswordBody, EmailBody, LogInBody, RefreshBody, ResetBody, SessionShown};
use crate::tag::Tag;
use domain::identity::{Operator, PasswordHash};
use tenants::PlatformTx;

pub(crate) struct AuthApi;

#[OpenApi(prefix_path = "/auth", tag = "Tag::Authentication")]
impl AuthApi {
    /// Log in as an operator
    ///
    /// A wrong password and an unknown address are answered alike.
    #[oai(path = "/login", method = "post", operation_id = "logIn")]
    async fn log_in(
        &self,
        anyone: Anyone,
        body: Body<LogInBody>,
    ) -> Result<Answer<SessionShown>, Fail<OperatorLogsIn>> {
        let LogInBody { email, password } = body.0;
        anyone.app().limits.log_in(format!("platform/{}", email.0.as_str()), anyone.address)?;
        let known = identity::find_operator(&mut anyone.begin_platform().await?, &email.0).await?;
        let hash = known.as_ref().map(|(_, hash)| hash.clone());
        let right = anyone.app().passwords.verify(password.0, hash).await?;
        let (operator, hash) = known.filter(|_| right).ok_or(IdentityError::WrongCredentials)?;
        let tx = anyone.begin_platform().await?;
        Ok(Answer::plain(&begin(anyone.app(), tx, &operator, &hash).await?)?)
    }

    /// Renew a log-in
    ///
    /// Takes a refresh token for a new access token and the next refresh token. A refresh token is good once: using it
    /// again ends the log-in.
    #[oai(path = "/refresh", method = "post", operation_id = "refreshSession")]
    async fn refresh(
        &self,
        anyone: Anyone,
        body: Body<RefreshBody>,
    ) -> Result<Answer<SessionShown>, Fail<OperatorRenews>> {
        let mut tx = anyone.begin_platform().await?;
        let renewal = identity::renew_operator_session(&mut tx, &body.0.token()).await?;
        let Renewal::Renewed { holder, session, next } = renewal else {
            tx.commit().await?;
            return Err(IdentityError::BadToken.into());
        };
        let operator = identity::operator(&mut tx, holder).await?;
        tx.commit().await?;
        let account = (&operator).into();
        Ok(Answer::plain(&SessionShown::issue(anyone.app(), Surface::Platform, session, &next, account)?)?)
    }

    /// Log out
    ///
    /// Ends the log-in that a refresh token belongs to, and its access tokens at once. An unknown token has none, and
    /// that is no error.
    #[oai(path = "/logout", method = "post", operation_id = "logOut")]
    async fn log_out(&self, anyone: Anyone, body: Body<RefreshBody>) -> Result<Done, Fail<OperatorRenews>> {
        let mut tx = anyone.begin_platform().await?;
        identity::end_operator_session(&mut tx, &body.0.token()).await?;
        tx.commit().await?;
        Ok(Done)
    }

    /// Ask for a new password
    ///
    /// Sends a mail with a link that is good for an hour. Whether the address is known is not told.
    #[oai(path = "/password/forgot", method = "post", operation_id = "forgotPassword")]
    async fn forgot(&self, anyone: Anyone, body: Body<EmailBody>) -> Result<Done, Fail<OperatorLogsIn>> {
        let email = body.0.email.0;
        anyone.app().limits.log_in(format!("forgot/platform/{}", email.as_str()), anyone.address)?;
        // Put in for every address, known or not: whether there is somebody to write to is found out afterwards.
        let mut tx = anyone.begin_platform().await?;
        jobs::enqueue_platform(&mut tx, &ForgottenOperatorPassword { email: email.as_str().to_owned() }).await?;
        tx.commit().await?;
        Ok(Done)
    }

    /// Set a new password
    ///
    /// With the token in the mailed link. All log-ins of the account end.
    #[oai(path = "/password/reset", method = "post", operation_id = "resetPassword")]
    async fn reset(&self, anyone: Anyone, body: Body<ResetBody>) -> Result<Done, Fail<OperatorLogsIn>> {
        anyone.app().limits.mailed_token(anyone.address)?;
        let (token, password) = (body.0.token.0.token(), anyone.app().passwords.hash(body.0.password.0).await?);
        let mut tx = anyone.begin_platform().await?;
        let operator = identity::take_operator_token(&mut tx, &token).await?;
        identity::set_operator_password(&mut tx, &operator.email, &password).await?;
        let (actor, entry) = (Actor::Operator(operator.id.0), Entry::new("resetPassword", "operator", operator.id));
        audit::record_platform(&mut tx, &anyone.origin(actor), &entry).await?;
        tx.commit().await?;
        Ok(Done)
    }

    /// Change the password
    ///
    /// By somebody who knows it. All log-ins of the account end, and a new one begins.
    #[oai(path = "/password/change", method = "post", operation_id = "changePassword")]
    async fn change(
        &self,
        caller: OperatorCaller,
        body: Body<ChangePasswordBody>,
    ) -> Result<Answer<SessionShown>, Fail<OperatorLogsIn>> {
        let app = caller.app();
        app.limits.account(format!("change/platform/{}", caller.operator))?;
        let (operator, hash) = identity::operator_password(&mut caller.begin().await?, caller.operator).await?;
        if !app.passwords.verify(body.0.current_password.0, Some(hash)).await? {
            return Err(IdentityError::WrongCredentials.into());
        }
        let password = app.passwords.hash(body.0.new_password.0).await?;
        let mut tx = caller.begin().await?;
        identity::set_operator_password(&mut tx, &operator.email, &password).await?;
        let entry = Entry::new("changePassword", "operator", operator.id);
        audit::record_platform(&mut tx, caller.origin(), &entry).await?;
        Ok(Answer::plain(&begin(app, tx, &operator, &password).await?)?)
    }
}

/// Begins a log-in of an operator whose password was found right against `proof`, and commits it.
async fn begin(
    app: &App,
    mut tx: PlatformTx,
    operator: &Operator,
    proof: &PasswordHash,
) -> Result<SessionShown, Problem> {
    let (session, refresh) = identity::start_operator_session(&mut tx, operator.id, proof).await?;
    tx.commit().await?;
    SessionShown::issue(app, Surface::Platform, session, &refresh, operator.into())
}
