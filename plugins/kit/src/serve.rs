//! Listening, and letting go.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{Endpoint, Server};
use tokio::task::AbortHandle;

/// Something that listens until this is dropped.
#[derive(Debug)]
pub(crate) struct Listening {
    /// Where.
    pub(crate) address: SocketAddr,
    task: AbortHandle,
}

impl Listening {
    /// Listens on an address, and answers there with what `app` makes of it.
    pub(crate) async fn start<E>(address: SocketAddr, app: impl FnOnce(SocketAddr) -> E) -> Result<Self>
    where
        E: Endpoint + 'static,
    {
        let acceptor = TcpListener::bind(address).into_acceptor().await;
        let acceptor = acceptor.with_context(|| format!("{address} can't be listened on"))?;
        let address = *acceptor.local_addr()[0].as_socket_addr().context("the listener has no address")?;
        let app = app(address);
        let task = tokio::spawn(async move { Server::new_with_acceptor(acceptor).run(app).await }).abort_handle();
        Ok(Self { address, task })
    }

    /// Its address for browsers.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}
