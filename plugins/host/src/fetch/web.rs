//! Sends requests to the internet, and to no private network.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use kernel::{Reach, reach};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

use super::{Fetch, Fetched, Incoming, Outgoing, Unfetched};
use crate::host::HostError;
use crate::limits::RESPONSE;

/// Whoever knows the addresses behind names.
pub trait Names: Send + Sync {
    /// The addresses of a host.
    fn look_up<'a>(&'a self, host: &'a str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;
}

/// Asks the system.
#[derive(Debug)]
pub struct SystemNames;

impl Names for SystemNames {
    fn look_up<'a>(&'a self, host: &'a str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect()) })
    }
}

/// Sends requests to the internet.
pub struct Web {
    client: Client,
}

impl Web {
    /// Sends requests that may take `patience`, to hosts whose addresses `names` knows. Addresses of this machine are good for
    /// development only.
    ///
    /// # Errors
    /// [`HostError`] where the system has no certificates to check others by.
    pub fn new(names: Arc<dyn Names>, allow_loopback: bool, patience: Duration) -> Result<Self, HostError> {
        // Fails only where somebody was first.
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = Client::builder()
            .dns_resolver(Checked { names, allow_loopback })
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .user_agent("Stoa")
            .connect_timeout(patience)
            .timeout(patience)
            .pool_idle_timeout(Duration::from_secs(15))
            .build()
            .map_err(|err| HostError::Web(chain(&err)))?;
        Ok(Self { client })
    }
}

impl Fetch for Web {
    fn fetch(&self, request: Outgoing) -> Fetched<'_> {
        Box::pin(async move {
            let mut building = self.client.request(request.method, request.url).body(request.body);
            for (name, value) in request.headers {
                building = building.header(name, value);
            }
            let response = building.send().await.map_err(|err| unfetched(&err))?;
            incoming(response).await
        })
    }
}

async fn incoming(mut response: Response) -> Result<Incoming, Unfetched> {
    let headers = response.headers().clone();
    let mut left = RESPONSE;
    let mut take = |bytes: usize| {
        left = left.checked_sub(bytes).ok_or(Unfetched::TooLarge)?;
        Ok(())
    };
    take(headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum())?;
    if response.content_length().is_some_and(|length| length > RESPONSE as u64) {
        return Err(Unfetched::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|err| unfetched(&err))? {
        take(chunk.len())?;
        body.extend_from_slice(&chunk);
    }
    Ok(Incoming { status: response.status().as_u16(), headers, body })
}

/// The addresses of a name, where all of them may be reached. What is connected to is what was checked: nothing looks the
/// name up again.
struct Checked {
    names: Arc<dyn Names>,
    allow_loopback: bool,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, allow_loopback) = (Arc::clone(&self.names), self.allow_loopback);
        Box::pin(async move {
            let found = names.look_up(name.as_str()).await?;
            let is_good = |address: &IpAddr| match reach(*address) {
                Reach::Public => true,
                Reach::Loopback => allow_loopback && name.as_str() == "localhost",
                Reach::Hidden => false,
            };
            if !found.iter().all(is_good) {
                return Err(Hidden.into());
            }
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// A name that leads where nobody may go.
#[derive(Debug)]
struct Hidden;

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host's address is none of the public internet")
    }
}

impl Error for Hidden {}

fn unfetched(err: &reqwest::Error) -> Unfetched {
    let mut cause: Option<&(dyn Error + 'static)> = Some(err);
    while let Some(at) = cause {
        if at.is::<Hidden>() {
            return Unfetched::NotAllowed(Hidden.to_string());
        }
        cause = at.source();
    }
    match err {
        _ if err.is_builder() => Unfetched::NotSent("the request can't be made".to_owned()),
        _ if err.is_connect() => Unfetched::NotSent("the host could not be connected to".to_owned()),
        _ if err.is_timeout() => Unfetched::TimedOut,
        _ => Unfetched::Interrupted("the connection broke off".to_owned()),
    }
}

fn chain(err: &dyn Error) -> String {
    let mut line = err.to_string();
    let mut cause = err.source();
    while let Some(at) = cause {
        line = format!("{line}: {at}");
        cause = at.source();
    }
    line
}
