//! What `stoa` can do.

mod audit;
mod author;
mod check;
mod gateway;
mod openapi;
mod store;
mod transfer;
pub mod user;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use tenants::schema;

use crate::config::{self, Config, LogFormat};
use crate::gateways::COMPILE;
use crate::{dev, serve, telemetry, worker};

/// A multi-tenant e-commerce platform: one roof over many independent shops.
#[derive(Debug, Parser)]
#[command(name = "stoa", version, max_term_width = 100)]
pub struct Cli {
    /// The file with the settings; `stoa.toml` where it is there. The environment (`STOA_…`) wins over it.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start everything on this machine: a private PostgreSQL, two demo stores, the server
    Dev(dev::DevOptions),
    /// Answer requests
    Serve {
        /// Do jobs in this process, too: for a small installation
        #[arg(long)]
        with_worker: bool,
    },
    /// Do jobs: send mails, expire orders, clean up
    Worker,
    /// Bring the database up to this build's schema
    Migrate {
        /// Print what an administrator runs once a cluster, before the first migration, and stop
        #[arg(long)]
        print_roles: bool,
        /// Print what an administrator runs once in the new database, before the first migration, and stop
        #[arg(long, conflicts_with = "print_roles")]
        print_database: bool,
    },
    /// Check the settings and the database, and say what is wrong
    Check,
    /// Reckon the books of the stores anew: stock, orders, payments, coupons; fails naming each difference
    Audit(audit::AuditOptions),
    /// Compile a gateway from standard input to standard output: how a process that runs gateways has it done
    #[command(hide = true, name = COMPILE)]
    CompileGateway {
        /// How much of a processor's time it may take
        seconds: u64,
    },
    /// Write the OpenAPI documents
    Openapi(openapi::OpenapiOptions),
    /// Open, list, suspend and resume stores
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Write payment gateways: begin, build, examine and publish one; and list, approve and withdraw their versions
    #[command(subcommand)]
    Gateway(gateway::GatewayCommand),
    /// Take files of products in
    #[command(subcommand)]
    Import(transfer::ImportCommand),
    /// Write files of products
    #[command(subcommand)]
    Export(transfer::ExportCommand),
    /// Make accounts, and set new passwords
    #[command(subcommand)]
    User(user::UserCommand),
}

impl Cli {
    /// How many seconds compiling a gateway may take, where that is what is to be done.
    #[must_use]
    pub fn compiling(&self) -> Option<u64> {
        if let Command::CompileGateway { seconds } = self.command { Some(seconds) } else { None }
    }
}

/// Runs a command. Says in one line what went wrong, if something did.
pub async fn run(cli: Cli) -> ExitCode {
    match command(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            // Standard error may be closed; there is nobody left to tell then.
            let _ = writeln!(std::io::stderr(), "stoa: {}", one_line(&err));
            ExitCode::FAILURE
        }
    }
}

async fn command(cli: Cli) -> Result<()> {
    let file = cli.config.as_deref();
    match cli.command {
        Command::Dev(options) => dev::run(options).await,
        Command::Serve { with_worker } => {
            let config = Config { runs_jobs: with_worker, ..settings(file)? };
            let stop = serve::stop_signal()?;
            serve::refuse_unsound(&config).await?;
            serve::bind(&config).await?.run(stop).await
        }
        Command::Worker => {
            let config = settings(file)?;
            let stop = serve::stop_signal()?;
            serve::refuse_unsound(&config).await?;
            worker::run(&config, stop).await
        }
        Command::Migrate { print_roles: true, .. } => say(schema::ROLES_SQL.trim_end()),
        Command::Migrate { print_database: true, .. } => say(schema::DATABASE_SQL.trim_end()),
        Command::Migrate { .. } => {
            schema::migrate(&quietly(config::read_migrator(file)?)).await.context("STOA_MIGRATOR_URL")?;
            say(&format!("The database is at version {}.", schema::wanted_version()))
        }
        Command::Audit(options) => audit::run(options, &quietly(config::read_databases(file)?)).await,
        Command::Check => check::run(file).await,
        // It has no settings, and speaks to a program: `main` does it.
        Command::CompileGateway { .. } => Ok(()),
        Command::Openapi(options) => openapi::run(&options),
        Command::Store(command) => store::run(command, &quietly(config::read_databases(file)?)).await,
        Command::Gateway(command) => gateway::run(command, file).await,
        Command::Import(command) => transfer::import(command, &quietly(config::read_databases(file)?)).await,
        Command::Export(command) => transfer::export(command, &quietly(config::read_databases(file)?)).await,
        Command::User(command) => user::run(command, &quietly(config::read_databases(file)?)).await,
    }
}

fn settings(file: Option<&Path>) -> Result<Config> {
    let (config, warnings) = config::read(file)?;
    telemetry::start(&config.log, config.log_format);
    warn_of(&warnings);
    Ok(config)
}

/// What was read for a command that says itself what it does, and logs no more than warnings.
fn quietly<T>((read, warnings): (T, Vec<String>)) -> T {
    telemetry::start("warn", LogFormat::Text);
    warn_of(&warnings);
    read
}

fn warn_of(warnings: &[String]) {
    for warning in warnings {
        tracing::warn!("{warning}");
    }
}

/// The error and its causes; one that the line holds already is not said again.
fn one_line(err: &anyhow::Error) -> String {
    err.chain().map(ToString::to_string).fold(String::new(), |line, cause| match line.as_str() {
        "" => cause,
        said if said.contains(&cause) => line,
        said => format!("{said}: {cause}"),
    })
}

/// Prints a line for whoever ran the command.
fn say(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}").context("standard output is closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let refused = anyhow::anyhow!("refused").context("the server says: refused").context("the address");
        assert_eq!(one_line(&refused), "the address: the server says: refused");
    }
}
