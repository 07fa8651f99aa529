//! The program `stoa`.

use std::process::ExitCode;

use clap::Parser as _;
use server::commands::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.compiling() {
        // Its bounds leave no room for the threads of a runtime.
        Some(seconds) => host::compile(seconds),
        None => run(cli),
    }
}

#[tokio::main]
async fn run(cli: Cli) -> ExitCode {
    server::commands::run(cli).await
}
