//! Demo stores: two shops with a catalogue that looks real, opened through the same operations as any other.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use domain::catalog::{self, CategoryText, NewCategory, NewProduct, NewVariant, ProductOption};
use domain::identity::{self, Email, IdentityError, NewUser, Password, PersonName};
use domain::images::{self, Kept};
use domain::opening::open_store;
use kernel::{Amount, Currency, Text};
use serde::Deserialize;
use tenants::registry::{self, NewStore, Origin, StoreName, StoreSlug};
use tenants::{TenantId, TenantTx};
use tokio::task::JoinSet;
use tracing::info;

use super::banner::{LogInTold, StoreTold};
use super::drawing;
use super::secrets::Secrets;
use crate::commands::user::{databases, hashed};
use crate::config::Config;

const STORES: [&str; 2] = [include_str!("../../demo/acme.json"), include_str!("../../demo/saffron.json")];

/// Where a storefront under development usually runs.
const ORIGINS: [&str; 2] = ["http://localhost:3000", "http://localhost:5173"];

#[derive(Deserialize)]
struct DemoStore {
    slug: String,
    name: String,
    currency: String,
    categories: Vec<DemoCategory>,
    products: Vec<DemoProduct>,
}

#[derive(Deserialize)]
struct DemoCategory {
    slug: String,
    name: String,
    parent: Option<String>,
}

#[derive(Deserialize)]
struct DemoProduct {
    slug: String,
    name: String,
    description: String,
    category: String,
    price: i64,
    compare_at_price: Option<i64>,
    options: Vec<DemoOption>,
    variants: Vec<DemoVariant>,
}

#[derive(Deserialize)]
struct DemoOption {
    name: String,
    values: Vec<String>,
}

#[derive(Deserialize)]
struct DemoVariant {
    sku: String,
    options: BTreeMap<String, String>,
    price: Option<i64>,
}

/// Opens the demo stores that are not there yet, and tells where they are.
pub(super) async fn stores(config: &Config, secrets: &Secrets) -> Result<Vec<StoreTold>> {
    let (tenants, platform) = databases(&config.databases());
    let mut told = Vec::new();
    for json in STORES {
        let demo: DemoStore = serde_json::from_str(json).context("a demo store can't be read")?;
        let slug: StoreSlug = parsed(&demo.slug)?;
        let owner = secrets.owner(&demo.slug);
        if registry::find(&mut platform.begin().await?, &slug).await?.is_none() {
            let tenant = TenantId::generate();
            let pictures = pictures(config, tenant, &demo).await?;
            let mut tx = tenants.begin(tenant).await?;
            open(&mut tx, &demo, slug, &owner, &pictures)
                .await
                .with_context(|| format!("the demo store `{}`", demo.slug))?;
            tx.commit().await?;
            info!("Opened the demo store `{}` with {} products", demo.slug, demo.products.len());
        }
        let mut url = config.base_url.clone();
        url.set_host(Some(&format!("{}.localhost", demo.slug)))?;
        told.push(StoreTold { slug: demo.slug, url: url.as_str().trim_end_matches('/').to_owned(), owner });
    }
    Ok(told)
}

/// Sets the passwords of the accounts that are there already to those that will be told.
pub(super) async fn new_passwords(config: &Config, secrets: &Secrets) -> Result<()> {
    let (tenants, platform) = databases(&config.databases());
    let LogInTold { email, password } = secrets.operator();
    let password = hashed(parsed(&password)?).await?;
    let mut tx = platform.begin().await?;
    if_there(identity::set_operator_password(&mut tx, &parsed(&email)?, &password).await)?;
    tx.commit().await?;
    for json in STORES {
        let demo: DemoStore = serde_json::from_str(json).context("a demo store can't be read")?;
        let slug: StoreSlug = parsed(&demo.slug)?;
        let Some(store) = registry::find(&mut platform.begin().await?, &slug).await? else { continue };
        let LogInTold { email, password } = secrets.owner(&demo.slug);
        let password = hashed(parsed(&password)?).await?;
        let mut tx = tenants.begin(store.id).await?;
        if_there(identity::set_password(&mut tx, &parsed(&email)?, &password).await)?;
        tx.commit().await?;
    }
    Ok(())
}

fn if_there<T>(set: Result<T, IdentityError>) -> Result<()> {
    match set {
        Ok(_) | Err(IdentityError::NoAccount) => Ok(()),
        Err(err) => Err(err.into()),
    }
}

/// Makes the operator, if it is not there yet.
pub(super) async fn operator(config: &Config, secrets: &Secrets) -> Result<()> {
    let LogInTold { email, password } = secrets.operator();
    let email: Email = parsed(&email)?;
    let mut tx = databases(&config.databases()).1.begin().await?;
    if identity::find_operator(&mut tx, &email).await?.is_some() {
        return Ok(());
    }
    let new = NewUser { email, name: parsed("Operator")?, password: hashed(parsed(&password)?).await? };
    match identity::add_operator(&mut tx, &new).await {
        Ok(_) | Err(IdentityError::EmailTaken) => Ok(tx.commit().await?),
        Err(err) => Err(err.into()),
    }
}

/// Draws a picture for each product, and keeps them. Their rows are written with the store's.
async fn pictures(config: &Config, tenant: TenantId, demo: &DemoStore) -> Result<BTreeMap<String, Kept>> {
    let studio = Arc::new(config.studio()?);
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let mut pictures = BTreeMap::new();
    for products in demo.products.chunks(at_once) {
        let mut drawn = JoinSet::new();
        for product in products {
            let kind = demo.categories.iter().position(|category| category.slug == product.category).unwrap_or(0);
            let (studio, slug) = (Arc::clone(&studio), product.slug.clone());
            drawn.spawn(async move {
                let name = slug.clone();
                let bytes = tokio::task::spawn_blocking(move || drawing::picture(kind, &name)).await??;
                let kept = studio.prepare(tenant, bytes.into()).await?;
                studio.keep(&kept).await?;
                anyhow::Ok((slug, kept))
            });
        }
        while let Some(picture) = drawn.join_next().await {
            let (slug, kept) = picture??;
            pictures.insert(slug, kept);
        }
    }
    Ok(pictures)
}

async fn open(
    tx: &mut TenantTx,
    demo: &DemoStore,
    slug: StoreSlug,
    owner: &LogInTold,
    pictures: &BTreeMap<String, Kept>,
) -> Result<()> {
    let new = NewStore { name: parsed::<StoreName>(&demo.name)?, slug, currency: parsed::<Currency>(&demo.currency)? };
    let owner = NewUser {
        email: parsed(&owner.email)?,
        name: parsed::<PersonName>("Demo Owner")?,
        password: hashed(parsed::<Password>(&owner.password)?).await?,
    };
    open_store(tx, &new, &owner).await?;
    let origins: Vec<Origin> = ORIGINS.iter().map(|origin| parsed(origin)).collect::<Result<_>>()?;
    registry::change_this_store(tx, None, Some(&origins), None, None).await?;
    let mut categories = BTreeMap::new();
    for category in &demo.categories {
        let parent = category.parent.as_ref().and_then(|parent| categories.get(parent)).copied();
        let new = NewCategory {
            name: parsed(&category.name)?,
            slug: Some(parsed(&category.slug)?),
            description: CategoryText::default(),
            parent,
        };
        categories.insert(category.slug.clone(), catalog::add_category(tx, &new).await?.id);
    }
    for product in &demo.products {
        let mut new = product.parse().with_context(|| product.slug.clone())?;
        new.category = categories.get(&product.category).copied();
        let added = catalog::add_product(tx, &new).await.with_context(|| product.slug.clone())?;
        if let Some(picture) = pictures.get(&product.slug) {
            images::announce(tx, picture).await?;
            images::add_image(tx, added.id, picture, Some(&parsed(&product.name)?)).await?;
        }
    }
    Ok(())
}

fn parsed<T: Text>(text: &str) -> Result<T> {
    T::parse(text).map_err(|err| anyhow::anyhow!("`{text}` {err}"))
}

fn amount(minor: i64) -> Result<Amount> {
    Amount::new(minor).with_context(|| format!("{minor} is no price"))
}

impl DemoProduct {
    fn parse(&self) -> Result<NewProduct> {
        let option = |option: &DemoOption| -> Result<ProductOption> {
            let values = option.values.iter().map(|value| parsed(value)).collect::<Result<_>>()?;
            Ok(ProductOption { name: parsed(&option.name)?, values })
        };
        let variant = |variant: &DemoVariant| -> Result<NewVariant> {
            let price = variant.price.map(amount).transpose()?;
            let chosen = variant.options.iter().map(|(name, value)| Ok((parsed(name)?, parsed(value)?)));
            Ok(NewVariant { sku: Some(parsed(&variant.sku)?), options: chosen.collect::<Result<_>>()?, price })
        };
        Ok(NewProduct {
            name: parsed(&self.name)?,
            slug: Some(parsed(&self.slug)?),
            description: parsed(&self.description)?,
            brand: None,
            attributes: BTreeMap::new(),
            category: None,
            active: true,
            price: amount(self.price)?,
            compare_at: self.compare_at_price.map(amount).transpose()?,
            sku: None,
            options: self.options.iter().map(option).collect::<Result<_>>()?,
            variants: self.variants.iter().map(variant).collect::<Result<_>>()?,
        })
    }
}
