//! `stoa store …`: an operator's work on stores, without the API.

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use domain::audit::{self, Entry, Origin};
use domain::identity::{Email, NewUser, PersonName};
use domain::opening::open_store;
use kernel::{Currency, Limit, Text};
use tenants::registry::{self, NewStore, StoreName, StoreSlug, StoreStep};
use tenants::{PlatformTx, TenantId};

use super::say;
use super::user::{Secret, databases, hashed};
use crate::config::Databases;

#[derive(Debug, Subcommand)]
pub(super) enum StoreCommand {
    /// Open a store with its owner
    Open(OpenOptions),
    /// List all stores
    List,
    /// Take a store off the air
    Suspend {
        /// The store's slug
        slug: String,
    },
    /// Put a suspended store back on the air
    Resume {
        /// The store's slug
        slug: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct OpenOptions {
    /// The store's slug
    slug: String,
    /// The store's name
    #[arg(long)]
    name: String,
    /// The currency it sells in, such as EUR
    #[arg(long)]
    currency: String,
    /// The owner's e-mail address
    #[arg(long)]
    owner_email: String,
    /// The owner's name
    #[arg(long, default_value = "Owner")]
    owner_name: String,
    #[command(flatten)]
    secret: Secret,
}

/// Reads an argument, and says which one is wrong.
pub(super) fn argument<T: Text>(name: &str, text: &str) -> Result<T> {
    T::parse(text).map_err(|err| anyhow::anyhow!("{name} `{text}` {err}"))
}

pub(super) async fn run(command: StoreCommand, config: &Databases) -> Result<()> {
    match command {
        StoreCommand::Open(options) => open(options, config).await,
        StoreCommand::List => list(config).await,
        StoreCommand::Suspend { slug } => step(&slug, StoreStep::Suspend, "suspendStore", config).await,
        StoreCommand::Resume { slug } => step(&slug, StoreStep::Resume, "resumeStore", config).await,
    }
}

async fn open(options: OpenOptions, config: &Databases) -> Result<()> {
    let new = NewStore {
        slug: argument::<StoreSlug>("the slug", &options.slug)?,
        name: argument::<StoreName>("the name", &options.name)?,
        currency: argument::<Currency>("the currency", &options.currency)?,
    };
    let (email, name) = (
        argument::<Email>("the e-mail address", &options.owner_email)?,
        argument::<PersonName>("the owner's name", &options.owner_name)?,
    );
    let (password, shown) = options.secret.password()?;
    let owner = NewUser { email, name, password: hashed(password).await? };
    let mut tx = databases(config).0.begin(TenantId::generate()).await?;
    let (store, _) = open_store(&mut tx, &new, &owner).await?;
    audit::record(&mut tx, &Origin::shell(), &Entry::new("openStore", "store", store.id)).await?;
    tx.commit().await?;
    say(&format!("Opened `{}`, id {}.", store.slug.as_str(), store.id))?;
    told(shown)
}

/// Tells a password that was made here, once.
pub(super) fn told(password: Option<String>) -> Result<()> {
    match password {
        Some(password) => say(&format!("The password, shown this once: {password}")),
        None => Ok(()),
    }
}

async fn list(config: &Databases) -> Result<()> {
    let mut tx = databases(config).1.begin().await?;
    let (mut after, limit) = (None, Limit::new(Limit::MAX).unwrap_or_default());
    loop {
        let page = registry::list(&mut tx, after, limit).await?;
        for store in &page.items {
            let [slug, name] = [store.slug.as_str(), store.name.as_str()];
            say(&format!("{}\t{slug}\t{}\t{}\t{name}", store.id, store.status, store.currency.code()))?;
        }
        after = page.items.last().map(|store| store.id);
        if !page.more {
            return Ok(());
        }
    }
}

async fn step(slug: &str, step: StoreStep, action: &'static str, config: &Databases) -> Result<()> {
    let mut tx = databases(config).1.begin().await?;
    let id = id_of(&mut tx, slug).await?;
    let store = registry::step(&mut tx, id, step).await?;
    audit::record_platform(&mut tx, &Origin::shell(), &Entry::new(action, "store", id)).await?;
    tx.commit().await?;
    say(&format!("`{slug}` is {} now.", store.status))
}

/// The id of the store that has a slug.
pub(super) async fn id_of(tx: &mut PlatformTx, slug: &str) -> Result<TenantId> {
    let slug: StoreSlug = argument("the slug", slug)?;
    let store = registry::find(tx, &slug).await?;
    store.map(|store| store.id).with_context(|| format!("there is no store `{}`", slug.as_str()))
}
