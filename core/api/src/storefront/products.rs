//! Products, as visitors see them.

use std::collections::BTreeMap;

use domain::catalog::{self, Listed, Product};
use kernel::{Currency, Money, Slug, Text as _};
use poem::http::StatusCode;
use poem_openapi::param::{Header, Path};
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use super::rating::RatingShown;
use crate::guard::Visitor;
use crate::http::{Fail, In, MoneyShown, Shown, ShownOrMoved, StoreReads};
use crate::images::ImageShown;
use crate::tag::Tag;

pub(crate) struct ProductsApi;

#[OpenApi(prefix_path = "/products", tag = "Tag::Catalog")]
impl ProductsApi {
    /// Get a product
    ///
    /// A product that is for sale, with its variants. A slug that it had before leads here.
    #[oai(path = "/:slug", method = "get", operation_id = "getProduct")]
    async fn get(
        &self,
        visitor: Visitor,
        /// The product's slug.
        slug: Path<In<Slug>>,
        /// The `ETag` of an answer that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<ShownOrMoved<ProductShown>, Fail<StoreReads>> {
        let slug = slug.0.0;
        let made = visitor.everybodys(format!("product {}", slug.as_str()), async |mut tx| {
            let product = catalog::visible_product(&mut tx, &slug).await?;
            let images = ImageShown::all(&mut tx, product.id, visitor.app()).await?;
            Ok(ProductShown::new(&product, images, visitor.store.currency))
        });
        match made.await {
            Ok(made) => Ok(ShownOrMoved::Shown(Shown::shared(made, if_none_match.0.as_deref()))),
            Err(missing) if missing.status == StatusCode::NOT_FOUND => {
                let moved = catalog::moved_product(&mut visitor.begin_read().await?, &slug).await?.ok_or(missing)?;
                Ok(ShownOrMoved::Moved(format!("/store/v1/products/{}", moved.as_str())))
            }
            Err(refused) => Err(refused.into()),
        }
    }
}

/// The category of a product.
#[derive(Object, Serialize)]
#[oai(rename = "ProductCategory")]
struct CategoryOfProduct {
    /// Its name in addresses.
    slug: String,
    /// Its name for people.
    name: String,
}

/// Who makes a product.
#[derive(Object, Serialize)]
#[oai(rename = "ProductBrand")]
struct BrandOfProduct {
    /// Its name in addresses.
    slug: String,
    /// Its name for people.
    name: String,
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
    /// Who makes it.
    brand: Option<BrandOfProduct>,
    /// Where it is found.
    category: Option<CategoryOfProduct>,
    /// The first of its images, if it has one.
    images: Vec<ImageShown>,
    /// The lowest price of its variants.
    price: MoneyShown,
    /// What it cost before.
    compare_at_price: Option<MoneyShown>,
    /// Whether it cost more before.
    on_sale: bool,
    /// What it is described by: slugs of attributes, with values.
    attributes: BTreeMap<String, String>,
    /// Whether any variant has something left to sell.
    in_stock: bool,
    /// What its approved reviews come to.
    rating: RatingShown,
}

impl ListedShown {
    pub(super) fn new(product: &Listed, images: Vec<ImageShown>, currency: Currency) -> Self {
        let money = |amount| MoneyShown::from(Money { amount, currency });
        let (brand, category) = (product.brand.as_ref(), product.category.as_ref());
        Self {
            id: product.id.0,
            slug: product.slug.as_str().to_owned(),
            name: product.name.as_str().to_owned(),
            brand: brand.map(|(slug, name)| BrandOfProduct { slug: slug.as_str().to_owned(), name: name.clone() }),
            category: category
                .map(|(slug, name)| CategoryOfProduct { slug: slug.as_str().to_owned(), name: name.clone() }),
            images,
            price: money(product.price),
            compare_at_price: product.before().map(money),
            on_sale: product.on_sale(),
            attributes: product.attributes.clone(),
            in_stock: product.in_stock,
            rating: product.rating.into(),
        }
    }
}

/// A product.
#[derive(Object, Serialize)]
#[oai(rename = "Product")]
struct ProductShown {
    /// Its id.
    id: Uuid,
    /// Its name in addresses.
    slug: String,
    /// Its name for people.
    name: String,
    /// For people.
    description: String,
    /// Who makes it.
    brand: Option<BrandOfProduct>,
    /// Where it is found.
    category: Option<CategoryOfProduct>,
    /// Its images, in the order in which they are shown.
    images: Vec<ImageShown>,
    /// The lowest price of its variants.
    price: MoneyShown,
    /// What it cost before.
    compare_at_price: Option<MoneyShown>,
    /// Whether it cost more before.
    on_sale: bool,
    /// Whether any variant has something left to sell.
    in_stock: bool,
    /// What its approved reviews come to.
    rating: RatingShown,
    /// What it is described by: slugs of attributes, with values.
    attributes: BTreeMap<String, String>,
    /// What a buyer chooses by.
    options: Vec<OptionShown>,
    /// What is really bought; at least one.
    variants: Vec<VariantShown>,
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
struct VariantShown {
    /// Its id.
    id: Uuid,
    /// The store's own name for it.
    sku: Option<String>,
    /// The product's name, with the values of its options.
    name: String,
    /// One value for each option of the product.
    options: BTreeMap<String, String>,
    /// What it costs.
    price: MoneyShown,
    /// Whether something is left to sell.
    in_stock: bool,
    /// What it costs without the discount that runs; null where none does.
    compare_at_price: Option<MoneyShown>,
}

impl ProductShown {
    fn new(product: &Product, images: Vec<ImageShown>, currency: Currency) -> Self {
        let money = |amount| MoneyShown::from(Money { amount, currency });
        let text = |text: &str| text.to_owned();
        Self {
            id: product.id.0,
            slug: text(product.slug.as_str()),
            name: text(product.name.as_str()),
            description: text(product.description.as_str()),
            brand: product
                .brand
                .as_ref()
                .map(|brand| BrandOfProduct { slug: text(brand.slug.as_str()), name: text(brand.name.as_str()) }),
            category: product.category.as_ref().map(|category| CategoryOfProduct {
                slug: text(category.slug.as_str()),
                name: text(category.name.as_str()),
            }),
            images,
            price: money(product.price),
            compare_at_price: product.before().map(money),
            on_sale: product.on_sale(),
            in_stock: product.in_stock,
            rating: product.rating.into(),
            attributes: product.attributes.clone(),
            options: product
                .options
                .iter()
                .map(|option| OptionShown {
                    name: text(option.name.as_str()),
                    values: option.values.iter().map(|value| text(value.as_str())).collect(),
                })
                .collect(),
            variants: product
                .variants
                .iter()
                .map(|variant| VariantShown {
                    id: variant.id.0,
                    sku: variant.sku.as_ref().map(|sku| text(sku.as_str())),
                    name: product.variant_name(variant),
                    options: variant.options.clone(),
                    price: money(variant.price),
                    in_stock: variant.in_stock,
                    compare_at_price: (variant.price < variant.list).then(|| money(variant.list)),
                })
                .collect(),
        }
    }
}
