//! Letters that leave by SMTP (RFC 5321), over TLS unless the address says otherwise.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use domain::mail::{Mail, MailError, Mailer};
use kernel::Text as _;
use lettre::message::Mailbox as Address;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

/// How long a server may take for a letter.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends letters through a server.
pub struct Smtp {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: lettre::Address,
}

/// Why mail can't be sent with these settings. The address of the server, which holds a password, is not repeated.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    /// The server's address.
    #[error(
        "must be a URL such as smtps://user:password@mail.example.com or smtp://user:password@host:587?tls=required"
    )]
    Server,
    /// The sender's address.
    #[error("must be an e-mail address such as shop@example.com")]
    From,
}

impl Smtp {
    /// Reads the server's address and the sender's. Connects when there is something to send.
    ///
    /// # Errors
    /// [`SmtpError`], which says which of them is wrong.
    pub fn new(server: &str, from: &str) -> Result<Self, SmtpError> {
        let from = from.parse().map_err(|_| SmtpError::From)?;
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(server).map_err(|_| SmtpError::Server)?;
        Ok(Self { server: server.timeout(Some(PATIENCE)).build(), from })
    }
}

impl Mailer for Smtp {
    fn send<'a>(&'a self, mail: &'a Mail) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>> {
        Box::pin(async move {
            let to =
                mail.to.as_str().parse().map_err(|_| MailError::Refused("the address can't be written".to_owned()))?;
            let message = Message::builder()
                .from(Address::new(Some(mail.from_name.clone()), self.from.clone()))
                .to(Address::new(None, to))
                .subject(&mail.subject)
                .header(ContentType::TEXT_PLAIN)
                .body(mail.text.clone())
                .map_err(|_| MailError::Refused("the letter can't be written".to_owned()))?;
            self.server.send(message).await.map(drop).map_err(|err| explained(&err))
        })
    }
}

/// What happened, without the server's own words: they may name the reader.
fn explained(err: &lettre::transport::smtp::Error) -> MailError {
    match err.status() {
        Some(code) if err.is_permanent() => MailError::Refused(format!("the mail server refused it ({code})")),
        Some(code) => MailError::Trouble(format!("the mail server did not take it now ({code})")),
        None if err.is_timeout() => MailError::Trouble("the mail server took too long".to_owned()),
        None => MailError::Trouble("the mail server can't be reached".to_owned()),
    }
}
