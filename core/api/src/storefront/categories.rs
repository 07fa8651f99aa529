//! Categories, as visitors see them.

use domain::catalog::{self, Category};
use kernel::{Limit, Slug, Text as _};
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use crate::guard::Visitor;
use crate::http::{Fail, In, Shown, StoreReads};
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
        let mut tx = visitor.begin_read().await?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = catalog::list_categories(&mut tx, after.as_ref(), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|category| category.slug.as_str());
        let shown = CategoryPage {
            items: page.items.iter().map(CategoryShown::from).collect(),
            next_cursor: last.and_then(|slug| cursors.seal(&scope, &slug)),
        };
        Ok(Shown::new(&shown, if_none_match.0.as_deref())?)
    }

    /// Get a category
    ///
    /// One category, by the slug that is in its address.
    #[oai(path = "/:slug", method = "get", operation_id = "getCategory")]
    async fn get(
        &self,
        visitor: Visitor,
        /// The category's slug.
        slug: Path<In<Slug>>,
        /// The `ETag` of an answer that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Shown<CategoryShown>, Fail<StoreReads>> {
        let mut tx = visitor.begin_read().await?;
        let category = catalog::visible_category(&mut tx, &slug.0.0).await?;
        Ok(Shown::new(&CategoryShown::from(&category), if_none_match.0.as_deref())?)
    }
}

fn hundred() -> u8 {
    100
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
    /// The category above it; null at the top.
    parent_id: Option<Uuid>,
}

impl From<&Category> for CategoryShown {
    fn from(category: &Category) -> Self {
        Self {
            id: category.id.0,
            slug: category.slug.as_str().to_owned(),
            name: category.name.as_str().to_owned(),
            parent_id: category.parent.map(|id| id.0),
        }
    }
}
