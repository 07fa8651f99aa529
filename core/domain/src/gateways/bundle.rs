//! The gateways that come with a build: registered and approved when it starts.

use gateway::{Gateways, VersionId};
use kernel::Text as _;
use sha2::{Digest as _, Sha256};
use tenants::{DbError, PlatformDb, PlatformTx};

use super::queries::registry::{self as queries, Source};
use super::{Description, GatewaysError};
use crate::audit::{self, Actor, Entry, Origin};

/// Registers and approves those of `components`, each with what the build calls it, that are not known yet. What operators
/// decided about a version stays. Of several processes that start at once one registers, and the others find it done.
///
/// A build may bring other bytes under a number that is taken, since compilers differ: that number gets a part of the hash
/// (`1.0.0+3fa9c0d2`), and is the newer one. One that is unfit is said, and keeps no other back.
///
/// # Errors
/// [`DbError`].
pub async fn register_bundled(
    db: &PlatformDb,
    gateways: &dyn Gateways,
    components: &[(&str, &[u8])],
) -> Result<usize, DbError> {
    let ids: Vec<_> = components.iter().map(|(_, bytes)| VersionId(Sha256::digest(bytes).into())).collect();
    let known = queries::known(&mut db.begin().await?, &ids).await?;
    let mut registered = 0;
    for ((name, bytes), _) in components.iter().zip(&ids).filter(|(_, id)| !known.contains(id)) {
        let found = gateways.inspect(bytes).await.map_err(GatewaysError::Component);
        let new = match found.and_then(Description::of) {
            Ok(new) => new,
            Err(why) => {
                tracing::warn!("The gateway `{name}` that comes with this build can't be registered: {why}");
                continue;
            }
        };
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
