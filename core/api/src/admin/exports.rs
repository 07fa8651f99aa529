//! Files of products that go.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::jobs::{self, JobId};
use domain::transfers::{self, Export, TransferError};
use futures_util::stream;
use poem_openapi::param::Path;
use poem_openapi::{Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::jobs::JobShown;
use crate::guard::{Allowed, may};
use crate::http::{Answer, Body, Creates, CsvFile, Fail, Reads, Steps, Tracked, json};
use crate::tag::Tag;

pub(crate) struct ExportsApi;

#[OpenApi(prefix_path = "/exports", tag = "Tag::Files")]
impl ExportsApi {
    /// Export products
    ///
    /// A job writes a file of all products, in the form in which they are imported. In cells that a spreadsheet would
    /// take for a formula an apostrophe stands first; an import takes it away. Ask for the job until it is finished, then for
    /// the file.
    #[oai(path = "/", method = "post", operation_id = "addExport")]
    async fn add(
        &self,
        caller: Allowed<may::WriteExports>,
        body: Body<NewExportBody>,
    ) -> Result<Tracked<JobShown>, Fail<Creates>> {
        let ExportKind::Products = body.0.kind;
        let mut change = caller.change().await?;
        let export = transfers::begin_export(change.tx(), Some(caller.user())).await?;
        let id = export.id;
        let shown = JobShown::from(jobs::progress(change.tx(), id).await?);
        change.commit(Entry::new("addExport", "export", id).after(json(&ExportShown::from(export)))).await?;
        Ok(Tracked::at(format!("/admin/v1/jobs/{id}"), &shown)?)
    }

    /// Get an export
    ///
    /// How far it is, under the id of its job. It can be looked up for a week.
    #[oai(path = "/:id", method = "get", operation_id = "getExport")]
    async fn get(
        &self,
        caller: Allowed<may::ReadExports>,
        /// The export's id.
        id: Path<Uuid>,
    ) -> Result<Answer<ExportShown>, Fail<Reads>> {
        let export = transfers::export(&mut caller.begin_read().await?, JobId(id.0)).await?;
        Ok(Answer::plain(&ExportShown::from(export))?)
    }

    /// Get the file of an export
    ///
    /// Once it is finished, for a week.
    #[oai(path = "/:id/file", method = "get", operation_id = "getExportFile")]
    async fn file(
        &self,
        caller: Allowed<may::ReadExports>,
        /// The export's id.
        id: Path<Uuid>,
    ) -> Result<CsvFile, Fail<Steps>> {
        let id = JobId(id.0);
        let export = transfers::export(&mut caller.begin_read().await?, id).await?;
        if export.finished_at.is_none() {
            return Err(TransferError::NotFinished(id.0).into());
        }
        let (tenants, store) = (caller.app().tenants.clone(), caller.store.id);
        let pieces = stream::try_unfold((tenants, 0), move |(tenants, number)| async move {
            let mut tx = tenants.begin_read(store).await?;
            let piece = transfers::export_chunk(&mut tx, id, number).await?;
            Ok::<_, TransferError>(piece.map(|piece| (Bytes::from(piece), (tenants, number + 1))))
        });
        Ok(CsvFile::new(format!("products-{id}.csv"), export.bytes, pieces))
    }
}

/// What is to be exported.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewExportBody {
    /// What is to be in the file.
    kind: ExportKind,
}

/// What is in a file.
#[derive(Enum, Deserialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum ExportKind {
    /// All products with their variants.
    Products,
}

/// An export.
#[derive(Object, Serialize)]
#[oai(rename = "Export")]
struct ExportShown {
    /// Its id, and its job's.
    id: Uuid,
    /// What is in it.
    kind: String,
    /// How many products are in it by now.
    products: i64,
    /// How large it is by now.
    bytes: i64,
    /// When it was whole; null before.
    finished_at: Option<DateTime<Utc>>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
}

impl From<Export> for ExportShown {
    fn from(export: Export) -> Self {
        Self {
            id: export.id.0,
            kind: export.kind,
            products: export.products,
            bytes: export.bytes,
            finished_at: export.finished_at,
            created_at: export.created_at,
        }
    }
}
