//! Shoppers register, log in, stay so, get back in, and leave.

use domain::carts::CartToken;
use domain::customers;
use domain::identity::{
    self, AccountLetter, Email, IdentityError, NewUser, Password, PersonName, Purpose, Surface, UserId,
};
use domain::jobs;
use domain::mail::Occasion;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use tenants::TenantTx;

use crate::guard::{At, CartHeader, Customer, ShopDoor};
use crate::http::{Answer, Body, Created, CreatedOr, Done, Fail, In, LogsIn, Own, Problem, Registers, Renews};
use crate::session::{self, ChangePasswordBody, EmailBody, LogInBody, RefreshBody, ResetBody, SessionShown, TokenBody};
use crate::tag::Tag;

pub(crate) struct AuthApi;

#[OpenApi(prefix_path = "/auth", tag = "Tag::Authentication")]
impl AuthApi {
    /// Register
    ///
    /// Makes an account in this store and logs it in, with the visitor's cart. An address that has an account gets a mail that says so.
    ///
    /// Where the deployment wants addresses confirmed, the answer is 202 for every address, known or not, and the log-in
    /// comes after the link in the mail.
    #[oai(path = "/register", method = "post", operation_id = "register")]
    async fn register(
        &self,
        door: At<ShopDoor>,
        #[oai(name = "Stoa-Cart")] cart: CartHeader,
        body: Body<RegisterBody>,
    ) -> Result<CreatedOr<SessionShown, AskedShown>, Fail<Registers>> {
        let RegisterBody { email, password, name } = body.0;
        door.app().limits.log_in(format!("{}/{}", door.store.id, kernel::Text::as_str(&email.0)), door.address)?;
        let hash = door.app().passwords.hash(password.0.clone()).await?;
        let new = NewUser { email: email.0, name: name.0, password: hash };
        let mut tx = door.begin().await?;
        let waits = door.app().confirms_emails;
        let shown = match customers::register(&mut tx, &new).await {
            Ok(customer) => {
                if waits {
                    tx.commit().await?;
                    None
                } else {
                    session::bring_along(&mut tx, cart.0.as_ref(), customer.user.id).await?;
                    Some(session::begin(door.app(), tx, &customer.user, &new.password, door.surface()).await?)
                }
            }
            Err(IdentityError::EmailTaken) if waits => {
                drop(tx);
                let mut tx = door.begin().await?;
                if let Some((user, _)) = identity::find_user(&mut tx, &new.email).await? {
                    tell_known_already(tx, user.id).await?;
                }
                None
            }
            Err(IdentityError::EmailTaken) => {
                drop(tx);
                Some(known_already(&door, &new.email, password.0, cart.0.as_ref()).await?)
            }
            Err(other) => return Err(other.into()),
        };
        Ok(match shown {
            Some(session) => CreatedOr::Created(Created::at("/store/v1/me".to_owned(), &session, 1)?),
            None => CreatedOr::Waits(Answer::plain(&AskedShown { status: "confirmation_sent".to_owned() })?),
        })
    }

    /// Log in
    ///
    /// A wrong password and an unknown address are answered alike. A visitor's cart becomes a part of the customer's:
    /// quantities add up, as far as there is stock, and the visitor's is gone.
    #[oai(path = "/login", method = "post", operation_id = "logIn")]
    async fn log_in(
        &self,
        door: At<ShopDoor>,
        #[oai(name = "Stoa-Cart")] cart: CartHeader,
        body: Body<LogInBody>,
    ) -> Result<Answer<SessionShown>, Fail<LogsIn>> {
        Ok(Answer::plain(&session::log_in(&door, body.0, cart.0.as_ref()).await?)?)
    }

    /// Renew a log-in
    ///
    /// Takes a refresh token for a new access token and the next refresh token. A refresh token is good once: using it
    /// again ends the log-in.
    #[oai(path = "/refresh", method = "post", operation_id = "refreshSession")]
    async fn refresh(&self, door: At<ShopDoor>, body: Body<RefreshBody>) -> Result<Answer<SessionShown>, Fail<Renews>> {
        Ok(Answer::plain(&session::renew(&door, &body.0).await?)?)
    }

    /// Log out
    ///
    /// Ends the log-in that a refresh token belongs to, and its access tokens within a second. An unknown token has
    /// none, and that is no error.
    #[oai(path = "/logout", method = "post", operation_id = "logOut")]
    async fn log_out(&self, door: At<ShopDoor>, body: Body<RefreshBody>) -> Result<Done, Fail<Renews>> {
        session::log_out(&door, &body.0).await?;
        Ok(Done)
    }

    /// Ask for a new password
    ///
    /// Sends a mail with a link that is good for an hour. Whether the address is known is not told.
    #[oai(path = "/password/forgot", method = "post", operation_id = "forgotPassword")]
    async fn forgot(&self, door: At<ShopDoor>, body: Body<EmailBody>) -> Result<Done, Fail<LogsIn>> {
        session::forgot(&door, &body.0).await?;
        Ok(Done)
    }

    /// Set a new password
    ///
    /// With the token in the mailed link. All log-ins of the account end.
    #[oai(path = "/password/reset", method = "post", operation_id = "resetPassword")]
    async fn reset(&self, door: At<ShopDoor>, body: Body<ResetBody>) -> Result<Done, Fail<LogsIn>> {
        session::reset(&door, body.0).await?;
        Ok(Done)
    }

    /// Change the password
    ///
    /// By somebody who knows it. All log-ins of the account end, and a new one begins.
    #[oai(path = "/password/change", method = "post", operation_id = "changePassword")]
    async fn change(
        &self,
        customer: Customer,
        body: Body<ChangePasswordBody>,
    ) -> Result<Answer<SessionShown>, Fail<Own>> {
        let (store, surface) = (&customer.store, Surface::Storefront(customer.store.id));
        let changed =
            session::change_password(customer.app(), store, customer.user, &customer.origin, surface, body.0).await?;
        Ok(Answer::plain(&changed)?)
    }

    /// Confirm the e-mail address
    ///
    /// With the token in the link that was mailed at registration.
    #[oai(path = "/email/confirm", method = "post", operation_id = "confirmEmail")]
    async fn confirm(&self, door: At<ShopDoor>, body: Body<TokenBody>) -> Result<Done, Fail<LogsIn>> {
        door.app().limits.mailed_token(door.address)?;
        let mut tx = door.begin().await?;
        let user = identity::take_token(&mut tx, &body.0.token.0.token(), Purpose::Confirm).await?;
        identity::confirm_email(&mut tx, user).await?;
        tx.commit().await.map_err(Problem::from)?;
        Ok(Done)
    }
}

/// Somebody registers with an address that has an account. Who knows its password is simply let in: the first answer
/// may have been lost. Anybody else is refused, and the account's owner told.
async fn known_already(
    door: &At<ShopDoor>,
    email: &Email,
    password: Password,
    cart: Option<&CartToken>,
) -> Result<SessionShown, Problem> {
    let known = identity::find_user(&mut door.begin().await?, email).await?;
    let Some((user, hash)) = known else { return Err(IdentityError::EmailTaken.into()) };
    if door.app().passwords.verify(password, Some(hash.clone())).await? {
        let mut tx = door.begin().await?;
        session::bring_along(&mut tx, cart, user.id).await?;
        return session::begin(door.app(), tx, &user, &hash, door.surface()).await;
    }
    tell_known_already(door.begin().await?, user.id).await?;
    Err(IdentityError::EmailTaken.into())
}

async fn tell_known_already(mut tx: TenantTx, user: UserId) -> Result<(), Problem> {
    jobs::enqueue(&mut tx, &AccountLetter { user: user.0, occasion: Occasion::KnownAlready }).await?;
    Ok(tx.commit().await?)
}

/// A registration that waits for the link in the mail.
#[derive(Object, Serialize)]
#[oai(rename = "RegistrationAsked")]
struct AskedShown {
    /// Always `confirmation_sent`.
    status: String,
}

/// Somebody who wants an account.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegisterBody {
    /// The person's e-mail address.
    email: In<Email>,
    /// A password of the person's choice.
    password: In<Password>,
    /// The person's name.
    name: In<PersonName>,
}
