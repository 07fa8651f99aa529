//! Letters to people: what they say, in the language of the store, and the door through which they leave.

mod letters;
mod orders;

pub use letters::{Language, Letter, Occasion};
pub use orders::{LetterLine, OrderNews};

use std::future::Future;
use std::pin::Pin;

use crate::identity::Email;

/// A letter on its way. Its `Debug` prints nothing of it: it may carry a token.
#[derive(Clone)]
pub struct Mail {
    /// Whom it goes to.
    pub to: Email,
    /// The name that it is sent under: the store's.
    pub from_name: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mail(…)")
    }
}

/// Why a letter did not leave. None of it names the reader.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Nobody said how.
    #[error("a mail could not be sent: STOA_SMTP_URL is not set")]
    NoServer,
    /// It will never leave: an address that the server does not take, for one.
    #[error("a mail could not be sent: {0}")]
    Refused(String),
    /// It may leave another time.
    #[error("a mail could not be sent: {0}")]
    Trouble(String),
}

/// The address of a store's storefront, below that of the deployment: from its registered name, never from a request.
#[must_use]
pub fn store_url(base_url: &str, slug: &str) -> String {
    match base_url.split_once("://") {
        Some((scheme, host)) => format!("{scheme}://{slug}.{host}"),
        None => format!("{slug}.{base_url}"),
    }
}

/// Sends letters. Called by jobs, outside of any transaction.
pub trait Mailer: Send + Sync {
    /// Hands a letter over to whoever delivers it.
    fn send<'a>(&'a self, mail: &'a Mail) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;
}
