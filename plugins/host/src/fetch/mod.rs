//! The way out: what is checked before a request leaves, and whoever sends it.

mod check;
mod web;

use std::fmt;
use std::pin::Pin;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

pub(crate) use check::{allowed_host_pattern, outgoing};
pub use web::{Names, SystemNames, Web};

/// A request that was found good, with its secrets in it.
pub struct Outgoing {
    /// How.
    pub method: Method,
    /// Where to: of a host that the gateway named.
    pub url: Url,
    /// With what beside.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What.
    pub body: Vec<u8>,
}

/// Names the host, and shows nothing of the rest.
impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outgoing({} {:?})", self.method, self.url.host_str())
    }
}

/// An answer.
pub struct Incoming {
    /// Its status.
    pub status: u16,
    /// What is beside.
    pub headers: HeaderMap,
    /// What it says.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfetched {
    /// Its address is one that nobody may reach. Nothing was sent.
    NotAllowed(String),
    /// There was no connection. Nothing was sent.
    NotSent(String),
    /// It was sent, and no answer came in time.
    TimedOut,
    /// It was sent, and the answer broke off.
    Interrupted(String),
    /// It was sent, and the answer is too large.
    TooLarge,
}

impl Unfetched {
    /// Whether something may have reached the provider.
    #[must_use]
    pub fn was_sent(&self) -> bool {
        matches!(self, Self::TimedOut | Self::Interrupted(_) | Self::TooLarge)
    }
}

/// What sending will answer.
pub type Fetched<'a> = Pin<Box<dyn Future<Output = Result<Incoming, Unfetched>> + Send + 'a>>;

/// Whoever sends requests.
pub trait Fetch: Send + Sync {
    /// Sends a request, whose host the gateway may reach by name. That the address behind the name may be reached, too, is for
    /// this to see to.
    fn fetch(&self, request: Outgoing) -> Fetched<'_>;
}
