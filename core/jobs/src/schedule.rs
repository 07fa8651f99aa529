//! What is to happen again and again: one scheduler moves a schedule on, however many there are.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::jobs::PlatformKind;
use serde_json::{Value, json};
use tenants::DbError;
use tokio::time::sleep;
use tracing::debug;
use uuid::Uuid;

use crate::queue::{Desk, enqueue_slot};

/// A job of the platform that comes again every so often. What is to happen in a store at a certain time is enqueued by the
/// transaction that sets the time: nothing here looks at every store.
#[derive(Debug, Clone)]
pub struct Schedule {
    name: &'static str,
    every: Duration,
    payload: Value,
}

impl Schedule {
    /// `job`, every so often. The times are multiples of `every` since 1970, so all schedulers agree on them.
    pub fn every<K: PlatformKind>(every: Duration, job: &K) -> Self {
        Self { name: K::NAME, every, payload: serde_json::to_value(job).unwrap_or_default() }
    }

    fn slot(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let every = i64::try_from(self.every.as_millis()).ok().filter(|every| *every > 0)?;
        DateTime::from_timestamp_millis(now.timestamp_millis().div_euclid(every) * every)
    }
}

/// Enqueues what is due. Runs until it is dropped.
pub(crate) async fn keep(desk: Arc<Desk>, schedules: Vec<Schedule>) {
    let mut reached = vec![None; schedules.len()];
    loop {
        for (schedule, reached) in schedules.iter().zip(&mut reached) {
            let slot = schedule.slot(Utc::now());
            let (Some(slot), true) = (slot, slot != *reached) else { continue };
            match enqueue(&desk, schedule, slot).await {
                Ok(()) => *reached = Some(slot),
                Err(err) => debug!("A schedule could not be moved on: {err}"),
            }
        }
        let shortest = schedules.iter().map(|schedule| schedule.every).min().unwrap_or(Duration::MAX);
        sleep((shortest / 4).clamp(Duration::from_millis(10), Duration::from_secs(1))).await;
    }
}

async fn enqueue(desk: &Desk, schedule: &Schedule, slot: DateTime<Utc>) -> Result<(), DbError> {
    let metadata = json!({ "type": "Job", "tenant_id": null, "kind": schedule.name, "payload": schedule.payload });
    let mut conn = desk.conn().await?;
    if enqueue_slot(&mut conn, schedule.name, slot, Uuid::now_v7(), &metadata).await? {
        desk.wake();
    }
    Ok(())
}
