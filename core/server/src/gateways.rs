//! Who runs payment gateways, and those that come with this build.

use std::fmt;
use std::sync::Arc;

use bundle::Bundled;
use domain::gateways::register_bundled;
use gateway::{ComponentError, Gateway, Gateways, Loading, VersionId};
use host::{Compiler, Host, HostError, Options};
use tenants::PlatformDb;
use tracing::warn;

/// Who runs payment gateways.
#[derive(Clone)]
pub enum GatewayHost {
    /// Nobody.
    Nobody,
    /// A host of components, which is made when it is first needed: it holds address space for all calls.
    Sandbox(Box<Options>),
    /// Whoever is ready.
    Ready(Arc<dyn Gateways>),
}

impl fmt::Debug for GatewayHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GatewayHost(…)")
    }
}

impl GatewayHost {
    /// Makes it ready: once a process, and what is ready already stays as it is.
    ///
    /// # Errors
    /// [`HostError`] where this machine can't run components.
    pub fn open(&self) -> Result<Arc<dyn Gateways>, HostError> {
        Ok(match self {
            Self::Nobody => Arc::new(Nobody),
            Self::Sandbox(options) => Arc::new(Host::new((**options).clone())?),
            Self::Ready(gateways) => Arc::clone(gateways),
        })
    }
}

/// Compiles gateways in a process of this program, so that it can be ended at its deadline; in this one where the program
/// does not know its own file.
#[must_use]
pub fn compiler() -> Compiler {
    match std::env::current_exe() {
        Ok(program) => Compiler::Child { program, arguments: vec![COMPILE.into()] },
        Err(_) => Compiler::Here,
    }
}

/// The command that compiles a gateway.
pub const COMPILE: &str = "compile-gateway";

/// Registers and approves the gateways of this build that the database does not know. That they can't be keeps nothing
/// else from being served: payments through them can't begin.
pub(crate) async fn register(gateways: &dyn Gateways, platform: &PlatformDb) {
    for missing in bundle::MISSING {
        warn!("A gateway of this build is missing: {missing}");
    }
    let components: Vec<_> = bundle::GATEWAYS.iter().map(|Bundled { id, component, .. }| (*id, *component)).collect();
    if let Err(err) = register_bundled(platform, gateways, &components).await {
        warn!("The gateways of this build could not be registered: {err}");
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
