//! What the stories in `it` are told with: a mall of stores on a real server over a real PostgreSQL.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a story that can't be told fails")]

mod answer;
mod database;
mod mall;
pub mod paper;
pub mod shelves;
mod waiting;

pub use answer::Answer;
pub use database::{TestDatabase, admin_connection, admin_pool, own_folder};
pub use mall::{Mall, Owner, Shop, config, stocked};
pub use waiting::{until, until_within};
