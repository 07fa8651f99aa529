//! Brands, as staff sees and writes them.

use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::catalog::{self, Brand, BrandChange, BrandId, BrandName, NewBrand};
use kernel::{Limit, Slug, Text as _};
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::guard::{Allowed, may};
use crate::http::{
    Answer, Body, Changes, Created, Creates, Done, Expected, Fail, In, Reads, Removes, Versioned, given, json,
};
use crate::tag::Tag;

pub(crate) struct BrandsApi;

#[OpenApi(prefix_path = "/brands", tag = "Tag::Catalog")]
impl BrandsApi {
    /// List brands
    ///
    /// All brands in the order of their slugs, page by page.
    #[oai(path = "/", method = "get", operation_id = "listBrands")]
    async fn list(
        &self,
        caller: Allowed<may::ReadCatalog>,
        /// How many at most.
        #[oai(default = "hundred", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<BrandPage>, Fail<Reads>> {
        let (scope, cursors) = (("admin brands", caller.store.id.0), &caller.app().cursors);
        let after: Option<String> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let after = after.and_then(|slug| Slug::parse(&slug).ok());
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = catalog::list_brands(&mut caller.begin_read().await?, after.as_ref(), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|brand| brand.slug.as_str());
        let shown = BrandPage {
            items: page.items.iter().map(BrandShown::from).collect(),
            next_cursor: last.and_then(|slug| cursors.seal(&scope, &slug)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Add a brand
    ///
    /// The slug is made of the name where it is left out.
    #[oai(path = "/", method = "post", operation_id = "addBrand")]
    async fn add(
        &self,
        caller: Allowed<may::WriteCatalog>,
        body: Body<NewBrandBody>,
    ) -> Result<Created<BrandShown>, Fail<Creates>> {
        let new = NewBrand { name: body.0.name.0, slug: body.0.slug.map(|slug| slug.0) };
        let mut change = caller.change().await?;
        let brand = catalog::add_brand(change.tx(), &new).await?;
        let shown = BrandShown::from(&brand);
        change.commit(Entry::new("addBrand", "brand", brand.id).after(json(&shown))).await?;
        let location = format!("/admin/v1/brands/{}", brand.id);
        Ok(Created::at(location, &shown, brand.version)?)
    }

    /// Get a brand
    ///
    /// One brand, with the version that a change of it names.
    #[oai(path = "/:id", method = "get", operation_id = "getBrand")]
    async fn get(
        &self,
        caller: Allowed<may::ReadCatalog>,
        /// The brand's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<BrandShown>, Fail<Reads>> {
        let brand = catalog::brand(&mut caller.begin_read().await?, BrandId(id.0)).await?;
        Ok(Answer::of_version(&BrandShown::from(&brand), brand.version)?)
    }

    /// Change a brand
    ///
    /// What is left out stays.
    #[oai(path = "/:id", method = "patch", operation_id = "changeBrand")]
    async fn change(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// The brand's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<BrandChangeBody>,
    ) -> Result<Versioned<BrandShown>, Fail<Changes>> {
        let wanted = BrandChange { name: body.0.name.map(|name| name.0), slug: body.0.slug.map(|slug| slug.0) };
        let id = BrandId(id.0);
        let mut change = caller.change().await?;
        let before = BrandShown::from(&catalog::brand(change.tx(), id).await?);
        let brand = catalog::change_brand(change.tx(), id, expected.0, &wanted).await?;
        let shown = BrandShown::from(&brand);
        change.commit(Entry::new("changeBrand", "brand", id).before(json(&before)).after(json(&shown))).await?;
        Ok(Answer::of_version(&shown, brand.version)?)
    }

    /// Remove a brand
    ///
    /// It must have no products. Discounts for it lose it.
    #[oai(path = "/:id", method = "delete", operation_id = "removeBrand")]
    async fn remove(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// The brand's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let id = BrandId(id.0);
        let mut change = caller.change().await?;
        let before = BrandShown::from(&catalog::brand(change.tx(), id).await?);
        catalog::remove_brand(change.tx(), id, expected.0).await?;
        change.commit(Entry::new("removeBrand", "brand", id).before(json(&before))).await?;
        Ok(Done)
    }
}

fn hundred() -> u8 {
    100
}

/// A brand to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBrandBody {
    /// Its name for people.
    name: In<BrandName>,
    /// Its name in addresses; made of the name where it is left out.
    #[serde(default, deserialize_with = "given")]
    slug: Option<In<Slug>>,
}

/// What of a brand is to be changed; what is left out stays.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct BrandChangeBody {
    /// Its name for people.
    #[serde(default, deserialize_with = "given")]
    name: Option<In<BrandName>>,
    /// Its name in addresses.
    #[serde(default, deserialize_with = "given")]
    slug: Option<In<Slug>>,
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
    /// Counts its changes; the same as in `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<&Brand> for BrandShown {
    fn from(brand: &Brand) -> Self {
        Self {
            id: brand.id.0,
            slug: brand.slug.as_str().to_owned(),
            name: brand.name.as_str().to_owned(),
            version: brand.version,
            created_at: brand.created_at,
        }
    }
}
