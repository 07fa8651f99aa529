//! A running cluster: what it takes to start one, and how to reach it.

use std::path::{Path, PathBuf};
use std::{fmt, fs};

use anyhow::{Context, Result, anyhow, bail};

use super::account::Account;
use super::create;
use super::explain::cannot;
use super::find::{Installation, find_major};
use super::folder::Folder;
use super::server::Server;
use super::watchdog::Watchdog;

/// The cluster's superuser.
pub const ADMIN: &str = "stoa_admin";

/// How to start a cluster.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data folder; made where it is missing.
    pub data: PathBuf,
    /// The programs to use, from [`find`](super::find()) or [`find_or_fetch`](super::find_or_fetch).
    pub installation: Installation,
    /// Whether the data matters: false trades safety for speed, and a database that cannot be used is made anew.
    pub durable: bool,
    /// How many connections the server allows.
    pub max_connections: u16,
    /// How much memory the server shares among its connections, in MB; its own default where this is none.
    pub shared_buffers_mb: Option<u32>,
    /// Whether to wait while another process uses the data folder, instead of refusing. A second start in the same
    /// process then waits for ever.
    pub wait_for_lock: bool,
}

/// A running PostgreSQL that nobody else uses. It is stopped when this is dropped or the process ends, but only
/// [`Cluster::stop`] waits for it.
pub struct Cluster {
    server: Server,
    port: u16,
    password: String,
    watchdog: Watchdog,
    /// Last, so that the lock outlives what it guards.
    _folder: Folder,
}

impl Cluster {
    /// Starts the cluster of a data folder; the first time it is created, which takes some seconds.
    pub fn start(options: Options) -> Result<Self> {
        let Options { data, installation, durable, max_connections, shared_buffers_mb, wait_for_lock } = options;
        let account = Account::for_server()?;
        let folder = Folder::open(&data, &account, wait_for_lock)?;
        let cluster = folder.cluster().to_owned();
        let mut server = Server { installation, account, cluster, durable, shared_buffers_mb };
        server.stop_leftover()?;
        let kept = keep(&mut server, &folder).and_then(|password| {
            let Some(password) = password else { return Ok(None) };
            Ok(Some((password, server.start(max_connections)?)))
        });
        let (password, (port, watchdog)) = match kept {
            Ok(Some(running)) => running,
            Ok(None) => create_and_start(&server, &folder, max_connections)?,
            Err(error) if durable => return Err(error),
            Err(error) => {
                tracing::warn!(folder = %server.cluster.display(), "the database is made anew: {error:#}");
                discard(&server)?;
                create_and_start(&server, &folder, max_connections)?
            }
        };
        Ok(Self { server, port, password, watchdog, _folder: folder })
    }

    /// Stops the server and waits until it has stopped.
    pub fn stop(self) -> Result<()> {
        // Where this fails the watchdog is dropped with us, and stops the server.
        self.server.stop()?;
        self.watchdog.dismiss();
        Ok(())
    }

    /// The address of a database (a plain name that needs no escaping) for the superuser. It holds the password.
    pub fn admin_url(&self, database: &str) -> String {
        format!("postgres://{ADMIN}:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// Whether the server is still there.
    pub fn is_running(&self) -> bool {
        self.server.is_running()
    }

    /// The port of 127.0.0.1 that the server listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where the database's files are.
    pub fn folder(&self) -> &Path {
        &self.server.cluster
    }

    /// The file that the server writes its messages to.
    pub fn log(&self) -> PathBuf {
        self.server.log()
    }
}

impl fmt::Debug for Cluster {
    /// Without the password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Cluster")
            .field("port", &self.port)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// The password of the database that is there, with `server` set to an installation that can read it.
fn keep(server: &mut Server, folder: &Folder) -> Result<Option<String>> {
    if !create::exists(&server.cluster) {
        return Ok(None);
    }
    choose_installation(server)?;
    let file = folder.password_file();
    let password = fs::read_to_string(&file).map_err(|error| {
        let (cluster, file) = (server.cluster.display(), file.display());
        anyhow!(
            "the password of the database in {cluster} cannot be read from {file} ({error}); restore that file, or \
             remove {cluster} to begin with an empty database"
        )
    })?;
    Ok(Some(password.trim().to_owned()))
}

fn choose_installation(server: &mut Server) -> Result<()> {
    let file = server.cluster.join("PG_VERSION");
    let written = fs::read_to_string(&file).map_err(cannot("read", &file))?;
    let Ok(major) = written.trim().parse::<u32>() else { bail!("{} tells no version", file.display()) };
    if major == server.installation.major() {
        return Ok(());
    }
    server.installation = find_major(&server.account, major, &server.installation).with_context(|| {
        let (cluster, installation) = (server.cluster.display(), &server.installation);
        format!(
            "the database in {cluster} needs PostgreSQL {major}, and there is {installation}; install {major} or \
                 choose another `--data`"
        )
    })?;
    Ok(())
}

type Running = (String, (u16, Watchdog));

fn create_and_start(server: &Server, folder: &Folder, max_connections: u16) -> Result<Running> {
    let password = create::create(folder, &server.installation, &server.account, server.durable)?;
    Ok((password, server.start(max_connections)?))
}

/// Removes a database that does not matter and cannot be used, such as one of a machine that crashed.
fn discard(server: &Server) -> Result<()> {
    server.stop_leftover()?;
    let cluster = &server.cluster;
    fs::remove_dir_all(cluster).map_err(cannot("remove", cluster))
}
