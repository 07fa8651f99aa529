//! `stoa gateway …`: an operator's work on the registry of payment gateways, without the API. What authors of gateways do is in
//! [`author`].

use std::path::Path;

use anyhow::Result;
use clap::{Args, Subcommand};
use domain::audit::{self, Actor, Entry, Origin};
use domain::gateways::{self, GatewayName, VersionNumber, VersionStep};
use kernel::Text as _;

use super::author::{self, AuthorCommand};
use super::store::argument;
use super::user::databases;
use super::{quietly, say};
use crate::config::{self, Databases};

#[derive(Debug, Subcommand)]
pub(super) enum GatewayCommand {
    #[command(flatten)]
    Author(AuthorCommand),
    /// List all versions of all gateways
    List,
    /// Let stores choose a version
    Approve(Which),
    /// Let no new payment begin with a version
    Withdraw(Which),
}

#[derive(Debug, Args)]
pub(super) struct Which {
    /// The gateway's name
    gateway: String,
    /// The version's number
    version: String,
}

pub(super) async fn run(command: GatewayCommand, file: Option<&Path>) -> Result<()> {
    let config = || config::read_databases(file).map(quietly);
    match command {
        GatewayCommand::Author(command) => author::run(command).await,
        GatewayCommand::List => list(&config()?).await,
        GatewayCommand::Approve(which) => step(&which, VersionStep::Approve, "approveGatewayVersion", &config()?).await,
        GatewayCommand::Withdraw(which) => {
            step(&which, VersionStep::Withdraw, "withdrawGatewayVersion", &config()?).await
        }
    }
}

async fn list(config: &Databases) -> Result<()> {
    for found in gateways::list(&mut databases(config).1.begin().await?).await? {
        let version = found.version;
        let [gateway, number] = [version.gateway.as_str(), version.number.as_str()];
        say(&format!("{gateway}\t{number}\t{}\t{}\t{}", version.state, version.id, version.hosts.join(",")))?;
    }
    Ok(())
}

async fn step(which: &Which, step: VersionStep, action: &'static str, config: &Databases) -> Result<()> {
    let gateway: GatewayName = argument("the gateway", &which.gateway)?;
    let number: VersionNumber = argument("the version", &which.version)?;
    let mut tx = databases(config).1.begin().await?;
    let id = gateways::get(&mut tx, &gateway, &number).await?.version.id;
    let (found, changed) = gateways::step(&mut tx, Actor::Shell.id(), id, step).await?;
    let thing = format!("{} {}", gateway.as_str(), number.as_str());
    if changed {
        audit::record_platform(&mut tx, &Origin::shell(), &Entry::new(action, "gateway_version", &thing)).await?;
        tx.commit().await?;
    }
    say(&format!("`{thing}` is {} now.", found.version.state))
}
