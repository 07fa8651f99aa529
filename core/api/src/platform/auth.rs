//! Operators log in, renew their log-in, log out.

use domain::identity::{self, IdentityError, Renewal, Surface};
use kernel::Text as _;
use poem_openapi::OpenApi;

use crate::guard::Anyone;
use crate::http::{Answer, Body, Done, Fail, OperatorLogsIn, OperatorRenews};
use crate::session::{LogInBody, RefreshBody, SessionShown};
use crate::tag::Tag;

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
        let (operator, hash) = known.unzip();
        let right = anyone.app().passwords.verify(password.0, hash).await?;
        let operator = operator.filter(|_| right).ok_or(IdentityError::WrongCredentials)?;

        let mut tx = anyone.begin_platform().await?;
        let (session, refresh) = identity::start_operator_session(&mut tx, operator.id).await?;
        tx.commit().await?;
        let account = (&operator).into();
        Ok(Answer::plain(&SessionShown::issue(anyone.app(), Surface::Platform, session, &refresh, account)?)?)
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
    /// Ends the log-in that a refresh token belongs to. An unknown token has none, and that is no error.
    #[oai(path = "/logout", method = "post", operation_id = "logOut")]
    async fn log_out(&self, anyone: Anyone, body: Body<RefreshBody>) -> Result<Done, Fail<OperatorRenews>> {
        let mut tx = anyone.begin_platform().await?;
        identity::end_operator_session(&mut tx, &body.0.token()).await?;
        tx.commit().await?;
        Ok(Done)
    }
}
