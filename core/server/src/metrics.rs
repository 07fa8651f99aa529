//! `/metrics`: what this process counts, and how the queue of jobs fares, for Prometheus to fetch. On a listener of its own:
//! it is for the operator's network alone.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chrono::Utc;
use domain::jobs::count_queue;
use poem::http::StatusCode;
use poem::{Endpoint, Response, Route, endpoint::make, get};
use prometheus::{GaugeVec, IntGaugeVec, Opts, Registry, TextEncoder};
use tenants::PlatformDb;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::AbortHandle;
use tracing::{info, warn};

use crate::connections::{self, Patience};

/// How long the figures of the queue are good: however often somebody asks, it is counted no more often than this.
const GOOD: Duration = Duration::from_secs(5);

/// How the queue fares, as it was when it was last counted.
struct Queue {
    platform: PlatformDb,
    jobs: IntGaugeVec,
    oldest: GaugeVec,
    counted: Mutex<Option<Instant>>,
}

/// A listener that is bound.
pub(crate) struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

/// Binds the listener, where there is to be one.
///
/// # Errors
/// Where the address is taken.
pub(crate) async fn bind(address: Option<SocketAddr>) -> Result<Option<Bound>> {
    let Some(address) = address else { return Ok(None) };
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} can't be listened on (STOA_METRICS_LISTEN)"))?;
    let address = listener.local_addr()?;
    Ok(Some(Bound { listener, address }))
}

impl Bound {
    /// Answers until it is aborted.
    pub(crate) fn serve(self, page: impl Endpoint<Output = Response> + 'static) -> AbortHandle {
        let Self { listener, address } = self;
        info!(%address, "Metrics are at http://{address}/metrics");
        let answers = Route::new().at("/metrics", page);
        let serving = async move {
            let patience = Patience { connections: 64, ..Patience::default() };
            connections::serve(listener, answers, patience, std::future::pending(), Duration::ZERO).await;
        };
        tokio::spawn(serving).abort_handle()
    }
}

/// What `registry` counts, and the queue.
///
/// # Errors
/// Where the registry has figures of the queue already.
pub(crate) fn page(registry: Registry, platform: PlatformDb) -> Result<impl Endpoint<Output = Response>> {
    let jobs = IntGaugeVec::new(Opts::new("stoa_jobs", "Jobs in the queue."), &["kind", "state"])?;
    let oldest = Opts::new("stoa_jobs_oldest_seconds", "For how long the oldest waiting job has been due.");
    let oldest = GaugeVec::new(oldest, &["kind"])?;
    registry.register(Box::new(jobs.clone()))?;
    registry.register(Box::new(oldest.clone()))?;
    let queue = Arc::new(Queue { platform, jobs, oldest, counted: Mutex::new(None) });
    Ok(get(make(move |_| {
        let (registry, queue) = (registry.clone(), Arc::clone(&queue));
        async move {
            queue.count().await;
            match TextEncoder::new().encode_to_string(&registry.gather()) {
                Ok(text) => Response::builder().content_type("text/plain; version=0.0.4").body(text),
                Err(_) => Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR).finish(),
            }
        }
    })))
}

impl Queue {
    /// Counts anew, unless that was just done. Where the database does not answer, the figures are left out.
    async fn count(&self) {
        let mut counted = self.counted.lock().await;
        if counted.is_some_and(|at| at.elapsed() < GOOD) {
            return;
        }
        self.jobs.reset();
        self.oldest.reset();
        let counts = async { count_queue(&mut self.platform.begin().await?).await };
        match counts.await {
            Ok(counts) => {
                *counted = Some(Instant::now());
                for count in counts {
                    self.jobs.with_label_values(&[&count.kind, &count.state]).set(count.count);
                    if count.state == "waiting" {
                        let age = (Utc::now() - count.oldest).to_std().unwrap_or_default();
                        self.oldest.with_label_values(&[&count.kind]).set(age.as_secs_f64());
                    }
                }
            }
            Err(err) => warn!("The queue could not be counted: {err}"),
        }
    }
}
