//! Buyers' browsers that come back from paying, and providers that call: anyone.

use std::net::IpAddr;
use std::sync::Arc;

use poem::{FromRequest, Request, RequestBody};
use tenants::registry::Store;

use super::{app, resolved};
use crate::App;
use crate::caller::address;

/// Anyone, with something about a payment of a store. What is under way survives a suspension.
pub struct Passing {
    app: Arc<App>,
    /// The store that the request names.
    pub store: Arc<Store>,
    /// Where the request comes from.
    pub address: IpAddr,
}

impl<'a> FromRequest<'a> for Passing {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let (app, store) = (Arc::clone(app(request)?), Arc::clone(resolved(request)?.staffed()?));
        let address = address(request, &app.trusted_proxies);
        Ok(Self { app, store, address })
    }
}

impl Passing {
    /// What requests share.
    pub fn app(&self) -> &App {
        &self.app
    }
}
