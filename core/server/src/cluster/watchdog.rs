//! Stops the server when this process ends, however it ends.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context, Result};

use super::account::Account;

/// Reads from a pipe that the system closes when we end. A line tells that all is well; an end without one means that
/// the server is to be stopped, if it still is the one with our port (`$1`): a later process may have started
/// another on the same folder. The loop is for a server that was only just being started.
const SCRIPT: &str = r#"
trap '' INT HUP TERM
read -r word && exit 0
for attempt in 1 2 3 4; do
    port=
    if [ -r postmaster.pid ]; then
        { read -r pid; read -r folder; read -r since; read -r port; } < postmaster.pid
    fi
    if [ "$port" = "$1" ]; then kill -s INT "$pid"; exit; fi
    if [ -n "$port" ]; then exit; fi
    sleep 1
done
"#;

/// A small process that waits for our end.
#[derive(Debug)]
pub(super) struct Watchdog {
    process: Child,
}

impl Watchdog {
    /// Watches over the server that runs, or is about to be started, in `cluster` on `port`.
    pub(super) fn spawn(account: &Account, cluster: &Path, port: u16) -> Result<Self> {
        let mut shell = account.command("/bin/sh");
        shell.current_dir(cluster).args(["-c", SCRIPT, "stoa-watchdog"]).arg(port.to_string());
        // A process group of its own: Ctrl-C in the terminal is for us, and the watchdog must outlive us.
        shell.process_group(0).stdin(Stdio::piped());
        let process = shell.spawn().context("cannot run /bin/sh to watch over the database")?;
        Ok(Self { process })
    }

    /// Ends the watchdog without touching the server.
    pub(super) fn dismiss(mut self) {
        if let Some(mut pipe) = self.process.stdin.take() {
            // It fails only where the watchdog is gone already.
            writeln!(pipe, "stopped").ok();
        }
        self.process.wait().ok();
    }
}
