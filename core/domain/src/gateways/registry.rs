//! What operators do with versions.

use gateway::VersionId;
use kernel::Text as _;
use tenants::{DbError, PlatformTx};
use uuid::Uuid;

use super::queries::registry::{self as queries, Source};
use super::{Description, GatewayName, GatewaysError, Registered, VersionNumber, VersionStep};

/// Registers a component. The same bytes again are the version that is there: then false.
///
/// # Errors
/// [`GatewaysError::VersionTaken`] where other bytes have its number, [`GatewaysError::Description`] where nobody may have its
/// name.
pub async fn upload(
    tx: &mut PlatformTx,
    operator: Uuid,
    new: &Description,
    component: &[u8],
) -> Result<(Registered, bool), GatewaysError> {
    if new.gateway.as_str() == GatewayName::CASH_ON_DELIVERY {
        let what = "its id is that of paying the carrier, which comes with the program alone";
        return Err(GatewaysError::Description(what.to_owned()));
    }
    let is_new = queries::insert(tx, new, &new.number, component, Source::Upload, operator).await?;
    let found = queries::by_id(tx, new.id).await?.ok_or(GatewaysError::VersionTaken)?;
    Ok((found, is_new))
}

/// All versions, by gateway, and the newest first.
///
/// # Errors
/// [`DbError`].
pub async fn list(tx: &mut PlatformTx) -> Result<Vec<Registered>, DbError> {
    queries::list(tx).await
}

/// A version by its number.
///
/// # Errors
/// [`GatewaysError::NoVersion`].
pub async fn get(
    tx: &mut PlatformTx,
    gateway: &GatewayName,
    number: &VersionNumber,
) -> Result<Registered, GatewaysError> {
    queries::by_number(tx, gateway, number).await?.ok_or(GatewaysError::NoVersion)
}

/// Approves or withdraws a version. Where that is done already, nothing changes: false. One that was withdrawn may be
/// approved again.
///
/// # Errors
/// [`GatewaysError::NoVersion`].
pub async fn step(
    tx: &mut PlatformTx,
    operator: Uuid,
    id: VersionId,
    step: VersionStep,
) -> Result<(Registered, bool), GatewaysError> {
    let changed = queries::set_state(tx, id, step.to(), operator).await?;
    let found = queries::by_id(tx, id).await?.ok_or(GatewaysError::NoVersion)?;
    Ok((found, changed))
}
