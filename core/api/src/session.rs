//! What log-ins of all surfaces are asked for and answer.

use chrono::Utc;
use domain::identity::{AccessToken, Email, Operator, Password, RefreshToken, Surface, User};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::App;
use crate::http::{In, Problem};

/// Who wants to log in.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogInBody {
    /// The account's e-mail address.
    pub email: In<Email>,
    /// The account's password.
    pub password: In<Password>,
}

/// A refresh token.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshBody {
    /// The token that the log-in, or the last renewal, gave.
    pub refresh_token: In<TokenText>,
}

/// Any text that could be a refresh token.
pub struct TokenText(String);

impl kernel::Text for TokenText {
    const NAME: &'static str = "refresh token";
    const MIN: usize = 1;
    const MAX: usize = 200;
    const EXAMPLE: &'static str = "q4aXc0Q2bYV0m0w9QwzW0o1m3m8fJ3Jx1x0QyQb0m2E";

    fn parse(text: &str) -> Result<Self, kernel::TextError> {
        if (Self::MIN..=Self::MAX).contains(&text.chars().count()) {
            return Ok(Self(text.to_owned()));
        }
        Err(kernel::TextError::new("must have 1 to 200 characters"))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

impl RefreshBody {
    /// The token.
    pub fn token(&self) -> RefreshToken {
        RefreshToken::presented(&self.refresh_token.0.0)
    }
}

/// Somebody's account.
#[derive(Object, Serialize)]
#[oai(rename = "Account")]
pub struct AccountShown {
    /// Its id.
    id: Uuid,
    /// Its e-mail address, in lower case.
    email: String,
    /// The person's name.
    name: String,
}

impl From<&User> for AccountShown {
    fn from(user: &User) -> Self {
        use kernel::Text as _;
        Self { id: user.id.0, email: user.email.as_str().to_owned(), name: user.name.as_str().to_owned() }
    }
}

impl From<&Operator> for AccountShown {
    fn from(operator: &Operator) -> Self {
        use kernel::Text as _;
        Self { id: operator.id.0, email: operator.email.as_str().to_owned(), name: operator.name.as_str().to_owned() }
    }
}

/// A log-in.
#[derive(Object, Serialize)]
#[oai(rename = "Session")]
pub struct SessionShown {
    /// Send it as `Authorization: Bearer …`.
    access_token: String,
    /// Always `Bearer`.
    token_type: String,
    /// For how many seconds the access token is good.
    expires_in: i64,
    /// Good once, to renew the log-in. Using it twice ends the log-in.
    refresh_token: String,
    /// Who is logged in.
    user: AccountShown,
}

impl SessionShown {
    /// Signs an access token for a log-in and shows both tokens.
    ///
    /// # Errors
    /// 500 where the token can't be signed.
    pub fn issue(
        app: &App,
        surface: Surface,
        session: Uuid,
        refresh: &RefreshToken,
        user: AccountShown,
    ) -> Result<Self, Problem> {
        let AccessToken { token, expires_in } = app.tokens.sign(surface, user.id, session, Utc::now())?;
        let refresh_token = refresh.reveal().to_owned();
        Ok(Self { access_token: token, token_type: "Bearer".to_owned(), expires_in, refresh_token, user })
    }

    /// The tokens alone: access token, refresh token, seconds.
    pub fn into_tokens(self) -> (String, String, i64) {
        (self.access_token, self.refresh_token, self.expires_in)
    }
}
