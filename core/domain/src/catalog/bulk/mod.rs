//! Many products at once, as a file says them: each is made where its slug is new and changed where it is not, by the rules
//! and with the upkeep of single writes, in a few statements for all of them.

mod merge;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kernel::{Amount, Slug, Text};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

pub(super) use self::merge::{Draft, Merged};
use super::queries::{attributes, bulk as queries, prices};
use super::{
    AttributeKey, AttributeValue, Description, OptionName, OptionValue, ProductId, ProductName, ProductOption, Sku,
    VariantId, ops,
};

/// A product that is wanted. What is left out stays as it is.
#[derive(Debug, Clone)]
pub struct WantedProduct {
    /// Which one.
    pub slug: Slug,
    /// Its name; a new product needs one.
    pub name: Option<ProductName>,
    /// For people.
    pub description: Option<Description>,
    /// The slug of who makes it; `Some(None)` takes that away.
    pub brand: Option<Option<Slug>>,
    /// The slug of where it is found; `Some(None)` takes it out of its category.
    pub category: Option<Option<Slug>>,
    /// Whether visitors see it; they see a new one where it is left out.
    pub active: Option<bool>,
    /// What it is said to have cost before; `Some(None)` takes that away.
    pub compare_at: Option<Option<Amount>>,
    /// What it is described by, all of it.
    pub attributes: Option<BTreeMap<AttributeKey, AttributeValue>>,
    /// What a buyer chooses by.
    pub options: Option<Vec<OptionName>>,
    /// At least one. Those of the product that are not named stay.
    pub variants: Vec<WantedVariant>,
}

/// A variant that is wanted: the one of the product with the SKU, or else with the same options, or else a new one.
#[derive(Debug, Clone)]
pub struct WantedVariant {
    /// Its SKU.
    pub sku: Option<Sku>,
    /// A value for each of the product's options, in their order.
    pub options: Vec<OptionValue>,
    /// What it costs without a discount; for a new one the first variant's price, where it is left out.
    pub price: Option<Amount>,
    /// Whether it is said how many of it there are.
    pub counted: bool,
}

impl WantedVariant {
    /// Whether nothing is said of it: what is said is of the product alone.
    fn is_silent(&self) -> bool {
        self.sku.is_none() && self.price.is_none() && !self.counted
    }
}

/// What became of a wanted product.
#[derive(Debug, Clone)]
pub enum Written {
    /// It is new, with these variants.
    Created(Vec<VariantId>),
    /// It was changed; the wanted variants.
    Changed(Vec<VariantId>),
    /// It was as it is to be.
    Unchanged(Vec<VariantId>),
    /// It stays as it was, or is not made.
    Refused(Vec<WriteFault>),
}

impl Written {
    /// The wanted variants, in their order; none of what is refused.
    #[must_use]
    pub fn variants(&self) -> &[VariantId] {
        match self {
            Self::Created(ids) | Self::Changed(ids) | Self::Unchanged(ids) => ids,
            Self::Refused(_) => &[],
        }
    }
}

/// Why a wanted product is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteFault {
    /// Which of the wanted variants is to blame; none where the product is.
    pub variant: Option<usize>,
    /// What of it.
    pub field: &'static str,
    /// Why.
    pub reason: String,
}

/// A product as it is in the store.
pub(super) struct Existing {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) brand: Option<Uuid>,
    pub(super) category: Option<Uuid>,
    pub(super) active: bool,
    pub(super) compare_at: Option<i64>,
    pub(super) options: Vec<ProductOption>,
    pub(super) attributes: BTreeMap<Uuid, String>,
    pub(super) variants: Vec<ExistingVariant>,
}

/// A variant as it is in the store.
pub(super) struct ExistingVariant {
    pub(super) id: Uuid,
    pub(super) position: i64,
    pub(super) sku: Option<String>,
    pub(super) options: BTreeMap<String, String>,
    pub(super) list: i64,
}

/// What the wanted products name, looked up for all of them at once.
#[derive(Default)]
pub(super) struct Known {
    pub(super) products: HashMap<String, Existing>,
    pub(super) brands: HashMap<String, Uuid>,
    pub(super) categories: HashMap<String, Uuid>,
    pub(super) attributes: HashMap<String, Uuid>,
    /// Whose each SKU is, and the slug of that variant's product.
    pub(super) skus: HashMap<String, (Uuid, String)>,
    /// What products are called now, by slugs that they had.
    pub(super) renamed: HashMap<String, String>,
}

/// Makes or changes products of different slugs; with `dry` nothing is written, and what would be is answered.
///
/// # Errors
/// [`DbError::Contended`] where somebody took a slug or SKU, or took away what is named, at the same moment: then nothing is
/// written, and it may be tried again.
pub async fn write_products(tx: &mut TenantTx, wanted: &[WantedProduct], dry: bool) -> Result<Vec<Written>, DbError> {
    prices::enter(tx).await?;
    let known = look_up(tx, wanted).await?;
    if known.came_in_between(wanted) {
        return Err(DbError::Contended(sqlx::Error::RowNotFound));
    }
    let (mut answers, mut merged, mut skus) = (Vec::with_capacity(wanted.len()), Vec::new(), HashMap::new());
    for product in wanted {
        match merge::merge(product, &known, &mut skus) {
            Err(faults) => answers.push(Written::Refused(faults)),
            Ok(done) => {
                answers.push(done.answer());
                if done.is_change() {
                    merged.push(done);
                }
            }
        }
    }
    if !dry && !merged.is_empty() {
        write(tx, &merged).await.map_err(raced)?;
    }
    Ok(answers)
}

/// What a look-up found free is taken now, or what it found is gone.
fn raced(err: DbError) -> DbError {
    match err {
        DbError::Failed(cause)
            if cause
                .as_database_error()
                .is_some_and(|err| err.is_unique_violation() || err.is_foreign_key_violation()) =>
        {
            DbError::Contended(cause)
        }
        other => other,
    }
}

async fn look_up(tx: &mut TenantTx, wanted: &[WantedProduct]) -> Result<Known, DbError> {
    let slugs: Vec<_> = wanted.iter().map(|product| product.slug.as_str().to_owned()).collect();
    let named = |pick: fn(&WantedProduct) -> Option<&Slug>| -> Vec<String> {
        let slugs: BTreeSet<_> = wanted.iter().filter_map(pick).map(Text::as_str).collect();
        slugs.into_iter().map(str::to_owned).collect()
    };
    let brands = named(|product| product.brand.as_ref().and_then(Option::as_ref));
    let categories = named(|product| product.category.as_ref().and_then(Option::as_ref));
    let keys: BTreeSet<_> =
        wanted.iter().flat_map(|product| product.attributes.iter().flat_map(BTreeMap::keys)).collect();
    let keys: Vec<_> = keys.into_iter().map(|key| key.as_str().to_owned()).collect();
    let skus = wanted.iter().flat_map(|product| product.variants.iter().filter_map(|variant| variant.sku.as_ref()));
    let skus: Vec<_> = skus.map(|sku| sku.as_str().to_owned()).collect();
    Ok(Known {
        products: queries::lock(tx, &slugs).await?,
        brands: queries::brands(tx, &brands).await?,
        categories: queries::categories(tx, &categories).await?,
        attributes: attributes::named(tx, &keys)
            .await?
            .into_iter()
            .filter_map(|(key, id)| Some((key, id?.0)))
            .collect(),
        skus: queries::skus(tx, &skus).await?,
        renamed: queries::renamed(tx, &slugs).await?,
    })
}

impl Known {
    /// Whether somebody made one of the wanted products while they were looked up: there is a SKU of it, but it was not seen.
    fn came_in_between(&self, wanted: &[WantedProduct]) -> bool {
        let unseen: HashSet<_> = wanted
            .iter()
            .map(|product| product.slug.as_str())
            .filter(|slug| !self.products.contains_key(*slug))
            .collect();
        self.skus.values().any(|(_, slug)| unseen.contains(slug.as_str()))
    }
}

async fn write(tx: &mut TenantTx, merged: &[Merged]) -> Result<(), DbError> {
    let (new, old): (Vec<_>, Vec<_>) = merged.iter().partition(|product| product.is_new);
    queries::insert_products(tx, &new).await?;
    queries::update_products(tx, &old).await?;
    queries::update_variants(tx, merged).await?;
    queries::insert_variants(tx, merged).await?;
    queries::set_attributes(tx, merged).await?;
    let ids: Vec<_> = merged.iter().map(|product| ProductId(product.id)).collect();
    ops::finish_all(tx, &ids).await
}
