//! How fast gateways run: Zarinpal's, which is Rust, against a provider that answers from memory, and beside it the one for bank
//! transfers, which is JavaScript; or the one component named as the first argument. Each figure stands beside the same work
//! done natively in the same run, since machines differ.
//!
//! `cargo run --release -p tests --bin gateway_load [COMPONENT]`
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for developers")]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gateway::{Call, Gateway, Gateways as _, PaymentRequest, Settings};
use host::{CodeFolder, Compiler, Fetch, Fetched, Host, Incoming, Options, Outgoing};
use kernel::{Amount, Currency, Money, Text as _};
use uuid::Uuid;

const ANSWER: &str = r#"{"data":{"code":100,"message":"Success","authority":"S00000000000000000000000000000012345","fee_type":"Merchant","fee":100},"errors":[]}"#;
const MERCHANT: &str = "1344b5d4-0048-11e8-94db-005056a205be";

/// A provider that answers from memory, after a while.
struct Canned(Duration);

impl Fetch for Canned {
    fn fetch(&self, request: Outgoing) -> Fetched<'_> {
        black_box(&request.body);
        Box::pin(async move {
            if !self.0.is_zero() {
                tokio::time::sleep(self.0).await;
            }
            Ok(Incoming { status: 200, headers: Default::default(), body: ANSWER.into() })
        })
    }
}

fn request() -> PaymentRequest {
    let amount = Money { amount: Amount::new(1_250_000).unwrap(), currency: Currency::parse("IRR").unwrap() };
    PaymentRequest {
        payment: Uuid::now_v7(),
        order_number: "1001".to_owned(),
        amount,
        description: "Order 1001".to_owned(),
        callback_url: "https://books.example/back".to_owned(),
        webhook_url: "https://books.example/hook".to_owned(),
        customer_email: Some("a@example.com".to_owned()),
        customer_phone: None,
        sandbox: true,
    }
}

fn call() -> Call {
    let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let plain = map(&[("account_holder", "Books"), ("iban", "DE89370400440532013000")]);
    Call { store: Uuid::now_v7(), settings: Arc::new(Settings { plain, secrets: map(&[("merchant_id", MERCHANT)]) }) }
}

/// What the gateway does, without a sandbox: writes a request, reads an answer.
fn native(request: &PaymentRequest) -> String {
    let body = serde_json::json!({
        "merchant_id": MERCHANT, "amount": request.amount.amount.minor(), "currency": request.amount.currency.code(),
        "description": request.description, "callback_url": request.callback_url,
        "metadata": { "email": request.customer_email, "order_id": request.order_number },
    });
    black_box(body.to_string());
    let answer: serde_json::Value = serde_json::from_str(ANSWER).unwrap();
    format!("https://sandbox.zarinpal.com/pg/StartPay/{}", answer["data"]["authority"].as_str().unwrap())
}

struct Spread(Vec<Duration>);

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    fn at(&self, percent: usize) -> u128 {
        self.0[(self.0.len() * percent / 100).min(self.0.len() - 1)].as_micros()
    }

    fn show(&self, what: &str) {
        println!("{what:<52} p50 {:>7} µs   p99 {:>7} µs   most {:>7} µs", self.at(50), self.at(99), self.at(100));
    }
}

/// Calls one after the other.
async fn one_by_one(gateway: &dyn Gateway, call: &Call, count: usize) -> Spread {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let request = request();
        let began = Instant::now();
        gateway.create_payment(call, &request).await.unwrap();
        times.push(began.elapsed());
    }
    Spread::of(times)
}

/// Many at once, each at least one and then for a while: how many a second, and how long each took.
async fn at_once(gateway: &Arc<dyn Gateway>, tasks: usize, until: Duration) -> (u128, Spread) {
    let began = Instant::now();
    let tasks: Vec<_> = (0..tasks)
        .map(|_| {
            let gateway = Arc::clone(gateway);
            tokio::spawn(async move {
                let (call, mut times) = (call(), Vec::new());
                loop {
                    let request = request();
                    let started = Instant::now();
                    gateway.create_payment(&call, &request).await.unwrap();
                    times.push(started.elapsed());
                    if began.elapsed() >= until {
                        return times;
                    }
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    (all.len() as u128 * 1_000_000 / began.elapsed().as_micros(), Spread::of(all))
}

/// The memory of this process in KiB: what is mapped in many places, such as what all instances of a gateway begin with, is
/// counted once.
fn memory() -> u64 {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn host_of(delay: Duration) -> Host {
    Host::with_fetch(Options::default(), Arc::new(Canned(delay))).unwrap()
}

/// A gateway that computes without end: what `create-payment` is called with decides nothing.
fn runaway() -> Vec<u8> {
    // The module of a gateway that only loops, as its component; built by `plugins/host`'s tests in the same way.
    let mut resolve = wit_parser::Resolve::default();
    let package = resolve.push_str("gateway.wit", include_str!("../../../plugins/wit/gateway.wit")).unwrap();
    let world = resolve.select_world(&[package], Some("payment-gateway")).unwrap();
    let mut module = wat::parse_str(include_str!("runaway.wat")).unwrap();
    wit_component::embed_component_metadata(&mut module, &resolve, world, wit_component::StringEncoding::UTF8).unwrap();
    wit_component::ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    if let Some(path) = std::env::args().nth(1) {
        measure(&path, &std::fs::read(&path).unwrap()).await;
        return;
    }
    for id in ["zarinpal", "bank-transfer"] {
        match bundle::gateway(id) {
            Ok(bundled) => measure(id, bundled.component).await,
            Err(why) => println!("\n{why}"),
        }
    }
}

async fn measure(name: &str, component: &[u8]) {
    println!("\n{name}: a component of {} bytes", component.len());
    loads(component).await;
    let host = host_of(Duration::ZERO);
    let gateway = host.load(component).await.unwrap();
    calls(&*gateway).await;
    for tasks in [2, 8] {
        let (second, spread) = at_once(&gateway, tasks, Duration::from_secs(4)).await;
        spread.show(&format!("{tasks} at once: {second} a second"));
    }
    neighbours(&host, &gateway).await;
    crowd(component).await;
}

async fn loads(component: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let kept = CodeFolder { path: folder.path().join("code"), key: [1; 32] };
    let new = || {
        let options = Options { folder: Some(kept.clone()), compiler: Compiler::Here, ..Options::default() };
        Host::with_fetch(options, Arc::new(Canned(Duration::ZERO))).unwrap()
    };
    let began = Instant::now();
    new().load(component).await.unwrap();
    println!("compiled and loaded: {} ms", began.elapsed().as_millis());
    let mut times = Vec::new();
    for _ in 0..20 {
        let host = new();
        let began = Instant::now();
        host.load(component).await.unwrap();
        times.push(began.elapsed());
    }
    Spread::of(times).show("loaded from what was kept, and asked what it is");
}

async fn calls(gateway: &dyn Gateway) {
    let call = call();
    let times = (0..20_000).map(|_| {
        let request = request();
        let began = Instant::now();
        black_box(native(&request));
        began.elapsed()
    });
    Spread::of(times.collect()).show("natively");
    one_by_one(gateway, &call, 500).await;
    one_by_one(gateway, &call, 5_000).await.show("a fresh call");
}

/// What a gateway beside them feels of four that compute without end.
async fn neighbours(host: &Host, gateway: &Arc<dyn Gateway>) {
    let bad = host.load(&runaway()).await.unwrap();
    let (call, request) = (call(), request());
    let mut ended = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        bad.create_payment(&call, &request).await.unwrap_err();
        ended.push(began.elapsed());
    }
    Spread::of(ended).show("a runaway is ended");
    let (second, quiet) = at_once(gateway, 2, Duration::from_secs(3)).await;
    quiet.show(&format!("beside nobody: {second} a second"));
    let (over, ends) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let loops: Vec<_> = (0..4)
        .map(|_| {
            let (bad, over, ends) = (Arc::clone(&bad), Arc::clone(&over), Arc::clone(&ends));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    bad.create_payment(&self::call(), &self::request()).await.unwrap_err();
                    ends.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let (second, beside) = at_once(gateway, 2, Duration::from_secs(3)).await;
    over.store(true, Ordering::Relaxed);
    for task in loops {
        task.await.unwrap();
    }
    beside.show(&format!("beside 4 runaways ({} ended): {second} a second", ends.load(Ordering::Relaxed)));
}

/// 800 payments that wait for a provider of 50 ms: ten times all at once, then for as long as it goes without a pause, which
/// is as many as the machine can do; and what each of them takes in memory.
async fn crowd(component: &[u8]) {
    let gateway = host_of(Duration::from_millis(50)).load(component).await.unwrap();
    let before = memory();
    let (_, first) = at_once(&gateway, 800, Duration::ZERO).await;
    first.show("800 at once, for the first time");
    let mut times = Vec::new();
    for _ in 0..10 {
        times.extend(at_once(&gateway, 800, Duration::ZERO).await.1.0);
    }
    Spread::of(times).show("800 at once, provider of 50 ms, ten times");
    let (second, spread) = at_once(&gateway, 800, Duration::from_secs(4)).await;
    spread.show(&format!("800 without a pause: {second} a second"));
    let watching = tokio::spawn(async {
        let (mut most, mut look) = (0, tokio::time::interval(Duration::from_millis(100)));
        for _ in 0..8 {
            look.tick().await;
            most = most.max(memory());
        }
        most
    });
    at_once(&gateway, 800, Duration::from_secs(1)).await;
    println!("memory of a live instance: {} KiB", watching.await.unwrap().saturating_sub(before) / 800);
}
