//! `stoa dev`: everything on one machine, from nothing, in one command.

mod banner;
mod demo;
mod mailbox;
mod secrets;

pub(crate) use mailbox::page as mailbox;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{ArgAction, Args};
use tokio::task::spawn_blocking;
use tracing::info;
use url::Url;

use self::secrets::Secrets;
use crate::cluster::{Cluster, Options, downloads_folder, find_or_fetch};
use crate::config::{Config, LogFormat, Mail};
use crate::provision::{Admin, migrated};
use crate::serve::{self, Bound};
use crate::telemetry;

/// What `stoa dev` is told.
#[derive(Debug, Args)]
pub struct DevOptions {
    /// The address and port to listen on
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Where the database and its secrets are kept
    #[arg(long, default_value = ".stoa", value_name = "FOLDER")]
    data: PathBuf,
    /// Open no demo stores
    #[arg(long)]
    no_demo: bool,
    /// Print one line for programs once it serves
    #[arg(long)]
    json: bool,
    /// An administrator's address of a PostgreSQL to use instead of a private one
    #[arg(long, env = "STOA_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// Whether callers are limited in how often they may try; false for load tests only
    #[arg(long, env = "STOA_LIMITS_ENABLED", default_value_t = true, action = ArgAction::Set, value_name = "BOOL")]
    limits_enabled: bool,
}

/// The name of the database where the administrator's address names none of ours.
const DATABASE: &str = "stoa";

/// Starts everything, prints where it is, and serves until Ctrl-C.
///
/// # Errors
/// What kept it from starting, in one line.
pub async fn run(options: DevOptions) -> Result<()> {
    telemetry::start(if options.json { "warn" } else { "info,sqlx=warn" }, LogFormat::Text);
    let stop = serve::stop_signal()?;
    tokio::pin!(stop);
    let (cluster, admin_url) = match &options.database_url {
        Some(url) => (None, url.clone()),
        None => {
            let cluster = start_cluster(&options.data).await?;
            let url = cluster.admin_url("postgres");
            (Some(cluster), url)
        }
    };
    // Asked to stop while it is still preparing, it stops the database too.
    let prepared = tokio::select! {
        prepared = prepare(&options, &admin_url) => prepared.map(Some),
        () = &mut stop => Ok(None),
    };
    let served = match prepared {
        Ok(Some(bound)) => bound.run(stop).await,
        Ok(None) => Ok(()),
        Err(err) => Err(err),
    };
    if let Some(cluster) = cluster {
        spawn_blocking(move || cluster.stop()).await.context("the database could not be stopped")??;
    }
    served
}

async fn start_cluster(data: &Path) -> Result<Cluster> {
    let installation = find_or_fetch(&downloads_folder()?).await?;
    if !data.exists() {
        info!("Making a private database in {} with {installation}", data.display());
    }
    let options =
        Options { data: data.to_owned(), installation, durable: true, max_connections: 60, wait_for_lock: false };
    spawn_blocking(move || Cluster::start(options)).await.context("the database could not be started")?
}

async fn prepare(options: &DevOptions, admin_url: &str) -> Result<Bound> {
    let folder = options.data.clone();
    let secrets = spawn_blocking(move || Secrets::keep(&folder)).await??;
    let (config, name) = provision(admin_url, &secrets, options).await?;
    let bound = serve::bind(&config).await?;
    let address = bound.address;
    let mut demo = Vec::new();
    demo::operator(&config, &secrets).await?;
    if !options.no_demo {
        demo = demo::stores(&config, &secrets).await?;
    }
    serve::refuse_unsound(&config).await?;
    let mut shown_database = Url::parse(admin_url).context("the database's address can't be read")?;
    shown_database.set_path(&name);
    let told = banner::Told {
        url: format!("http://localhost:{}", address.port()),
        stores: demo,
        operator: secrets.operator(),
        database_url: shown_database.to_string(),
    };
    // Connections are queued from the moment of binding, so what is printed works at once.
    if options.json {
        told.print_json()?
    } else {
        told.print()?
    }
    Ok(bound)
}

/// Makes roles and tables, and the configuration of a server over them.
async fn provision(admin_url: &str, secrets: &Secrets, options: &DevOptions) -> Result<(Config, String)> {
    let admin = Admin::new(admin_url)?;
    admin.create_roles(|log_in| secrets.database_password(log_in)).await?;
    let name = match admin.database() {
        Some(name) if name != "postgres" => {
            admin.adopt_database().await?;
            name.to_owned()
        }
        _ => {
            admin.create_database(DATABASE, None).await?;
            DATABASE.to_owned()
        }
    };
    let database = admin.urls(&name, |log_in| secrets.database_password(log_in));
    migrated(&database).await?;
    let base_url =
        Url::parse(&format!("http://localhost:{}", options.listen.port())).context("the address to listen on")?;
    let config = Config {
        listen: options.listen,
        base_url,
        database,
        connections: 16,
        patience: Duration::from_secs(5),
        master: secrets.master()?,
        limits: options.limits_enabled,
        trusted_proxies: Vec::new(),
        mail: Mail::Mailbox(Arc::default()),
        shutdown_delay: Duration::ZERO,
        shutdown: Duration::from_secs(5),
        log: "info".to_owned(),
        log_format: LogFormat::Text,
    };
    Ok((config, name))
}
