//! Letters that leave by SMTP (RFC 5321), over TLS unless the address says otherwise.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use domain::mail::{Mail, MailError, Mailer};
use kernel::Text as _;
use lettre::message::Mailbox as Address;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use url::{Host, Url};

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
    /// The server's address holds a password that would go over the network as it is.
    #[error("would send its password in the clear: use smtps://, or add ?tls=required")]
    Open,
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
        if gives_away(&Url::parse(server).map_err(|_| SmtpError::Server)?) {
            return Err(SmtpError::Open);
        }
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(server).map_err(|_| SmtpError::Server)?;
        Ok(Self { server: server.timeout(Some(PATIENCE)).build(), from })
    }
}

/// Whether a password would leave this machine unencrypted.
fn gives_away(server: &Url) -> bool {
    let here = match server.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    // The host of a scheme that the URL standard does not know is a name, even where it is an address.
    let here = here || server.host_str().is_some_and(|host| host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()));
    let closed =
        server.scheme() == "smtps" || server.query_pairs().any(|(name, how)| name == "tls" && how == "required");
    server.password().is_some() && !here && !closed
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

#[cfg(test)]
mod tests {
    use domain::identity::Email;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;

    use super::*;

    /// A server for one letter, that refuses to take it where its sender is `nobody@example.com`: where it listens, and
    /// what it is told.
    async fn server() -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let serving = tokio::spawn(async move {
            let mut stream = BufReader::new(listener.accept().await.unwrap().0);
            let (mut told, mut line, mut is_text) = (String::new(), String::new(), false);
            stream.write_all(b"220 here\r\n").await.unwrap();
            while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
                let answer = match line.split([' ', ':']).next().unwrap_or("").trim() {
                    "." => "250 taken\r\n",
                    _ if is_text => "",
                    "DATA" => "354 go on\r\n",
                    "QUIT" => "221 bye\r\n",
                    "MAIL" if line.contains("nobody") => "550 who is that?\r\n",
                    _ => "250 fine\r\n",
                };
                is_text = (is_text || line.starts_with("DATA")) && line.trim() != ".";
                told += &std::mem::take(&mut line);
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    break;
                }
            }
            told
        });
        (address, serving)
    }

    fn letter() -> Mail {
        Mail {
            to: Email::parse("ada@example.com").unwrap(),
            from_name: "فروشگاه, \"Lamps\"".to_owned(),
            subject: "گذرواژهٔ تازه".to_owned(),
            text: "https://shop.example/?token=secret\n.\nbye\n".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_letter_reaches_the_server_whole() {
        let (address, serving) = server().await;
        let smtp = Smtp::new(&format!("smtp://{address}"), "shop@example.com").unwrap();
        smtp.send(&letter()).await.unwrap();
        drop(smtp);
        let told = serving.await.unwrap();
        for part in [
            "MAIL FROM:<shop@example.com>",
            "RCPT TO:<ada@example.com>",
            "To: ada@example.com",
            "=?utf-8?",
            "\r\n..\r\n",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }

    #[tokio::test]
    async fn a_server_that_refuses_or_cannot_be_trusted_is_told_of_without_the_letter() {
        let (address, _serving) = server().await;
        let smtp = Smtp::new(&format!("smtp://{address}"), "nobody@example.com").unwrap();
        let refused = smtp.send(&letter()).await.unwrap_err().to_string();
        assert!(refused.contains("550") && !refused.contains("secret"), "{refused}");

        let (address, serving) = server().await;
        let smtp = Smtp::new(&format!("smtp://me:hunter2@{address}?tls=required"), "shop@example.com").unwrap();
        let refused = smtp.send(&letter()).await.unwrap_err().to_string();
        assert!(!refused.contains("hunter2") && !refused.contains("secret"), "{refused}");
        drop(smtp);
        let told = serving.await.unwrap();
        assert!(!told.contains("AUTH") && !told.contains("secret"), "{told}");
    }
}
