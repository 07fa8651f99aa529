//! `stoa worker`, and the worker inside `serve --with-worker` and `dev`: one process that does jobs.

use std::future::Future;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use api::policy::Policy;
use domain::gateways::{Loader, Vault};
use domain::orders::OrderTokens;
use domain::payments::Teller;
use jobs::{Context, Metrics, Worker, WorkerOptions};
use prometheus::Registry;
use sqlx::postgres::PgConnectOptions;
use tenants::{Database, DatabaseOptions, PlatformDb, TenantDb, WorkerDb};
use tokio::task::AbortHandle;
use tracing::info;

use crate::config::Config;
use crate::gateways;
use crate::metrics;
use crate::serve::mailer;

/// A worker that is put together, and has not begun.
pub struct Ready {
    options: WorkerOptions,
}

/// A worker that does jobs.
pub struct Running {
    worker: Worker,
    bell: AbortHandle,
}

/// Puts a worker together.
///
/// # Errors
/// Where a setting is missing.
pub async fn ready(config: &Config, registry: &Registry) -> Result<Ready> {
    let urls = &config.database;
    let worker = urls.worker.as_ref().context("STOA_WORKER_URL is not set: jobs are done as `stoa_worker`")?;
    let pool = |connect: &PgConnectOptions, connections| {
        Database::new(DatabaseOptions { connect: connect.clone(), connections, patience: config.patience })
    };
    let direct = urls.direct.as_ref().unwrap_or(worker);
    // Of the queue itself nothing is lost with the last half second but that a job runs twice. The rest keeps a planner that
    // knows little of a table which is now empty and now full to the indexes.
    let queue = direct.clone().options([
        ("synchronous_commit", "off"),
        ("enable_seqscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
        ("statement_timeout", "15s"),
    ]);
    let tenants = TenantDb::new(pool(worker, config.workers + 1));
    let base_url = config.base_url.as_str().trim_end_matches('/').to_owned();
    let gateways = config.gateways.open()?;
    let (vault, loader) = (Vault::new(&config.master), Loader::new(Arc::clone(&gateways)));
    let context = Context {
        teller: Teller::new(tenants.clone(), vault, loader, base_url.clone()),
        tenants,
        platform: PlatformDb::new(pool(&urls.platform, 2)),
        queue: WorkerDb::new(pool(&queue, config.workers / 2 + 2)),
        mailer: mailer(&config.mail),
        metrics: Metrics::new(registry)?,
        objects: config.pictures.open()?,
        gateways,
        grants: Arc::new(Policy::load().await?),
        order_tokens: OrderTokens::of_deployment(&config.master),
        base_url,
    };
    let options = WorkerOptions {
        context,
        listen: Some(WorkerDb::new(pool(direct, 1))),
        kinds: config.kinds.clone().unwrap_or_else(jobs::kinds),
        schedules: config.schedules.clone().unwrap_or_else(jobs::schedules),
        workers: config.workers,
        pace: config.pace,
    };
    Ok(Ready { options })
}

impl Ready {
    /// What its jobs write is a write of the process that serves `tenants` as well.
    pub fn beside(&mut self, tenants: &TenantDb) {
        self.options.context.tenants.count_with(tenants);
    }

    /// Begins to do jobs.
    pub async fn start(self) -> Running {
        let Context { tenants, platform, .. } = self.options.context.clone();
        let bell = tokio::spawn(jobs::ring_out(tenants, platform)).abort_handle();
        Running { worker: Worker::start(self.options).await, bell }
    }
}

impl Running {
    /// Takes no more jobs, waits for those that run, and puts back what is not done in time.
    pub async fn stop(self, grace: std::time::Duration) {
        self.worker.stop(grace).await;
        self.bell.abort();
    }
}

/// Does jobs until `stop`.
///
/// # Errors
/// Where the worker can't be put together.
pub async fn run(config: &Config, stop: impl Future<Output = ()>) -> Result<()> {
    let registry = Registry::new();
    let ready = ready(config, &registry).await?;
    let platform = ready.options.context.platform.clone();
    gateways::register(&*ready.options.context.gateways, &platform).await;
    let metrics = match metrics::bind(config.metrics).await? {
        Some(bound) => Some(bound.serve(metrics::page(registry, platform)?)),
        None => None,
    };
    let running = ready.start().await;
    stop.await;
    info!("Stopping: taking no more jobs");
    running.stop(config.shutdown).await;
    if let Some(metrics) = metrics {
        metrics.abort();
    }
    info!("Stopped");
    Ok(())
}
