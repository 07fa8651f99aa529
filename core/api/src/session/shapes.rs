//! What log-ins of all surfaces are asked for and answer.

use chrono::Utc;
use domain::identity::{AccessToken, Email, Operator, Password, RefreshToken, Surface, User};
use kernel::{Text, TextError};
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

impl RefreshBody {
    /// The token.
    pub fn token(&self) -> RefreshToken {
        self.refresh_token.0.token()
    }
}

/// An e-mail address.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailBody {
    /// The account's e-mail address.
    pub email: In<Email>,
}

/// A token that came by mail.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenBody {
    /// The token in the link.
    pub token: In<TokenText>,
}

/// A new password, and the proof that it may be set.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetBody {
    /// The token in the mailed link.
    pub token: In<TokenText>,
    /// The new password.
    pub password: In<Password>,
}

/// A new password, and the old one.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordBody {
    /// The password until now.
    pub current_password: In<Password>,
    /// The password from now on.
    pub new_password: In<Password>,
}

/// Any text that could be a token of ours.
pub struct TokenText(String);

impl TokenText {
    /// The token.
    pub fn token(&self) -> RefreshToken {
        RefreshToken::presented(&self.0)
    }
}

impl Text for TokenText {
    const NAME: &'static str = "token";
    const MIN: usize = 1;
    const MAX: usize = 200;
    const EXAMPLE: &'static str = "q4aXc0Q2bYV0m0w9QwzW0o1m3m8fJ3Jx1x0QyQb0m2E";

    fn parse(text: &str) -> Result<Self, TextError> {
        if (Self::MIN..=Self::MAX).contains(&text.chars().count()) {
            return Ok(Self(text.to_owned()));
        }
        Err(TextError::new("must have 1 to 200 characters"))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// Somebody's account.
#[derive(Object, Serialize)]
#[oai(rename = "Account")]
pub struct AccountShown {
    /// Its id.
    pub id: Uuid,
    /// Its e-mail address, in lower case.
    email: String,
    /// The person's name.
    name: String,
}

impl From<&User> for AccountShown {
    fn from(user: &User) -> Self {
        Self { id: user.id.0, email: user.email.as_str().to_owned(), name: user.name.as_str().to_owned() }
    }
}

impl From<&Operator> for AccountShown {
    fn from(operator: &Operator) -> Self {
        Self { id: operator.id.0, email: operator.email.as_str().to_owned(), name: operator.name.as_str().to_owned() }
    }
}

/// A log-in.
#[derive(Object, Serialize)]
#[oai(rename = "Session")]
pub struct SessionShown {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// For how many seconds the access token is good.
    pub expires_in: i64,
    /// Good once, to renew the log-in. Using it twice ends the log-in.
    pub refresh_token: String,
    /// Who is logged in.
    pub user: AccountShown,
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
}
