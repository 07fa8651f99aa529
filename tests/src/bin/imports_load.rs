//! How long files of products take, and how much memory: `cargo run --release -p tests --bin imports_load -- [PRODUCTS]`.
//!
//! It starts the private PostgreSQL of the tests, which does not wait for its disk, and a process of its own that serves and
//! works: what that one needs is what is told, beside products that are added one by one. Last, that process is killed in
//! the middle of a file, and another goes on.
#![expect(clippy::print_stdout, reason = "it is asked what it measured")]
#![expect(clippy::unwrap_used, reason = "a harness that can't measure stops")]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use server::serve;
use tests::{Mall, TestDatabase, admin_pool, config, until, until_within};

/// Lines of a product.
const VARIANTS: usize = 2;
/// How long an import may take before something is taken to be wrong.
const PATIENCE: Duration = Duration::from_secs(600);
/// Products that are added one by one.
const SINGLE: usize = 300;

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [what, name, admin_url] = arguments.as_slice()
        && what == "serve"
    {
        return serve_beside(name, admin_url).await;
    }
    let products = arguments.first().and_then(|count| count.parse().ok()).unwrap_or(50_000);
    rustls::crypto::ring::default_provider().install_default().ok();
    let database = TestDatabase::new().await;
    let shop = Shop::open(Server::start(&database)).await;
    let single = shop.add_one_by_one().await;
    let file = file("first", products, 10);
    let lines = products * VARIANTS;
    println!("{products} products, {lines} lines, {} KiB", file.len() / 1024);
    let new = shop.import("all of them new", &file, lines).await;
    println!("  {}.{} times as many a second as one by one", new * 10 / single / 10, new * 10 / single % 10);
    shop.import("the same file again", &file, lines).await;
    shop.import("other prices and stock", &self::file("first", products, 11), lines).await;
    shop.export(lines).await;
    killed(&database, shop, products).await;
}

/// The process that is measured.
async fn serve_beside(name: &str, admin_url: &str) {
    let mut config = TestDatabase::beside(name, admin_url).map(|database| config(&database)).unwrap();
    config.pace = jobs::Pace { lease: Duration::from_secs(3), ..jobs::Pace::default() };
    let bound = serve::bind(&config).await.unwrap();
    println!("{}", bound.address);
    bound.run(std::future::pending()).await.unwrap();
}

/// A process that serves and works; it is killed in the end.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(database: &TestDatabase) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut command = Command::new(program);
        command.arg("serve").arg(database.name()).arg(&database.admin_url).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { process, url: format!("http://{}", address.trim()) }
    }

    /// The most memory that it ever had, in MiB.
    fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

struct Shop {
    server: Server,
    client: Client,
    token: String,
}

impl Shop {
    async fn open(server: Server) -> Self {
        let client = Client::builder().no_proxy().build().unwrap();
        let request = client.post(format!("{}/platform/v1/stores", server.url)).json(&Mall::application("files"));
        let opened: Value = request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap();
        Self { token: opened["access_token"].as_str().unwrap().to_owned(), server, client }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/admin/v1{path}", self.server.url);
        self.client.request(method, url).header("Stoa-Store", "files").bearer_auth(&self.token)
    }

    async fn json(&self, request: RequestBuilder) -> Value {
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }

    /// How many lines a second are written where each product is sent by itself, two at a time.
    async fn add_one_by_one(&self) -> u128 {
        let began = Instant::now();
        let half = async |side: usize| {
            for number in 0..SINGLE / 2 {
                let price = json!({ "amount": 1250, "currency": "EUR" });
                let variant =
                    |size: &str| json!({ "options": { "Size": size }, "sku": format!("ONE-{side}-{number}-{size}") });
                let body = json!({
                    "name": name(number), "description": DESCRIPTION, "price": price,
                    "options": [{ "name": "Size", "values": ["S", "M"] }], "variants": [variant("S"), variant("M")],
                });
                self.json(self.request(Method::POST, "/products").json(&body)).await;
            }
        };
        tokio::join!(half(0), half(1));
        let rate = rate(SINGLE * VARIANTS, began.elapsed());
        println!("one by one: {rate} lines a second");
        rate
    }

    async fn send(&self, file: &str) -> String {
        let request = self.request(Method::POST, "/imports/products").header("Content-Type", "text/csv");
        self.json(request.body(file.to_owned())).await["id"].as_str().unwrap().to_owned()
    }

    async fn until_done(&self, job: &str) -> Value {
        until_within(PATIENCE, "is the import done", Duration::from_millis(50), async || {
            let found = self.json(self.request(Method::GET, &format!("/jobs/{job}"))).await;
            match found["state"].as_str().unwrap() {
                "waiting" | "running" => None,
                "finished" => Some(found["result"].clone()),
                state => unreachable!("an import is {state}: {found}"),
            }
        })
        .await
    }

    async fn import(&self, what: &str, file: &str, lines: usize) -> u128 {
        let began = Instant::now();
        let job = self.send(file).await;
        let sent = began.elapsed();
        let result = self.until_done(&job).await;
        let rate = rate(lines, began.elapsed());
        println!(
            "{what}: {} ms, of which {} until the file was there, {rate} lines a second; memory at most {} MiB; {result}",
            began.elapsed().as_millis(),
            sent.as_millis(),
            self.server.peak(),
        );
        rate
    }

    async fn export(&self, lines: usize) {
        let began = Instant::now();
        let job = self.json(self.request(Method::POST, "/exports").json(&json!({ "kind": "products" }))).await;
        let id = job["id"].as_str().unwrap().to_owned();
        self.until_done(&id).await;
        let written = began.elapsed();
        let file =
            self.request(Method::GET, &format!("/exports/{id}/file")).send().await.unwrap().bytes().await.unwrap();
        println!(
            "all of them exported: {} ms, of which {} to fetch {} KiB, {} lines a second; memory at most {} MiB",
            began.elapsed().as_millis(),
            (began.elapsed() - written).as_millis(),
            file.len() / 1024,
            rate(lines, began.elapsed()),
            self.server.peak(),
        );
    }
}

async fn killed(database: &TestDatabase, mut shop: Shop, products: usize) {
    let job = shop.send(&file("second", products, 10)).await;
    let path = format!("/imports/{job}");
    let quarter = i64::try_from(products * VARIANTS / 4).unwrap();
    until("is a quarter taken in", Duration::from_millis(5), async || {
        let lines = shop.json(shop.request(Method::GET, &path)).await["lines"].as_i64().unwrap();
        (lines >= quarter).then_some(())
    })
    .await;
    shop.server = Server::start(database);
    let result = shop.until_done(&job).await;
    let admin = admin_pool(&database.admin_url).await;
    let count = "SELECT count(*), count(DISTINCT v.sku), coalesce(sum(l.on_hand), 0)::bigint, coalesce((SELECT sum(m.delta) FROM stock_movements m), 0)::bigint - (SELECT sum(l.on_hand)::bigint FROM stock_levels l)
                 FROM variants v LEFT JOIN stock_levels l ON l.variant_id = v.id WHERE v.sku LIKE 'SECOND-%'";
    let found: (i64, i64, i64, i64) = sqlx::query_as(count).fetch_one(&admin).await.unwrap();
    println!(
        "killed in the middle, and gone on: {result}; {} variants, {} different, {} pieces; stock and its movements differ by {}",
        found.0, found.1, found.2, found.3
    );
}

const DESCRIPTION: &str =
    "Bends where it is needed, stands by the sofa, and is kind to the eyes of whoever reads late.";
const WORDS: [&str; 12] =
    ["desk", "floor", "wooden", "folding", "soft", "vintage", "lamp", "table", "chair", "tent", "poster", "jacket"];

fn name(number: usize) -> String {
    format!("{} {} {} {number}", WORDS[number % 6], WORDS[number / 6 % 12], WORDS[6 + number / 72 % 6])
}

fn file(stem: &str, products: usize, stock: usize) -> String {
    let mut file = String::from("slug,name,description,price,option1_name,option1_value,sku,stock\n");
    for number in 0..products {
        let (name, upper) = (name(number), stem.to_uppercase());
        writeln!(file, "{stem}-{number},{name},\"{DESCRIPTION}\",{stock}.50,Size,S,{upper}-{number}-S,{stock}")
            .unwrap();
        writeln!(file, "{stem}-{number},,,{stock}.75,,M,{upper}-{number}-M,{stock}").unwrap();
    }
    file
}

fn rate(lines: usize, took: Duration) -> u128 {
    lines as u128 * 1_000_000 / took.as_micros().max(1)
}
