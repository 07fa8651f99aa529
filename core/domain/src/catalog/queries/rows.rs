//! From rows to values.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{Amount, Slug, Text};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use tenants::DbError;
use uuid::Uuid;

use crate::catalog::model::{Description, OptionName, OptionValue};
use crate::catalog::{
    Brand, BrandId, BrandName, Category, CategoryId, CategoryName, CategoryText, Listed, Product, ProductId,
    ProductName, ProductOption, Rating, Sku, Variant, VariantId,
};

/// A product with its variants, in one row.
pub(super) struct ProductRow {
    pub(super) id: Uuid,
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) brand: Option<Json<BrandRow>>,
    pub(super) category: Option<Json<CategoryRow>>,
    pub(super) active: bool,
    pub(super) price_minor: i64,
    pub(super) list_minor: i64,
    pub(super) compare_minor: Option<i64>,
    pub(super) attributes: Json<BTreeMap<String, String>>,
    pub(super) options: Json<Vec<OptionRow>>,
    pub(super) variants: Json<Vec<VariantRow>>,
    pub(super) in_stock: bool,
    pub(super) rating_sum: i64,
    pub(super) rating_count: i64,
    pub(super) version: i64,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

#[derive(Deserialize)]
pub(super) struct BrandRow {
    pub(super) id: Uuid,
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) version: i64,
    pub(super) created_at: DateTime<Utc>,
}

#[derive(Deserialize)]
pub(super) struct CategoryRow {
    pub(super) id: Uuid,
    pub(super) parent_id: Option<Uuid>,
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) top_product_id: Option<Uuid>,
    pub(super) version: i64,
    pub(super) created_at: DateTime<Utc>,
}

/// How an option is kept in `products.options`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct OptionRow {
    name: String,
    values: Vec<String>,
}

/// How a variant comes out of the sub-select.
#[derive(Deserialize)]
pub(super) struct VariantRow {
    id: Uuid,
    sku: Option<String>,
    options: BTreeMap<String, String>,
    price_minor: i64,
    in_stock: bool,
    list_minor: i64,
    version: i64,
}

pub(super) struct ListedRow {
    pub(super) id: Uuid,
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) brand_slug: Option<String>,
    pub(super) brand_name: Option<String>,
    pub(super) category_slug: Option<String>,
    pub(super) category_name: Option<String>,
    pub(super) active: bool,
    pub(super) price_minor: i64,
    pub(super) list_minor: i64,
    pub(super) compare_minor: Option<i64>,
    pub(super) attributes: Json<BTreeMap<String, String>>,
    pub(super) in_stock: bool,
    pub(super) rating_sum: i64,
    pub(super) rating_count: i64,
    pub(super) sold: i64,
    pub(super) version: i64,
}

fn broken(what: &'static str) -> DbError {
    sqlx::Error::Decode(format!("the catalogue holds a {what} that breaks its rules").into()).into()
}

pub(super) fn text<T: Text>(text: &str) -> Result<T, DbError> {
    T::parse(text).map_err(|_| broken(T::NAME))
}

pub(super) fn amount(minor: i64) -> Result<Amount, DbError> {
    Amount::new(minor).ok_or_else(|| broken("price"))
}

impl ProductRow {
    pub(super) fn read(self) -> Result<Product, DbError> {
        Ok(Product {
            id: ProductId(self.id),
            slug: text(&self.slug)?,
            name: text::<ProductName>(&self.name)?,
            description: text::<Description>(&self.description)?,
            brand: self.brand.map(|row| row.0.read()).transpose()?,
            category: self.category.map(|row| row.0.read()).transpose()?,
            active: self.active,
            price: amount(self.price_minor)?,
            list: amount(self.list_minor)?,
            compare_at: self.compare_minor.map(amount).transpose()?,
            attributes: self.attributes.0,
            options: self.options.0.into_iter().map(OptionRow::read).collect::<Result<_, _>>()?,
            variants: self.variants.0.into_iter().map(VariantRow::read).collect::<Result<_, _>>()?,
            in_stock: self.in_stock,
            rating: Rating { sum: self.rating_sum, count: self.rating_count },
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl BrandRow {
    pub(super) fn read(self) -> Result<Brand, DbError> {
        Ok(Brand {
            id: BrandId(self.id),
            slug: text(&self.slug)?,
            name: text::<BrandName>(&self.name)?,
            version: self.version,
            created_at: self.created_at,
        })
    }
}

impl CategoryRow {
    pub(super) fn read(self) -> Result<Category, DbError> {
        Ok(Category {
            id: CategoryId(self.id),
            parent: self.parent_id.map(CategoryId),
            slug: text(&self.slug)?,
            name: text::<CategoryName>(&self.name)?,
            description: text::<CategoryText>(&self.description)?,
            top_product: self.top_product_id.map(ProductId),
            version: self.version,
            created_at: self.created_at,
        })
    }
}

impl OptionRow {
    pub(super) fn read(self) -> Result<ProductOption, DbError> {
        let values = self.values.iter().map(|value| text::<OptionValue>(value)).collect::<Result<_, _>>()?;
        Ok(ProductOption { name: text::<OptionName>(&self.name)?, values })
    }

    pub(super) fn of(option: &ProductOption) -> Self {
        let values = option.values.iter().map(|value| value.as_str().to_owned()).collect();
        Self { name: option.name.as_str().to_owned(), values }
    }
}

impl VariantRow {
    fn read(self) -> Result<Variant, DbError> {
        Ok(Variant {
            id: VariantId(self.id),
            sku: self.sku.as_deref().map(text::<Sku>).transpose()?,
            options: self.options,
            price: amount(self.price_minor)?,
            in_stock: self.in_stock,
            list: amount(self.list_minor)?,
            version: self.version,
        })
    }
}

impl ListedRow {
    pub(super) fn read(self) -> Result<Listed, DbError> {
        let brand = self.brand_slug.as_deref().map(text::<Slug>).transpose()?.zip(self.brand_name);
        let category = self.category_slug.as_deref().map(text::<Slug>).transpose()?.zip(self.category_name);
        Ok(Listed {
            id: ProductId(self.id),
            slug: text(&self.slug)?,
            name: text::<ProductName>(&self.name)?,
            brand,
            category,
            active: self.active,
            price: amount(self.price_minor)?,
            list: amount(self.list_minor)?,
            compare_at: self.compare_minor.map(amount).transpose()?,
            attributes: self.attributes.0,
            in_stock: self.in_stock,
            rating: Rating { sum: self.rating_sum, count: self.rating_count },
            sold: self.sold,
            version: self.version,
        })
    }
}
