//! What `stoa` can do.

mod check;
mod openapi;
mod store;
pub mod user;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

use crate::config::{self, Config, LogFormat};
use crate::{dev, provision, serve, telemetry};

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
    Serve,
    /// Bring the database up to this build's schema
    Migrate {
        /// Print what an administrator runs once a cluster, before the first migration, and stop
        #[arg(long)]
        print_roles: bool,
    },
    /// Check the settings and the database, and say what is wrong
    Check,
    /// Write the OpenAPI documents
    Openapi(openapi::OpenapiOptions),
    /// Open, list, suspend and resume stores
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Make accounts, and set new passwords
    #[command(subcommand)]
    User(user::UserCommand),
}

/// Runs a command. Says in one line what went wrong, if something did.
pub async fn run(cli: Cli) -> ExitCode {
    match command(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            // Standard error may be closed; there is nobody left to tell then.
            let _ = writeln!(std::io::stderr(), "stoa: {err:#}");
            ExitCode::FAILURE
        }
    }
}

async fn command(cli: Cli) -> Result<()> {
    let file = cli.config.as_deref();
    match cli.command {
        Command::Dev(options) => dev::run(options).await,
        Command::Serve => {
            let config = settings(file, true)?;
            let stop = serve::stop_signal()?;
            serve::refuse_unsound(&config).await?;
            serve::bind(&config).await?.run(stop).await
        }
        Command::Migrate { print_roles: true } => say(tenants::schema::ROLES_SQL.trim_end()),
        Command::Migrate { print_roles: false } => {
            provision::migrated(&settings(file, false)?.database).await?;
            say(&format!("The database is at version {}.", tenants::schema::wanted_version()))
        }
        Command::Check => check::run(file).await,
        Command::Openapi(options) => openapi::run(&options),
        Command::Store(command) => store::run(command, &settings(file, false)?).await,
        Command::User(command) => user::run(command, &settings(file, false)?).await,
    }
}

fn settings(file: Option<&std::path::Path>, serving: bool) -> Result<Config> {
    let (config, warnings) = config::read(file)?;
    if serving {
        telemetry::start(&config.log, config.log_format);
    } else {
        telemetry::start("warn", LogFormat::Text);
    }
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    Ok(config)
}

/// Prints a line for whoever ran the command.
fn say(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}").context("standard output is closed")
}
