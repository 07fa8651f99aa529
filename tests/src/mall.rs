//! A server with stores and the people in them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use adapters::mail::Mailbox;
use adapters::objects::Bucket;
use api::Memory;
use domain::MasterKey;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use server::config::{Config, LogFormat, Mail, Pictures};
use server::gateways::GatewayHost;
use server::serve;
use tokio::sync::oneshot;
use url::Url;

use crate::{Answer, TestDatabase};

/// A server over a database of its own, that ends with the story.
pub struct Mall {
    /// The database.
    pub database: TestDatabase,
    /// Where the server listens.
    pub address: SocketAddr,
    client: Client,
    mailbox: Arc<Mailbox>,
    stores: AtomicU32,
    stop: Option<oneshot::Sender<()>>,
}

impl Mall {
    /// Opens a mall without stores, in which nobody is limited in how often to try.
    pub async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// Opens a mall whose settings `change` has changed.
    pub async fn open_with(change: impl FnOnce(&mut Config)) -> Self {
        let database = TestDatabase::new().await;
        let mut config = config(&database);
        change(&mut config);
        Self::over(database, &config).await
    }

    /// Another server over a database that is there.
    pub async fn over(database: TestDatabase, config: &Config) -> Self {
        let bound = serve::bind(config).await.unwrap();
        let address = bound.address;
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(bound.run(async {
            stopped.await.ok();
        }));
        let mailbox = if let Mail::Mailbox(mailbox) = &config.mail { Arc::clone(mailbox) } else { Arc::default() };
        Self { database, address, client: client(), mailbox, stores: AtomicU32::new(0), stop: Some(stop) }
    }

    /// Waits for a letter to `address` that `fits`, and answers the token in its link.
    pub async fn token_mailed_to(&self, address: &str, fits: &str) -> String {
        let mail = self.letter_to(address, fits).await;
        let (_, rest) = mail.split_once("?token=").unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }

    /// Waits for a letter to `address` that `fits`, and answers its text.
    pub async fn letter_to(&self, address: &str, fits: &str) -> String {
        let found = || self.mailbox.letters().into_iter().find(|l| l.to == address && l.subject.contains(fits));
        let waited = async {
            loop {
                match found() {
                    Some(letter) => return letter.text,
                    None => tokio::task::yield_now().await,
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), waited).await.unwrap()
    }

    /// How many letters went to `address`.
    #[must_use]
    pub fn letters_to(&self, address: &str) -> usize {
        self.mailbox.letters().iter().filter(|letter| letter.to == address).count()
    }

    /// Waits until no job waits and none runs. Those whose time has not come stay; see [`Mall::run_jobs_due_by`].
    pub async fn run_jobs_until_idle(&self) {
        self.jobs("SELECT 1 FROM platform.jobs WHERE state IN ('waiting', 'running') LIMIT 1").await;
    }

    /// Runs the jobs that are due within so many days from now as if they were due, and all that comes of them.
    pub async fn run_jobs_due_by(&self, days: i32) {
        let admin = crate::admin_pool(&self.database.admin_url).await;
        let sql = "UPDATE platform.jobs SET state = 'waiting', scheduled_at = now() \
                   WHERE state = 'scheduled' AND scheduled_at <= now() + make_interval(days => $1)";
        sqlx::query(sql).bind(days).execute(&admin).await.unwrap();
        self.run_jobs_until_idle().await;
    }

    /// Waits until this finds nothing.
    async fn jobs(&self, sql: &str) {
        let admin = crate::admin_pool(&self.database.admin_url).await;
        let none = async {
            while sqlx::query(sql).fetch_optional(&admin).await.unwrap().is_some() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), none).await.expect("jobs go on and on");
    }

    /// A request of nobody in particular, to no store.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    /// Asks for a page or a document.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// Sends JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    /// What a new store is opened with.
    #[must_use]
    pub fn application(slug: &str) -> Value {
        json!({
            "name": format!("The {slug} store"), "slug": slug, "currency": "EUR",
            "owner": { "email": format!("owner@{slug}.example"), "password": "a good long password", "name": "Olga Owner" },
        })
    }

    /// Somebody opens a store.
    pub async fn open_store(&self) -> Shop<'_> {
        self.open_store_in("EUR").await
    }

    /// Somebody opens a store that counts in this currency.
    pub async fn open_store_in(&self, currency: &str) -> Shop<'_> {
        let slug = format!("store-{}", self.stores.fetch_add(1, Ordering::Relaxed));
        let mut application = Self::application(&slug);
        application["currency"] = json!(currency);
        let opened = self.post("/platform/v1/stores", &application).await.expect(201);
        Shop { mall: self, slug, id: opened.text_at("/store/id"), token: opened.text_at("/access_token") }
    }

    /// A store that was opened at another server over the same database, as it is found here.
    #[must_use]
    pub fn shop_like(&self, shop: &Shop<'_>) -> Shop<'_> {
        Shop { mall: self, slug: shop.slug.clone(), id: shop.id.clone(), token: shop.token.clone() }
    }

    /// An operator who is logged in, for requests to the platform.
    pub async fn operator_token(&self) -> String {
        use domain::identity::{Email, NewUser, Password, Passwords, PersonName, add_operator};
        use tenants::{Database, DatabaseOptions, PlatformDb};
        fn text<T: kernel::Text>(text: &str) -> T {
            T::parse(text).unwrap()
        }
        let options = DatabaseOptions {
            connect: self.database.urls.platform.clone(),
            connections: 1,
            patience: Duration::from_secs(5),
        };
        let password = Passwords::new(1).unwrap().hash(text::<Password>("a good long password")).await.unwrap();
        let new = NewUser { email: text::<Email>("op@stoa.example"), name: text::<PersonName>("Otto"), password };
        let mut tx = PlatformDb::new(Database::new(options)).begin().await.unwrap();
        add_operator(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        let body = json!({ "email": "op@stoa.example", "password": "a good long password" });
        self.post("/platform/v1/auth/login", &body).await.expect(200).text_at("/access_token")
    }

    /// Asks the server to stop, as SIGTERM would.
    pub fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
    }
}

/// The settings of a server for stories, on any port.
#[must_use]
pub fn config(database: &TestDatabase) -> Config {
    Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        metrics: None,
        base_url: Url::parse("http://localhost:8080").unwrap(),
        database: database.urls.clone(),
        connections: 6,
        patience: Duration::from_secs(10),
        master: MasterKey::new([42; 32]),
        limits: false,
        trusted_proxies: Vec::new(),
        runs_jobs: true,
        workers: 2,
        pace: jobs::Pace::default(),
        kinds: None,
        // Stories are told without what comes by the clock.
        schedules: Some(Vec::new()),
        mail: Mail::Mailbox(Arc::default()),
        pictures: Pictures::Memory(Arc::new(Bucket::memory())),
        gateways: GatewayHost::Nobody,
        media_url: None,
        // What an administrator's hand writes past the server is seen at once, too; all else is as it is in earnest.
        memory: Memory { megabytes: 64, believed: Duration::ZERO },
        confirms_emails: false,
        shutdown_delay: Duration::ZERO,
        shutdown: Duration::from_secs(5),
        log: "info".to_owned(),
        log_format: LogFormat::Text,
    }
}

fn client() -> Client {
    // Fails only where another story was first.
    rustls::crypto::ring::default_provider().install_default().ok();
    Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

/// A store of the mall.
pub struct Shop<'mall> {
    mall: &'mall Mall,
    /// Its slug.
    pub slug: String,
    /// Its id.
    pub id: String,
    /// Its owner's access token.
    pub token: String,
}

/// Somebody of a store's staff, logged in.
pub struct Owner<'mall>(&'mall Shop<'mall>, String);

impl Shop<'_> {
    /// A request by nobody in particular.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.mall.request(method, path).header("Stoa-Store", &self.slug)
    }

    /// A visitor looks at something.
    pub async fn visit(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, &format!("/store/v1{path}"))).await
    }

    /// The owner.
    #[must_use]
    pub fn owner(&self) -> Owner<'_> {
        self.caller(&self.token)
    }

    /// Somebody of the staff, by access token or API key.
    #[must_use]
    pub fn caller(&self, token: &str) -> Owner<'_> {
        Owner(self, token.to_owned())
    }

    /// Somebody joins the staff, by invitation: the person's id and access token.
    pub async fn join(&self, name: &str, roles: &[&str]) -> (String, String) {
        let email = format!("{name}@{}.example", self.slug);
        let body = json!({ "email": email, "name": name, "roles": roles });
        self.owner().post("/staff", &body).await.expect(201);
        let token = self.mall.token_mailed_to(&email, "invited").await;
        let body = json!({ "token": token, "password": "a good long password" });
        let session = Answer::of(self.request(Method::POST, "/admin/v1/auth/invitations/accept").json(&body)).await;
        let session = session.expect(200);
        (session.text_at("/user/id"), session.text_at("/access_token"))
    }

    /// Somebody registers as a shopper, and is logged in.
    pub async fn register(&self, email: &str) -> Answer {
        let body = json!({ "email": email, "password": "a good long password", "name": "Sam Shopper" });
        Answer::of(self.request(Method::POST, "/store/v1/auth/register").json(&body)).await
    }
}

impl Owner<'_> {
    /// A request by the owner to the Admin API.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.0.request(method, &format!("/admin/v1{path}")).bearer_auth(&self.1)
    }

    /// Looks at something.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// Makes something.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    /// Changes something of this version.
    pub async fn patch(&self, path: &str, version: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).header("If-Match", version).json(body)).await
    }

    /// Removes something of this version.
    pub async fn delete(&self, path: &str, version: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path).header("If-Match", version)).await
    }

    /// Adds a product of this name that costs 12.50.
    pub async fn add_product(&self, name: &str) -> Answer {
        self.post("/products", &json!({ "name": name, "price": { "amount": 1250, "currency": "EUR" } }))
            .await
            .expect(201)
    }
}

/// Puts as many of a variant on a store's shelves, as an administrator of the database does.
pub async fn stocked(mall: &Mall, shop: &Shop<'_>, variant: &str, on_hand: i64) {
    let sql = "INSERT INTO stock_levels (tenant_id, variant_id, location_id, on_hand)
               SELECT tenant_id, $2::uuid, id, $3 FROM locations WHERE tenant_id = $1::uuid AND is_default
               ON CONFLICT (tenant_id, variant_id, location_id) DO UPDATE SET on_hand = excluded.on_hand";
    let admin = crate::admin_pool(&mall.database.admin_url).await;
    sqlx::query(sql).bind(&shop.id).bind(variant).bind(on_hand).execute(&admin).await.unwrap();
    admin.close().await;
}
