//! Who did what in this store.

use domain::audit::{self, EntryId};
use kernel::Limit;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use uuid::Uuid;

use crate::audit::{AuditPage, EntryShown};
use crate::guard::{Allowed, may};
use crate::http::{Answer, Fail, Reads};
use crate::tag::Tag;

pub(crate) struct AuditApi;

#[OpenApi(prefix_path = "/audit", tag = "Tag::Audit")]
impl AuditApi {
    /// Read the audit
    ///
    /// Every write by staff and keys, the newest first, page by page.
    #[oai(path = "/", method = "get", operation_id = "listAudit")]
    async fn list(
        &self,
        caller: Allowed<may::ReadAudit>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<AuditPage>, Fail<Reads>> {
        let (scope, cursors) = (("audit", caller.store.id.0), &caller.app().cursors);
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = audit::list(&mut caller.begin_read().await?, before.map(EntryId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|entry| entry.id);
        let next_cursor = last.and_then(|id| cursors.seal(&scope, &id));
        Ok(Answer::plain(&AuditPage { items: page.items.into_iter().map(EntryShown::from).collect(), next_cursor })?)
    }
}

fn twenty() -> u8 {
    20
}
