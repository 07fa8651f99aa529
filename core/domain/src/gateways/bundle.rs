//! The gateways that come with a build: registered and approved when it starts.

use gateway::{Gateways, VersionId};
use kernel::Text as _;
use sha2::{Digest as _, Sha256};
use tenants::{DbError, PlatformDb, PlatformTx};

use super::queries::registry::{self as queries, Source};
use super::{Description, GatewaysError};
use crate::audit::{self, Actor, Entry, Origin};

/// Why the gateways of a build could not be registered.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// One of them is unfit.
    #[error("the gateway `{name}` that comes with this build can't be registered")]
    Gateway {
        /// What the build calls it.
        name: String,
        /// Why.
        #[source]
        why: GatewaysError,
    },
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Registers and approves those of `components`, each with what the build calls it, that are not known yet. What operators
/// decided about a version stays. Of several processes that start at once one registers, and the others find it done.
///
/// A build may bring other bytes under a number that is taken, since compilers differ: that number gets a part of the hash
/// (`1.0.0+3fa9c0d2`), and is the newer one.
///
/// # Errors
/// [`BundleError`].
pub async fn register_bundled(
    db: &PlatformDb,
    gateways: &dyn Gateways,
    components: &[(&str, &[u8])],
) -> Result<usize, BundleError> {
    let ids: Vec<_> = components.iter().map(|(_, bytes)| VersionId(Sha256::digest(bytes).into())).collect();
    let known = queries::known(&mut db.begin().await?, &ids).await?;
    let mut registered = 0;
    for ((name, bytes), _) in components.iter().zip(&ids).filter(|(_, id)| !known.contains(id)) {
        let failed = |why| BundleError::Gateway { name: (*name).to_owned(), why };
        let found = gateways.inspect(bytes).await.map_err(|err| failed(GatewaysError::Component(err)))?;
        let new = Description::of(found).map_err(failed)?;
        let mut tx = db.begin().await?;
        if register(&mut tx, &new, bytes).await? {
            tx.commit().await?;
            registered += 1;
            tracing::info!(
                gateway = new.gateway.as_str(),
                version = new.number.as_str(),
                "Registered the gateway `{name}`"
            );
        }
    }
    Ok(registered)
}

async fn register(tx: &mut PlatformTx, new: &Description, bytes: &[u8]) -> Result<bool, DbError> {
    let operator = Actor::Shell.id();
    for number in [Some(new.number.clone()), new.number.built(new.id)].into_iter().flatten() {
        if queries::insert(tx, new, &number, bytes, Source::Build, operator).await? {
            let thing = format!("{} {}", new.gateway.as_str(), number.as_str());
            let entry = Entry::new("registerGateway", "gateway_version", thing);
            audit::record_platform(tx, &Origin::shell(), &entry).await?;
            return Ok(true);
        }
        if !queries::known(tx, &[new.id]).await?.is_empty() {
            break;
        }
    }
    Ok(false)
}
