//! Categories, as staff sees and writes them.

use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::catalog::{self, Category, CategoryChange, CategoryId, CategoryName, CategoryText, NewCategory, ProductId};
use kernel::{Limit, Slug, Text as _};
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::guard::{Allowed, may};
use crate::http::{
    Answer, Body, Changes, Created, Creates, Done, Expected, Fail, In, Maybe, Reads, Removes, Versioned, given, json,
};
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
        caller: Allowed<may::ReadCatalog>,
        /// How many at most.
        #[oai(default = "hundred", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<CategoryPage>, Fail<Reads>> {
        let (scope, cursors) = (("admin categories", caller.store.id.0), &caller.app().cursors);
        let after: Option<String> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let after = after.and_then(|slug| Slug::parse(&slug).ok());
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = catalog::list_categories(&mut caller.begin_read().await?, after.as_ref(), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|category| category.slug.as_str());
        let shown = CategoryPage {
            items: page.items.iter().map(CategoryShown::from).collect(),
            next_cursor: last.and_then(|slug| cursors.seal(&scope, &slug)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Add a category
    ///
    /// The slug is made of the name where it is left out.
    #[oai(path = "/", method = "post", operation_id = "addCategory")]
    async fn add(
        &self,
        caller: Allowed<may::WriteCatalog>,
        body: Body<NewCategoryBody>,
    ) -> Result<Created<CategoryShown>, Fail<Creates>> {
        let new = body.0.parse();
        let mut change = caller.change().await?;
        let category = catalog::add_category(change.tx(), &new).await?;
        let shown = CategoryShown::from(&category);
        change.commit(Entry::new("addCategory", "category", category.id).after(json(&shown))).await?;
        let location = format!("/admin/v1/categories/{}", category.id);
        Ok(Created::at(location, &shown, category.version)?)
    }

    /// Get a category
    ///
    /// One category, with the version that a change of it names.
    #[oai(path = "/:id", method = "get", operation_id = "getCategory")]
    async fn get(
        &self,
        caller: Allowed<may::ReadCatalog>,
        /// The category's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<CategoryShown>, Fail<Reads>> {
        let category = catalog::category(&mut caller.begin_read().await?, CategoryId(id.0)).await?;
        Ok(Answer::of_version(&CategoryShown::from(&category), category.version)?)
    }

    /// Change a category
    ///
    /// What is left out stays. Under another parent it goes with all below it; a slug that it had leads to the new one.
    #[oai(path = "/:id", method = "patch", operation_id = "changeCategory")]
    async fn change(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// The category's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<CategoryChangeBody>,
    ) -> Result<Versioned<CategoryShown>, Fail<Changes>> {
        let (id, wanted) = (CategoryId(id.0), body.0.parse());
        let mut change = caller.change().await?;
        let before = CategoryShown::from(&catalog::category(change.tx(), id).await?);
        let category = catalog::change_category(change.tx(), id, expected.0, &wanted).await?;
        let shown = CategoryShown::from(&category);
        change.commit(Entry::new("changeCategory", "category", id).before(json(&before)).after(json(&shown))).await?;
        Ok(Answer::of_version(&shown, category.version)?)
    }

    /// Remove a category
    ///
    /// It must hold no products and no categories.
    #[oai(path = "/:id", method = "delete", operation_id = "removeCategory")]
    async fn remove(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// The category's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let id = CategoryId(id.0);
        let mut change = caller.change().await?;
        let before = CategoryShown::from(&catalog::category(change.tx(), id).await?);
        catalog::remove_category(change.tx(), id, expected.0).await?;
        change.commit(Entry::new("removeCategory", "category", id).before(json(&before))).await?;
        Ok(Done)
    }
}

fn hundred() -> u8 {
    100
}

/// A category to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCategoryBody {
    /// Its name for people.
    name: In<CategoryName>,
    /// Its name in addresses; made of the name where it is left out.
    #[serde(default, deserialize_with = "given")]
    slug: Option<In<Slug>>,
    /// For people.
    #[serde(default, deserialize_with = "given")]
    description: Option<In<CategoryText>>,
    /// The category above it.
    #[serde(default, deserialize_with = "given")]
    parent_id: Option<Uuid>,
}

/// What of a category is to be changed; what is left out stays.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoryChangeBody {
    /// Its name for people.
    #[serde(default, deserialize_with = "given")]
    name: Option<In<CategoryName>>,
    /// Its name in addresses.
    #[serde(default, deserialize_with = "given")]
    slug: Option<In<Slug>>,
    /// For people.
    #[serde(default, deserialize_with = "given")]
    description: Option<In<CategoryText>>,
    /// The category above it; null puts it at the top.
    #[serde(default)]
    parent_id: Maybe<Uuid>,
    /// The product that leads it, while that is for sale in it or below; null leaves it to the newest.
    #[serde(default)]
    top_product_id: Maybe<Uuid>,
}

impl NewCategoryBody {
    fn parse(self) -> NewCategory {
        NewCategory {
            name: self.name.0,
            slug: self.slug.map(|slug| slug.0),
            description: self.description.map(|text| text.0).unwrap_or_default(),
            parent: self.parent_id.map(CategoryId),
        }
    }
}

impl CategoryChangeBody {
    fn parse(self) -> CategoryChange {
        CategoryChange {
            name: self.name.map(|name| name.0),
            slug: self.slug.map(|slug| slug.0),
            description: self.description.map(|text| text.0),
            parent: self.parent_id.change(CategoryId),
            top_product: self.top_product_id.change(ProductId),
        }
    }
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
    /// The product that staff chose to lead it.
    top_product_id: Option<Uuid>,
    /// Counts its changes; the same as in `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<&Category> for CategoryShown {
    fn from(category: &Category) -> Self {
        Self {
            id: category.id.0,
            slug: category.slug.as_str().to_owned(),
            name: category.name.as_str().to_owned(),
            description: category.description.as_str().to_owned(),
            parent_id: category.parent.map(|id| id.0),
            top_product_id: category.top_product.map(|id| id.0),
            version: category.version,
            created_at: category.created_at,
        }
    }
}
