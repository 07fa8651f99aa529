//! `stoa serve`: one process that answers requests.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use adapters::mail::{Mailbox, Nowhere};
use anyhow::{Context as _, Result, bail, ensure};
use api::{App, AppOptions, Limits, Metrics};
use domain::mail::Mailer;
use poem::Route;
use prometheus::Registry;
use tenants::schema::{LogIn, faults, place, place_of, refuse_strong_role, version, wanted_version};
use tenants::{Database, DatabaseOptions, PlatformDb, TenantDb, TenantId};
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{info, warn};

use crate::commands::user::databases;
use crate::config::{Config, Mail};
use crate::connections::{self, Patience};
use crate::gateways::{self, GatewayHost};
use crate::{dev, metrics, worker};

/// A listener that is bound, and what will answer on it.
pub struct Bound {
    listener: TcpListener,
    /// Where it listens.
    pub address: SocketAddr,
    /// What requests share.
    pub app: Arc<App>,
    worker: Option<worker::Ready>,
    metrics: Option<metrics::Bound>,
    registry: Registry,
    tenants: TenantDb,
    platform: PlatformDb,
    mailbox: Option<Arc<Mailbox>>,
    delay: Duration,
    grace: Duration,
}

/// Connects the parts and binds the listener, but answers nothing yet.
///
/// # Errors
/// Where the address is taken or the parts do not fit.
pub async fn bind(config: &Config) -> Result<Bound> {
    let listener = listen(config.listen)?;
    let address = listener.local_addr()?;
    let mut config = config.clone();
    if config.listen.port() == 0 {
        // Whoever asks for any port is told by `address` which one it became; links must lead there too.
        config.base_url.set_port(Some(address.port())).ok();
    }
    let pool = |connect: &sqlx::postgres::PgConnectOptions, connections| {
        Database::new(DatabaseOptions { connect: connect.clone(), connections, patience: config.patience })
    };
    let tenants = TenantDb::new(pool(&config.database.app, config.connections));
    let platform = PlatformDb::new(pool(&config.database.platform, 4));
    let gateways = config.gateways.open()?;
    gateways::register(&*gateways, &platform).await;
    config.gateways = GatewayHost::Ready(gateways);
    let registry = Registry::new();
    let app = Arc::new(app(&config, tenants.clone(), platform.clone(), Metrics::new(&registry)?).await?);
    let mut worker = if config.runs_jobs { Some(worker::ready(&config, &registry).await?) } else { None };
    if let Some(worker) = &mut worker {
        worker.beside(&tenants);
    }
    let metrics = metrics::bind(config.metrics).await?;
    let mailbox = if let Mail::Mailbox(mailbox) = &config.mail { Some(Arc::clone(mailbox)) } else { None };
    Ok(Bound {
        listener,
        address,
        app,
        worker,
        metrics,
        registry,
        tenants,
        platform,
        mailbox,
        delay: config.shutdown_delay,
        grace: config.shutdown,
    })
}

fn listen(address: SocketAddr) -> Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    // Connections have it from their listener: small answers leave at once.
    socket.set_nodelay(true)?;
    socket.bind(address).with_context(|| {
        format!("{address} can't be listened on; is something else there? Choose another with --listen or STOA_LISTEN")
    })?;
    Ok(socket.listen(1_024)?)
}

async fn app(config: &Config, tenants: TenantDb, platform: PlatformDb, metrics: Metrics) -> Result<App> {
    let limits = if config.limits {
        Limits::usual()
    } else {
        warn!("Limits are switched off (STOA_LIMITS_ENABLED): nobody is kept from trying passwords");
        Limits::none()
    };
    let base_url = config.base_url.as_str().trim_end_matches('/');
    let media_url = config.media_url.as_ref().map_or(base_url, |url| url.as_str().trim_end_matches('/'));
    let options = AppOptions {
        tenants,
        platform,
        master: config.master.clone(),
        base_domain: config.base_url.domain().unwrap_or("localhost").to_owned(),
        base_url: base_url.to_owned(),
        media_url: media_url.to_owned(),
        trusted_proxies: config.trusted_proxies.clone(),
        password_seats: std::thread::available_parallelism().map_or(1, usize::from),
        studio: config.studio()?,
        gateways: config.gateways.open()?,
        limits,
        metrics,
        memory: config.memory,
        confirms_emails: config.confirms_emails,
    };
    Ok(App::new(options).await?)
}

pub(crate) fn mailer(mail: &Mail) -> Arc<dyn Mailer> {
    match mail {
        Mail::Nowhere => Arc::new(Nowhere),
        Mail::Mailbox(mailbox) => Arc::clone(mailbox) as Arc<dyn Mailer>,
        Mail::Smtp(smtp) => Arc::clone(smtp) as Arc<dyn Mailer>,
    }
}

impl Bound {
    /// Answers until `stop`, then lets go gently: no longer ready, then no new connections, then what is under way ends.
    ///
    /// # Errors
    /// Where the listener fails.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<()> {
        let Self { listener, app, worker, metrics, registry, tenants, platform, mailbox, delay, grace, address } = self;
        let page = metrics::page(registry, platform.clone())?;
        let bell = tokio::spawn(jobs::ring_out(tenants, platform)).abort_handle();
        let running = match worker {
            Some(worker) => Some(worker.start().await),
            None => None,
        };
        info!(%address, "Listening on {address}");
        let draining = {
            let app = Arc::clone(&app);
            async move {
                stop.await;
                info!("Stopping: no longer ready");
                app.drain();
                tokio::time::sleep(delay).await;
            }
        };
        let (development, metrics) = match mailbox {
            Some(mailbox) => (Some(Route::new().at("/mailbox", dev::mailbox(mailbox)).at("/metrics", page)), None),
            None => (None, metrics.map(|metrics| metrics.serve(page))),
        };
        let routes = api::routes(app, development);
        connections::serve(listener, routes, Patience::default(), draining, grace).await;
        if let Some(running) = running {
            running.stop(grace).await;
        }
        bell.abort();
        if let Some(metrics) = metrics {
            metrics.abort();
        }
        info!("Stopped");
        Ok(())
    }
}

/// Resolves when the process is asked to stop: by Ctrl-C or SIGTERM. Listens from the call on, not from the first poll:
/// a signal that comes early ends nothing the hard way.
///
/// # Errors
/// Where the system lets no signals be listened to.
pub fn stop_signal() -> Result<impl Future<Output = ()>> {
    let listen = |kind| signal(kind).context("signals can't be listened to");
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Refuses to go on with a database that could let a row out of its store, that is older than this build, or that is not
/// the one database of all log-ins.
///
/// # Errors
/// Every fault, one a line.
pub async fn refuse_unsound(config: &Config) -> Result<()> {
    let database = &config.database;
    let found = version(&database.app).await.context("STOA_DATABASE_URL")?;
    let wanted = wanted_version();
    if found < wanted {
        bail!("the database is at version {found}, this build needs {wanted}: run `stoa migrate`");
    }
    let mut wrong = Vec::new();
    let log_ins = [
        ("STOA_DATABASE_URL", Some(&database.app), LogIn::App),
        ("STOA_PLATFORM_URL", Some(&database.platform), LogIn::Platform),
        ("STOA_WORKER_URL", database.worker.as_ref(), LogIn::Worker),
        ("STOA_DIRECT_URL", database.direct.as_ref(), LogIn::Worker),
    ];
    for (name, connect, log_in) in log_ins {
        let Some(connect) = connect else { continue };
        let unfit = refuse_strong_role(connect, log_in).await.context(name)?;
        wrong.extend(unfit.map(|fault| format!("{name}: {fault}")));
    }
    let faults = faults(&database.app).await.context("STOA_DATABASE_URL")?;
    wrong.extend(faults.iter().map(ToString::to_string));
    if !wrong.is_empty() {
        bail!("the database does not keep stores apart:\n{}", wrong.join("\n"));
    }
    refuse_two_places(config).await
}

/// Looks from each log-in where it is, and compares.
async fn refuse_two_places(config: &Config) -> Result<()> {
    let database = &config.database;
    let (tenants, platform) = databases(&config.databases());
    let mut tx = tenants.begin_read(TenantId::generate()).await.context("STOA_DATABASE_URL")?;
    let app = place(tx.conn()).await.context("STOA_DATABASE_URL")?;
    let mut tx = platform.begin().await.context("STOA_PLATFORM_URL")?;
    let mut others = vec![("STOA_PLATFORM_URL", place(tx.conn()).await.context("STOA_PLATFORM_URL")?)];
    for (name, connect) in [("STOA_WORKER_URL", &database.worker), ("STOA_DIRECT_URL", &database.direct)] {
        if let Some(connect) = connect {
            others.push((name, place_of(connect).await.context(name)?));
        }
    }
    for (name, other) in others {
        ensure!(
            app == other,
            "{name} leads to another database (`{}`) than STOA_DATABASE_URL (`{}`): both need the same one on the same \
             server",
            other.database,
            app.database
        );
    }
    Ok(())
}
