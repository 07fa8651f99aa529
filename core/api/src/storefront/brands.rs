//! Brands, as visitors see them.

use domain::catalog::{self, VisibleBrand};
use kernel::{Limit, Slug, Text as _};
use poem_openapi::param::{Header, Query};
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use crate::guard::Visitor;
use crate::http::{Fail, Shown, StoreReads};
use crate::tag::Tag;

pub(crate) struct BrandsApi;

#[OpenApi(prefix_path = "/brands", tag = "Tag::Catalog")]
impl BrandsApi {
    /// List brands
    ///
    /// The brands that have something for sale in the order of their slugs, page by page.
    #[oai(path = "/", method = "get", operation_id = "listBrands")]
    async fn list(
        &self,
        visitor: Visitor,
        /// How many at most.
        #[oai(default = "hundred", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
        /// The `ETag` of an answer that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Shown<BrandPage>, Fail<StoreReads>> {
        let (scope, cursors) = (("brands", visitor.store.id.0), &visitor.app().cursors);
        let after: Option<String> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let after = after.and_then(|slug| Slug::parse(&slug).ok());
        let limit = Limit::new(limit.0).unwrap_or_default();
        let made = visitor.everybodys(format!("brands {after:?} {limit:?}"), async |mut tx| {
            let page = catalog::visible_brands(&mut tx, after.as_ref(), limit).await?;
            let last = page.items.last().filter(|_| page.more).map(|visible| visible.brand.slug.as_str());
            Ok(BrandPage {
                items: page.items.iter().map(BrandShown::from).collect(),
                next_cursor: last.and_then(|slug| cursors.seal(&scope, &slug)),
            })
        });
        Ok(Shown::shared(made.await?, if_none_match.0.as_deref()))
    }
}

fn hundred() -> u8 {
    100
}

/// A page of brands.
#[derive(Object, Serialize)]
struct BrandPage {
    /// The brands.
    items: Vec<BrandShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// A brand.
#[derive(Object, Serialize)]
#[oai(rename = "Brand")]
struct BrandShown {
    /// Its id.
    id: Uuid,
    /// Its name in addresses.
    slug: String,
    /// Its name for people.
    name: String,
    /// How many products it has for sale.
    product_count: i64,
}

impl From<&VisibleBrand> for BrandShown {
    fn from(visible: &VisibleBrand) -> Self {
        let brand = &visible.brand;
        Self {
            id: brand.id.0,
            slug: brand.slug.as_str().to_owned(),
            name: brand.name.as_str().to_owned(),
            product_count: visible.products,
        }
    }
}
