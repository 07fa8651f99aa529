//! What happened: written by the transaction that made it true, and passed on afterwards.

mod jobs;
mod model;
mod ops;
mod queries;

pub use jobs::PassOn;
pub use model::{Event, EventId, EventKind, Recorded};
pub use ops::{event, list, mark_delivered, record, remove_before, was_delivered};
