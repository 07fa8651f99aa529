//! The queue that fang's workers take from: leases, with a token for each claim.
//!
//! A claimed row carries a token that no other claim has. Heartbeats lengthen the lease of the tokens that this process
//! holds; whoever finishes a job names the token, so that one whose lease lapsed and went to another changes nothing.

mod desk;
mod fairness;
mod leases;
mod pace;
mod queries;
mod tasks;

pub(crate) use desk::{Desk, desk};
pub use pace::Pace;
pub(crate) use queries::{enqueue_slot, remove_failed};
pub(crate) use tasks::LeaseQueue;
