//! What staff is shown.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::catalog::{Listed, Product, Variant};
use kernel::{Currency, Money, Text as _};
use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

use crate::admin::images::StaffImage;
use crate::http::MoneyShown;

/// A page of products.
#[derive(Object, Serialize)]
pub(super) struct ProductPage {
    /// The products.
    pub(super) items: Vec<ListedShown>,
    /// Where the next page begins; null on the last.
    pub(super) next_cursor: Option<String>,
}

/// A product in a list.
#[derive(Object, Serialize)]
#[oai(rename = "ListedProduct")]
pub(super) struct ListedShown {
    /// Its id.
    id: Uuid,
    /// Its name in addresses.
    slug: String,
    /// Its name for people.
    name: String,
    /// The slug of who makes it.
    brand: Option<String>,
    /// The slug of the category where it is found.
    category: Option<String>,
    /// The first of its images, if it has one.
    images: Vec<StaffImage>,
    /// Whether visitors see it.
    active: bool,
    /// The lowest price of its variants, without discounts.
    price: MoneyShown,
    /// What that is now, with the best discount that runs.
    current_price: MoneyShown,
    /// What it is said to have cost before.
    compare_at_price: Option<MoneyShown>,
    /// Whether visitors are shown a higher price from before.
    on_sale: bool,
    /// What it is described by: slugs of attributes, with values.
    attributes: BTreeMap<String, String>,
    /// Whether any variant has something left to sell.
    in_stock: bool,
    /// Its version, for `If-Match`.
    version: i64,
}

impl ListedShown {
    pub(super) fn new(product: &Listed, images: Vec<StaffImage>, currency: Currency) -> Self {
        let money = |amount| MoneyShown::from(Money { amount, currency });
        Self {
            id: product.id.0,
            slug: product.slug.as_str().to_owned(),
            name: product.name.as_str().to_owned(),
            brand: product.brand.as_ref().map(|(slug, _)| slug.as_str().to_owned()),
            category: product.category.as_ref().map(|(slug, _)| slug.as_str().to_owned()),
            images,
            active: product.active,
            price: money(product.list),
            current_price: money(product.price),
            compare_at_price: product.compare_at.map(money),
            on_sale: product.on_sale(),
            attributes: product.attributes.clone(),
            in_stock: product.in_stock,
            version: product.version,
        }
    }
}

/// A product.
#[derive(Object, Serialize)]
#[oai(rename = "Product")]
pub(super) struct ProductShown {
    /// Its id.
    id: Uuid,
    /// Its name in addresses.
    slug: String,
    /// Its name for people.
    name: String,
    /// For people.
    description: String,
    /// Who makes it.
    brand_id: Option<Uuid>,
    /// The category where it is found.
    category_id: Option<Uuid>,
    /// Its images, in the order in which they are shown.
    images: Vec<StaffImage>,
    /// Whether visitors see it.
    active: bool,
    /// The lowest price of its variants, without discounts.
    price: MoneyShown,
    /// What that is now, with the best discount that runs. It changes with the clock, and `version` does not count that.
    current_price: MoneyShown,
    /// What it is said to have cost before.
    compare_at_price: Option<MoneyShown>,
    /// Whether visitors are shown a higher price from before.
    on_sale: bool,
    /// Whether any variant has something left to sell.
    in_stock: bool,
    /// What it is described by: slugs of attributes, with values.
    attributes: BTreeMap<String, String>,
    /// What a buyer chooses by.
    options: Vec<OptionShown>,
    /// What is really bought; at least one.
    variants: Vec<VariantShown>,
    /// Counts its changes; the same as in `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// What a buyer chooses by.
#[derive(Object, Serialize)]
#[oai(rename = "ProductOption")]
struct OptionShown {
    /// Its name.
    name: String,
    /// Its values, in the order in which they are shown.
    values: Vec<String>,
}

/// What is really bought.
#[derive(Object, Serialize)]
#[oai(rename = "Variant")]
pub(super) struct VariantShown {
    /// Its id.
    id: Uuid,
    /// The store's own name for it.
    sku: Option<String>,
    /// The product's name, with the values of its options.
    name: String,
    /// One value for each option of the product.
    options: BTreeMap<String, String>,
    /// What it costs without discounts.
    price: MoneyShown,
    /// Whether something is left to sell.
    in_stock: bool,
    /// What it costs now, with the best discount that runs.
    current_price: MoneyShown,
    /// Counts its changes; the same as in `ETag`.
    version: i64,
}

impl VariantShown {
    pub(super) fn new(product: &Product, variant: &Variant, currency: Currency) -> Self {
        let money = |amount| MoneyShown::from(Money { amount, currency });
        Self {
            id: variant.id.0,
            sku: variant.sku.as_ref().map(|sku| sku.as_str().to_owned()),
            name: product.variant_name(variant),
            options: variant.options.clone(),
            price: money(variant.list),
            current_price: money(variant.price),
            in_stock: variant.in_stock,
            version: variant.version,
        }
    }
}

impl ProductShown {
    pub(super) fn new(product: &Product, images: Vec<StaffImage>, currency: Currency) -> Self {
        let money = |amount| MoneyShown::from(Money { amount, currency });
        let text = |text: &str| text.to_owned();
        let option = |option: &domain::catalog::ProductOption| OptionShown {
            name: text(option.name.as_str()),
            values: option.values.iter().map(|value| text(value.as_str())).collect(),
        };
        Self {
            id: product.id.0,
            slug: text(product.slug.as_str()),
            name: text(product.name.as_str()),
            description: text(product.description.as_str()),
            brand_id: product.brand.as_ref().map(|brand| brand.id.0),
            category_id: product.category.as_ref().map(|category| category.id.0),
            images,
            active: product.active,
            price: money(product.list),
            current_price: money(product.price),
            compare_at_price: product.compare_at.map(money),
            on_sale: product.on_sale(),
            in_stock: product.in_stock,
            attributes: product.attributes.clone(),
            options: product.options.iter().map(option).collect(),
            variants: product.variants.iter().map(|variant| VariantShown::new(product, variant, currency)).collect(),
            version: product.version,
            created_at: product.created_at,
            updated_at: product.updated_at,
        }
    }
}
