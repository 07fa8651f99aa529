//! Those who are not logged in yet.

use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;

use domain::audit::{Actor, Origin};
use domain::identity::Surface;
use poem::{FromRequest, Request, RequestBody};
use tenants::registry::Store;
use tenants::{DbError, PlatformTx, TenantId, TenantTx};
use uuid::Uuid;

use super::{app, request_id, resolved};
use crate::App;
use crate::caller::address;
use crate::http::Problem;
use crate::resolve::Resolved;

/// Anyone at all, at the platform's door.
pub struct Anyone {
    app: Arc<App>,
    /// Where the request comes from.
    pub address: IpAddr,
    request: Uuid,
}

impl<'a> FromRequest<'a> for Anyone {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let app = Arc::clone(app(request)?);
        let address = address(request, &app.trusted_proxies);
        Ok(Self { app, address, request: request_id(request)? })
    }
}

impl Anyone {
    /// What requests share.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// The request, as an act of somebody who has just proved who it is.
    pub fn origin(&self, actor: Actor) -> Origin {
        Origin { actor, request: self.request, address: self.address.to_string() }
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

/// A door of a store: which API it leads to, and when it is open.
pub trait Door: 'static {
    /// What a log-in here is good for.
    fn surface(store: TenantId) -> Surface;

    /// The store, if this door of it can be seen.
    fn store(resolved: &Resolved) -> Result<&Arc<Store>, Problem>;
}

/// The staff's door. A suspended store's staff still gets in.
pub enum StaffDoor {}

impl Door for StaffDoor {
    fn surface(store: TenantId) -> Surface {
        Surface::Admin(store)
    }

    fn store(resolved: &Resolved) -> Result<&Arc<Store>, Problem> {
        resolved.staffed()
    }
}

/// The shoppers' door.
pub enum ShopDoor {}

impl Door for ShopDoor {
    fn surface(store: TenantId) -> Surface {
        Surface::Storefront(store)
    }

    fn store(resolved: &Resolved) -> Result<&Arc<Store>, Problem> {
        resolved.open()
    }
}

/// Anyone, at a door of a store.
pub struct At<D> {
    app: Arc<App>,
    /// The store that the request names.
    pub store: Arc<Store>,
    /// Where the request comes from.
    pub address: IpAddr,
    request: Uuid,
    door: PhantomData<fn() -> D>,
}

impl<'a, D: Door> FromRequest<'a> for At<D> {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let (app, store) = (Arc::clone(app(request)?), Arc::clone(D::store(resolved(request)?)?));
        let address = address(request, &app.trusted_proxies);
        Ok(Self { app, store, address, request: request_id(request)?, door: PhantomData })
    }
}

impl<D: Door> At<D> {
    /// What requests share.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// The request, as an act of somebody who has just proved who it is.
    pub fn origin(&self, actor: Actor) -> Origin {
        Origin { actor, request: self.request, address: self.address.to_string() }
    }

    /// What a log-in here is good for.
    pub fn surface(&self) -> Surface {
        D::surface(self.store.id)
    }

    /// A transaction of the store.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin(&self) -> Result<TenantTx, DbError> {
        self.app.tenants.begin(self.store.id).await
    }
}
