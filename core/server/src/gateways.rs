//! Who runs payment gateways, and those that come with this build.

use std::fmt;
use std::sync::Arc;

use bundle::Bundled;
use domain::gateways::register_bundled;
use gateway::{ComponentError, Gateway, Gateways, Loading, VersionId};
use tenants::PlatformDb;
use tracing::warn;

/// Who runs payment gateways.
#[derive(Clone)]
pub struct GatewayHost(pub Arc<dyn Gateways>);

impl fmt::Debug for GatewayHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GatewayHost(…)")
    }
}

impl GatewayHost {
    /// Runs none.
    #[must_use]
    pub fn none() -> Self {
        Self(Arc::new(Nobody))
    }

    /// Registers and approves the gateways of this build that the database does not know. That they can't be keeps nothing
    /// else from being served: payments through them can't begin.
    pub(crate) async fn register(&self, platform: &PlatformDb) {
        for missing in bundle::MISSING {
            warn!("A gateway of this build is missing: {missing}");
        }
        let components: Vec<_> =
            bundle::GATEWAYS.iter().map(|Bundled { id, component, .. }| (*id, *component)).collect();
        if let Err(err) = register_bundled(platform, &*self.0, &components).await {
            let cause = std::error::Error::source(&err).map(|cause| format!(": {cause}")).unwrap_or_default();
            warn!("{err}{cause}");
        }
    }
}

struct Nobody;

impl Nobody {
    fn refused<T>() -> Result<T, ComponentError> {
        Err(ComponentError::Host("this process runs no gateways".to_owned()))
    }
}

impl Gateways for Nobody {
    fn inspect<'a>(&'a self, _: &'a [u8]) -> Loading<'a, gateway::Inspection> {
        Box::pin(async { Self::refused() })
    }

    fn load<'a>(&'a self, _: &'a [u8]) -> Loading<'a, Arc<dyn Gateway>> {
        Box::pin(async { Self::refused() })
    }

    fn version(&self, _: VersionId) -> Option<Arc<dyn Gateway>> {
        None
    }
}
