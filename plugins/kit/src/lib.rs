//! Payment providers for development and tests, on loopback: a sandbox of Zarinpal after its documentation, and a fake
//! provider. Each keeps a log of what was really paid, which is what a test compares the shop's books with, and each can be
//! told to misbehave. And what authors begin with ([`template`]), and examine their gateways by ([`conformance`]).

pub mod conformance;
pub mod fake;
mod faults;
mod ledger;
mod page;
mod serve;
pub mod template;
mod visit;
pub mod zarinpal;

use std::net::SocketAddr;

use anyhow::Result;

pub use faults::{Fault, How, Operation};
pub use ledger::{Entry, What};

/// Both providers, until this is dropped.
#[derive(Debug)]
pub struct Providers {
    /// Zarinpal's sandbox.
    pub zarinpal: zarinpal::Sandbox,
    /// The fake provider.
    pub fake: fake::Provider,
}

/// Starts both. Port 0 takes any port that is free.
///
/// # Errors
///
/// Where an address can't be listened on.
pub async fn start(zarinpal: SocketAddr, fake: SocketAddr) -> Result<Providers> {
    Ok(Providers { zarinpal: zarinpal::Sandbox::start(zarinpal).await?, fake: fake::Provider::start(fake).await? })
}
