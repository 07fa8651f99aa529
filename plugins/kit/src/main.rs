//! `stoa-providers`: both providers, until Ctrl-C.

use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use clap::Parser;

/// Payment providers for development and tests: a sandbox of Zarinpal, and a fake one
#[derive(Debug, Parser)]
struct Options {
    /// Where Zarinpal's sandbox listens
    #[arg(long, default_value = "127.0.0.1:4101", value_name = "ADDRESS")]
    zarinpal: SocketAddr,
    /// Where the fake provider listens
    #[arg(long, default_value = "127.0.0.1:4102", value_name = "ADDRESS")]
    fake: SocketAddr,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let providers = kit::start(options.zarinpal, options.fake).await?;
    let told = serde_json::json!({ "zarinpal": providers.zarinpal.url(), "fake": providers.fake.url() });
    let mut out = std::io::stdout();
    writeln!(out, "{told}").and_then(|()| out.flush()).context("standard output is closed")?;
    tokio::signal::ctrl_c().await.context("signals can't be listened to")
}
