//! Crowds of buyers against real processes: two `stoa serve`, one `stoa worker`, `stoa audit` after each part, and `kill -9`.
//!
//! `cargo build --release --workspace && target/release/orders_load` tries what a release is tried with; with a number, that part of
//! it: `orders_load 10` a tenth. It stops with an error as soon as something is not as it must be.
#![expect(clippy::print_stdout, reason = "it is asked what it measured")]
#![expect(clippy::disallowed_types, reason = "it looks at the database as its administrator")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a harness that can't measure stops")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use sqlx::PgPool;
use tests::until;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use url::Url;
use uuid::Uuid;

const IN_FLIGHT: usize = 200;
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that says where it listens, killed with the harness.
struct Process {
    child: Child,
    address: String,
}

impl Process {
    /// Starts it, and again where it ends at once: a database that recovers lets nobody in.
    async fn start(mut command: Command, says: &str) -> Self {
        until("does it start", Duration::from_millis(200), async || Self::tried(&mut command, says)).await
    }

    fn tried(command: &mut Command, says: &str) -> Option<Self> {
        command.env("STOA_LOG_FORMAT", "json").env("STOA_LISTEN", "127.0.0.1:0").env("STOA_LIMITS_ENABLED", "false");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains(says) {
            line.clear();
            if log.read_line(&mut line).unwrap() == 0 {
                child.wait().unwrap();
                return None;
            }
        }
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        let said: Value = serde_json::from_str(&line).unwrap_or_default();
        Some(Self { child, address: said["address"].as_str().unwrap_or_default().to_owned() })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The deployment: a private PostgreSQL that `stoa dev` keeps, and what runs over it.
struct Deployment {
    folder: PathBuf,
    dev: Child,
    database: Url,
    secrets: Value,
}

impl Drop for Deployment {
    fn drop(&mut self) {
        Command::new("kill").args(["-TERM", &self.dev.id().to_string()]).status().ok();
        self.dev.wait().ok();
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

fn program(folder: &Path) -> Command {
    let stoa = std::env::current_exe().unwrap().with_file_name("stoa");
    let mut command = Command::new(stoa);
    command.current_dir(folder);
    // All share one PostgreSQL with a hundred connections, and a machine that has no room left.
    command.env("STOA_DATABASE_CONNECTIONS", "10").env("STOA_WORKERS", "4").env("STOA_DATABASE_PATIENCE_SECONDS", "60");
    command
}

impl Deployment {
    fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("orders-load-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let mut command = program(&folder);
        command.args(["dev", "--listen", "127.0.0.1:0", "--json", "--no-demo"]);
        let mut dev = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(dev.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let secrets = std::fs::read(folder.join(".stoa/secrets.json")).unwrap();
        let database = Url::parse(told["database_url"].as_str().unwrap()).unwrap();
        Self { folder, dev, database, secrets: serde_json::from_slice(&secrets).unwrap() }
    }

    fn url(&self, role: &str) -> String {
        let mut url = self.database.clone();
        url.set_username(role).unwrap();
        let password = format!("{role}-{}", self.secrets["database_password"].as_str().unwrap());
        url.set_password(Some(&password)).unwrap();
        url.to_string()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(&self.folder);
        command.env("STOA_DATABASE_URL", self.url("stoa_app")).env("STOA_PLATFORM_URL", self.url("stoa_platform"));
        command.env("STOA_WORKER_URL", self.url("stoa_worker")).args(arguments);
        command.env("STOA_MASTER_KEY", self.secrets["master_key"].as_str().unwrap());
        command
    }

    async fn serve(&self) -> Process {
        Process::start(self.command(&["serve"]), "Listening on").await
    }

    async fn worker(&self) -> Process {
        Process::start(self.command(&["worker"]), "Doing jobs").await
    }

    /// What `stoa audit` says, once nothing is left to do; that must be within a minute.
    async fn audit(&self, admin: &PgPool) {
        let began = Instant::now();
        let busy = "SELECT count(*) FROM platform.jobs WHERE state IN ('waiting', 'running') OR state = 'scheduled' AND scheduled_at <= now()";
        until("is nothing left to do", Duration::from_millis(100), async || {
            let left = sqlx::query_scalar::<_, i64>(busy).fetch_one(admin).await.unwrap_or(1);
            (left == 0).then_some(())
        })
        .await;
        let audit = self.command(&["audit"]).output().unwrap();
        let said = String::from_utf8_lossy(&audit.stdout);
        assert!(audit.status.success(), "{said}{}", String::from_utf8_lossy(&audit.stderr));
        println!("  idle after {:.1} s; stoa audit: {}", began.elapsed().as_secs_f32(), said.trim());
    }
}

/// A store, and ways to it.
struct Shop {
    client: Client,
    /// Where its servers are; one may be down.
    addresses: Mutex<Vec<String>>,
    slug: String,
    token: String,
    next: AtomicUsize,
}

impl Shop {
    /// A request to one of the servers in turn; none where that one is down.
    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &Value) -> Option<(u16, Value)> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let address = {
            let addresses = self.addresses.lock().await;
            addresses[turn % addresses.len()].clone()
        };
        let request = self.client.request(method, format!("http://{address}{path}")).header("Stoa-Store", &self.slug);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = if body.is_null() { request } else { request.json(body) }.send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.json().await.ok()?))
    }

    async fn owner(&self, method: Method, path: &str, body: &Value) -> Value {
        let (bearer, key) = (format!("Bearer {}", self.token), Uuid::now_v7().to_string());
        let headers = [("Authorization", bearer.as_str()), ("If-Match", "*"), ("Idempotency-Key", &key)];
        let (status, answer) = self.ask(method, &format!("/admin/v1{path}"), &headers, body).await.unwrap();
        assert!(status < 300, "{status}: {answer}");
        answer
    }

    async fn product(&self, name: &str, stock: i64) -> String {
        let body = json!({ "name": name, "price": { "amount": 1250, "currency": "EUR" }, "stock": stock });
        self.owner(Method::POST, "/products", &body).await["variants"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Asks until somebody answers, as a client does: the same request, under the same key.
    async fn insist(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
        let (began, mut again) = (Instant::now(), tokio::time::interval(Duration::from_millis(50)));
        loop {
            again.tick().await;
            match self.ask(Method::POST, path, headers, body).await {
                Some((status, answer)) if status != 503 && answer["code"] != "request.in_flight" => {
                    return (status, answer);
                }
                _ => assert!(began.elapsed() < PATIENCE, "nobody answers {path} for a minute"),
            }
        }
    }

    async fn cart(&self, lines: &[(&str, i64)]) -> String {
        let mut cart = String::new();
        for (variant, quantity) in lines {
            let headers: &[(&str, &str)] = if cart.is_empty() { &[] } else { &[("Stoa-Cart", &cart)] };
            let body = json!({ "variant_id": variant, "quantity": quantity });
            let (status, answer) = self.insist("/store/v1/cart/items", headers, &body).await;
            // What is sold out by now is left out.
            assert!(status == 200 || answer["available"].is_i64(), "{status}: {answer}");
            if let Some(token) = answer["cart_token"].as_str() {
                cart = token.to_owned();
            }
        }
        cart
    }

    /// An order: its id and its token. None where the cart was empty.
    async fn order(&self, cart: &str, key: &str) -> Option<(String, String)> {
        let home = json!({ "name": "Vera", "line1": "Lane 1", "city": "Town", "country": "DE" });
        let body = json!({ "email": "vera@x.example", "shipping_address": home });
        let headers = [("Stoa-Cart", cart), ("Idempotency-Key", key)];
        let (status, answer) = self.insist("/store/v1/orders", &headers, &body).await;
        assert!(status == 201 || answer["code"] == "carts.empty", "{status}: {answer}");
        let text = |name: &str| answer[name].as_str().map(str::to_owned);
        text("id").zip(text("access_token"))
    }

    async fn pay(&self, (id, token): &(String, String), key: &str) -> (u16, Value) {
        let headers = [("Stoa-Order-Token", token.as_str()), ("Idempotency-Key", key)];
        self.insist(&format!("/store/v1/orders/{id}/payments"), &headers, &json!({ "gateway": "cash-on-delivery" }))
            .await
    }
}

fn key() -> String {
    Uuid::now_v7().to_string()
}

/// Does `work` for each number, so many at once, and answers what came of each, in any order.
async fn crowd<T, F>(count: usize, at_once: usize, work: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let seats = Arc::new(Semaphore::new(at_once));
    let mut tasks = JoinSet::new();
    for number in 0..count {
        let seat = Arc::clone(&seats).acquire_owned().await.unwrap();
        let one = work(number);
        tasks.spawn(async move {
            let done = one.await;
            drop(seat);
            done
        });
    }
    tasks.join_all().await
}

/// Ten thousand buyers want one of a hundred.
async fn units(shop: &Arc<Shop>, buyers: usize) {
    let lamp: Arc<str> = shop.product("Lamp", 100).await.into();
    let began = Instant::now();
    let orders = crowd(buyers, IN_FLIGHT, |_| {
        let (shop, lamp) = (Arc::clone(shop), Arc::clone(&lamp));
        async move { shop.order(&shop.cart(&[(&lamp, 1)]).await, &key()).await.unwrap() }
    })
    .await;
    println!("{buyers} orders made, {} a second", per_second(buyers, began));
    let (orders, began) = (Arc::new(orders), Instant::now());
    let answers = crowd(buyers, IN_FLIGHT, |number| {
        let (shop, orders) = (Arc::clone(shop), Arc::clone(&orders));
        async move { shop.pay(&orders[number], &key()).await }
    })
    .await;
    let paid = answers.iter().filter(|(status, _)| *status == 201).count();
    for (status, refusal) in answers.iter().filter(|(status, _)| *status != 201) {
        let left = &refusal["shortages"][0]["available"];
        assert!(*status == 409 && refusal["code"] == "order.out_of_stock" && left.is_i64(), "{status}: {refusal}");
    }
    assert_eq!(paid, 100.min(buyers));
    println!(
        "{buyers} buyers of 100 units, {IN_FLIGHT} in flight: {paid} paid, {} refused by 409 naming what is left, {} a second",
        answers.len() - paid,
        per_second(buyers, began)
    );
}

fn per_second(count: usize, began: Instant) -> u128 {
    u128::try_from(count).unwrap() * 1_000 / began.elapsed().as_millis().max(1)
}

/// Orders of five lines in any order, over fifty things, some called off and some too late.
async fn circles(shop: &Arc<Shop>, admin: &PgPool, buyers: usize) {
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let before: i64 = sqlx::query_scalar(deadlocks).fetch_one(admin).await.unwrap();
    let mut variants = Vec::new();
    for number in 0..50 {
        variants.push(shop.product(&format!("Thing {number}"), i64::try_from(buyers / 20).unwrap() + 1).await);
    }
    let (variants, began) = (Arc::new(variants), Instant::now());
    let answers = crowd(buyers, IN_FLIGHT, |number| {
        let (shop, variants, admin) = (Arc::clone(shop), Arc::clone(&variants), admin.clone());
        async move {
            let mut lines: Vec<_> = (0..5).map(|i| (variants[(number * 31 + i * 17) % 50].as_str(), 1)).collect();
            lines.rotate_left(number % 5);
            if number % 2 == 1 {
                lines.reverse();
            }
            let Some(order) = shop.order(&shop.cart(&lines).await, &key()).await else { return 409 };
            if number % 7 == 3 {
                let late = "UPDATE orders SET expires_at = now() WHERE id = $1::uuid AND status = 'open' AND expires_at IS NOT NULL";
                sqlx::query(late).bind(&order.0).execute(&admin).await.unwrap();
                let due = "UPDATE platform.jobs SET state = 'waiting', scheduled_at = now() WHERE state = 'scheduled' AND metadata #>> '{payload,order}' = $1";
                sqlx::query(due).bind(&order.0).execute(&admin).await.unwrap();
            }
            let key = key();
            if number % 5 == 4 {
                let headers = [("Stoa-Order-Token", order.1.as_str())];
                let path = format!("/store/v1/orders/{}/cancel", order.0);
                let (paid, cancelled) =
                    tokio::join!(shop.pay(&order, &key), shop.insist(&path, &headers, &Value::Null));
                assert!(matches!(cancelled.0, 200 | 409), "{cancelled:?}");
                return paid.0;
            }
            let (status, answer) = shop.pay(&order, &key).await;
            assert!(matches!(status, 201 | 409), "{status}: {answer}");
            status
        }
    })
    .await;
    let paid = answers.iter().filter(|status| **status == 201).count();
    let after: i64 = sqlx::query_scalar(deadlocks).fetch_one(admin).await.unwrap();
    assert_eq!(after - before, 0, "deadlocks");
    println!(
        "{buyers} orders of five lines over 50 things, with cancels and expiries: {paid} paid, 0 deadlocks, {} a second",
        per_second(buyers, began)
    );
}

/// Twenty copies of each checkout.
async fn copies(shop: &Arc<Shop>, keys: usize) {
    let lamp: Arc<str> = shop.product("Copied", 1_000_000).await.into();
    let began = Instant::now();
    let made = crowd(keys, IN_FLIGHT / 20, |_| {
        let (shop, lamp) = (Arc::clone(shop), Arc::clone(&lamp));
        async move {
            let (cart, key): (Arc<str>, Arc<str>) = (shop.cart(&[(&lamp, 1)]).await.into(), key().into());
            let orders = crowd(20, 20, |_| {
                let (shop, cart, key) = (Arc::clone(&shop), Arc::clone(&cart), Arc::clone(&key));
                async move { shop.order(&cart, &key).await.unwrap() }
            })
            .await;
            assert!(orders.iter().all(|order| *order == orders[0]), "copies of one checkout made several orders");
            orders[0].0.clone()
        }
    })
    .await;
    let different: std::collections::HashSet<_> = made.into_iter().collect();
    assert_eq!(different.len(), keys);
    println!(
        "{keys} keys, 20 copies each: {} orders, {} requests a second",
        different.len(),
        per_second(keys * 20, began)
    );
}

/// What is killed while people buy: a server, the worker, the database.
async fn killing(
    deployment: &Deployment,
    shop: &Arc<Shop>,
    admin: &PgPool,
    mut servers: Vec<Process>,
    mut worker: Process,
    buyers: usize,
) {
    let lamp: Arc<str> = shop.product("Hardy", 1_000_000).await.into();
    let done = Arc::new(AtomicUsize::new(0));
    let buying = tokio::spawn({
        let (shop, done) = (Arc::clone(shop), Arc::clone(&done));
        async move {
            crowd(buyers, 10, |_| {
                let (shop, lamp, done) = (Arc::clone(&shop), Arc::clone(&lamp), Arc::clone(&done));
                async move {
                    let order = shop.order(&shop.cart(&[(&lamp, 1)]).await, &key()).await.unwrap();
                    let (status, answer) = shop.pay(&order, &key()).await;
                    assert_eq!(status, 201, "{answer}");
                    done.fetch_add(1, Ordering::Relaxed);
                    order.0
                }
            })
            .await
        }
    });
    let mut killed = [0; 3];
    for round in 0.. {
        if buying.is_finished() {
            break;
        }
        // At a time that nobody knows: it depends on ids.
        tokio::time::sleep(Duration::from_millis(150 + u64::from(Uuid::new_v4().as_bytes()[0]) * 2)).await;
        match round % 3 {
            0 => {
                let place = round / 3 % servers.len();
                servers[place].child.kill().unwrap();
                servers[place].child.wait().unwrap();
                servers[place] = deployment.serve().await;
                shop.addresses.lock().await[place] = servers[place].address.clone();
            }
            1 => {
                worker.child.kill().unwrap();
                worker.child.wait().unwrap();
                worker = deployment.worker().await;
            }
            // PostgreSQL takes the death of any of its processes for a crash of all of it, and recovers from its log.
            _ => {
                let one = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'";
                if let Ok(pid) = sqlx::query_scalar::<_, i32>(one).fetch_one(admin).await {
                    Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
                }
            }
        }
        killed[round % 3] += 1;
    }
    let acknowledged = buying.await.unwrap();
    let ids: Vec<Uuid> = acknowledged.iter().map(|id| id.parse().unwrap()).collect();
    let there = "SELECT count(*) FROM orders WHERE id = ANY ($1) AND payment_status = 'paid'";
    let there: i64 = sqlx::query_scalar(there).bind(&ids).fetch_one(admin).await.unwrap();
    assert_eq!(usize::try_from(there).unwrap(), buyers, "an order that was acknowledged is missing");
    println!(
        "{buyers} checkouts while a server was killed {} times, the worker {}, PostgreSQL {}: all {there} are there and paid",
        killed[0], killed[1], killed[2]
    );
    deployment.audit(admin).await;
}

#[tokio::main]
async fn main() {
    rustls::crypto::ring::default_provider().install_default().expect("nobody was first");
    let part: usize = std::env::args().nth(1).and_then(|part| part.parse().ok()).unwrap_or(1);
    let deployment = Deployment::start();
    let servers = vec![deployment.serve().await, deployment.serve().await];
    let worker = deployment.worker().await;
    let admin =
        sqlx::postgres::PgPoolOptions::new().max_connections(4).connect(deployment.database.as_str()).await.unwrap();
    let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    let opening = json!({
        "name": "Books", "slug": "books", "currency": "EUR",
        "owner": { "name": "Olga", "email": "o@books.example", "password": "a good long password" },
    });
    let open = client.post(format!("http://{}/platform/v1/stores", servers[0].address)).json(&opening);
    let opened: Value = open.send().await.unwrap().json().await.unwrap();
    let shop = Arc::new(Shop {
        client,
        addresses: Mutex::new(servers.iter().map(|server| server.address.clone()).collect()),
        slug: "books".to_owned(),
        token: opened["access_token"].as_str().unwrap().to_owned(),
        next: AtomicUsize::new(0),
    });
    shop.owner(Method::PATCH, "/store", &json!({ "order_expiry_minutes": 600 })).await;
    units(&shop, 10_000 / part).await;
    deployment.audit(&admin).await;
    circles(&shop, &admin, 5_000 / part).await;
    deployment.audit(&admin).await;
    copies(&shop, 1_000 / part).await;
    deployment.audit(&admin).await;
    // Never fewer: each of the three is to be killed several times.
    killing(&deployment, &shop, &admin, servers, worker, 200).await;
}
