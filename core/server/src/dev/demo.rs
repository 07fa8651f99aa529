//! Demo stores: two shops with a catalogue that looks real, opened through the same operations as any other.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::Actor;
use domain::catalog::{
    self, BrandId, CategoryId, CategoryText, DiscountGiven, NewAttribute, NewBrand, NewCategory, NewProduct,
    NewVariant, OffKind, ProductId, ProductOption,
};
use domain::gateways::Vault;
use domain::identity::{self, Email, IdentityError, NewUser, Password, PersonName};
use domain::images::{self, Kept};
use domain::opening::open_store;
use domain::stock;
use kernel::{Amount, Currency, Text};
use kit::Providers;
use serde::Deserialize;
use tenants::registry::{self, NewStore, Origin, StoreName, StoreSlug};
use tenants::{TenantId, TenantTx};
use tokio::task::JoinSet;
use tracing::info;

use super::banner::{LogInTold, StoreTold};
use super::secrets::Secrets;
use super::{drawing, paying};
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
    brands: Vec<DemoNamed>,
    attributes: Vec<DemoNamed>,
    categories: Vec<DemoCategory>,
    products: Vec<DemoProduct>,
    discounts: Vec<DemoDiscount>,
}

/// A brand or an attribute.
#[derive(Deserialize)]
struct DemoNamed {
    slug: String,
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct DemoDiscount {
    name: String,
    basis_points: Option<i64>,
    amount: Option<i64>,
    everything: bool,
    products: Vec<String>,
    categories: Vec<String>,
    brands: Vec<String>,
    /// When it began, in days before the store was opened; negative: when it will.
    days_ago: i64,
    /// How long it goes on.
    days: Option<i64>,
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
    brand: Option<String>,
    category: String,
    attributes: BTreeMap<String, String>,
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
pub(super) async fn stores(config: &Config, secrets: &Secrets, providers: &Providers) -> Result<Vec<StoreTold>> {
    let ((tenants, platform), vault) = (databases(&config.databases()), Vault::new(&config.master));
    let mut told = Vec::new();
    for json in STORES {
        let demo: DemoStore = serde_json::from_str(json).context("a demo store can't be read")?;
        let slug: StoreSlug = parsed(&demo.slug)?;
        let owner = secrets.owner(&demo.slug);
        if registry::find(&mut platform.begin().await?, &slug).await?.is_none() {
            let tenant = TenantId::generate();
            let pictures = pictures(config, tenant, &demo).await?;
            let mut tx = tenants.begin(tenant).await?;
            open(&mut tx, &demo, slug.clone(), &owner, &pictures)
                .await
                .with_context(|| format!("the demo store `{}`", demo.slug))?;
            tx.commit().await?;
            info!("Opened the demo store `{}` with {} products", demo.slug, demo.products.len());
        }
        if let Some(store) = registry::find(&mut platform.begin().await?, &slug).await? {
            let mut tx = tenants.begin(store.id).await?;
            paying::offer(&mut tx, &vault, providers, &store).await?;
            tx.commit().await?;
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
    let (_, owner) = open_store(tx, &new, &owner).await?;
    let origins: Vec<Origin> = ORIGINS.iter().map(|origin| parsed(origin)).collect::<Result<_>>()?;
    registry::change_this_store(tx, None, Some(&origins), None, None).await?;
    let shelves = shelves(tx, demo).await?;
    let mut products = BTreeMap::new();
    for (place, product) in demo.products.iter().enumerate() {
        let mut new = product.parse().with_context(|| product.slug.clone())?;
        new.category = shelves.categories.get(&product.category).copied();
        new.brand = product.brand.as_ref().and_then(|brand| shelves.brands.get(brand)).copied();
        let added = catalog::add_product(tx, &new).await.with_context(|| product.slug.clone())?;
        products.insert(product.slug.clone(), added.id);
        for (number, variant) in added.variants.iter().enumerate() {
            stock::begin_with(tx, variant.id, on_the_shelf(place + number), Actor::User(owner.id.0)).await?;
        }
        if let Some(picture) = pictures.get(&product.slug) {
            images::announce(tx, picture).await?;
            images::add_image(tx, added.id, picture, Some(&parsed(&product.name)?)).await?;
        }
    }
    for discount in &demo.discounts {
        let given = discount.given(tx.now(), &shelves, &products)?;
        catalog::add_discount(tx, parsed(&discount.name)?, &given).await.with_context(|| discount.name.clone())?;
    }
    Ok(())
}

/// How many of something there are: mostly enough, of some few, of one in nineteen none.
fn on_the_shelf(number: usize) -> i64 {
    if number % 19 == 11 { 0 } else { i64::try_from(number * 37 % 90).unwrap_or_default() + 4 }
}

/// Where products are put, by slug.
#[derive(Default)]
struct Shelves {
    brands: BTreeMap<String, BrandId>,
    categories: BTreeMap<String, CategoryId>,
}

async fn shelves(tx: &mut TenantTx, demo: &DemoStore) -> Result<Shelves> {
    let mut shelves = Shelves::default();
    for brand in &demo.brands {
        let new = NewBrand { name: parsed(&brand.name)?, slug: Some(parsed(&brand.slug)?) };
        shelves.brands.insert(brand.slug.clone(), catalog::add_brand(tx, &new).await?.id);
    }
    for attribute in &demo.attributes {
        let new = NewAttribute { name: parsed(&attribute.name)?, slug: Some(parsed(&attribute.slug)?) };
        catalog::add_attribute(tx, &new).await?;
    }
    for category in &demo.categories {
        let new = NewCategory {
            name: parsed(&category.name)?,
            slug: Some(parsed(&category.slug)?),
            description: CategoryText::default(),
            parent: category.parent.as_ref().and_then(|parent| shelves.categories.get(parent)).copied(),
        };
        shelves.categories.insert(category.slug.clone(), catalog::add_category(tx, &new).await?.id);
    }
    Ok(shelves)
}

fn parsed<T: Text>(text: &str) -> Result<T> {
    T::parse(text).map_err(|err| anyhow::anyhow!("`{text}` {err}"))
}

fn amount(minor: i64) -> Result<Amount> {
    Amount::new(minor).with_context(|| format!("{minor} is no price"))
}

impl DemoDiscount {
    fn given(
        &self,
        now: DateTime<Utc>,
        shelves: &Shelves,
        products: &BTreeMap<String, ProductId>,
    ) -> Result<DiscountGiven> {
        fn ids<T: Copy>(slugs: &[String], known: &BTreeMap<String, T>) -> Result<Option<Vec<T>>> {
            let id = |slug: &String| known.get(slug).copied().with_context(|| format!("`{slug}` is not there"));
            slugs.iter().map(id).collect::<Result<_>>().map(Some)
        }
        let starts_at = now - TimeDelta::days(self.days_ago);
        Ok(DiscountGiven {
            kind: Some(if self.amount.is_some() { OffKind::Amount } else { OffKind::Percentage }),
            basis_points: self.basis_points,
            amount: self.amount.map(amount).transpose()?,
            starts_at: Some(starts_at),
            ends_at: self.days.map(|days| Some(starts_at + TimeDelta::days(days))),
            everything: Some(self.everything),
            products: ids(&self.products, products)?,
            categories: ids(&self.categories, &shelves.categories)?,
            brands: ids(&self.brands, &shelves.brands)?,
            ..DiscountGiven::default()
        })
    }
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
        let described = self.attributes.iter().map(|(name, value)| Ok((parsed(name)?, parsed(value)?)));
        Ok(NewProduct {
            name: parsed(&self.name)?,
            slug: Some(parsed(&self.slug)?),
            description: parsed(&self.description)?,
            brand: None,
            attributes: described.collect::<Result<_>>()?,
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
