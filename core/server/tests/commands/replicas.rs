//! Two `stoa serve` over one database, each a process of its own. Nothing goes between them: what is taken away at one
//! stops at the other within a second, because nobody believes what was found for longer.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use domain::MasterKey;
use domain::identity::{Surface, TokenKeys};
use serde_json::{Value, json};
use sqlx::types::{Uuid, chrono::Utc};
use sqlx::{Connection as _, PgConnection};
use tenants::TenantId;

use crate::{Dev, Settings, folder};

const ROUNDS: usize = 100;
/// Rounds that are played side by side.
const PLAYERS: usize = 8;

/// `stoa serve`, killed with the story.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(mut command: Command) -> Self {
        command.env("STOA_LISTEN", "127.0.0.1:0").env("STOA_LOG_FORMAT", "json").env("STOA_LIMITS_ENABLED", "false");
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("Listening on") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "it ended");
        }
        // What it says later is read, too, so that it never waits for room.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let line: Value = serde_json::from_str(&line).unwrap();
        Self { child, address: line["address"].as_str().unwrap().parse().unwrap() }
    }

    /// Asks the store `books` as whoever has `token`.
    fn ask(&self, method: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut socket = TcpStream::connect(self.address).unwrap();
        write!(
            socket,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nStoa-Store: books\r\nAuthorization: Bearer {token}\r\n\
             If-Match: *\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap_or_default())
    }

    /// How long it takes until whoever has `token` is answered with this status.
    fn until(&self, status: u16, token: &str) -> Duration {
        let began = Instant::now();
        while self.ask("GET", "/admin/v1/products", token, &Value::Null).0 != status {
            assert!(began.elapsed() < Duration::from_secs(5), "it never comes to {status}");
        }
        began.elapsed()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Plays all rounds, and answers how long each took.
fn play(round: impl Fn(usize) -> Duration + Sync) -> Vec<Duration> {
    let next = AtomicUsize::new(0);
    let player = || {
        let mut took = Vec::new();
        loop {
            match next.fetch_add(1, Ordering::Relaxed) {
                number if number < ROUNDS => took.push(round(number)),
                _ => return took,
            }
        }
    };
    std::thread::scope(|scope| {
        let players: Vec<_> = (0..PLAYERS).map(|_| scope.spawn(player)).collect();
        players.into_iter().flat_map(|player| player.join().unwrap()).collect()
    })
}

/// Somebody of the staff for each round, logged in: the id, and the access token.
async fn staff(database: &str, store: Uuid, keys: &TokenKeys) -> Vec<(Uuid, String)> {
    let mut admin = PgConnection::connect(database).await.unwrap();
    let mut staff = Vec::new();
    for number in 0..ROUNDS {
        let (user, session) = (Uuid::now_v7(), Uuid::now_v7());
        for sql in [
            "INSERT INTO users (tenant_id, id, email, name, password_hash, created_at)
             SELECT $1, $2, $4 || '@x.example', 'S', '!', now() WHERE $3::uuid IS NOT NULL",
            "INSERT INTO user_roles (tenant_id, user_id, role)
             SELECT $1, $2, 'product_manager' WHERE $3::uuid IS NOT NULL AND $4 <> ''",
            "INSERT INTO sessions (tenant_id, id, user_id, surface, created_at, expires_at)
             SELECT $1, $3, $2, 'admin', now(), now() + interval '1 day' WHERE $4 <> ''",
        ] {
            let insert = sqlx::query(sql).bind(store).bind(user).bind(session).bind(format!("s{number}"));
            insert.execute(&mut admin).await.unwrap();
        }
        let token = keys.sign(Surface::Admin(TenantId(store)), user, session, Utc::now()).unwrap().token;
        staff.push((user, token));
    }
    staff
}

#[test]
fn what_is_taken_away_at_one_process_stops_at_another_within_a_second() {
    let folder = folder();
    let dev = Dev::start(folder.path(), &["--no-demo"]);
    let settings = Settings::of(&dev, folder.path());
    let (here, there) = (Server::start(settings.command(&["serve"])), Server::start(settings.command(&["serve"])));
    let opening = json!({
        "name": "Books", "slug": "books", "currency": "EUR",
        "owner": { "name": "Olga", "email": "o@books.example", "password": "a good long password" },
    });
    let (status, opened) = here.ask("POST", "/platform/v1/stores", "", &opening);
    assert_eq!(status, 201, "{opened}");
    let owner = opened["access_token"].as_str().unwrap();
    let keys = TokenKeys::new(MasterKey::parse(settings.master_key()).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = opened["store"]["id"].as_str().unwrap().parse().unwrap();
    let staff = runtime.block_on(staff(dev.text("/database_url"), store, &keys));

    let roles = play(|number| {
        let (user, token) = &staff[number];
        there.until(200, token);
        assert_eq!(here.ask("DELETE", &format!("/admin/v1/staff/{user}"), owner, &Value::Null).0, 204);
        there.until(401, token)
    });
    let api_keys = play(|_| {
        let new = json!({ "name": "k", "scopes": ["catalog.read"] });
        let (status, made) = here.ask("POST", "/admin/v1/api-keys", owner, &new);
        assert_eq!(status, 201, "{made}");
        let token = made["key"].as_str().unwrap();
        there.until(200, token);
        let path = format!("/admin/v1/api-keys/{}", made["api_key"]["id"].as_str().unwrap());
        assert_eq!(here.ask("DELETE", &path, owner, &Value::Null).0, 204);
        there.until(401, token)
    });
    for took in [roles, api_keys] {
        assert_eq!(took.len(), ROUNDS);
        assert!(took.iter().all(|took| took.as_millis() < 1_000), "{took:?}");
    }
    dev.signal("-TERM");
}
