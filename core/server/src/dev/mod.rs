//! `stoa dev`: everything on one machine, from nothing, in one command.

mod banner;
mod demo;
mod drawing;
mod mailbox;
mod paying;
mod secrets;

pub(crate) use mailbox::page as mailbox;

use std::future::{Future, pending};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use api::Memory;
use clap::{ArgAction, Args};
use host::CodeFolder;
use kit::Providers;
use tenants::schema::Whose;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::spawn_blocking;
use tokio::time::interval;
use tracing::info;
use url::Url;

use self::banner::ProvidersTold;
use self::secrets::Secrets;
use crate::cluster::{Cluster, Options, downloads_folder, find_or_fetch};
use crate::config::{Config, LogFormat, Mail, Pictures};
use crate::gateways::{GatewayHost, compiler};
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

/// How often to look whether the private database is still there.
const LOOK_AT_DATABASE: Duration = Duration::from_secs(1);

/// Starts everything, prints where it is, and serves until Ctrl-C.
///
/// # Errors
/// What kept it from starting, in one line.
pub async fn run(options: DevOptions) -> Result<()> {
    telemetry::start(if options.json { "warn" } else { "info,sqlx=warn" }, LogFormat::Text);
    exit_at_second_signal()?;
    let stop = serve::stop_signal()?;
    tokio::pin!(stop);
    let (cluster, admin_url) = match &options.database_url {
        Some(url) => (None, url.clone()),
        None => {
            let Some(cluster) = start_cluster(&options.data, stop.as_mut()).await? else { return Ok(()) };
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
        // The providers end with the server.
        Ok(Some((bound, _providers))) => tokio::select! {
            served = bound.run(stop) => served,
            gone = end_of(cluster.as_ref()) => Err(gone),
        },
        Ok(None) => Ok(()),
        Err(err) => Err(err),
    };
    match cluster {
        Some(cluster) => served.and(stopped(cluster).await),
        None => served,
    }
}

/// Ends the process at the second signal, whatever is still under way; the cluster's watchdog stops the database then.
fn exit_at_second_signal() -> Result<()> {
    let listen = |kind| signal(kind).context("signals can't be listened to");
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    tokio::spawn(async move {
        for _ in 0..2 {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        std::process::exit(130);
    });
    Ok(())
}

/// Starts the private database; none where `stop` came first.
async fn start_cluster(data: &Path, mut stop: Pin<&mut impl Future<Output = ()>>) -> Result<Option<Cluster>> {
    let found = async { find_or_fetch(&downloads_folder()?).await };
    let installation = tokio::select! {
        found = found => found?,
        () = &mut stop => return Ok(None),
    };
    if !data.exists() {
        info!("Making a private database in {} with {installation}", data.display());
    }
    let options = Options {
        data: data.to_owned(),
        installation,
        durable: true,
        max_connections: 60,
        shared_buffers_mb: None,
        wait_for_lock: false,
    };
    let mut starting = spawn_blocking(move || Cluster::start(options));
    tokio::select! {
        started = &mut starting => started.context("the database could not be started")?.map(Some),
        () = &mut stop => {
            // What blocks can't be broken off. It is awaited, so that no database outlives this process.
            if let Ok(Ok(cluster)) = starting.await {
                stopped(cluster).await?;
            }
            Ok(None)
        }
    }
}

async fn stopped(cluster: Cluster) -> Result<()> {
    spawn_blocking(move || cluster.stop()).await.context("the database could not be stopped")?
}

/// Resolves when the private database has ended by itself, with what to say about it.
async fn end_of(cluster: Option<&Cluster>) -> anyhow::Error {
    let Some(cluster) = cluster else { return pending().await };
    let mut tick = interval(LOOK_AT_DATABASE);
    while cluster.is_running() {
        tick.tick().await;
    }
    anyhow!("PostgreSQL has ended: its log {} may say why; start again", cluster.log().display())
}

async fn prepare(options: &DevOptions, admin_url: &str) -> Result<(Bound, Option<Providers>)> {
    let folder = options.data.clone();
    let secrets = spawn_blocking(move || Secrets::keep(&folder)).await??;
    let admin = Admin::new(admin_url)?;
    // The accounts may be older than the secrets, where those were lost and made anew.
    let anew = !admin.is_marked(secrets.mark()).await?;
    let (mut config, name) = provision(&admin, &secrets, options).await?;
    let bound = serve::bind(&config).await?;
    config.base_url = base_url(bound.address)?;
    if anew {
        demo::new_passwords(&config, &secrets).await?;
    }
    let (mut demo, mut providers) = (Vec::new(), None);
    demo::operator(&config, &secrets).await?;
    if !options.no_demo {
        let started = paying::providers().await?;
        demo = demo::stores(&config, &secrets, &started).await?;
        providers = Some(started);
    }
    serve::refuse_unsound(&config).await?;
    admin.mark(secrets.mark()).await?;
    let mut shown_database = Url::parse(admin_url).context("the database's address can't be read")?;
    shown_database.set_path(&name);
    let told = banner::Told {
        url: config.base_url.as_str().trim_end_matches('/').to_owned(),
        by_header: !is_localhost(bound.address.ip()),
        stores: demo,
        providers: providers.as_ref().map(ProvidersTold::of),
        operator: secrets.operator(),
        database_url: shown_database.to_string(),
    };
    // Connections are queued from the moment of binding, so what is printed works at once.
    if options.json {
        told.print_json()?
    } else {
        told.print()?
    }
    Ok((bound, providers))
}

/// Makes roles and tables, and the configuration of a server over them.
async fn provision(admin: &Admin, secrets: &Secrets, options: &DevOptions) -> Result<(Config, String)> {
    let whose = if options.database_url.is_some() { Whose::Marked(secrets.mark()) } else { Whose::Ours };
    admin.create_roles_of(whose, |log_in| secrets.database_password(log_in)).await?;
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
    let master = secrets.master()?;
    let config = Config {
        listen: options.listen,
        // They are at `/dev/metrics`.
        metrics: None,
        base_url: base_url(options.listen)?,
        database,
        connections: 16,
        patience: Duration::from_secs(5),
        master: master.clone(),
        limits: options.limits_enabled,
        trusted_proxies: Vec::new(),
        runs_jobs: true,
        workers: 4,
        pace: jobs::Pace::default(),
        kinds: None,
        schedules: None,
        mail: Mail::Mailbox(Arc::default()),
        pictures: Pictures::Folder(options.data.join("media")),
        // Gateways and providers on trial run on this machine, too.
        gateways: GatewayHost::Sandbox(Box::new(host::Options {
            allow_loopback: true,
            compiler: compiler(),
            folder: Some(CodeFolder { path: options.data.join("gateways"), key: master.derive("gateway code") }),
            ..host::Options::default()
        })),
        media_url: None,
        memory: Memory { megabytes: 64, believed: Memory::BELIEVED },
        confirms_emails: false,
        shutdown_delay: Duration::ZERO,
        shutdown: Duration::from_secs(5),
        log: "info".to_owned(),
        log_format: LogFormat::Text,
    };
    Ok((config, name))
}

/// How a browser on this machine reaches what listens on `address`.
fn base_url(address: SocketAddr) -> Result<Url> {
    let host = if is_localhost(address.ip()) { format!("localhost:{}", address.port()) } else { address.to_string() };
    Url::parse(&format!("http://{host}")).context("the address to listen on has no URL")
}

/// Whether `localhost`, and every name below it, leads to what listens on `ip`.
fn is_localhost(ip: IpAddr) -> bool {
    ip.is_unspecified() || ip == Ipv4Addr::LOCALHOST || ip == Ipv6Addr::LOCALHOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_leads_to_what_is_listened_on() {
        let url = |address: &str| base_url(address.parse().unwrap()).unwrap().to_string();
        for local in ["127.0.0.1:8081", "0.0.0.0:8081", "[::1]:8081", "[::]:8081"] {
            assert_eq!(url(local), "http://localhost:8081/");
        }
        assert_eq!(url("127.0.0.2:8081"), "http://127.0.0.2:8081/");
        assert_eq!(url("[fd00::1]:8081"), "http://[fd00::1]:8081/");
    }
}
