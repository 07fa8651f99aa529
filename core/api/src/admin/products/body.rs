//! What staff sends.

use domain::catalog::{
    AttributeKey, AttributeValue, BrandId, CategoryId, Description, MOST_ATTRIBUTES, MOST_OPTIONS, MOST_VALUES,
    MOST_VARIANTS, NewProduct, NewVariant, OptionName, OptionValue, ProductChange, ProductName, ProductOption, Sku,
};
use domain::stock::MOST_ON_HAND;
use kernel::{Amount, Currency, FieldError, Slug};
use poem_openapi::Object;
use serde::Deserialize;
use uuid::Uuid;

use crate::http::{Entries, In, List, Maybe, MoneyBody, Problem, Whole, given};

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
    /// Who makes it.
    #[serde(default, deserialize_with = "given")]
    brand_id: Option<Uuid>,
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
    /// What it is described by: each attribute by its slug or its name, with a value.
    #[serde(default, deserialize_with = "given")]
    attributes: Option<AttributesBody>,
    /// The SKU of a product without variants.
    #[serde(default, deserialize_with = "given")]
    sku: Option<In<Sku>>,
    /// What a buyer chooses by.
    #[serde(default, deserialize_with = "given")]
    options: Option<List<OptionBody, 0, MOST_OPTIONS>>,
    /// What there is of a product without variants, at the default location; needs the permission `stock.write`.
    #[serde(default, deserialize_with = "given")]
    stock: Option<OpeningStock>,
    /// What is really bought. Left out, the product gets one.
    #[serde(default, deserialize_with = "given")]
    variants: Option<List<VariantBody, 0, MOST_VARIANTS>>,
}

type AttributesBody = Entries<AttributeKey, AttributeValue, MOST_ATTRIBUTES>;

/// What a buyer chooses by.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionBody {
    /// Its name, unique in the product.
    name: In<OptionName>,
    /// Its values, each of them once.
    values: List<In<OptionValue>, 1, MOST_VALUES>,
}

/// A variant to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VariantBody {
    /// The store's own name for it.
    #[serde(default, deserialize_with = "given")]
    sku: Option<In<Sku>>,
    /// One value for each option of the product.
    #[serde(default, deserialize_with = "given")]
    options: Option<Entries<OptionName, OptionValue, MOST_OPTIONS>>,
    /// What it costs; the product's price where it is left out.
    #[serde(default, deserialize_with = "given")]
    price: Option<MoneyBody>,
    /// What there is of it, at the default location; needs the permission `stock.write`.
    #[serde(default, deserialize_with = "given")]
    stock: Option<OpeningStock>,
}

/// What something begins with.
type OpeningStock = Whole<0, { MOST_ON_HAND as i32 }>;

impl NewProductBody {
    /// What each variant begins with, in their order.
    pub(super) fn stock(&self) -> Result<Vec<Option<i64>>, Problem> {
        let own = self.stock.map(|stock| stock.0.into());
        let Some(variants) = self.variants.as_ref().filter(|list| !list.0.is_empty()) else { return Ok(vec![own]) };
        if own.is_some() {
            let detail = "belongs to the variants where there are any";
            return Err(Problem::of_field(FieldError::new("/stock", detail)));
        }
        Ok(variants.0.iter().map(VariantBody::stock).collect())
    }

    pub(super) fn parse(self, currency: Currency) -> Result<NewProduct, Problem> {
        let variants = self.variants.into_iter().flat_map(|list| list.0).enumerate();
        Ok(NewProduct {
            name: self.name.0,
            slug: self.slug.map(|slug| slug.0),
            description: self.description.map(|text| text.0).unwrap_or_default(),
            brand: self.brand_id.map(BrandId),
            category: self.category_id.map(CategoryId),
            active: self.active.unwrap_or(true),
            price: self.price.in_currency(currency, "/price")?,
            compare_at: optional(self.compare_at_price.as_ref(), currency, "/compare_at_price")?,
            attributes: self.attributes.map(|entries| entries.0).unwrap_or_default(),
            sku: self.sku.map(|sku| sku.0),
            options: self.options.into_iter().flat_map(|list| list.0).map(OptionBody::parse).collect(),
            variants: variants
                .map(|(i, variant)| variant.parse(currency, &format!("/variants/{i}/price")))
                .collect::<Result<_, _>>()?,
        })
    }
}

pub(super) fn optional(
    money: Option<&MoneyBody>,
    currency: Currency,
    pointer: &str,
) -> Result<Option<Amount>, Problem> {
    money.map(|money| money.in_currency(currency, pointer)).transpose()
}

impl OptionBody {
    fn parse(self) -> ProductOption {
        ProductOption { name: self.name.0, values: self.values.0.into_iter().map(|value| value.0).collect() }
    }
}

impl VariantBody {
    /// What it begins with.
    pub(super) fn stock(&self) -> Option<i64> {
        self.stock.map(|stock| stock.0.into())
    }

    pub(super) fn parse(self, currency: Currency, pointer: &str) -> Result<NewVariant, Problem> {
        Ok(NewVariant {
            sku: self.sku.map(|sku| sku.0),
            options: self.options.map(|entries| entries.0).unwrap_or_default(),
            price: optional(self.price.as_ref(), currency, pointer)?,
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
    /// Who makes it; null takes that away.
    #[serde(default)]
    brand_id: Maybe<Uuid>,
    /// Where it is found; null takes it out of its category.
    #[serde(default)]
    category_id: Maybe<Uuid>,
    /// Whether visitors see it.
    #[serde(default, deserialize_with = "given")]
    active: Option<bool>,
    /// What it is described by, all of it.
    #[serde(default, deserialize_with = "given")]
    attributes: Option<AttributesBody>,
    /// What a buyer chooses by, all of it. The variants must still fit.
    #[serde(default, deserialize_with = "given")]
    options: Option<List<OptionBody, 0, MOST_OPTIONS>>,
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
            brand: self.brand_id.change(BrandId),
            category: self.category_id.change(CategoryId),
            active: self.active,
            compare_at,
            attributes: self.attributes.map(|entries| entries.0),
            options: self.options.map(|list| list.0.into_iter().map(OptionBody::parse).collect()),
            price: optional(self.price.as_ref(), currency, "/price")?,
        })
    }
}
