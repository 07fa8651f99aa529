//! Work to be done later: put into the queue by the transaction that gives the reason, so that it exists only if that
//! does. What each kind of job does is in `core/jobs`.

mod model;
mod ops;
mod progress;
mod queries;

pub use model::{JobId, Kind, PlatformKind};
pub use ops::{enqueue, enqueue_at, enqueue_platform, enqueue_tracked};
pub use progress::{JobError, Progress, ProgressState, advance, ask_to_cancel, begin, end, progress, remove_ended};
