//! What staff notes about customers.

use domain::audit::Entry;
use domain::customers::{self, NoteId, NoteText};
use domain::identity::UserId;
use kernel::Limit;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::shown::NoteShown;
use crate::guard::{Allowed, may};
use crate::http::{Answer, Body, Created, Creates, Fail, In, Reads, json};
use crate::tag::Tag;

pub(crate) struct NotesApi;

#[OpenApi(prefix_path = "/customers", tag = "Tag::Customers")]
impl NotesApi {
    /// List the notes about a customer
    ///
    /// For staff alone. The newest first, page by page.
    #[oai(path = "/:id/notes", method = "get", operation_id = "listCustomerNotes")]
    async fn list(
        &self,
        caller: Allowed<may::ReadCustomers>,
        /// The customer's id.
        id: Path<Uuid>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<NotePage>, Fail<Reads>> {
        let (scope, cursors) = (("customer notes", caller.store.id.0, id.0), &caller.app().cursors);
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let mut tx = caller.begin_read().await?;
        let page = customers::list_notes(&mut tx, UserId(id.0), before.map(NoteId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|note| note.id.0);
        let next_cursor = last.and_then(|id| cursors.seal(&scope, &id));
        Ok(Answer::plain(&NotePage { items: page.items.iter().map(NoteShown::from).collect(), next_cursor })?)
    }

    /// Note something about a customer
    ///
    /// For staff alone. A note stays as it was written.
    #[oai(path = "/:id/notes", method = "post", operation_id = "addCustomerNote")]
    async fn add(
        &self,
        caller: Allowed<may::WriteCustomers>,
        /// The customer's id.
        id: Path<Uuid>,
        body: Body<NewNoteBody>,
    ) -> Result<Created<NoteShown>, Fail<Creates>> {
        let id = UserId(id.0);
        let mut change = caller.change().await?;
        let note = customers::add_note(change.tx(), id, caller.user(), body.0.text.0).await?;
        let shown = NoteShown::from(&note);
        change.commit(Entry::new("addCustomerNote", "customer", id).about(id).after(json(&shown))).await?;
        Ok(Created::at(format!("/admin/v1/customers/{id}/notes"), &shown, 1)?)
    }
}

fn twenty() -> u8 {
    20
}

/// Something to be noted.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewNoteBody {
    /// What there is to say.
    text: In<NoteText>,
}

/// A page of notes.
#[derive(Object, Serialize)]
#[oai(rename = "CustomerNotePage")]
struct NotePage {
    /// The notes.
    items: Vec<NoteShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}
