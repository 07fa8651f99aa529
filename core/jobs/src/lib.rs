//! Background work: a pool of workers (fang's) over a queue of leases (ours), the schedule, and what each job does.

mod context;
mod envelope;
mod kinds;
mod metrics;
mod notify;
mod queue;
mod schedule;
mod work;
mod worker;

pub use context::{Context, Failure, InPlatform, InStore};
pub use kinds::{Kinds, Run, RunPlatform};
pub use metrics::Metrics;
pub use notify::{CHANNEL, ring_out};
pub use queue::Pace;
pub use schedule::Schedule;
pub use work::{export_next, import_next, kinds, schedules};
pub use worker::{Worker, WorkerOptions};
