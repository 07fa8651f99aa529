//! Letters that stay here, to be read by developers and tests.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;

use domain::mail::{Mail, MailError, Mailer};
use kernel::Text as _;

/// How many letters are kept.
const KEPT: usize = 200;

/// A letter that was received.
#[derive(Clone)]
pub struct Received {
    /// Whom it went to.
    pub to: String,
    /// The name that it was sent under.
    pub from_name: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Keeps the last 200 letters in memory.
#[derive(Default)]
pub struct Mailbox(Mutex<VecDeque<Received>>);

impl Mailbox {
    /// The letters, the newest first.
    #[must_use]
    pub fn letters(&self) -> Vec<Received> {
        self.0.lock().map(|letters| letters.iter().cloned().collect()).unwrap_or_default()
    }
}

impl Mailer for Mailbox {
    fn send<'a>(&'a self, mail: &'a Mail) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>> {
        let Mail { to, from_name, subject, text } = mail.clone();
        let received = Received { to: to.as_str().to_owned(), from_name, subject, text };
        if let Ok(mut letters) = self.0.lock() {
            letters.push_front(received);
            letters.truncate(KEPT);
        }
        Box::pin(async { Ok(()) })
    }
}
