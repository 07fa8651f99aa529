//! Products and variants, and the rules by which they fit together.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::{Amount, FieldError, Line, Prose, Slug, Text, TextError};

use super::{AttributeKey, AttributeValue, Brand, BrandId, CatalogError, Category, CategoryId, Rating};

kernel::typed_id! {
    /// The id of a product.
    ProductId
}
kernel::typed_id! {
    /// The id of a variant.
    VariantId
}

/// A product's name.
pub type ProductName = Line<200>;
/// A product's description.
pub type Description = Prose<20_000>;
/// The name of an option: `Size`.
pub type OptionName = Line<40>;
/// A value of an option: `S`.
pub type OptionValue = Line<60>;

/// Options of a product, at most.
pub const MOST_OPTIONS: usize = 3;
/// Values of an option, at most.
pub const MOST_VALUES: usize = 50;
/// Variants of a product, at most.
pub const MOST_VARIANTS: usize = 100;

/// A store's own name for a variant: 1 to 32 letters, digits, dashes, underscores, dots or slashes, kept in
/// upper case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sku(String);

impl Text for Sku {
    const NAME: &'static str = "SKU";
    const MIN: usize = 1;
    const MAX: usize = 32;
    const PATTERN: Option<&'static str> = Some("^[A-Za-z0-9._/-]+$");
    const EXAMPLE: &'static str = "LAMP-1";

    fn parse(text: &str) -> Result<Self, TextError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        if (Self::MIN..=Self::MAX).contains(&text.len()) && text.chars().all(allowed) {
            return Ok(Self(text.to_ascii_uppercase()));
        }
        Err(TextError::new("must be 1 to 32 letters, digits, dashes, underscores, dots or slashes"))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a buyer chooses by: `Size` with the values `S`, `M`, `L`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductOption {
    /// Unique in the product.
    pub name: OptionName,
    /// In the order in which they are shown.
    pub values: Vec<OptionValue>,
}

/// A product with its variants, as its store's staff sees it.
#[derive(Debug, Clone)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Its name in addresses, unique in the store.
    pub slug: Slug,
    /// Its name for people.
    pub name: ProductName,
    /// For people.
    pub description: Description,
    /// Who makes it.
    pub brand: Option<Brand>,
    /// Where it is found.
    pub category: Option<Category>,
    /// Whether visitors see it.
    pub active: bool,
    /// What its cheapest variant costs now.
    pub price: Amount,
    /// What that costs without a discount.
    pub list: Amount,
    /// What it is said to have cost before.
    pub compare_at: Option<Amount>,
    /// What it is described by: slugs of attributes and values.
    pub attributes: BTreeMap<String, String>,
    /// What a buyer chooses by.
    pub options: Vec<ProductOption>,
    /// At least one.
    pub variants: Vec<Variant>,
    /// Whether any of them has something left to sell.
    pub in_stock: bool,
    /// What its approved reviews come to.
    pub rating: Rating,
    /// Counts its changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What is really bought.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Its id.
    pub id: VariantId,
    /// Unique in the store.
    pub sku: Option<Sku>,
    /// One value for each option of the product.
    pub options: BTreeMap<String, String>,
    /// What it costs now.
    pub price: Amount,
    /// Whether something is left to sell.
    pub in_stock: bool,
    /// What it costs without a discount.
    pub list: Amount,
    /// Counts its changes.
    pub version: i64,
}

/// A product in a list, as visitors see it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its id.
    pub id: ProductId,
    /// Its name in addresses.
    pub slug: Slug,
    /// Its name for people.
    pub name: ProductName,
    /// The brand's slug and name.
    pub brand: Option<(Slug, String)>,
    /// The category's slug and name.
    pub category: Option<(Slug, String)>,
    /// Whether visitors see it.
    pub active: bool,
    /// What its cheapest variant costs now.
    pub price: Amount,
    /// What that costs without a discount.
    pub list: Amount,
    /// What it is said to have cost before.
    pub compare_at: Option<Amount>,
    /// What it is described by: slugs of attributes and values.
    pub attributes: BTreeMap<String, String>,
    /// Whether any variant has something left to sell.
    pub in_stock: bool,
    /// What its approved reviews come to.
    pub rating: Rating,
    /// How many were sold.
    pub sold: i64,
    /// Counts its changes.
    pub version: i64,
}

impl Product {
    /// What a variant is called: the product's name with the values of the options, in their order.
    #[must_use]
    pub fn variant_name(&self, variant: &Variant) -> String {
        variant_name(&self.name, &self.options, &variant.options)
    }

    /// What visitors are told that it cost before: its price without the discount, or what it is said to have cost.
    #[must_use]
    pub fn before(&self) -> Option<Amount> {
        before(self.price, self.list, self.compare_at)
    }

    /// Whether it cost more before.
    #[must_use]
    pub fn on_sale(&self) -> bool {
        self.before().is_some_and(|before| before > self.price)
    }
}

impl Listed {
    /// As [`Product::before`].
    #[must_use]
    pub fn before(&self) -> Option<Amount> {
        before(self.price, self.list, self.compare_at)
    }

    /// Whether it cost more before.
    #[must_use]
    pub fn on_sale(&self) -> bool {
        self.before().is_some_and(|before| before > self.price)
    }
}

fn before(price: Amount, list: Amount, compare_at: Option<Amount>) -> Option<Amount> {
    if price < list { Some(list) } else { compare_at }
}

pub(super) fn variant_name(name: &ProductName, options: &[ProductOption], chosen: &BTreeMap<String, String>) -> String {
    let values = options.iter().filter_map(|option| chosen.get(option.name.as_str()));
    let values: Vec<_> = values.map(String::as_str).collect();
    if values.is_empty() {
        return name.as_str().to_owned();
    }
    format!("{} ({})", name.as_str(), values.join(", "))
}

/// What a product is made with.
#[derive(Debug, Clone)]
pub struct NewProduct {
    /// Its name for people.
    pub name: ProductName,
    /// Made of the name where it is left out.
    pub slug: Option<Slug>,
    /// For people.
    pub description: Description,
    /// Who makes it.
    pub brand: Option<BrandId>,
    /// Where it is found.
    pub category: Option<CategoryId>,
    /// Whether visitors see it.
    pub active: bool,
    /// What variants without a price of their own cost.
    pub price: Amount,
    /// What it is said to have cost before.
    pub compare_at: Option<Amount>,
    /// What it is described by.
    pub attributes: BTreeMap<AttributeKey, AttributeValue>,
    /// The SKU of the one variant, for a product without options.
    pub sku: Option<Sku>,
    /// What a buyer chooses by.
    pub options: Vec<ProductOption>,
    /// Left empty, the product gets one.
    pub variants: Vec<NewVariant>,
}

/// What a variant is made with.
#[derive(Debug, Clone)]
pub struct NewVariant {
    /// Unique in the store.
    pub sku: Option<Sku>,
    /// One value for each option of the product.
    pub options: BTreeMap<OptionName, OptionValue>,
    /// The product's price where it is left out.
    pub price: Option<Amount>,
}

/// What of a product is to be changed; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct ProductChange {
    /// Its name for people. The slug stays, so that links hold.
    pub name: Option<ProductName>,
    /// Its name in addresses.
    pub slug: Option<Slug>,
    /// For people.
    pub description: Option<Description>,
    /// Who makes it; `Some(None)` takes that away.
    pub brand: Option<Option<BrandId>>,
    /// Where it is found; `Some(None)` takes it out of its category.
    pub category: Option<Option<CategoryId>>,
    /// Whether visitors see it.
    pub active: Option<bool>,
    /// What it is said to have cost before; `Some(None)` takes that away.
    pub compare_at: Option<Option<Amount>>,
    /// What it is described by, all of it.
    pub attributes: Option<BTreeMap<AttributeKey, AttributeValue>>,
    /// What a buyer chooses by. The variants must still fit.
    pub options: Option<Vec<ProductOption>>,
    /// The price of every variant.
    pub price: Option<Amount>,
}

/// How much is left of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StockLevel {
    /// So little that it is soon gone.
    Critical,
    /// Less than plenty.
    Medium,
    /// Plenty.
    Good,
}

impl StockLevel {
    /// Its name in queries and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Medium => "medium",
            Self::Good => "good",
        }
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// The newest first.
    Newest,
    /// The cheapest first.
    PriceUp,
    /// The dearest first.
    PriceDown,
    /// By name, in the root collation of Unicode.
    Name,
    /// What was sold most first.
    BestSelling,
    /// What fits best first.
    Relevance,
}

impl NewProduct {
    /// The variants that the product will have, once options, variants and SKUs were found to fit together.
    ///
    /// # Errors
    /// [`CatalogError::BadVariants`] with everything that does not.
    pub fn checked_variants(&self) -> Result<Vec<Variant>, CatalogError> {
        let mut faults = Faults::default();
        self.check_counts(&mut faults);
        // What follows takes time and space in proportion to the counts.
        faults.refuse()?;
        check_option_names(&self.options, &mut faults);
        self.check_variants(&mut faults);
        faults.refuse()?;
        let made = |sku: &Option<Sku>, options, price| Variant {
            id: VariantId::generate(),
            sku: sku.clone(),
            options,
            price,
            in_stock: false,
            list: price,
            version: 1,
        };
        if self.variants.is_empty() {
            return Ok(vec![made(&self.sku, BTreeMap::new(), self.price)]);
        }
        let chosen = |new: &NewVariant| {
            new.options.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_str().to_owned())).collect()
        };
        Ok(self.variants.iter().map(|new| made(&new.sku, chosen(new), new.price.unwrap_or(self.price))).collect())
    }

    fn check_counts(&self, faults: &mut Faults) {
        check_option_counts(&self.options, faults);
        faults.check(self.variants.len() <= MOST_VARIANTS, "/variants", || {
            format!("must have at most {MOST_VARIANTS} items")
        });
    }

    fn check_variants(&self, faults: &mut Faults) {
        let some = !self.variants.is_empty();
        faults.check(self.options.is_empty() || some, "/variants", || {
            "a product with options needs its variants named".into()
        });
        faults.check(self.sku.is_none() || !some, "/sku", || "belongs to the variants where there are any".into());
        let known: HashSet<_> = self.options.iter().flat_map(ProductOption::choices).collect();
        let (mut skus, mut choices) = (HashSet::new(), HashSet::new());
        for (i, variant) in self.variants.iter().enumerate() {
            if let Some(sku) = &variant.sku {
                faults.check(skus.insert(sku), format!("/variants/{i}/sku"), || "is there twice".into());
            }
            // The names of a map are there once: as many known choices as options are one of each.
            let right = variant.options.len() == self.options.len()
                && variant.options.iter().all(|choice| known.contains(&choice));
            faults.check(right, format!("/variants/{i}/options"), || {
                "must name one value of each option of the product, and nothing else".into()
            });
            faults.check(choices.insert(&variant.options), format!("/variants/{i}/options"), || {
                "another variant has the same".into()
            });
        }
    }

    /// The fields that hold one of these SKUs.
    pub(super) fn places_of(&self, skus: &[String]) -> Vec<String> {
        let held = |sku: &Option<Sku>| sku.as_ref().is_some_and(|sku| skus.iter().any(|taken| taken == sku.as_str()));
        let own = held(&self.sku).then(|| "/sku".to_owned());
        let variants = self.variants.iter().enumerate().filter(|(_, variant)| held(&variant.sku));
        own.into_iter().chain(variants.map(|(i, _)| format!("/variants/{i}/sku"))).collect()
    }
}

/// Refuses options that do not fit together.
pub(super) fn check_options(options: &[ProductOption]) -> Result<(), CatalogError> {
    let mut faults = Faults::default();
    check_option_counts(options, &mut faults);
    faults.refuse()?;
    check_option_names(options, &mut faults);
    faults.refuse()
}

fn check_option_counts(options: &[ProductOption], faults: &mut Faults) {
    faults.check(options.len() <= MOST_OPTIONS, "/options", || format!("must have at most {MOST_OPTIONS} items"));
    for (i, option) in options.iter().enumerate() {
        faults.check((1..=MOST_VALUES).contains(&option.values.len()), format!("/options/{i}/values"), || {
            format!("must have 1 to {MOST_VALUES} items")
        });
    }
}

fn check_option_names(options: &[ProductOption], faults: &mut Faults) {
    let mut names = HashSet::new();
    for (i, option) in options.iter().enumerate() {
        faults.check(names.insert(&option.name), format!("/options/{i}/name"), || "is there twice".into());
        let mut values = HashSet::new();
        for (j, value) in option.values.iter().enumerate() {
            faults.check(values.insert(value), format!("/options/{i}/values/{j}"), || "is there twice".into());
        }
    }
}

impl ProductOption {
    /// Its name with each of its values.
    fn choices(&self) -> impl Iterator<Item = (&OptionName, &OptionValue)> {
        self.values.iter().map(|value| (&self.name, value))
    }
}

/// Faults that are told of, at most.
const MOST_FAULTS: usize = 20;

#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn check(&mut self, right: bool, pointer: impl Into<std::borrow::Cow<'static, str>>, why: impl FnOnce() -> String) {
        if !right && self.0.len() < MOST_FAULTS {
            self.0.push(FieldError::new(pointer, why()));
        }
    }

    fn refuse(&mut self) -> Result<(), CatalogError> {
        if self.0.is_empty() { Ok(()) } else { Err(CatalogError::BadVariants(std::mem::take(&mut self.0))) }
    }
}
