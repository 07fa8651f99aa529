//! What is counted of jobs, by kind and end.

use std::time::Duration;

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry};

/// Counts jobs and how long they took.
#[derive(Clone)]
pub struct Metrics {
    ended: IntCounterVec,
    seconds: HistogramVec,
}

impl Metrics {
    /// Begins to count, in `registry`.
    ///
    /// # Errors
    /// Where the registry counts jobs already.
    pub fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let ended = Opts::new("stoa_jobs_ended_total", "Tries of jobs that ended: done, again or given_up.");
        let ended = IntCounterVec::new(ended, &["kind", "end"])?;
        let seconds = HistogramOpts::new("stoa_job_seconds", "How long tries of jobs took.");
        let seconds = HistogramVec::new(seconds, &["kind"])?;
        registry.register(Box::new(ended.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Self { ended, seconds })
    }

    pub(crate) fn ended(&self, kind: &str, end: &str, took: Duration) {
        self.ended.with_label_values(&[kind, end]).inc();
        self.seconds.with_label_values(&[kind]).observe(took.as_secs_f64());
    }
}
