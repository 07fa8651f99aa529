//! One cluster for the whole run, one migrated template, a copy of it for each test.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use server::cluster::{Cluster, Options, downloads_folder, find_or_fetch};
use server::config::DatabaseUrls;
use server::provision::{Admin, migrated};
use tenants::schema::LogIn;
use tokio::sync::OnceCell;

const TEMPLATE: &str = "stoa_template";

/// A database of a test's own.
#[derive(Clone)]
pub struct TestDatabase {
    /// The address of the cluster's administrator, for what only an administrator can see or break.
    pub admin_url: String,
    /// The addresses of the log-ins.
    pub urls: DatabaseUrls,
    name: String,
}

struct Run {
    cluster: Cluster,
    admin: Admin,
}

static RUN: OnceCell<Run> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// The password of a log-in. The cluster is ours alone, listens on loopback, and is gone with the run.
fn password(log_in: LogIn) -> String {
    format!("{}-password", log_in.role())
}

impl TestDatabase {
    /// A fresh copy of the migrated template.
    pub async fn new() -> Self {
        let run = RUN.get_or_init(Run::start).await;
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        run.admin.create_database(&name, Some(TEMPLATE)).await.unwrap();
        let admin_url = run.cluster.admin_url(&name);
        Self { urls: run.admin.urls(&name, password), admin_url, name }
    }

    /// A fresh database that no migration has seen.
    pub async fn empty() -> Self {
        let run = RUN.get_or_init(Run::start).await;
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        run.admin.create_database(&name, None).await.unwrap();
        Self { urls: run.admin.urls(&name, password), admin_url: run.cluster.admin_url(&name), name }
    }

    /// A database that another process has made, from the address of its administrator: none where that can't be read.
    #[must_use]
    pub fn beside(name: &str, admin_url: &str) -> Option<Self> {
        let urls = Admin::new(admin_url).ok()?.urls(name, password);
        Some(Self { urls, admin_url: admin_url.to_owned(), name: name.to_owned() })
    }

    /// Its name in the cluster.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Run {
    async fn start() -> Self {
        let installation = find_or_fetch(&downloads_folder().unwrap()).await.unwrap();
        // A load harness has more rows than the default would keep in memory.
        let shared_buffers_mb = std::env::var("STOA_TEST_SHARED_BUFFERS_MB").ok().and_then(|mb| mb.parse().ok());
        let options = Options {
            data: own_folder("database"),
            installation,
            durable: false,
            max_connections: 300,
            shared_buffers_mb,
            wait_for_lock: true,
        };
        let cluster = tokio::task::spawn_blocking(|| Cluster::start(options)).await.unwrap().unwrap();
        let admin = Admin::new(&cluster.admin_url("postgres")).unwrap();
        admin.create_roles(password).await.unwrap();
        drop_leftovers(&cluster).await;
        admin.create_database(TEMPLATE, None).await.unwrap();
        migrated(&admin.urls(TEMPLATE, password)).await.unwrap();
        Self { cluster, admin }
    }
}

/// A folder of tests that outlives them, beside the compiled tests, or where that is closed to us among temporary files; one for
/// each user, since root and an ordinary user may share a checkout.
///
/// # Panics
/// Where this program is nowhere.
#[must_use]
pub fn own_folder(what: &str) -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let name = format!("test-{what}-{}", std::env::var("USER").unwrap_or_else(|_| "user".to_owned()));
    let target = program.ancestors().find(|folder| folder.ends_with("target"));
    let mine = target.map(|target| target.join(&name)).filter(|folder| std::fs::create_dir_all(folder).is_ok());
    mine.unwrap_or_else(|| std::env::temp_dir().join(name))
}

/// What an earlier run left, its template too: the migrations may have changed since.
async fn drop_leftovers(cluster: &Cluster) {
    let pool = admin_pool(&cluster.admin_url("postgres")).await;
    let names: Vec<String> =
        sqlx::query_scalar("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%' OR datname = $1")
            .bind(TEMPLATE)
            .fetch_all(&pool)
            .await
            .unwrap();
    for name in names {
        sqlx::query(&format!("DROP DATABASE \"{name}\" WITH (FORCE)")).execute(&pool).await.unwrap();
    }
    pool.close().await;
}

/// A connection of the administrator, whom no policy binds.
#[expect(clippy::disallowed_types, reason = "the administrator stands outside the walls that the stories test")]
pub async fn admin_pool(url: &str) -> sqlx::PgPool {
    sqlx::postgres::PgPoolOptions::new().max_connections(2).connect(url).await.unwrap()
}

/// One connection of the administrator, for what has to happen in a row.
pub async fn admin_connection(url: &str) -> sqlx::PgConnection {
    sqlx::Connection::connect(url).await.unwrap()
}
