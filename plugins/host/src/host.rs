//! Whoever runs gateways in this process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use gateway::{ComponentError, Gateway, Gateways, Inspection, Loading, VersionId};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use wasmtime::component::{Component, HasSelf, Linker};

use crate::bindings::PaymentGateway;
use crate::call::Shared;
use crate::component::{self, Surface};
use crate::engine::{self, LARGEST_MEMORY, SEATS};
use crate::fetch::{Fetch, SystemNames, Web};
use crate::imports::Running;
use crate::limits::Limits;
use crate::version::Version;

/// How gateways are run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What a component and a call of it may use.
    pub limits: Limits,
    /// Whether gateways may reach this machine, and send buyers there: for development only.
    pub allow_loopback: bool,
}

/// Runs gateways. There is one in a process: it holds address space for all calls.
pub struct Host {
    shared: Arc<Shared>,
    linker: Linker<Running>,
    versions: Mutex<HashMap<VersionId, Arc<Version>>>,
    /// Compiling takes a processor: one at a time.
    compiling: Semaphore,
}

/// Why gateways can't be run here.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The engine.
    #[error("gateways can't be run on this machine: {0}")]
    Engine(String),
    /// The way out.
    #[error("gateways can't reach the internet: {0}")]
    Web(String),
}

impl Host {
    /// Runs gateways that reach the internet.
    ///
    /// # Errors
    /// [`HostError`] where the machine does not allow it.
    pub fn new(options: Options) -> Result<Self, HostError> {
        let web = Web::new(Arc::new(SystemNames), options.allow_loopback, options.limits.fetch)?;
        Self::with_fetch(options, Arc::new(web))
    }

    /// Runs gateways whose requests `fetch` sends.
    ///
    /// # Errors
    /// [`HostError`] where the machine does not allow it.
    pub fn with_fetch(mut options: Options, fetch: Arc<dyn Fetch>) -> Result<Self, HostError> {
        options.limits.memory = options.limits.memory.min(LARGEST_MEMORY);
        let failed = |err: wasmtime::Error| HostError::Engine(err.to_string());
        let engine = engine::running().map_err(failed)?;
        let mut linker = Linker::new(&engine);
        PaymentGateway::add_to_linker::<_, HasSelf<_>>(&mut linker, |running: &mut Running| running).map_err(failed)?;
        let shared = Shared {
            engine,
            limits: options.limits,
            allow_loopback: options.allow_loopback,
            fetch,
            // Some fewer than there is place for: a place is free a moment after its seat.
            seats: Arc::new(Semaphore::new(SEATS as usize / 8 * 7)),
        };
        let (versions, compiling) = (Mutex::default(), Semaphore::new(1));
        Ok(Self { shared: Arc::new(shared), linker, versions, compiling })
    }

    async fn made_ready(&self, bytes: &[u8]) -> Result<(Version, Surface), ComponentError> {
        let (size, most) = (bytes.len() as u64, self.shared.limits.component);
        if size > most {
            return Err(ComponentError::TooLarge { size, most });
        }
        let surface = component::read(bytes)?;
        let component = self.compiled(bytes).await?;
        let version = Version::new(Arc::clone(&self.shared), &self.linker, &component, &surface).await?;
        Ok((version, surface))
    }

    async fn compiled(&self, bytes: &[u8]) -> Result<Component, ComponentError> {
        let (engine, bytes) = (self.shared.engine.clone(), bytes.to_vec());
        let _turn = self.compiling.acquire().await.map_err(|err| ComponentError::Host(err.to_string()))?;
        let compiling = spawn_blocking(move || Component::new(&engine, &bytes));
        let slow = |_| ComponentError::TooSlow("compiling it was given up".to_owned());
        match timeout(self.shared.limits.compiling, compiling).await.map_err(slow)? {
            Ok(Ok(component)) => Ok(component),
            Ok(Err(err)) => Err(ComponentError::Malformed(err.to_string().lines().next().unwrap_or_default().to_owned())),
            Err(err) => Err(ComponentError::Host(err.to_string())),
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<VersionId, Arc<Version>>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Host({} versions)", self.known().len())
    }
}

fn id(component: &[u8]) -> VersionId {
    VersionId(Sha256::digest(component).into())
}

impl Gateways for Host {
    fn inspect<'a>(&'a self, component: &'a [u8]) -> Loading<'a, Inspection> {
        Box::pin(async move {
            let (version, surface) = self.made_ready(component).await?;
            Ok(Inspection {
                id: id(component),
                size: component.len() as u64,
                contract: surface.contract,
                imports: surface.imports,
                info: version.info().clone(),
            })
        })
    }

    fn load<'a>(&'a self, component: &'a [u8]) -> Loading<'a, Arc<dyn Gateway>> {
        Box::pin(async move {
            let id = id(component);
            if let Some(known) = self.version(id) {
                return Ok(known);
            }
            let (version, _) = self.made_ready(component).await?;
            Ok(Arc::clone(self.known().entry(id).or_insert_with(|| Arc::new(version))) as Arc<dyn Gateway>)
        })
    }

    fn version(&self, id: VersionId) -> Option<Arc<dyn Gateway>> {
        self.known().get(&id).map(|version| Arc::clone(version) as Arc<dyn Gateway>)
    }
}
