//! `stoa serve`: one process that answers requests.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use api::{App, AppOptions, Limits};
use tenants::schema::{faults, refuse_strong_role, version, wanted_version};
use tenants::{Database, DatabaseOptions, PlatformDb, TenantDb};
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{info, warn};

use crate::config::Config;
use crate::connections::{self, Patience};

/// A listener that is bound, and what will answer on it.
pub struct Bound {
    listener: TcpListener,
    /// Where it listens.
    pub address: SocketAddr,
    /// What requests share.
    pub app: Arc<App>,
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
    let app = Arc::new(app(&config).await?);
    Ok(Bound { listener, address, app, delay: config.shutdown_delay, grace: config.shutdown })
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

async fn app(config: &Config) -> Result<App> {
    let pool = |connect: &sqlx::postgres::PgConnectOptions, connections| {
        Database::new(DatabaseOptions { connect: connect.clone(), connections, patience: config.patience })
    };
    let limits = if config.limits {
        Limits::usual()
    } else {
        warn!("Limits are switched off (STOA_LIMITS_ENABLED): nobody is kept from trying passwords");
        Limits::none()
    };
    let seats = std::thread::available_parallelism().map_or(1, usize::from);
    let options = AppOptions {
        tenants: TenantDb::new(pool(&config.database.app, config.connections)),
        platform: PlatformDb::new(pool(&config.database.platform, 4)),
        master: config.master.clone(),
        base_domain: config.base_url.domain().unwrap_or("localhost").to_owned(),
        base_url: config.base_url.as_str().trim_end_matches('/').to_owned(),
        trusted_proxies: config.trusted_proxies.clone(),
        password_seats: seats,
        limits,
    };
    Ok(App::new(options).await?)
}

impl Bound {
    /// Answers until `stop`, then lets go gently: no longer ready, then no new connections, then what is under way ends.
    ///
    /// # Errors
    /// Where the listener fails.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<()> {
        let Self { listener, app, delay, grace, address } = self;
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
        connections::serve(listener, api::routes(app), Patience::default(), draining, grace).await;
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

/// Refuses to go on with a database that could let a row out of its store, or that is older than this build.
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
    let mut all = faults(&database.app).await.context("STOA_DATABASE_URL")?;
    all.extend(refuse_strong_role(&database.app).await.context("STOA_DATABASE_URL")?);
    all.extend(refuse_strong_role(&database.platform).await.context("STOA_PLATFORM_URL")?);
    if all.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = all.iter().map(ToString::to_string).collect();
    bail!("the database does not keep stores apart:\n{}", lines.join("\n"))
}
