//! Creates the database's files with `initdb`, whole or not at all.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};

use super::account::Account;
use super::explain::{cannot, explain};
use super::find::Installation;
use super::folder::Folder;
use super::start::ADMIN;

/// Not every system has the first, and the second orders text the same way.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// Creates the database and tells the administrator's password, which is kept in the data folder too.
///
/// All happens in a folder beside, which takes the final name at the end: a kill on the way leaves nothing that a later
/// start takes for a whole database.
pub(super) fn create(folder: &Folder, installation: &Installation, account: &Account, durable: bool) -> Result<String> {
    let cluster = folder.cluster();
    ensure_vacant(cluster)?;
    remove_abandoned(cluster);
    let password = format!("{:032x}", rand::random::<u128>());
    let work = beside(cluster, &format!("{:08x}", rand::random::<u32>()));
    let created = fill(&work, installation, account, &password, durable).and_then(|()| {
        write_private(&folder.password_file(), &password)?;
        fs::rename(work.join("data"), cluster).map_err(cannot("create", cluster))
    });
    // A rest of it is removed by the next creation.
    fs::remove_dir_all(&work).ok();
    created.map(|()| password)
}

/// Whether a whole database is there.
pub(super) fn exists(cluster: &Path) -> bool {
    cluster.join("PG_VERSION").exists()
}

fn ensure_vacant(cluster: &Path) -> Result<()> {
    let Ok(mut entries) = fs::read_dir(cluster) else { return Ok(()) };
    ensure!(
        entries.next().is_none(),
        "{} is not empty, but no database; remove it or choose another `--data`",
        cluster.display()
    );
    Ok(())
}

fn fill(work: &Path, installation: &Installation, account: &Account, password: &str, durable: bool) -> Result<()> {
    make_work_folder(work, account).map_err(cannot("create", work))?;
    let password_file = work.join("password");
    write_private(&password_file, password)?;
    hand_over(&password_file, account)?;
    let data = work.join("data");
    DirBuilder::new().mode(0o700).create(&data).map_err(cannot("create", &data))?;
    hand_over(&data, account)?;
    run_initdb(work, installation, account, durable)
}

/// The folder stays ours: the server's user passes through it, but writes only what was handed over to it.
fn make_work_folder(work: &Path, account: &Account) -> std::io::Result<()> {
    let mode = if account.is_stand_in() { 0o711 } else { 0o700 };
    DirBuilder::new().mode(mode).create(work)?;
    fs::set_permissions(work, fs::Permissions::from_mode(mode))
}

fn hand_over(path: &Path, account: &Account) -> Result<()> {
    if !account.is_stand_in() {
        return Ok(());
    }
    chown(path, Some(account.uid), Some(account.gid)).map_err(cannot(&format!("hand over to the user {account}"), path))
}

fn run_initdb(work: &Path, installation: &Installation, account: &Account, durable: bool) -> Result<()> {
    let mut failure = String::new();
    for locale in LOCALES {
        let mut initdb = account.command(installation.program("initdb"));
        // Relative names: a shell that `initdb` calls cannot misread them.
        initdb.current_dir(work).args(["--pgdata=data", "--pwfile=password", "--auth=scram-sha-256"]);
        initdb.args(["--encoding=UTF8", "--no-instructions"]);
        initdb.arg(format!("--username={ADMIN}")).arg(format!("--locale={locale}"));
        if !durable {
            initdb.arg("--no-sync");
        }
        initdb.stdout(Stdio::piped()).stderr(Stdio::piped());
        let outcome = initdb.output().with_context(|| format!("cannot run initdb of {installation}"))?;
        if outcome.status.success() {
            return Ok(());
        }
        failure = String::from_utf8_lossy(&outcome.stderr).into_owned();
        if !failure.contains("locale") {
            break;
        }
    }
    bail!("the database could not be created with {installation}: {}", explain(&failure))
}

/// Creations that were killed; a rest that cannot be removed yet does no harm and is tried again next time.
fn remove_abandoned(cluster: &Path) {
    let prefix = beside(cluster, "");
    let (Some(parent), Some(prefix)) = (prefix.parent(), prefix.file_name()) else { return };
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes()) {
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}

/// A sibling, so that a rename moves no data.
fn beside(cluster: &Path, suffix: &str) -> PathBuf {
    let mut name = cluster.as_os_str().to_owned();
    name.push(".new-");
    name.push(suffix);
    PathBuf::from(name)
}

fn write_private(path: &Path, content: &str) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path)?;
        writeln!(file, "{content}")?;
        file.sync_all()
    };
    write().map_err(cannot("write", path))
}
