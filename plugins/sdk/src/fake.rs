//! A host for tests of a gateway: what it was told, it answers; what it was asked, it remembers.
//!
//! ```
//! use stoa_sdk::{fake::Host, http::Request};
//!
//! let host = Host::new().secret("key", "hidden").answers(200, r#"{"ok":true}"#);
//! let answer = host.run(|| Request::get("https://api.example.com/").bearer(&stoa_sdk::secret("key")?).ask());
//! assert_eq!(answer.map(|answer| answer.status), Ok(200));
//! assert_eq!(host.sent(0).headers[1].value, "Bearer hidden");
//! ```

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};

use crate::bindings::http::{HttpError, Request, Response};

/// What a host does with a request.
pub type Answer = Result<(u16, String), HttpError>;

/// A host that a test makes.
#[derive(Debug, Default)]
pub struct Host {
    told: RefCell<Told>,
}

#[derive(Debug, Default)]
struct Told {
    plain: HashMap<String, String>,
    secrets: HashMap<String, String>,
    answers: VecDeque<Answer>,
    sent: Vec<Request>,
    lines: Vec<String>,
    now: u64,
}

thread_local! {
    static HOST: RefCell<Option<Told>> = const { RefCell::new(None) };
}

impl Host {
    /// A host at the beginning of 2026, with no settings, whose way out leads nowhere.
    #[must_use]
    pub fn new() -> Self {
        let host = Self::default();
        host.told.borrow_mut().now = 1_767_225_600_000;
        host
    }

    /// With a setting.
    #[must_use]
    pub fn setting(self, name: &str, value: &str) -> Self {
        self.told.borrow_mut().plain.insert(name.into(), value.into());
        self
    }

    /// With a secret.
    #[must_use]
    pub fn secret(self, name: &str, value: &str) -> Self {
        self.told.borrow_mut().secrets.insert(name.into(), value.into());
        self
    }

    /// The next request is answered so.
    #[must_use]
    pub fn answers(self, status: u16, body: &str) -> Self {
        self.told.borrow_mut().answers.push_back(Ok((status, body.into())));
        self
    }

    /// The next request fails so.
    #[must_use]
    pub fn fails(self, error: HttpError) -> Self {
        self.told.borrow_mut().answers.push_back(Err(error));
        self
    }

    /// Runs a call of a gateway. Not within another.
    pub fn run<T>(&self, call: impl FnOnce() -> T) -> T {
        HOST.with(|host| *host.borrow_mut() = Some(self.told.take()));
        let answer = call();
        self.told.replace(HOST.with(RefCell::take).unwrap_or_default());
        answer
    }

    /// How many requests were sent.
    #[must_use]
    pub fn count(&self) -> usize {
        self.told.borrow().sent.len()
    }

    /// The request of this number, from 0, with the secrets in their places.
    #[must_use]
    pub fn sent(&self, number: usize) -> Request {
        self.told.borrow().sent[number].clone()
    }

    /// The body of a request, as JSON.
    #[must_use]
    pub fn body(&self, number: usize) -> serde_json::Value {
        serde_json::from_slice(&self.sent(number).body).unwrap_or_default()
    }

    /// The lines of the log.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.told.borrow().lines.clone()
    }
}

fn with<T>(then: impl FnOnce(&mut Told) -> T) -> T {
    HOST.with(|host| then(host.borrow_mut().as_mut().expect("a gateway is called within `Host::run`")))
}

pub(crate) fn fetch(request: &Request) -> Result<Response, HttpError> {
    with(|host| {
        let mut request = request.clone();
        for (name, value) in &host.secrets {
            let word = word(name);
            for header in &mut request.headers {
                header.value = header.value.replace(&word, value);
            }
            if let Ok(text) = String::from_utf8(request.body.clone()) {
                request.body = text.replace(&word, value).into_bytes();
            }
        }
        host.sent.push(request);
        let (status, body) = host.answers.pop_front().unwrap_or(Err(HttpError::NotSent("nobody is there".into())))?;
        Ok(Response { status, headers: Vec::new(), body: body.into_bytes() })
    })
}

fn word(name: &str) -> String {
    format!("secret-ref-of-{name}-in-a-test")
}

pub(crate) mod clock {
    pub(crate) fn now() -> u64 {
        super::with(|host| host.now)
    }
}

pub(crate) mod log {
    use crate::bindings::log::Level;

    pub(crate) fn write(_: Level, message: &str) {
        super::with(|host| host.lines.push(message.into()));
    }
}

pub(crate) mod random {
    pub(crate) fn bytes(length: u32) -> Vec<u8> {
        (0..length).map(|number| (number % 251) as u8).collect()
    }
}

pub(crate) mod settings {
    pub(crate) fn get(name: &str) -> Option<String> {
        super::with(|host| host.plain.get(name).cloned())
    }

    pub(crate) fn secret_ref(name: &str) -> Option<String> {
        super::with(|host| host.secrets.contains_key(name).then(|| super::word(name)))
    }

    pub(crate) fn hmac_sha256(name: &str, data: &[u8]) -> Option<Vec<u8>> {
        use hmac::Mac;
        super::with(|host| {
            let secret = host.secrets.get(name)?;
            let mut sum = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).ok()?;
            sum.update(data);
            Some(sum.finalize().into_bytes().to_vec())
        })
    }
}
