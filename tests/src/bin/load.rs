//! How long requests take, beside yardsticks of the same run:
//! `STOA_TEST_SHARED_BUFFERS_MB=1500 cargo run --release -p tests --bin load -- catalog`. The memory is what a server with as
//! many rows would be given; without it the disk is measured.
#![expect(clippy::print_stdout, reason = "it is asked what it measured")]
#![expect(clippy::unwrap_used, reason = "a harness that can't measure stops")]

use std::time::{Duration, Instant};

use api::Memory;
use reqwest::Method;
use tests::{Mall, admin_connection, admin_pool, config, shelves};

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
    let memory = |megabytes| {
        move |config: &mut server::config::Config| config.memory = Memory { megabytes, believed: Memory::BELIEVED }
    };
    let mall = Mall::open_with(memory(0)).await;
    let filled = shelves::fill(&mall, stores, products).await;
    println!("{stores} stores with {products} products each, made in {} s", began.elapsed().as_secs());
    let yardstick = yardsticks(&mall, &filled, products).await;
    println!("\nEach answer made anew");
    pages(&Asked { mall: &mall, stores: &filled, yardstick }, products).await;
    let mut settings = config(&mall.database);
    memory(64)(&mut settings);
    let remembering = Mall::over(mall.database.clone(), &settings).await;
    println!("\nAnswers remembered");
    pages(&Asked { mall: &remembering, stores: &filled, yardstick }, products).await;
}

/// What a row costs by its key, nothing at all through a pool, and a constant answer; the middle of these is answered.
async fn yardsticks(mall: &Mall, stores: &[(String, uuid::Uuid)], products: usize) -> Duration {
    let mut conn = admin_connection(&mall.database.admin_url).await;
    let mut times = Vec::new();
    for i in 0..TIMES {
        let began = Instant::now();
        let point = sqlx::query("SELECT name FROM products WHERE tenant_id = $1 AND slug = $2");
        let slug = format!("full-{}-{}", i % stores.len(), 1 + i * 37 % products);
        point.bind(stores[i % stores.len()].1).bind(slug).execute(&mut conn).await.unwrap();
        times.push(began.elapsed());
    }
    report("yardstick: a row by its key, straight from the database", times, None);
    let pool = admin_pool(&mall.database.admin_url).await;
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let began = Instant::now();
        sqlx::query("SELECT 1").execute(&pool).await.unwrap();
        times.push(began.elapsed());
    }
    let yardstick = report("yardstick: SELECT 1 through a pool", times, None);
    let asked = Asked { mall, stores, yardstick };
    asked.measure("yardstick: a constant answer", None, |_| "/livez".to_owned()).await;
    yardstick
}

/// Whom to ask, for which stores, and what to compare with.
struct Asked<'a> {
    mall: &'a Mall,
    stores: &'a [(String, uuid::Uuid)],
    yardstick: Duration,
}

async fn pages(asked: &Asked<'_>, products: usize) {
    let list = |query: &str| format!("/store/v1/products?{query}");
    let word = |i: usize| WORDS[i % WORDS.len()];
    let number = |i: usize| 1 + i * 37 % products / 25 * 25;
    let (two, ten) = (Some(Duration::from_millis(2)), Some(Duration::from_millis(10)));
    let stores = asked.stores.len();
    asked.measure("detail", two, |i| format!("/store/v1/products/full-{}-{}", i % stores, number(i))).await;
    asked.measure("list, newest", two, |_| list("")).await;
    asked.measure("list, by price", two, |_| list("sort=price")).await;
    asked.measure("list, by name", two, |_| list("sort=name")).await;
    asked.measure("list, best selling", two, |_| list("sort=best_selling")).await;
    asked.measure("list of a category, by price", two, |i| list(&format!("category=hall-{}&sort=price", i % 4))).await;
    asked.measure("list of a brand, in stock", two, |_| list("brand=brand-lamp&in_stock=true")).await;
    asked.measure("search", ten, |i| list(&format!("q={}", word(i)))).await;
    asked.measure("search with facets", ten, |i| list(&format!("facets=true&q={}", word(i)))).await;
    let begun = |i: usize| word(i).chars().take(3 + i % 3).collect::<String>();
    asked.measure("suggestion", two, |i| format!("/store/v1/suggestions?q={}", begun(i))).await;
    asked.measure("facets of a category", None, |i| list(&format!("facets=true&category=shelf-{}", 4 + i % 20))).await;
    asked.measure("facets of a whole store", None, |_| list("facets=true&limit=1")).await;
}

impl Asked<'_> {
    /// Asks one after the other, each time another store. What is asked is asked twice, and the second time counts: the
    /// first one after a start reads the disk.
    async fn measure(&self, what: &str, bound: Option<Duration>, path: impl Fn(usize) -> String) {
        let mut times = Vec::new();
        for i in 0..2 * TIMES {
            let store = &self.stores[i % TIMES % self.stores.len()].0;
            let request = self.mall.request(Method::GET, &path(i % TIMES)).header("Stoa-Store", store);
            let began = Instant::now();
            let answer = request.send().await.unwrap();
            let (status, _) = (answer.status(), answer.bytes().await.unwrap());
            assert_eq!(status, 200, "{what}");
            if i >= TIMES {
                times.push(began.elapsed());
            }
        }
        let median = report(what, times, Some(self.yardstick));
        if let Some(bound) = bound.filter(|bound| median > *bound) {
            println!("    which is more than {} ms", bound.as_millis());
        }
    }
}

/// Prints what was measured, and answers the median.
fn report(what: &str, mut times: Vec<Duration>, yardstick: Option<Duration>) -> Duration {
    times.sort_unstable();
    let at = |hundredth: usize| times[(times.len() - 1) * hundredth / 100];
    let ratio = yardstick.map(|of| format!("   {:>5} yardsticks", at(50).as_micros() / of.as_micros().max(1)));
    let (median, late, ratio) = (at(50).as_micros(), at(99).as_micros(), ratio.unwrap_or_default());
    println!("{what:58} median {median:>8} µs   p99 {late:>8} µs{ratio}");
    at(50)
}
