//! Those who are not logged in yet.

use std::net::IpAddr;
use std::sync::Arc;

use poem::{FromRequest, Request, RequestBody};
use tenants::registry::Store;
use tenants::{DbError, PlatformTx, TenantId, TenantTx};

use super::{app, resolved};
use crate::App;
use crate::caller::address;
use crate::http::Problem;

/// Anyone at all, at the platform's door.
pub struct Anyone {
    app: Arc<App>,
    /// Where the request comes from.
    pub address: IpAddr,
}

impl<'a> FromRequest<'a> for Anyone {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let app = Arc::clone(app(request)?);
        let address = address(request, &app.trusted_proxies);
        Ok(Self { app, address })
    }
}

impl Anyone {
    /// What requests share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// A transaction of a store that is just being opened.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin_new_store(&self) -> Result<TenantTx, DbError> {
        self.app.tenants.begin(TenantId::generate()).await
    }

    /// A transaction of the platform, for a log-in.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin_platform(&self) -> Result<PlatformTx, DbError> {
        self.app.platform.begin().await
    }
}

/// Anyone, at the staff's door of a store.
pub struct AtStaffDoor {
    app: Arc<App>,
    /// The store that the request names.
    pub store: Arc<Store>,
    /// Where the request comes from.
    pub address: IpAddr,
}

impl<'a> FromRequest<'a> for AtStaffDoor {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let (app, store) = (Arc::clone(app(request)?), Arc::clone(resolved(request)?.staffed()?));
        let address = address(request, &app.trusted_proxies);
        Ok(Self { app, store, address })
    }
}

impl AtStaffDoor {
    /// What requests share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// A transaction of the store.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin(&self) -> Result<TenantTx, Problem> {
        Ok(self.app.tenants.begin(self.store.id).await?)
    }
}
