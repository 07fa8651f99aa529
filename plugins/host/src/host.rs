//! Whoever runs gateways in this process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fmt, io};

use gateway::{ComponentError, Gateway, Gateways, Inspection, Loading, VersionId};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use wasmtime::component::{Component, HasSelf, Linker};

use crate::bindings::PaymentGateway;
use crate::call::Shared;
use crate::code::{self, Cache, CodeFolder, Compiler};
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
    /// What compiles components.
    pub compiler: Compiler,
    /// Where what was compiled is kept; not beyond this process where there is none.
    pub folder: Option<CodeFolder>,
    /// What gateways take for the time.
    pub clock: Clock,
}

/// What gateways take for the time.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The time of this machine.
    #[default]
    System,
    /// Whatever was set, in milliseconds since 1970: for calls that are to come out as they did before.
    Set(Arc<AtomicU64>),
}

impl Clock {
    pub(crate) fn now(&self) -> u64 {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            }
            Self::Set(time) => time.load(Ordering::Relaxed),
        }
    }
}

/// Runs gateways. There is one in a process: it holds address space for all calls.
pub struct Host {
    shared: Arc<Shared>,
    linker: Linker<Running>,
    versions: Mutex<HashMap<VersionId, Arc<Version>>>,
    compiler: Compiler,
    cache: Option<Arc<Cache>>,
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
    /// The folder for compiled code.
    #[error("compiled code of gateways can't be kept: {0}")]
    Folder(io::Error),
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
        let unfit = |err: wasmtime::Error| HostError::Engine(err.to_string());
        let engine = engine::running().map_err(unfit)?;
        let mut linker = Linker::new(&engine);
        PaymentGateway::add_to_linker::<_, HasSelf<_>>(&mut linker, |running: &mut Running| running).map_err(unfit)?;
        let shared = Shared {
            engine,
            limits: options.limits,
            allow_loopback: options.allow_loopback,
            clock: options.clock,
            fetch,
            // Some fewer than there is place for: a place is free a moment after its seat.
            seats: Arc::new(Semaphore::new(SEATS as usize / 8 * 7)),
            turns: Arc::new(Semaphore::new((std::thread::available_parallelism().map_or(1, usize::from) / 2).max(1))),
        };
        let cache = options.folder.map(|folder| Cache::open(folder, &shared.engine)).transpose();
        Ok(Self {
            linker,
            versions: Mutex::default(),
            compiler: options.compiler,
            cache: cache.map_err(HostError::Folder)?.map(Arc::new),
            compiling: Semaphore::new(1),
            shared: Arc::new(shared),
        })
    }

    async fn made_ready(&self, id: VersionId, bytes: &[u8]) -> Result<(Version, Surface), ComponentError> {
        let (size, most) = (bytes.len() as u64, self.shared.limits.component);
        if size > most {
            return Err(ComponentError::TooLarge { size, most });
        }
        let surface = component::read(bytes)?;
        let component = self.compiled(id, bytes).await?;
        let version = Version::new(Arc::clone(&self.shared), &self.linker, &component, &surface).await?;
        Ok((version, surface))
    }

    /// The code of a component: kept from before, or compiled now and kept.
    async fn compiled(&self, id: VersionId, bytes: &[u8]) -> Result<Component, ComponentError> {
        if let Some(found) = self.kept(id).await? {
            return Ok(found);
        }
        let _turn = self.compiling.acquire().await.map_err(failed)?;
        // Whoever had the turn before may have compiled the same.
        if let Some(found) = self.kept(id).await? {
            return Ok(found);
        }
        let code = code::compiled(&self.compiler, bytes, self.shared.limits.compiling).await?;
        let (engine, cache) = (self.shared.engine.clone(), self.cache.clone());
        let keep = move || {
            // A full disk makes the next start slower, and nothing else.
            if let Some(Err(err)) = cache.map(|cache| cache.keep(id, &code)) {
                tracing::warn!("Compiled code of the gateway {id} can't be kept: {err}");
            }
            code::load(&engine, &code)
        };
        spawn_blocking(keep).await.map_err(failed)?.map_err(|err| ComponentError::Malformed(err.to_string()))
    }

    async fn kept(&self, id: VersionId) -> Result<Option<Component>, ComponentError> {
        let Some(cache) = self.cache.clone() else { return Ok(None) };
        let engine = self.shared.engine.clone();
        spawn_blocking(move || cache.find(id, &engine)).await.map_err(failed)
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

fn failed(err: impl ToString) -> ComponentError {
    ComponentError::Host(err.to_string())
}

fn id(component: &[u8]) -> VersionId {
    VersionId(Sha256::digest(component).into())
}

impl Gateways for Host {
    fn inspect<'a>(&'a self, component: &'a [u8]) -> Loading<'a, Inspection> {
        Box::pin(async move {
            let id = id(component);
            let (version, surface) = self.made_ready(id, component).await?;
            Ok(Inspection {
                id,
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
            let (version, _) = self.made_ready(id, component).await?;
            Ok(Arc::clone(self.known().entry(id).or_insert_with(|| Arc::new(version))) as Arc<dyn Gateway>)
        })
    }

    fn version(&self, id: VersionId) -> Option<Arc<dyn Gateway>> {
        self.known().get(&id).map(|version| Arc::clone(version) as Arc<dyn Gateway>)
    }
}
