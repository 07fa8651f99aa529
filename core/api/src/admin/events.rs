//! What has happened in the store.

use chrono::{DateTime, Utc};
use domain::events::{self, EventId, EventKind, Recorded};
use kernel::{FieldError, Limit};
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi, types::Any};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::guard::{Allowed, may};
use crate::http::{Answer, Fail, Problem, Reads};
use crate::tag::Tag;

pub(crate) struct EventsApi;

#[OpenApi(prefix_path = "/events", tag = "Tag::Events")]
impl EventsApi {
    /// List events
    ///
    /// What has happened in the store, the newest first, page by page. Events are kept for 90 days.
    #[oai(path = "/", method = "get", operation_id = "listEvents")]
    async fn list(
        &self,
        caller: Allowed<may::ReadWebhooks>,
        /// Only those of this type, such as `customer.registered`.
        #[oai(name = "type", validator(max_length = 100, pattern = "^[a-z_]+\\.[a-z_]+$"))]
        kind: Query<Option<String>>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<EventPage>, Fail<Reads>> {
        let kind = kind.0.map(|word| EventKind::read(&word).ok_or_else(unknown)).transpose()?;
        let (scope, cursors) = (("events", caller.store.id.0, kind.map(EventKind::as_str)), &caller.app().cursors);
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = events::list(&mut caller.begin_read().await?, kind, before.map(EventId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|event| event.id.0);
        let next_cursor = last.and_then(|id| cursors.seal(&scope, &id));
        Ok(Answer::plain(&EventPage { items: page.items.into_iter().map(EventShown::from).collect(), next_cursor })?)
    }
}

fn unknown() -> Problem {
    let known: Vec<_> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
    Problem::of_field(FieldError::new("/query/type", format!("must be one of {}", known.join(", "))))
}

fn twenty() -> u8 {
    20
}

/// Something that has happened.
#[derive(Object, Serialize)]
#[oai(rename = "Event")]
struct EventShown {
    /// Its id.
    id: Uuid,
    /// What happened.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    kind: String,
    /// What it happened to.
    subject_id: Uuid,
    /// Facts about it, by type.
    payload: Any<Value>,
    /// When it happened.
    created_at: DateTime<Utc>,
}

impl From<Recorded> for EventShown {
    fn from(event: Recorded) -> Self {
        Self {
            id: event.id.0,
            kind: event.kind,
            subject_id: event.subject,
            payload: Any(event.payload),
            created_at: event.created_at,
        }
    }
}

/// A page of events.
#[derive(Object, Serialize)]
struct EventPage {
    /// The events, the newest first.
    items: Vec<EventShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}
