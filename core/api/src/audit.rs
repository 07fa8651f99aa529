//! Entries of the audit, as both surfaces show them.

use chrono::{DateTime, Utc};
use domain::audit::Recorded;
use poem_openapi::{Object, types::Any};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// Who did what, when, from where.
#[derive(Object, Serialize)]
#[oai(rename = "AuditEntry")]
pub(crate) struct EntryShown {
    /// Its id.
    id: Uuid,
    /// When it was done.
    at: DateTime<Utc>,
    /// `user`, `api_key`, `operator`, or `shell` for a command on the server itself.
    actor_kind: String,
    /// Who did it; all zeros for the shell, which has no accounts.
    actor_id: Uuid,
    /// The operation's name in this API's document.
    action: String,
    /// What kind of thing it was done to.
    thing: String,
    /// Which one.
    thing_id: String,
    /// The request's id.
    request_id: Uuid,
    /// Where the request came from; null once the person was erased.
    address: Option<String>,
    /// What the thing was.
    before: Option<Any<Value>>,
    /// What it became.
    after: Option<Any<Value>>,
}

impl From<Recorded> for EntryShown {
    fn from(entry: Recorded) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            actor_kind: entry.actor_kind,
            actor_id: entry.actor_id,
            action: entry.action,
            thing: entry.thing,
            thing_id: entry.thing_id,
            request_id: entry.request_id,
            address: entry.address,
            before: entry.before.map(Any),
            after: entry.after.map(Any),
        }
    }
}

/// A page of entries.
#[derive(Object, Serialize)]
pub(crate) struct AuditPage {
    /// The entries, the newest first.
    pub(crate) items: Vec<EntryShown>,
    /// Where the next page begins; null on the last.
    pub(crate) next_cursor: Option<String>,
}
