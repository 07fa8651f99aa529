//! Attributes, as staff sees and writes them.

use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::catalog::{self, Attribute, AttributeChange, AttributeId, AttributeName, NewAttribute};
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

pub(crate) struct AttributesApi;

#[OpenApi(prefix_path = "/attributes", tag = "Tag::Catalog")]
impl AttributesApi {
    /// List attributes
    ///
    /// All attributes in the order of their slugs, page by page.
    #[oai(path = "/", method = "get", operation_id = "listAttributes")]
    async fn list(
        &self,
        caller: Allowed<may::ReadCatalog>,
        /// How many at most.
        #[oai(default = "hundred", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<AttributePage>, Fail<Reads>> {
        let (scope, cursors) = (("admin attributes", caller.store.id.0), &caller.app().cursors);
        let after: Option<String> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let after = after.and_then(|slug| Slug::parse(&slug).ok());
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = catalog::list_attributes(&mut caller.begin_read().await?, after.as_ref(), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|attribute| attribute.slug.as_str());
        let shown = AttributePage {
            items: page.items.iter().map(AttributeShown::from).collect(),
            next_cursor: last.and_then(|slug| cursors.seal(&scope, &slug)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Add an attribute
    ///
    /// The slug is made of the name where it is left out.
    #[oai(path = "/", method = "post", operation_id = "addAttribute")]
    async fn add(
        &self,
        caller: Allowed<may::WriteCatalog>,
        body: Body<NewAttributeBody>,
    ) -> Result<Created<AttributeShown>, Fail<Creates>> {
        let new = NewAttribute { name: body.0.name.0, slug: body.0.slug.map(|slug| slug.0) };
        let mut change = caller.change().await?;
        let attribute = catalog::add_attribute(change.tx(), &new).await?;
        let shown = AttributeShown::from(&attribute);
        change.commit(Entry::new("addAttribute", "attribute", attribute.id).after(json(&shown))).await?;
        let location = format!("/admin/v1/attributes/{}", attribute.id);
        Ok(Created::at(location, &shown, attribute.version)?)
    }

    /// Get an attribute
    ///
    /// One attribute, with the version that a change of it names.
    #[oai(path = "/:id", method = "get", operation_id = "getAttribute")]
    async fn get(
        &self,
        caller: Allowed<may::ReadCatalog>,
        /// The attribute's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<AttributeShown>, Fail<Reads>> {
        let attribute = catalog::attribute(&mut caller.begin_read().await?, AttributeId(id.0)).await?;
        Ok(Answer::of_version(&AttributeShown::from(&attribute), attribute.version)?)
    }

    /// Change an attribute
    ///
    /// What is left out stays.
    #[oai(path = "/:id", method = "patch", operation_id = "changeAttribute")]
    async fn change(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// The attribute's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<AttributeChangeBody>,
    ) -> Result<Versioned<AttributeShown>, Fail<Changes>> {
        let wanted = AttributeChange { name: body.0.name.map(|name| name.0), slug: body.0.slug.map(|slug| slug.0) };
        let id = AttributeId(id.0);
        let mut change = caller.change().await?;
        let before = AttributeShown::from(&catalog::attribute(change.tx(), id).await?);
        let attribute = catalog::change_attribute(change.tx(), id, expected.0, &wanted).await?;
        let shown = AttributeShown::from(&attribute);
        change.commit(Entry::new("changeAttribute", "attribute", id).before(json(&before)).after(json(&shown))).await?;
        Ok(Answer::of_version(&shown, attribute.version)?)
    }

    /// Remove an attribute
    ///
    /// No product may have it.
    #[oai(path = "/:id", method = "delete", operation_id = "removeAttribute")]
    async fn remove(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// The attribute's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let id = AttributeId(id.0);
        let mut change = caller.change().await?;
        let before = AttributeShown::from(&catalog::attribute(change.tx(), id).await?);
        catalog::remove_attribute(change.tx(), id, expected.0).await?;
        change.commit(Entry::new("removeAttribute", "attribute", id).before(json(&before))).await?;
        Ok(Done)
    }
}

fn hundred() -> u8 {
    100
}

/// An attribute to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAttributeBody {
    /// Its name for people.
    name: In<AttributeName>,
    /// Its name in addresses; made of the name where it is left out.
    #[serde(default, deserialize_with = "given")]
    slug: Option<In<Slug>>,
}

/// What of an attribute is to be changed; what is left out stays.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributeChangeBody {
    /// Its name for people.
    #[serde(default, deserialize_with = "given")]
    name: Option<In<AttributeName>>,
    /// Its name in addresses.
    #[serde(default, deserialize_with = "given")]
    slug: Option<In<Slug>>,
}

/// A page of attributes.
#[derive(Object, Serialize)]
struct AttributePage {
    /// The attributes.
    items: Vec<AttributeShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// An attribute.
#[derive(Object, Serialize)]
#[oai(rename = "Attribute")]
struct AttributeShown {
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

impl From<&Attribute> for AttributeShown {
    fn from(attribute: &Attribute) -> Self {
        Self {
            id: attribute.id.0,
            slug: attribute.slug.as_str().to_owned(),
            name: attribute.name.as_str().to_owned(),
            version: attribute.version,
            created_at: attribute.created_at,
        }
    }
}
