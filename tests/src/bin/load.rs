//! How long requests take, beside yardsticks of the same run:
//! `STOA_TEST_SHARED_BUFFERS_MB=1500 cargo run --release -p tests --bin load -- catalog`. The memory is what a server with as
//! many rows would be given; without it the disk is measured.
#![expect(clippy::print_stdout, reason = "it is asked what it measured")]
#![expect(clippy::unwrap_used, reason = "a harness that can't measure stops")]

use std::time::{Duration, Instant};

use reqwest::Method;
use tests::{Mall, admin_connection, shelves};

/// Requests of each kind.
const TIMES: usize = 400;

const WORDS: [&str; 16] = [
    "lamp",
    "wooden table",
    "kasemesser",
    "backpck",
    "headphones m17",
    "کتاب",
    "große decke",
    "tent",
    "regale",
    "classic mug",
    "fahrad",
    "folding",
    "soft pillow",
    "jacket",
    "brand lamp",
    "vintage poster",
];

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let number = |argument: Option<String>, otherwise| argument.and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (stores, products) = (number(arguments.next(), 50), number(arguments.next(), 20_000));
    match what.as_str() {
        "catalog" => catalog(stores, products).await,
        _ => println!("load catalog [STORES] [PRODUCTS OF EACH]"),
    }
}

async fn catalog(stores: usize, products: usize) {
    let began = Instant::now();
    let mall = Mall::open().await;
    let filled = shelves::fill(&mall, stores, products).await;
    println!("{stores} stores with {products} products each, made in {} s", began.elapsed().as_secs());
    let mut conn = admin_connection(&mall.database.admin_url).await;
    let ids: Vec<uuid::Uuid> = filled.iter().map(|(_, id)| *id).collect();
    let mut times = Vec::new();
    for i in 0..TIMES {
        let began = Instant::now();
        let point = sqlx::query("SELECT name FROM products WHERE tenant_id = $1 AND slug = $2");
        let slug = format!("full-{}-{}", i % stores, 1 + i * 37 % products);
        point.bind(ids[i % stores]).bind(slug).execute(&mut conn).await.unwrap();
        times.push(began.elapsed());
    }
    report("yardstick: a row by its key, straight from the database", times);
    measure(&mall, &filled, "yardstick: a constant answer", |_| "/livez".to_owned()).await;
    let list = |query: &str| format!("/store/v1/products?{query}");
    let word = |i: usize| WORDS[i % WORDS.len()];
    measure(&mall, &filled, "detail", |i| {
        format!("/store/v1/products/full-{}-{}", i % stores, 1 + i * 37 % products / 25 * 25 + 1)
    })
    .await;
    measure(&mall, &filled, "list, newest", |_| list("")).await;
    measure(&mall, &filled, "list, by price", |_| list("sort=price")).await;
    measure(&mall, &filled, "list, by name", |_| list("sort=name")).await;
    measure(&mall, &filled, "list, best selling", |_| list("sort=best_selling")).await;
    measure(&mall, &filled, "list of a category, by price", |i| list(&format!("category=hall-{}&sort=price", i % 4)))
        .await;
    measure(&mall, &filled, "list of a brand, in stock", |_| list("brand=brand-lamp&in_stock=true")).await;
    measure(&mall, &filled, "search", |i| list(&format!("q={}", word(i)))).await;
    measure(&mall, &filled, "search with facets", |i| list(&format!("facets=true&q={}", word(i)))).await;
    measure(&mall, &filled, "suggestion", |i| {
        format!("/store/v1/suggestions?q={}", word(i).chars().take(3 + i % 3).collect::<String>())
    })
    .await;
    measure(&mall, &filled, "facets of a category", |i| list(&format!("facets=true&category=shelf-{}", 4 + i % 20)))
        .await;
    measure(&mall, &filled, "facets of a whole store", |_| list("facets=true&limit=1")).await;
}

/// Asks one after the other, each time another store. What is asked is asked twice, and the second time counts: the first
/// one after a start reads the disk.
async fn measure(mall: &Mall, stores: &[(String, uuid::Uuid)], what: &str, path: impl Fn(usize) -> String) {
    let mut times = Vec::new();
    for i in 0..2 * TIMES {
        let request =
            mall.request(Method::GET, &path(i % TIMES)).header("Stoa-Store", &stores[i % TIMES % stores.len()].0);
        let began = Instant::now();
        let answer = request.send().await.unwrap();
        let (status, _) = (answer.status(), answer.bytes().await.unwrap());
        assert!(status == 200 || what == "detail", "{what}: {status}");
        if i >= TIMES {
            times.push(began.elapsed());
        }
    }
    report(what, times);
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |hundredth: usize| times[(times.len() - 1) * hundredth / 100].as_micros();
    println!("{what:58} median {:>8} µs   p99 {:>8} µs", at(50), at(99));
}
