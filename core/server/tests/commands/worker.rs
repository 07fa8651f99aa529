//! `stoa worker`, beside a server and inside one.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;

use super::{Dev, Settings, error_of, folder, get};

/// A process that says on standard error what it does.
struct Process {
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Process {
    fn start(mut command: Command) -> Self {
        command
            .env("STOA_LOG_FORMAT", "json")
            .env("STOA_LISTEN", "127.0.0.1:0")
            .env("STOA_SHUTDOWN_DELAY_SECONDS", "0");
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self { child, log }
    }

    /// Reads on to the line that says so.
    fn until(&mut self, says: &str) -> Value {
        let mut line = String::new();
        while !line.contains(says) {
            line.clear();
            assert!(self.log.read_line(&mut line).unwrap() > 0, "it ended without `{says}`");
        }
        serde_json::from_str(&line).unwrap()
    }

    /// Asks it to stop, and waits until it has.
    fn stop(mut self) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.until("taking no more jobs");
        self.until("Stopped");
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn a_worker_runs_by_itself_or_in_a_server_and_stops_when_asked() {
    let folder = folder();
    let dev = Dev::start(folder.path(), &["--no-demo"]);
    let settings = Settings::of(&dev, folder.path());
    let mut command = settings.command(&["worker"]);
    command.env("STOA_METRICS_LISTEN", "127.0.0.1:0").env("STOA_WORKERS", "3");
    let mut worker = Process::start(command);
    let metrics = worker.until("Metrics are at")["address"].as_str().unwrap().to_owned();
    assert_eq!(worker.until("Doing jobs")["workers"], 3);
    let (status, counted) = get(&format!("http://{metrics}/metrics"));
    assert_eq!(status, 200, "{counted}");
    worker.stop();

    let mut both = Process::start(settings.command(&["serve", "--with-worker"]));
    both.until("Doing jobs");
    drop(both);

    let mut without = settings.command(&["worker"]);
    let refusal = error_of(&without.env_remove("STOA_WORKER_URL").output().unwrap());
    assert!(refusal.contains("STOA_WORKER_URL is not set"), "{refusal}");
    let mut wrong = settings.command(&["worker"]);
    let refusal = error_of(&wrong.env("STOA_WORKER_URL", settings.url("stoa_app")).output().unwrap());
    assert!(refusal.contains("STOA_WORKER_URL") && refusal.contains("is not stoa_worker"), "{refusal}");
    let mut check = settings.command(&["check"]);
    let refusal = error_of(&check.env("STOA_WORKER_URL", dev.text("/database_url")).output().unwrap());
    assert!(refusal.contains("STOA_WORKER_URL") && refusal.contains("superuser"), "{refusal}");
}
