//! Starts and stops the server of one database with `pg_ctl`.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use anyhow::{Context, Result, anyhow, bail};

use super::account::Account;
use super::explain::explain;
use super::find::Installation;
use super::watchdog::Watchdog;

const START_TRIES: u32 = 5;
const STOP_TRIES: u32 = 3;
const LOG: &str = "server.log";

/// Causes that pass by themselves: the port was taken in between, or an earlier server is just ending.
const PASSING: [&str; 3] = ["Address already in use", "already exists", "still in use"];

/// The server of the database in one folder, running or not.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) installation: Installation,
    pub(super) account: Account,
    pub(super) cluster: PathBuf,
    pub(super) durable: bool,
    pub(super) shared_buffers_mb: Option<u32>,
}

/// Whose process a `postmaster.pid` names.
#[derive(Debug, PartialEq, Eq)]
enum Named {
    /// A server that was started by this module.
    Ours,
    /// A PostgreSQL, but perhaps another one.
    Unclear,
    /// Something else that was given the number since.
    Stranger,
}

impl Server {
    /// Starts the server on a free port, with a watchdog.
    pub(super) fn start(&self, max_connections: u16) -> Result<(u16, Watchdog)> {
        let mut failure = String::new();
        for _ in 0..START_TRIES {
            let port = free_port()?;
            let watchdog = Watchdog::spawn(&self.account, &self.cluster, port)?;
            let Err(cause) = self.start_on(port, max_connections)? else { return Ok((port, watchdog)) };
            failure = cause;
            if !PASSING.iter().any(|passing| failure.contains(passing)) {
                break;
            }
            watchdog.dismiss();
            thread::sleep(Duration::from_millis(200));
        }
        bail!("PostgreSQL did not start: {} (its log is {})", explain(&failure), self.log().display())
    }

    /// Stops the server and waits until it is gone.
    pub(super) fn stop(&self) -> Result<()> {
        let mut stop = self.pg_ctl("stop");
        // Not `immediate`, even for data that does not matter: the next start would spend far longer on recovery.
        stop.args(["--wait", "--timeout=30", "--mode=fast"]);
        // A second, impatient Ctrl-C must not leave the stop half done.
        stop.process_group(0);
        let outcome = stop.output().context("cannot run pg_ctl")?;
        // It may have ended by itself, and then there was nothing to stop.
        if outcome.status.success() || !self.is_running() {
            return Ok(());
        }
        Err(anyhow!("PostgreSQL did not stop: {}", explain(&String::from_utf8_lossy(&outcome.stderr))))
    }

    /// Stops a server that a killed process left behind; the lock tells that nobody uses it any more.
    pub(super) fn stop_leftover(&self) -> Result<()> {
        let mut failure = None;
        for _ in 0..STOP_TRIES {
            if !self.is_running() {
                return Ok(());
            }
            failure = self.stop().err();
        }
        let failure = failure.unwrap_or_else(|| anyhow!("it was started again"));
        Err(failure.context(format!("an earlier PostgreSQL still runs in {}", self.cluster.display())))
    }

    /// The file that the server writes its messages to.
    pub(super) fn log(&self) -> PathBuf {
        self.cluster.join(LOG)
    }

    /// The inner error is what PostgreSQL told; the outer one is ours.
    fn start_on(&self, port: u16, max_connections: u16) -> Result<Result<(), String>> {
        // One earlier log is kept; more would grow without end.
        fs::rename(self.log(), self.cluster.join("server.log.old")).ok();
        let mut start = self.pg_ctl("start");
        start.args(["--wait", "--timeout=30", "--log", LOG]).arg("--options").arg(self.options(port, max_connections));
        let outcome = start.output().context("cannot run pg_ctl")?;
        if outcome.status.success() {
            return Ok(Ok(()));
        }
        let mut told = fs::read(self.log()).unwrap_or_default();
        told.extend(outcome.stderr);
        Ok(Err(String::from_utf8_lossy(&told).into_owned()))
    }

    fn options(&self, port: u16, max_connections: u16) -> String {
        let mut options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' \
             -c max_connections={max_connections}"
        );
        if let Some(mb) = self.shared_buffers_mb {
            options.push_str(&format!(" -c shared_buffers={mb}MB"));
        }
        if !self.durable {
            options.push_str(" -c fsync=off -c synchronous_commit=off -c full_page_writes=off");
        }
        options
    }

    /// `pg_ctl` hands paths to a shell with no more than double quotes around them, so it is given none.
    fn pg_ctl(&self, action: &str) -> Command {
        let mut command = self.account.command(self.installation.program("pg_ctl"));
        command.current_dir(&self.cluster).args([action, "--pgdata=."]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Whether the server's process is there.
    pub(super) fn is_running(&self) -> bool {
        let file = self.cluster.join("postmaster.pid");
        let Ok(content) = fs::read_to_string(&file) else { return false };
        let mut lines = content.lines();
        let (Some(process), Some(port)) = (lines.next(), lines.nth(2)) else { return false };
        let Some(command) = command_line(process) else { return false };
        let named = whose(&command, port);
        if named == Named::Stranger {
            // PostgreSQL would refuse to start, and stopping would hit a process that has nothing to do with us.
            fs::remove_file(&file).ok();
        }
        // Where it is unclear PostgreSQL itself decides, and tells if it refuses.
        named == Named::Ours
    }
}

fn whose(command: &str, port: &str) -> Named {
    if !command.contains("postgres") {
        return Named::Stranger;
    }
    if command.split_whitespace().any(|word| word.strip_prefix("port=") == Some(port)) {
        return Named::Ours;
    }
    Named::Unclear
}

/// The command line of a running process.
fn command_line(process: &str) -> Option<String> {
    if Path::new("/proc/self/cmdline").exists() {
        let bytes = fs::read(format!("/proc/{process}/cmdline")).ok()?;
        return Some(String::from_utf8_lossy(&bytes).replace('\0', " "));
    }
    let answer = Command::new("ps").args(["-ww", "-o", "command=", "-p", process]).output().ok()?;
    answer.status.success().then(|| String::from_utf8_lossy(&answer.stdout).into_owned())
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port of 127.0.0.1 is free")?;
    Ok(listener.local_addr().context("no port of 127.0.0.1 is free")?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_our_server_from_others() {
        let ours = "/usr/lib/postgresql/15/bin/postgres -D . -c port=5433 -c fsync=off ";
        assert_eq!(whose(ours, "5433"), Named::Ours);
        assert_eq!(whose(ours, "543"), Named::Unclear);
        assert_eq!(whose("/usr/lib/postgresql/15/bin/postgres -D /srv/db", "5432"), Named::Unclear);
        assert_eq!(whose("-bash", "5433"), Named::Stranger);
    }
}
