//! Versions made ready to be called, wherever they were registered.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use gateway::{ComponentError, Gateway, Gateways, VersionId};
use moka::future::Cache;
use tenants::{DbError, TenantDb, TenantId};

use super::queries::store as queries;
use super::{GatewaysError, Version};

/// How long what was just made ready is handed on by this, and not by who runs gateways.
const HANDED_ON: Duration = Duration::from_secs(1);

/// Makes versions ready. Cheap to copy; all copies are one.
#[derive(Clone)]
pub struct Loader {
    gateways: Arc<dyn Gateways>,
    /// One that makes a version ready, and all who wait for that.
    flights: Cache<VersionId, Arc<dyn Gateway>>,
}

impl Loader {
    /// Makes versions ready at `gateways`.
    #[must_use]
    pub fn new(gateways: Arc<dyn Gateways>) -> Self {
        Self { gateways, flights: Cache::builder().max_capacity(64).time_to_live(HANDED_ON).build() }
    }

    /// Who runs gateways.
    #[must_use]
    pub fn gateways(&self) -> &dyn Gateways {
        &*self.gateways
    }

    /// A version, ready to be called. Where it is not yet in this process, its component is read from the database, by one
    /// for all who ask; so no transaction may be open here.
    ///
    /// # Errors
    /// [`GatewaysError::NoVersion`], [`GatewaysError::Unloadable`].
    pub async fn ready(
        &self,
        db: &TenantDb,
        store: TenantId,
        id: VersionId,
    ) -> Result<Arc<dyn Gateway>, GatewaysError> {
        if let Some(ready) = self.gateways.version(id) {
            return Ok(ready);
        }
        self.flights.try_get_with(id, self.load(db, store, id)).await.map_err(|err| match &*err {
            Failed::NoVersion => GatewaysError::NoVersion,
            Failed::Component(why) => GatewaysError::Unloadable(why.clone()),
            // The cause was the first one's to keep; that the others may try again is what they need to know.
            Failed::Db => DbError::from(sqlx::Error::PoolTimedOut).into(),
        })
    }

    async fn load(&self, db: &TenantDb, store: TenantId, id: VersionId) -> Result<Arc<dyn Gateway>, Failed> {
        let mut tx = db.begin_read(store).await.map_err(Failed::of)?;
        let version = super::version_of(&mut tx, id).await.map_err(Failed::of)?.ok_or(Failed::NoVersion)?;
        let component = queries::component(&mut tx, id).await.map_err(Failed::of)?.ok_or(Failed::NoVersion)?;
        drop(tx);
        let ready = self.gateways.load(&component).await.map_err(Failed::Component)?;
        within(&version, &*ready).map_err(Failed::Component)?;
        Ok(ready)
    }
}

impl fmt::Debug for Loader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Loader(…)")
    }
}

/// Whether what was loaded is no more than what was registered, and perhaps approved.
fn within(registered: &Version, loaded: &dyn Gateway) -> Result<(), ComponentError> {
    let info = loaded.info();
    let right = info.id == registered.gateway.0
        && info.allowed_hosts.iter().all(|host| registered.hosts.contains(host))
        && info.capabilities.iter().all(|can| registered.capabilities.contains(can));
    if right { Ok(()) } else { Err(ComponentError::Description("otherwise than when it was registered".to_owned())) }
}

enum Failed {
    NoVersion,
    Component(ComponentError),
    Db,
}

impl Failed {
    fn of(err: DbError) -> Self {
        tracing::warn!("A gateway's component could not be read: {err}");
        Self::Db
    }
}
