//! What a provider sends by itself: calls to the shop, on this machine only.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::{Client, Request, redirect};
use url::{Host, Url};

/// A client that reaches what is at `url`: on this machine, without following it elsewhere.
pub(crate) fn client(url: &Url) -> Result<Client> {
    // TLS is never spoken here; a client wants to know how it would be.
    rustls::crypto::ring::default_provider().install_default().ok();
    let builder = Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(Duration::from_secs(20));
    let builder = match url.host().context("the address has no host")? {
        Host::Ipv4(ip) => ensure_local(ip.is_loopback(), builder)?,
        Host::Ipv6(ip) => ensure_local(ip.is_loopback(), builder)?,
        // Names below `localhost` are not known to every resolver.
        Host::Domain(name) => ensure_local(name == "localhost" || name.ends_with(".localhost"), builder)?
            .resolve(name, SocketAddr::from((Ipv4Addr::LOCALHOST, url.port_or_known_default().unwrap_or(80)))),
    };
    Ok(builder.build()?)
}

fn ensure_local<T>(local: bool, then: T) -> Result<T> {
    ensure!(local, "the provider of a test calls nobody but this machine");
    Ok(then)
}

/// Sends a request; an error says why it did not arrive.
pub(crate) async fn send(request: Request) -> Result<u16> {
    let answer = client(request.url())?.execute(request).await?;
    Ok(answer.status().as_u16())
}

/// Visits an address as a browser would, and does not look at what comes.
pub(crate) async fn visit(url: &str) -> Result<u16> {
    let url = Url::parse(url)?;
    send(Request::new(reqwest::Method::GET, url)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_but_this_machine_is_called() {
        for (url, good) in [
            ("http://127.0.0.1:1/", true),
            ("http://[::1]:1/", true),
            ("http://acme.localhost:8080/x", true),
            ("http://localhost.example.com/", false),
            ("http://10.0.0.1/", false),
            ("http://example.com/", false),
        ] {
            assert_eq!(client(&Url::parse(url).unwrap()).is_ok(), good, "{url}");
        }
    }
}
