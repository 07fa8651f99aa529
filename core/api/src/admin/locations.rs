//! Places that hold stock, as staff sees and writes them.

use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::stock::{self, Location, LocationChange, LocationId, LocationName};
use kernel::{FieldError, Limit};
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::guard::{Allowed, may};
use crate::http::{
    Answer, Body, Changes, Created, Creates, Done, Expected, Fail, In, Problem, Reads, Removes, Versioned, given, json,
};
use crate::tag::Tag;

pub(crate) struct LocationsApi;

#[OpenApi(prefix_path = "/locations", tag = "Tag::Stock")]
impl LocationsApi {
    /// List locations
    ///
    /// The places that hold stock, in the order in which they were made, page by page.
    #[oai(path = "/", method = "get", operation_id = "listLocations")]
    async fn list(
        &self,
        caller: Allowed<may::ReadStore>,
        /// How many at most.
        #[oai(default = "hundred", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<LocationPage>, Fail<Reads>> {
        let (scope, cursors) = (("locations", caller.store.id.0), &caller.app().cursors);
        let after: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = stock::list_locations(&mut caller.begin_read().await?, after.map(LocationId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|location| location.id.0);
        let shown = LocationPage {
            items: page.items.iter().map(LocationShown::from).collect(),
            next_cursor: last.and_then(|id| cursors.seal(&scope, &id)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Add a location
    ///
    /// A further place that holds stock.
    #[oai(path = "/", method = "post", operation_id = "addLocation")]
    async fn add(
        &self,
        caller: Allowed<may::WriteStore>,
        body: Body<NewLocationBody>,
    ) -> Result<Created<LocationShown>, Fail<Creates>> {
        let mut change = caller.change().await?;
        let location = stock::add_location(change.tx(), &body.0.name.0).await?;
        let shown = LocationShown::from(&location);
        change.commit(Entry::new("addLocation", "location", location.id).after(json(&shown))).await?;
        Ok(Created::at(format!("/admin/v1/locations/{}", location.id), &shown, location.version)?)
    }

    /// Get a location
    ///
    /// One place, with the version that a change of it names.
    #[oai(path = "/:id", method = "get", operation_id = "getLocation")]
    async fn get(
        &self,
        caller: Allowed<may::ReadStore>,
        /// The location's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<LocationShown>, Fail<Reads>> {
        let location = stock::location(&mut caller.begin_read().await?, LocationId(id.0)).await?;
        Ok(Answer::of_version(&LocationShown::from(&location), location.version)?)
    }

    /// Change a location
    ///
    /// What is left out stays. There is one default location: making another the default takes that from the first.
    #[oai(path = "/:id", method = "patch", operation_id = "changeLocation")]
    async fn change(
        &self,
        caller: Allowed<may::WriteStore>,
        /// The location's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<LocationChangeBody>,
    ) -> Result<Versioned<LocationShown>, Fail<Changes>> {
        if body.0.is_default == Some(false) {
            let detail = "must be true; make another location the default one instead";
            return Err(Problem::of_field(FieldError::new("/is_default", detail)).into());
        }
        let wanted = LocationChange {
            name: body.0.name.map(|name| name.0),
            becomes_default: body.0.is_default.unwrap_or_default(),
        };
        let id = LocationId(id.0);
        let mut change = caller.change().await?;
        let before = LocationShown::from(&stock::location(change.tx(), id).await?);
        let location = stock::change_location(change.tx(), id, expected.0, &wanted).await?;
        let shown = LocationShown::from(&location);
        change.commit(Entry::new("changeLocation", "location", id).before(json(&before)).after(json(&shown))).await?;
        Ok(Answer::of_version(&shown, location.version)?)
    }

    /// Remove a location
    ///
    /// One that never held anything. The default one stays.
    #[oai(path = "/:id", method = "delete", operation_id = "removeLocation")]
    async fn remove(
        &self,
        caller: Allowed<may::WriteStore>,
        /// The location's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let id = LocationId(id.0);
        let mut change = caller.change().await?;
        let before = LocationShown::from(&stock::location(change.tx(), id).await?);
        stock::remove_location(change.tx(), id, expected.0).await?;
        change.commit(Entry::new("removeLocation", "location", id).before(json(&before))).await?;
        Ok(Done)
    }
}

fn hundred() -> u8 {
    100
}

/// A place to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewLocationBody {
    /// Its name for people.
    name: In<LocationName>,
}

/// What of a place is to be changed; what is left out stays.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct LocationChangeBody {
    /// Its name for people.
    #[serde(default, deserialize_with = "given")]
    name: Option<In<LocationName>>,
    /// True makes it the default location.
    #[serde(default, deserialize_with = "given")]
    is_default: Option<bool>,
}

/// A page of places.
#[derive(Object, Serialize)]
struct LocationPage {
    /// The places.
    items: Vec<LocationShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// A place that holds stock.
#[derive(Object, Serialize)]
#[oai(rename = "Location")]
struct LocationShown {
    /// Its id.
    id: Uuid,
    /// Its name for people.
    name: String,
    /// Whether stock lies here where nothing else is said.
    is_default: bool,
    /// Counts its changes; the same as in `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<&Location> for LocationShown {
    fn from(location: &Location) -> Self {
        Self {
            id: location.id.0,
            name: location.name.clone(),
            is_default: location.is_default,
            version: location.version,
            created_at: location.created_at,
        }
    }
}
