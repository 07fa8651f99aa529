//! The program, run as a person would: its output, its errors, its signals.
#![expect(clippy::panic, clippy::unwrap_used, clippy::expect_used, reason = "a story that goes wrong fails")]

mod author;
mod gateways;
mod replicas;
mod worker;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn stoa(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stoa"));
    command.current_dir(folder).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    if let Some(home) = std::env::var_os("HOME") {
        command.env("HOME", home);
    }
    command
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    // PostgreSQL runs as another user when we are root, and must get through.
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

/// `stoa dev`, serving. Killed with the story.
struct Dev {
    child: Child,
    _out: BufReader<ChildStdout>,
    told: Value,
}

impl Dev {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_on("127.0.0.1:0", folder, arguments)
    }

    fn start_on(listen: &str, folder: &Path, arguments: &[&str]) -> Self {
        let mut command = stoa(folder);
        command.args(["dev", "--listen", listen, "--json"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let told = serde_json::from_str(&line).unwrap_or_else(|_| {
            let mut why = String::new();
            child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
            panic!("it did not start: {line} {why}")
        });
        Self { child, _out: out, told }
    }

    fn text(&self, pointer: &str) -> &str {
        self.told.pointer(pointer).and_then(Value::as_str).unwrap()
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Whether the printed log-in at `pointer` is good at the address `url`.
    fn logs_in(&self, url: &str, pointer: &str) -> bool {
        let body = serde_json::json!({
            "email": self.text(&format!("{pointer}/email")), "password": self.text(&format!("{pointer}/password")),
        });
        send("POST", url, &body.to_string()).0 == 200
    }

    /// What the process said once it ended by itself.
    fn last_words(mut self) -> String {
        let mut why = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
        assert!(!self.child.wait().unwrap().success(), "it did not fail: {why}");
        why
    }

    fn port_of_database(&self) -> u16 {
        url::Url::parse(self.text("/database_url")).unwrap().port().unwrap()
    }
}

/// What it takes to run other commands beside `stoa dev`, on its database.
struct Settings {
    folder: PathBuf,
    database: url::Url,
    secrets: Value,
}

impl Settings {
    fn of(dev: &Dev, folder: &Path) -> Self {
        let secrets = std::fs::read(folder.join(".stoa/secrets.json")).unwrap();
        let database = url::Url::parse(dev.text("/database_url")).unwrap();
        Self { folder: folder.to_owned(), database, secrets: serde_json::from_slice(&secrets).unwrap() }
    }

    fn master_key(&self) -> &str {
        self.secrets["master_key"].as_str().unwrap()
    }

    /// The database's address for one log-in.
    fn url(&self, role: &str) -> String {
        let mut url = self.database.clone();
        url.set_username(role).unwrap();
        let password = format!("{role}-{}", self.secrets["database_password"].as_str().unwrap());
        url.set_password(Some(&password)).unwrap();
        url.to_string()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = stoa(&self.folder);
        command.env("STOA_DATABASE_URL", self.url("stoa_app")).env("STOA_PLATFORM_URL", self.url("stoa_platform"));
        command.env("STOA_MIGRATOR_URL", self.url("stoa_migrator")).env("STOA_MASTER_KEY", self.master_key());
        command.env("STOA_WORKER_URL", self.url("stoa_worker")).args(arguments);
        command
    }
}

/// Asks for what a printed address leads to.
fn get(url: &str) -> (u16, String) {
    send("GET", url, "")
}

/// Sends a request over a plain socket, and answers status and body. Names below `localhost` lead where browsers and curl
/// take them.
fn send(method: &str, url: &str, body: &str) -> (u16, String) {
    let url = url::Url::parse(url).unwrap();
    let (host, port) = (url.host_str().unwrap(), url.port().unwrap());
    let address = if host.ends_with("localhost") { "127.0.0.1" } else { host };
    let mut socket = std::net::TcpStream::connect((address, port)).unwrap();
    let (path, length) = (&url[url::Position::BeforePath..], body.len());
    write!(
        socket,
        "{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}

impl Drop for Dev {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn is_open(port: u16) -> bool {
    std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::yield_now();
    }
}

/// What a command that failed said.
fn error_of(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "it succeeded: {text}");
    text
}

fn output_of(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn dev_starts_from_nothing_keeps_its_data_and_stops_with_its_database() {
    let folder = folder();
    let mut dev = Dev::start(folder.path(), &[]);
    let (slug, url) = (dev.text("/stores/0/slug").to_owned(), dev.text("/stores/0/url").to_owned());
    assert!(url.starts_with(&format!("http://{slug}.localhost:")), "{url}");
    assert_eq!(dev.told["stores"].as_array().map(Vec::len), Some(2));
    for store in ["/stores/0", "/stores/1"] {
        let url = dev.text(&format!("{store}/url"));
        let (status, body) = get(&format!("{url}/store/v1/products?limit=100"));
        let page: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, page["items"].as_array().map(Vec::len)), (200, Some(60)));
    }
    let (password, port) = (dev.text("/stores/0/owner/password").to_owned(), dev.port_of_database());

    let mut busy = stoa(folder.path());
    let busy = busy.args(["dev", "--listen", "127.0.0.1:0"]).output().unwrap();
    let refusal = error_of(&busy);
    assert!(refusal.contains("another") && refusal.contains("--data"), "{refusal}");

    dev.signal("-INT");
    assert!(dev.child.wait().unwrap().success());
    assert!(!is_open(port), "the database stops with it");

    let began = Instant::now();
    let mut again = Dev::start(folder.path(), &[]);
    let took = began.elapsed();
    assert!(took < Duration::from_secs(2), "a second start has nothing to make: {took:?}");
    assert_eq!(again.text("/stores/0/owner/password"), password, "the data is kept");
    let port = again.port_of_database();
    again.signal("-KILL");
    again.child.wait().unwrap();
    wait_until("the database outlives a killed server", || !is_open(port));
    let third = Dev::start(folder.path(), &["--no-demo"]);
    assert_eq!(get(&format!("{}/readyz", third.text("/url"))).0, 200);
    third.signal("-TERM");
}

#[test]
fn what_dev_prints_is_true_after_its_secrets_were_lost() {
    let folder = folder();
    let mut dev = Dev::start(folder.path(), &[]);
    let password = dev.text("/operator/password").to_owned();
    dev.signal("-INT");
    dev.child.wait().unwrap();
    std::fs::remove_file(folder.path().join(".stoa/secrets.json")).unwrap();

    let again = Dev::start(folder.path(), &[]);
    assert_ne!(again.text("/operator/password"), password);
    assert!(again.logs_in(&format!("{}/platform/v1/auth/login", again.text("/url")), "/operator"));
    for store in ["/stores/0", "/stores/1"] {
        let url = format!("{}/admin/v1/auth/login", again.text(&format!("{store}/url")));
        assert!(again.logs_in(&url, &format!("{store}/owner")), "{url}");
    }
}

#[test]
fn dev_leaves_the_roles_of_another_deployment_alone() {
    let (folder, other) = (folder(), folder());
    let dev = Dev::start_on("127.0.0.2:0", folder.path(), &["--no-demo"]);
    let url = dev.text("/url");
    assert!(url.starts_with("http://127.0.0.2:"), "{url}");
    assert_eq!(get(&format!("{url}/readyz")).0, 200);
    let mut guest = stoa(other.path());
    guest.args(["dev", "--listen", "127.0.0.1:0"]).env("STOA_DATABASE_URL", dev.text("/database_url"));
    let refusal = error_of(&guest.output().unwrap());
    let line = refusal.lines().last().unwrap();
    assert!(line.contains("roles of another deployment") && line.contains("secrets.json"), "{refusal}");
    assert!(dev.logs_in(&format!("{url}/platform/v1/auth/login"), "/operator"), "its log-ins still work");
}

#[test]
fn dev_stops_when_asked_while_it_makes_its_database() {
    let folder = folder();
    let mut command = stoa(folder.path());
    let mut dev = command.args(["dev", "--listen", "127.0.0.1:0"]).stderr(Stdio::null()).spawn().unwrap();
    let files = |part: &str| {
        let entries = std::fs::read_dir(folder.path().join(".stoa")).into_iter().flatten().flatten();
        entries.filter(|entry| entry.file_name().to_string_lossy().contains(part)).count()
    };
    wait_until("it makes no database", || files("postgres.new-") > 0);
    assert!(Command::new("kill").args(["-INT", &dev.id().to_string()]).status().unwrap().success());
    assert!(dev.wait().unwrap().success());
    assert_eq!(files("secrets.json"), 0, "it went on");
    assert!(!folder.path().join(".stoa/postgres/postmaster.pid").exists(), "the database runs on");
}

#[test]
fn dev_ends_at_the_second_signal_whatever_is_under_way() {
    let folder = folder();
    let mut dev = Dev::start(folder.path(), &["--no-demo"]);
    let (port, database) = (url::Url::parse(dev.text("/url")).unwrap().port().unwrap(), dev.port_of_database());
    // A request that never ends keeps the server from ending gently, until its patience is over.
    let mut slow = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = "POST /platform/v1/stores HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    write!(slow, "{head}Content-Length: 100\r\n\r\n{{").unwrap();
    dev.signal("-INT");
    // Once it takes no more connections, the first signal was heard.
    wait_until("it goes on serving", || !is_open(port));
    dev.signal("-INT");
    assert_eq!(dev.child.wait().unwrap().code(), Some(130));
    wait_until("the database outlives it", || !is_open(database));
}

#[test]
fn dev_ends_when_its_database_does() {
    let folder = folder();
    let dev = Dev::start(folder.path(), &["--no-demo"]);
    let file = std::fs::read_to_string(folder.path().join(".stoa/postgres/postmaster.pid")).unwrap();
    assert!(Command::new("kill").args(["-KILL", file.lines().next().unwrap()]).status().unwrap().success());
    let why = dev.last_words();
    assert!(why.lines().last().unwrap().contains("PostgreSQL has ended"), "{why}");
}

#[test]
fn a_deployment_is_made_and_run_by_commands() {
    let folder = folder();
    let dev = Dev::start(folder.path(), &["--no-demo"]);
    let settings = Settings::of(&dev, folder.path());
    let (url, command) = (|role: &str| settings.url(role), |arguments: &[&str]| settings.command(arguments));
    let wrong = |arguments: &[&str]| error_of(&command(arguments).output().unwrap());
    assert!(output_of(command(&["check"])).contains("keeps stores apart"));
    assert!(output_of(command(&["migrate"])).contains("version"));
    assert!(output_of(command(&["migrate", "--print-roles"])).contains("CREATE ROLE"));
    assert!(output_of(command(&["migrate", "--print-database"])).contains("FROM PUBLIC"));
    let mut alone = stoa(folder.path());
    alone.env("STOA_MIGRATOR_URL", url("stoa_migrator")).arg("migrate");
    assert!(output_of(alone).contains("version"));
    let mut keyless = command(&["store", "list"]);
    keyless.env_remove("STOA_MASTER_KEY").env_remove("STOA_MIGRATOR_URL");
    output_of(keyless);
    let dead = url("stoa_migrator").replace(&format!(":{}/", dev.port_of_database()), ":1/");
    let dead = error_of(&command(&["check"]).env("STOA_MIGRATOR_URL", dead).output().unwrap());
    assert!(dead.contains("STOA_MIGRATOR_URL") && dead.matches("refused (os").count() == 1, "{dead}");

    let weak = error_of(&command(&["check"]).env("STOA_MIGRATOR_URL", url("stoa_app")).output().unwrap());
    assert!(weak.contains("STOA_MIGRATOR_URL") && weak.contains("stoa_owner"), "{weak}");

    let open = ["store", "open", "books", "--name", "Books", "--currency", "EUR", "--owner-email", "o@books.example"];
    let opened = output_of(command(&open));
    assert!(opened.contains("Opened `books`") && opened.contains("The password, shown this once:"), "{opened}");
    assert!(wrong(&open).contains("another store has the slug"));
    assert!(output_of(command(&["store", "list"])).contains("books\tactive\tEUR\tBooks"));
    output_of(command(&["store", "suspend", "books"]));
    let refusal = wrong(&["store", "suspend", "books"]);
    assert!(refusal.contains("suspended") && refusal.contains("active"), "{refusal}");
    output_of(command(&["store", "resume", "books"]));
    output_of(command(&["user", "create", "s@books.example", "--store", "books", "--role", "support"]));
    output_of(command(&["user", "create", "op@stoa.example", "--operator"]));
    output_of(command(&["user", "reset-password", "s@books.example", "--store", "books"]));
    let king = wrong(&["user", "create", "x@y.example", "--store", "books", "--role", "king"]);
    assert!(king.contains("choose one of owner"), "{king}");
    assert!(wrong(&["user", "create", "nobody", "--operator"]).contains("must be an e-mail address"));
    assert!(wrong(&["user", "reset-password", "z@y.example", "--store", "books"]).contains("no account"));
    assert!(wrong(&["store", "suspend", "nothing"]).contains("there is no store `nothing`"));

    let written = [
        written_down(dev.text("/database_url"), "platform.audit_entries WHERE operator_id = $1"),
        written_down(dev.text("/database_url"), "audit_entries WHERE actor_kind = 'shell' AND actor_id = $1"),
    ];
    // What comes with the build was registered at the first start.
    let mut platform = vec!["registerGateway"; bundle::GATEWAYS.len()];
    platform.extend(["suspendStore", "resumeStore", "addOperator"]);
    assert_eq!(written, [platform, vec!["openStore", "createUser", "resetPassword"]]);

    a_server_beside_it_stops_gently(command(&["serve"]));
    let as_administrator = command(&["check"]).env("STOA_DATABASE_URL", dev.text("/database_url")).output().unwrap();
    assert!(error_of(&as_administrator).contains("superuser"));
    dev.signal("-TERM");
}

/// What the shell did, in its order, by these entries of the audit.
fn written_down(database: &str, entries: &str) -> Vec<String> {
    let sql = format!("SELECT action FROM {entries} ORDER BY id");
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(database).await.unwrap();
        let nobody = sqlx::types::Uuid::nil();
        sqlx::query_scalar(&sql).bind(nobody).fetch_all(&mut connection).await.unwrap()
    })
}

fn a_server_beside_it_stops_gently(mut serve: Command) {
    serve.env("STOA_LISTEN", "127.0.0.1:0").env("STOA_SHUTDOWN_DELAY_SECONDS", "0").env("STOA_LOG_FORMAT", "json");
    let mut serve = serve.stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(serve.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("Listening on") {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0, "it ended");
    }
    let line: Value = serde_json::from_str(&line).expect("logs are objects");
    assert!(std::net::TcpStream::connect(line["address"].as_str().unwrap()).is_ok());
    assert!(Command::new("kill").args(["-TERM", &serve.id().to_string()]).status().unwrap().success());
    assert!(serve.wait().unwrap().success());
}

#[test]
fn every_mistake_in_the_settings_is_a_line_and_no_secret_is_printed() {
    let folder = folder();
    let mut command = stoa(folder.path());
    command.args(["serve"]).env("STOA_DATABASE_URL", "mysql://root:hunter2@x/").env("STOA_LISTEN", "somewhere");
    let said = error_of(&command.output().unwrap());
    assert_eq!(said.lines().count(), 4, "{said}");
    for name in ["STOA_DATABASE_URL", "STOA_LISTEN", "STOA_PLATFORM_URL", "STOA_MASTER_KEY"] {
        assert!(said.contains(name), "{said}");
    }
    assert!(!said.contains("hunter2"), "{said}");

    let mut unreachable = stoa(folder.path());
    unreachable.args(["check"]).env("STOA_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    for name in ["STOA_DATABASE_URL", "STOA_PLATFORM_URL"] {
        unreachable.env(name, "postgres://stoa_app:hunter2@127.0.0.1:1/stoa");
    }
    let said = error_of(&unreachable.output().unwrap());
    assert!(said.contains("STOA_DATABASE_URL") && !said.contains("hunter2"), "{said}");
}

#[test]
fn the_documents_are_written_and_compared() {
    let folder = folder();
    let dir = folder.path().join("documents");
    let command = |check: bool| {
        let mut command = stoa(folder.path());
        command.args(["openapi", "--dir"]).arg(&dir).args(check.then_some("--check"));
        command
    };
    assert!(error_of(&command(true).output().unwrap()).contains("run `stoa openapi`"));
    assert_eq!(output_of(command(false)).lines().count(), 3);
    output_of(command(true));
}
