//! Ways for letters to leave: by SMTP, into a mailbox that developers read, or nowhere.

mod mailbox;
mod smtp;

pub use mailbox::{Mailbox, Received};
pub use smtp::{Smtp, SmtpError};

use std::future::Future;
use std::pin::Pin;

use domain::mail::{Mail, MailError, Mailer};

/// Sends nothing, and says so: for a server that nobody told how to send mail.
#[derive(Debug, Default)]
pub struct Nowhere;

impl Mailer for Nowhere {
    fn send<'a>(&'a self, _: &'a Mail) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>> {
        Box::pin(async { Err(MailError::NoServer) })
    }
}
