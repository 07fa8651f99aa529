//! Code that was compiled before, in a folder of this user alone. What is loaded runs as this process: so each file carries a
//! seal over its name and its bytes under a key of the deployment, and one that is torn, swapped or somebody else's is
//! compiled anew.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use gateway::VersionId;
use hmac::{Hmac, Mac as _};
use rand::RngCore as _;
use sha2::Sha256;
use tracing::warn;
use wasmtime::Engine;
use wasmtime::component::Component;

/// How long a seal is.
const SEAL: usize = 32;
/// What was half written and never finished is as old as this.
const HALF: Duration = Duration::from_secs(3_600);
/// What another build left is as old as this.
const FOREIGN: Duration = Duration::from_secs(7 * 86_400);

/// A folder for compiled code.
#[derive(Clone)]
pub struct CodeFolder {
    /// Where.
    pub path: PathBuf,
    /// The key that what lies there is sealed with.
    pub key: [u8; 32],
}

impl fmt::Debug for CodeFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeFolder({})", self.path.display())
    }
}

/// What was compiled before.
pub(crate) struct Cache {
    folder: CodeFolder,
    /// What tells code of this engine from that of others.
    engine: String,
}

impl Cache {
    /// Makes the folder where it is not there, and refuses one that others can write to or look into.
    pub(crate) fn open(folder: CodeFolder, engine: &Engine) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&folder.path)?;
        let found = fs::symlink_metadata(&folder.path)?;
        let own = found.is_dir() && found.uid() == rustix::process::geteuid().as_raw();
        if !own || found.mode() & 0o077 != 0 {
            let why = format!("{} must be a folder of this user alone (mode 0700)", folder.path.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let cache = Self { folder, engine: format!("{:016x}", hasher.finish()) };
        cache.sweep();
        Ok(cache)
    }

    /// What was compiled of a component, ready to be linked; none where it is not there, or not as it was written.
    pub(crate) fn find(&self, id: VersionId, engine: &Engine) -> Option<Component> {
        let name = self.name(id);
        let path = self.folder.path.join(&name);
        let code = match read(&path) {
            Ok(code) => code,
            Err(err) if err.kind() == io::ErrorKind::NotFound => return None,
            Err(err) => {
                warn!("Compiled code of a gateway can't be read, and is made anew: {err}");
                return None;
            }
        };
        let (seal, code) = code.split_at_checked(SEAL)?;
        if self.seal(&name, code).verify_slice(seal).is_err() {
            warn!("Compiled code of the gateway {id} is not as it was written, and is made anew");
            return None;
        }
        load(engine, code).inspect_err(|err| warn!("Compiled code of a gateway is made anew: {err}")).ok()
    }

    /// Keeps what was compiled: whole or not at all, whoever else does the same and whenever this process ends.
    pub(crate) fn keep(&self, id: VersionId, code: &[u8]) -> io::Result<()> {
        let name = self.name(id);
        let half = self.folder.path.join(format!("{name}.{:016x}.half", rand::rng().next_u64()));
        let write = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&half)?;
            file.write_all(&self.seal(&name, code).finalize().into_bytes())?;
            file.write_all(code)?;
            file.sync_all()?;
            fs::rename(&half, self.folder.path.join(&name))
        };
        write().inspect_err(|_| {
            // What stays is swept.
            let _ = fs::remove_file(&half);
        })
    }

    fn name(&self, id: VersionId) -> String {
        format!("{id}-{}", self.engine)
    }

    fn seal(&self, name: &str, code: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.folder.key).expect("any key is good");
        mac.update(name.as_bytes());
        mac.update(&[0]);
        mac.update(code);
        mac
    }

    /// Removes what was half written and what other builds left, once they are old enough to be nobody's.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.folder.path) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let most = if name.ends_with(".half") {
                HALF
            } else if name.ends_with(&self.engine) {
                continue;
            } else {
                FOREIGN
            };
            let written = entry.metadata().and_then(|found| found.modified()).unwrap_or_else(|_| SystemTime::now());
            if written.elapsed().is_ok_and(|age| age > most) {
                // Somebody else may have been first.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// A file of this user, read whole: what is checked is what is loaded.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut file = File::open(path)?;
    let found = file.metadata()?;
    if found.uid() != rustix::process::geteuid().as_raw() || found.mode() & 0o022 != 0 {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "others can write to it"));
    }
    let mut code = Vec::with_capacity(usize::try_from(found.len()).unwrap_or(0));
    file.read_to_end(&mut code)?;
    Ok(code)
}

/// Loads code that this host compiled, here or in a child of its own: just now, or under a seal that was found whole.
#[expect(unsafe_code, reason = "compiled code can be loaded in no other way")]
pub(crate) fn load(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: `code` came from `precompile_component` of this build: from the pipe of a child that this process started,
    // or out of a file whose HMAC under the deployment's key was right. Nobody else's bytes come here. wasmtime itself
    // refuses code of another version or configuration.
    unsafe { Component::deserialize(engine, code) }
}
