//! Categories, as visitors see them.

use std::collections::HashMap;

use domain::catalog::{self, Listed, ProductId, VisibleCategory};
use kernel::{Currency, Limit, Slug, Text as _};
use poem::http::StatusCode;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::products::ListedShown;
use crate::App;
use crate::guard::Visitor;
use crate::http::{Fail, In, Shown, ShownOrMoved, StoreReads};
use crate::images::ImageShown;
use crate::tag::Tag;

pub(crate) struct CategoriesApi;

#[OpenApi(prefix_path = "/categories", tag = "Tag::Catalog")]
impl CategoriesApi {
    /// List categories
    ///
    /// All categories in the order of their slugs, page by page; `parent_id` makes a tree of them.
    #[oai(path = "/", method = "get", operation_id = "listCategories")]
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
    ) -> Result<Shown<CategoryPage>, Fail<StoreReads>> {
        let (scope, cursors) = (("categories", visitor.store.id.0), &visitor.app().cursors);
        let after: Option<String> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let after = after.and_then(|slug| Slug::parse(&slug).ok());
        let limit = Limit::new(limit.0).unwrap_or_default();
        let made = visitor.everybodys(format!("categories {after:?} {limit:?}"), async |mut tx| {
            let page = catalog::visible_categories(&mut tx, after.as_ref(), limit).await?;
            let tops = tops(&mut tx, page.items.iter(), visitor.app()).await?;
            let last = page.items.last().filter(|_| page.more).map(|visible| visible.category.slug.as_str());
            let shown = |visible| CategoryShown::new(visible, &tops, visitor.store.currency);
            Ok(CategoryPage {
                items: page.items.iter().map(shown).collect(),
                next_cursor: last.and_then(|slug| cursors.seal(&scope, &slug)),
            })
        });
        Ok(Shown::shared(made.await?, if_none_match.0.as_deref()))
    }

    /// Get a category
    ///
    /// One category, by the slug that is in its address, with those above it and right below it. A slug that it had before
    /// leads here.
    #[oai(path = "/:slug", method = "get", operation_id = "getCategory")]
    async fn get(
        &self,
        visitor: Visitor,
        /// The category's slug.
        slug: Path<In<Slug>>,
        /// The `ETag` of an answer that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<ShownOrMoved<CategoryDetail>, Fail<StoreReads>> {
        let wanted = slug.0.0;
        let made = visitor.everybodys(format!("category {}", wanted.as_str()), async |mut tx| {
            let visible = catalog::visible_category(&mut tx, &wanted).await?;
            let (path, children) = catalog::around(&mut tx, visible.category.id).await?;
            let tops = tops(&mut tx, children.iter().chain([&visible]), visitor.app()).await?;
            let currency = visitor.store.currency;
            let step = |(slug, name): (Slug, String)| CategoryStep { slug: slug.as_str().to_owned(), name };
            let CategoryShown { id, slug, name, description, parent_id, product_count, top_product } =
                CategoryShown::new(&visible, &tops, currency);
            Ok(CategoryDetail {
                id,
                slug,
                name,
                description,
                parent_id,
                product_count,
                top_product,
                path: path.into_iter().map(step).collect(),
                children: children.iter().map(|child| CategoryShown::new(child, &tops, currency)).collect(),
            })
        });
        match made.await {
            Ok(made) => Ok(ShownOrMoved::Shown(Shown::shared(made, if_none_match.0.as_deref()))),
            Err(missing) if missing.status == StatusCode::NOT_FOUND => {
                let moved = catalog::moved_category(&mut visitor.begin_read().await?, &wanted).await?.ok_or(missing)?;
                Ok(ShownOrMoved::Moved(format!("/store/v1/categories/{}", moved.as_str())))
            }
            Err(refused) => Err(refused.into()),
        }
    }
}

fn hundred() -> u8 {
    100
}

type Tops = HashMap<ProductId, (Listed, Vec<ImageShown>)>;

/// The products that lead these categories, all at once.
async fn tops<'a>(
    tx: &mut TenantTx,
    categories: impl Iterator<Item = &'a VisibleCategory>,
    app: &App,
) -> Result<Tops, DbError> {
    let ids: Vec<_> = categories.filter_map(|visible| visible.top).collect();
    if ids.is_empty() {
        return Ok(Tops::new());
    }
    let found = catalog::visible_products(tx, &ids).await?;
    let mut first = ImageShown::first(tx, found.iter().map(|product| product.id), app).await?;
    let with_images = |product: Listed| {
        let images = first.remove(&product.id).unwrap_or_default();
        (product.id, (product, images))
    };
    Ok(found.into_iter().map(with_images).collect())
}

/// A page of categories.
#[derive(Object, Serialize)]
struct CategoryPage {
    /// The categories.
    items: Vec<CategoryShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// A category.
#[derive(Object, Serialize)]
#[oai(rename = "Category")]
struct CategoryShown {
    /// Its id.
    id: Uuid,
    /// Its name in addresses.
    slug: String,
    /// Its name for people.
    name: String,
    /// For people.
    description: String,
    /// The category above it; null at the top.
    parent_id: Option<Uuid>,
    /// How many products are for sale in it and in all below it.
    product_count: i64,
    /// What leads it: what staff chose while that is for sale in it or below, or else the newest.
    top_product: Option<ListedShown>,
}

/// A category above another.
#[derive(Object, Serialize)]
struct CategoryStep {
    /// Its name in addresses.
    slug: String,
    /// Its name for people.
    name: String,
}

/// A category with those around it.
#[derive(Object, Serialize)]
struct CategoryDetail {
    /// Its id.
    id: Uuid,
    /// Its name in addresses.
    slug: String,
    /// Its name for people.
    name: String,
    /// For people.
    description: String,
    /// The category above it; null at the top.
    parent_id: Option<Uuid>,
    /// How many products are for sale in it and in all below it.
    product_count: i64,
    /// What leads it: what staff chose while that is for sale in it or below, or else the newest.
    top_product: Option<ListedShown>,
    /// Those above it, the top first.
    path: Vec<CategoryStep>,
    /// Those right below it, in the order of their slugs; at most 100.
    children: Vec<CategoryShown>,
}

impl CategoryShown {
    fn new(visible: &VisibleCategory, tops: &Tops, currency: Currency) -> Self {
        let category = &visible.category;
        Self {
            id: category.id.0,
            slug: category.slug.as_str().to_owned(),
            name: category.name.as_str().to_owned(),
            description: category.description.as_str().to_owned(),
            parent_id: category.parent.map(|id| id.0),
            product_count: visible.products,
            top_product: visible
                .top
                .and_then(|id| tops.get(&id))
                .map(|(product, images)| ListedShown::new(product, images.clone(), currency)),
        }
    }
}
