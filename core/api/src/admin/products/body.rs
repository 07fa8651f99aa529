//! What staff sends.

use std::collections::BTreeMap;

use domain::catalog::{
    CategoryId, Description, NewProduct, NewVariant, OptionName, OptionValue, ProductChange, ProductName,
    ProductOption, Sku,
};
use kernel::{Amount, Currency, Slug};
use poem_openapi::Object;
use serde::Deserialize;
use uuid::Uuid;

use crate::http::{In, Maybe, MoneyBody, Problem, given};

/// A product to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewProductBody {
    /// Its name for people.
    name: In<ProductName>,
    /// Its name in addresses; made of the name where it is left out.
    #[serde(default, deserialize_with = "given")]
    slug: Option<In<Slug>>,
    /// For people.
    #[serde(default, deserialize_with = "given")]
    description: Option<In<Description>>,
    /// Where it is found.
    #[serde(default, deserialize_with = "given")]
    category_id: Option<Uuid>,
    /// Whether visitors see it; they do where it is left out.
    #[serde(default, deserialize_with = "given")]
    active: Option<bool>,
    /// What variants without a price of their own cost.
    price: MoneyBody,
    /// What it is said to have cost before.
    #[serde(default, deserialize_with = "given")]
    compare_at_price: Option<MoneyBody>,
    /// The SKU of a product without variants.
    #[serde(default, deserialize_with = "given")]
    sku: Option<In<Sku>>,
    /// What a buyer chooses by.
    #[serde(default, deserialize_with = "given")]
    #[oai(validator(max_items = 3))]
    options: Option<Vec<OptionBody>>,
    /// What is really bought. Left out, the product gets one.
    #[serde(default, deserialize_with = "given")]
    #[oai(validator(max_items = 100))]
    variants: Option<Vec<VariantBody>>,
}

/// What a buyer chooses by.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionBody {
    /// Its name, unique in the product.
    name: In<OptionName>,
    /// Its values, each of them once.
    #[oai(validator(min_items = 1, max_items = 50))]
    values: Vec<In<OptionValue>>,
}

/// A variant to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantBody {
    /// The store's own name for it.
    #[serde(default, deserialize_with = "given")]
    sku: Option<In<Sku>>,
    /// One value for each option of the product.
    #[serde(default, deserialize_with = "given")]
    options: Option<BTreeMap<String, String>>,
    /// What it costs; the product's price where it is left out.
    #[serde(default, deserialize_with = "given")]
    price: Option<MoneyBody>,
}

impl NewProductBody {
    pub(super) fn parse(self, currency: Currency) -> Result<NewProduct, Problem> {
        let variants = self.variants.unwrap_or_default().into_iter().enumerate();
        Ok(NewProduct {
            name: self.name.0,
            slug: self.slug.map(|slug| slug.0),
            description: self.description.map(|text| text.0).unwrap_or_default(),
            category: self.category_id.map(CategoryId),
            active: self.active.unwrap_or(true),
            price: self.price.in_currency(currency, "/price")?,
            compare_at: optional(self.compare_at_price.as_ref(), currency, "/compare_at_price")?,
            sku: self.sku.map(|sku| sku.0),
            options: self.options.unwrap_or_default().into_iter().map(OptionBody::parse).collect(),
            variants: variants.map(|(i, variant)| variant.parse(i, currency)).collect::<Result<_, _>>()?,
        })
    }
}

fn optional(money: Option<&MoneyBody>, currency: Currency, pointer: &str) -> Result<Option<Amount>, Problem> {
    money.map(|money| money.in_currency(currency, pointer)).transpose()
}

impl OptionBody {
    fn parse(self) -> ProductOption {
        ProductOption { name: self.name.0, values: self.values.into_iter().map(|value| value.0).collect() }
    }
}

impl VariantBody {
    fn parse(self, position: usize, currency: Currency) -> Result<NewVariant, Problem> {
        Ok(NewVariant {
            sku: self.sku.map(|sku| sku.0),
            options: self.options.unwrap_or_default(),
            price: optional(self.price.as_ref(), currency, &format!("/variants/{position}/price"))?,
        })
    }
}

/// What of a product is to be changed; what is left out stays.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProductChangeBody {
    /// Its name for people.
    #[serde(default, deserialize_with = "given")]
    name: Option<In<ProductName>>,
    /// Its name in addresses.
    #[serde(default, deserialize_with = "given")]
    slug: Option<In<Slug>>,
    /// For people.
    #[serde(default, deserialize_with = "given")]
    description: Option<In<Description>>,
    /// Where it is found; null takes it out of its category.
    #[serde(default)]
    category_id: Maybe<Uuid>,
    /// Whether visitors see it.
    #[serde(default, deserialize_with = "given")]
    active: Option<bool>,
    /// The price of all variants, where they have but one.
    #[serde(default, deserialize_with = "given")]
    price: Option<MoneyBody>,
    /// What it is said to have cost before; null takes that away.
    #[serde(default)]
    compare_at_price: Maybe<MoneyBody>,
}

impl ProductChangeBody {
    pub(super) fn parse(self, currency: Currency) -> Result<ProductChange, Problem> {
        let compare_at = match self.compare_at_price {
            Maybe::Absent => None,
            Maybe::Null => Some(None),
            Maybe::Value(money) => Some(Some(money.in_currency(currency, "/compare_at_price")?)),
        };
        Ok(ProductChange {
            name: self.name.map(|name| name.0),
            slug: self.slug.map(|slug| slug.0),
            description: self.description.map(|text| text.0),
            category: self.category_id.change(CategoryId),
            active: self.active,
            compare_at,
            price: optional(self.price.as_ref(), currency, "/price")?,
        })
    }
}
