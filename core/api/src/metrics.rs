//! What is counted of requests. No label names a store, a person or a path: there are few of each, whoever asks for what.

use std::time::Duration;

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry};

/// Counts requests and how long they took.
pub struct Metrics {
    requests: IntCounterVec,
    seconds: HistogramVec,
}

/// Seconds by which answers are told apart: a cached one takes less than the first, a password more than most.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

impl Metrics {
    /// Begins to count, in `registry`.
    ///
    /// # Errors
    /// Where the registry counts requests already.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let requests = Opts::new("stoa_http_requests_total", "Requests that were answered.");
        let requests = IntCounterVec::new(requests, &["surface", "status"])?;
        let seconds =
            HistogramOpts::new("stoa_http_request_seconds", "How long answers took.").buckets(SECONDS.to_vec());
        let seconds = HistogramVec::new(seconds, &["surface"])?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Self { requests, seconds })
    }

    pub(crate) fn answered(&self, path: &str, status: u16, took: Duration) {
        let surface = match path.split('/').nth(1) {
            Some("store") => "storefront",
            Some("admin") => "admin",
            Some("platform") => "platform",
            _ => "other",
        };
        self.requests.with_label_values(&[surface, &status.to_string()]).inc();
        self.seconds.with_label_values(&[surface]).observe(took.as_secs_f64());
    }
}
