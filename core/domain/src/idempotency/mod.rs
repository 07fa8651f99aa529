//! Requests that may be repeated: the first answer is kept with its effect, and given again.

mod model;
mod ops;
mod queries;

pub use model::{Claim, IdempotencyError, Kept, Key};
pub use ops::{claim, forget, forget_of, forget_old, keep, keep_for_now, keep_instead};
