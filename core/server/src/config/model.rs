//! Settings that were read.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use adapters::mail::{Mailbox, Smtp};
use adapters::objects::{Bucket, S3, StorageError};
use api::Memory;
use domain::MasterKey;
use domain::images::{Objects, Studio};
use ipnet::IpNet;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use crate::gateways::GatewayHost;

/// Where the database is, for each log-in. Its `Debug` prints nothing of it.
#[derive(Clone)]
pub struct DatabaseUrls {
    /// As `stoa_app`.
    pub app: PgConnectOptions,
    /// As `stoa_platform`.
    pub platform: PgConnectOptions,
    /// As `stoa_worker`, where jobs are run.
    pub worker: Option<PgConnectOptions>,
    /// As `stoa_worker` past a pooler, where that is another address.
    pub direct: Option<PgConnectOptions>,
    /// As `stoa_migrator`, where the schema is changed.
    pub migrator: Option<PgConnectOptions>,
}

impl fmt::Debug for DatabaseUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrls(…)")
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one object a line.
    Json,
}

/// How mails leave.
#[derive(Clone)]
pub enum Mail {
    /// Not at all.
    Nowhere,
    /// Into a mailbox that developers read at `/dev/mailbox`.
    Mailbox(Arc<Mailbox>),
    /// Through a server.
    Smtp(Arc<Smtp>),
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail(…)")
    }
}

/// Where pictures are kept.
#[derive(Clone)]
pub enum Pictures {
    /// In a folder.
    Folder(PathBuf),
    /// In S3-compatible storage.
    S3(S3),
    /// In memory, for tests.
    Memory(Arc<Bucket>),
}

impl Pictures {
    /// Makes what keeps them.
    ///
    /// # Errors
    /// [`StorageError`] where that can't be used.
    pub fn open(&self) -> Result<Arc<dyn Objects>, StorageError> {
        Ok(match self {
            Self::Folder(path) => Arc::new(Bucket::folder(path)?),
            Self::S3(settings) => Arc::new(Bucket::s3(settings)?),
            Self::Memory(bucket) => Arc::clone(bucket) as Arc<dyn Objects>,
        })
    }
}

impl fmt::Debug for Pictures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pictures(…)")
    }
}

/// What it takes to work on the database.
#[derive(Debug, Clone)]
pub struct Databases {
    /// Where it is.
    pub urls: DatabaseUrls,
    /// How long to wait for a free connection.
    pub patience: Duration,
}

/// All settings, read and found good.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The address at which metrics are fetched.
    pub metrics: Option<SocketAddr>,
    /// How a browser reaches the deployment.
    pub base_url: Url,
    /// Where the database is.
    pub database: DatabaseUrls,
    /// How many connections to hold to it.
    pub connections: u32,
    /// How long a request waits for a free one.
    pub patience: Duration,
    /// The deployment's secret.
    pub master: MasterKey,
    /// Whether callers are limited.
    pub limits: bool,
    /// Proxies whose word is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether a process that answers requests does jobs, too.
    pub runs_jobs: bool,
    /// How many jobs a process does at once.
    pub workers: u32,
    /// How long a worker waits, and for what.
    pub pace: jobs::Pace,
    /// What jobs a worker can do, where that is not what this build can.
    pub kinds: Option<jobs::Kinds>,
    /// What jobs come again and again, where that is not what this build says.
    pub schedules: Option<Vec<jobs::Schedule>>,
    /// How mails leave.
    pub mail: Mail,
    /// Where pictures are kept.
    pub pictures: Pictures,
    /// Who runs payment gateways.
    pub gateways: GatewayHost,
    /// How a browser reaches them, where that is not as the deployment itself.
    pub media_url: Option<Url>,
    /// How answers of the catalogue are remembered.
    pub memory: Memory,
    /// Whether shoppers must confirm their address before they are let in.
    pub confirms_emails: bool,
    /// How long to go on taking requests after `/readyz` says no.
    pub shutdown_delay: Duration,
    /// How long requests under way may take to end.
    pub shutdown: Duration,
    /// What is logged.
    pub log: String,
    /// How it looks.
    pub log_format: LogFormat,
}

impl Config {
    /// What it takes to work on the database.
    #[must_use]
    pub fn databases(&self) -> Databases {
        Databases { urls: self.database.clone(), patience: self.patience }
    }

    /// What makes pictures ready and keeps them.
    ///
    /// # Errors
    /// [`StorageError`] where they can't be kept as it is set.
    pub fn studio(&self) -> Result<Studio, StorageError> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Studio::new(self.pictures.open()?, self.master.derive("images"), processors))
    }
}
