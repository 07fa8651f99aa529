//! Work to be done later: put into the queue by the transaction that gives the reason, so that it exists only if that
//! does. What each kind of job does is in `core/jobs`.

mod model;
mod ops;
mod oversight;
mod progress;
mod queries;

pub use model::{JobId, Kind, PlatformKind};
pub use ops::{enqueue, enqueue_at, enqueue_for_every_store, enqueue_platform, enqueue_tracked, enqueue_tracked_as};
pub use oversight::{Count, Filter, QueueState, Queued, count_queue, list_queue, queued, try_again};
pub use progress::{JobError, Progress, ProgressState, advance, ask_to_cancel, begin, end, progress, remove_ended};
