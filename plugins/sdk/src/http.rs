//! The way out.
//!
//! A request says whether it changes something at the provider's: after [`Request::send`] a lost answer is
//! `indeterminate`, since the provider may have done it; after [`Request::ask`] it is `not-sent`, since nothing was to be
//! done.

use serde_json::Value;

#[cfg(target_arch = "wasm32")]
use crate::bindings::http::fetch;
use crate::bindings::http::{self as contract, HttpError};
#[cfg(not(target_arch = "wasm32"))]
use crate::fake::fetch;
use crate::json::text;
use crate::{Error, KeyValue, Result, misconfigured, rejected};

/// A request that is being made.
#[derive(Debug, Clone)]
#[must_use]
pub struct Request(contract::Request);

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// Its headers; names are in small letters.
    pub headers: Vec<KeyValue>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Request {
    /// Asks for what is at an address.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    /// Sends something to an address.
    pub fn post(url: impl Into<String>) -> Self {
        Self::new("POST", url)
    }

    /// A request with any other method.
    pub fn new(method: &str, url: impl Into<String>) -> Self {
        Self(contract::Request { method: method.into(), url: url.into(), headers: Vec::new(), body: Vec::new() })
            .header("accept", "application/json")
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.headers.push(KeyValue { key: name.into(), value: value.into() });
        self
    }

    /// With `Authorization: Bearer …`; of a secret, mostly.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// With a body of JSON.
    pub fn json(mut self, body: &Value) -> Self {
        self.0.body = body.to_string().into_bytes();
        self.header("content-type", "application/json")
    }

    /// Sends it, where it changes something at the provider's.
    ///
    /// # Errors
    ///
    /// `not-sent` or `indeterminate`; `misconfigured` where the host is none of the gateway's.
    pub fn send(self) -> Result<Response> {
        self.fetch(Error::Indeterminate)
    }

    /// Sends it, where it changes nothing at the provider's.
    ///
    /// # Errors
    ///
    /// `not-sent`; `misconfigured` where the host is none of the gateway's.
    pub fn ask(self) -> Result<Response> {
        self.fetch(Error::NotSent)
    }

    fn fetch(self, lost: fn(String) -> Error) -> Result<Response> {
        match fetch(&self.0) {
            Ok(answer) => Ok(Response { status: answer.status, headers: answer.headers, body: answer.body }),
            Err(HttpError::HostNotAllowed(why)) => Err(misconfigured(format!("the address can't be reached: {why}"))),
            Err(HttpError::InvalidRequest(why)) => Err(misconfigured(format!("the address can't be asked: {why}"))),
            Err(HttpError::NotSent(why)) => Err(Error::NotSent(why)),
            Err(HttpError::BudgetExhausted) => Err(Error::NotSent("this call has sent as much as it may".into())),
            Err(HttpError::TimedOut) => Err(lost("no answer came in time".into())),
            Err(HttpError::Interrupted(why)) => Err(lost(format!("the answer broke off: {why}"))),
            Err(HttpError::TooLarge) => Err(lost("the answer is too large".into())),
        }
    }
}

impl Response {
    /// Its body as JSON; none where it is something else.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Its body as JSON, where the provider says that it is well. What is meant by 401 and 403 is that it does not know the
    /// store, by any other 4xx that it says no; `code` and `message` are read there.
    ///
    /// # Errors
    ///
    /// `misconfigured`, `rejected`, or what `lost` makes of an answer that says nothing: `Error::NotSent` after a question,
    /// `Error::Indeterminate` after what moves money.
    pub fn read(&self, lost: fn(String) -> Error) -> Result<Value> {
        let unread = || lost(format!("the answer, with status {}, can't be read", self.status));
        let body = self.json().ok_or_else(unread)?;
        match self.status {
            200..=299 => Ok(body),
            401 | 403 => Err(misconfigured("the provider does not know the store's key")),
            400..=499 => {
                let code = text(&body["code"]).unwrap_or_else(|| self.status.to_string());
                Err(rejected(code, text(&body["message"]).unwrap_or_else(|| "the provider says no".into())))
            }
            _ => Err(unread()),
        }
    }

    /// Whether its status is 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A base address of the settings, without a slash at its end.
#[must_use]
pub fn base(setting: Option<String>, otherwise: &str) -> String {
    setting.as_deref().unwrap_or(otherwise).trim().trim_end_matches('/').into()
}
