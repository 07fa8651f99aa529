//! The data folder: where the database's files are, who owns them, and that only one process uses them.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::account::Account;
use super::explain::cannot;

/// Where root keeps databases whose data folder the server's user cannot reach.
const OUTSIDE: &str = "/var/lib/stoa";

/// A data folder in use by this process until it is dropped.
#[derive(Debug)]
pub(super) struct Folder {
    data: PathBuf,
    cluster: PathBuf,
    /// Held, not read: the system's lock ends when the file is closed.
    _lock: File,
}

impl Folder {
    /// Makes the data folder where it is missing, takes its lock and decides where the database is.
    pub(super) fn open(data: &Path, account: &Account, wait_for_lock: bool) -> Result<Self> {
        let data = prepare(data, account)?;
        let lock = lock(&data, wait_for_lock)?;
        let cluster = place(&data, account)?;
        Ok(Self { data, cluster, _lock: lock })
    }

    /// The folder of the database itself; it exists once the database was created.
    pub(super) fn cluster(&self) -> &Path {
        &self.cluster
    }

    /// The file of the administrator's password.
    pub(super) fn password_file(&self) -> PathBuf {
        self.data.join("postgres.password")
    }
}

/// Creates the data folder for us alone; root's must let the server's user through to the database in it.
fn prepare(data: &Path, account: &Account) -> Result<PathBuf> {
    let absolute = std::path::absolute(data).with_context(|| format!("{} is no path of a folder", data.display()))?;
    ensure!(
        !absolute.as_os_str().as_bytes().contains(&b'\n'),
        "the path {absolute:?} has a line break, which PostgreSQL misreads; choose another `--data`"
    );
    if !absolute.exists() {
        make_folder(&absolute, if account.is_stand_in() { 0o711 } else { 0o700 })?;
    }
    let real = fs::canonicalize(&absolute).map_err(cannot("use", &absolute))?;
    let metadata = fs::metadata(&real).map_err(cannot("use", &real))?;
    ensure!(metadata.is_dir(), "{} is not a folder; choose another `--data`", real.display());
    let owner = metadata.uid();
    // Files of several users in one folder would lock one another out, and root would trust what it did not write.
    ensure!(
        owner == account.own_uid,
        "{} belongs to another user (uid {owner}); choose another `--data`",
        real.display()
    );
    Ok(real)
}

fn make_folder(folder: &Path, mode: u32) -> Result<()> {
    fs::create_dir_all(folder.parent().unwrap_or(folder)).map_err(cannot("create", folder))?;
    match DirBuilder::new().mode(mode).create(folder) {
        // Another process was quicker; the lock sorts out which of the two goes on.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        made => made.map_err(cannot("create", folder))?,
    }
    // The umask may have taken away what the server's user needs.
    fs::set_permissions(folder, Permissions::from_mode(mode)).map_err(cannot("create", folder))
}

fn lock(data: &Path, wait: bool) -> Result<File> {
    let path = data.join("postgres.lock");
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let mut file = options.open(&path).map_err(cannot("lock", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) if wait => wait_for(&file).map_err(cannot("lock", &path))?,
        Err(TryLockError::WouldBlock) => {
            bail!("another `stoa dev` uses {}{}; stop it or choose another `--data`", data.display(), holder(&path))
        }
        Err(TryLockError::Error(error)) => return Err(cannot("lock", &path)(error)),
    }
    file.set_len(0).map_err(cannot("lock", &path))?;
    writeln!(file, "{}", std::process::id()).map_err(cannot("lock", &path))?;
    Ok(file)
}

/// Who holds the lock; in the first moment its file is still empty.
fn holder(lock: &Path) -> String {
    let content = fs::read_to_string(lock).unwrap_or_default();
    let process = content.trim();
    if process.is_empty() { String::new() } else { format!(" (process {process})") }
}

fn wait_for(file: &File) -> std::io::Result<()> {
    loop {
        match file.lock() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

/// Decides where the database is. What an earlier run decided stays, or its data would seem to be gone.
fn place(data: &Path, account: &Account) -> Result<PathBuf> {
    let inside = data.join("postgres");
    let record = data.join("postgres.location");
    if let Ok(recorded) = fs::read_to_string(&record) {
        return recorded_place(data, &record, Path::new(recorded.trim_end_matches('\n')), account);
    }
    check_owner(&inside, account)?;
    if !account.is_stand_in() || account.can_enter(data) {
        return Ok(inside);
    }
    ensure!(
        !inside.exists(),
        "the user {account} cannot reach the database in {}; make its parent folders \
        traversable again (chmod o+x) or choose another `--data`",
        inside.display()
    );
    let outside = outside(data);
    prepare_outside(&outside, account)?;
    fs::write(&record, format!("{}\n", outside.display())).map_err(cannot("write", &record))?;
    Ok(outside)
}

fn recorded_place(data: &Path, record: &Path, recorded: &Path, account: &Account) -> Result<PathBuf> {
    ensure!(
        account.is_stand_in(),
        "the database of {} was made by root and is in {}; choose another `--data`",
        data.display(),
        recorded.display()
    );
    let outside = outside(data);
    // Not taken from the record, so a copied data folder cannot share the database of its original.
    ensure!(
        recorded == outside,
        "the database in {} belongs to a data folder that was moved or copied to {}; move it back, or remove {} to \
         begin with an empty database",
        recorded.display(),
        data.display(),
        record.display()
    );
    prepare_outside(&outside, account)?;
    Ok(outside)
}

fn outside(data: &Path) -> PathBuf {
    Path::new(OUTSIDE).join(format!("{:016x}", stable_hash(data.as_os_str().as_bytes())))
}

fn prepare_outside(cluster: &Path, account: &Account) -> Result<()> {
    let parent = Path::new(OUTSIDE);
    if !parent.exists() {
        make_folder(parent, 0o755)?;
    }
    let metadata = fs::symlink_metadata(parent).map_err(cannot("look at", parent))?;
    let only_roots = metadata.is_dir() && metadata.uid() == account.own_uid && metadata.mode() & 0o022 == 0;
    ensure!(only_roots, "{OUTSIDE} is not a folder that only root can write to; correct or remove it");
    ensure!(account.can_enter(parent), "the user {account} cannot reach {OUTSIDE}; make it traversable (chmod o+x)");
    check_owner(cluster, account)
}

fn check_owner(cluster: &Path, account: &Account) -> Result<()> {
    let metadata = match fs::symlink_metadata(cluster) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        found => found.map_err(cannot("look at", cluster))?,
    };
    ensure!(metadata.is_dir(), "{} is not a folder; remove it or choose another `--data`", cluster.display());
    ensure!(
        metadata.uid() == account.uid,
        "the database in {} belongs to another user (uid {}), not to {account}; choose another `--data`",
        cluster.display(),
        metadata.uid()
    );
    Ok(())
}

/// FNV-1a, written out because std promises no hash that stays the same from one release to the next.
fn stable_hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_never_changes() {
        assert_eq!(stable_hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(stable_hash(b"foobar"), 0x85944171f73967e8);
    }
}
