//! Letters to people: what they say, in the language of the store, and the door through which they leave.

mod letters;

pub use letters::{Language, Letter, Occasion};

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

/// Why a letter did not leave. The cause is for the log.
#[derive(Debug, thiserror::Error)]
#[error("a mail could not be sent: {0}")]
pub struct MailError(pub String);

/// Sends letters. Called after the transaction that gave the reason has committed, never inside one.
pub trait Mailer: Send + Sync {
    /// Hands a letter over to whoever delivers it.
    fn send<'a>(&'a self, mail: &'a Mail) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;
}
