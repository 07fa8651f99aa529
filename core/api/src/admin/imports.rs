//! Files of products that come.

use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::jobs::{self, JobId};
use domain::transfers::{self, CHUNK, Columns, Import, LARGEST, NewImport};
use kernel::Limit;
use poem::http::StatusCode;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use super::jobs::JobShown;
use crate::guard::{Allowed, may};
use crate::http::{Answer, Creates, CsvBody, Fail, Pieces, Problem, Reads, Tracked, json};
use crate::tag::Tag;

pub(crate) struct ImportsApi;

#[OpenApi(prefix_path = "/imports", tag = "Tag::Files")]
impl ImportsApi {
    /// Import products
    ///
    /// The body is CSV in UTF-8 of at most 100 MiB, its first line the names of its columns: `slug`, `name`, `description`,
    /// `category`, `brand`, `active`, `price`, `compare_at_price`, `option1_name`, `option1_value` up to `option3_value`,
    /// `sku`, `stock` and `attributes`; only `slug` must be there. A line is a variant; the lines of a product stand one
    /// after another with the same `slug`, and the first holds what belongs to the product. A product is found by its slug,
    /// a variant by its SKU or else its options; what is not found is made, what the file does not name stays. Prices are
    /// decimals in the store's currency: `12.50`. Categories and brands are named by slug, attributes as
    /// `name: value`, one a line of the cell. `stock` is what was counted at the default location, and needs
    /// `stock.write`. A product with a wrong line stays as it is, and the rest goes on; see the faults of the import. The
    /// same file twice changes nothing. The lines of a product stand together. Semicolons or tabs may part the cells,
    /// and then `12,50` is money, too.
    #[oai(path = "/products", method = "post", operation_id = "importProducts")]
    async fn products(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// Only looks, and writes nothing.
        #[oai(default)]
        dry_run: Query<bool>,
        body: CsvBody<LARGEST>,
    ) -> Result<Tracked<JobShown>, Fail<Creates>> {
        let mut pieces = body.pieces();
        let first = pieces.next(CHUNK).await?;
        let id = begin(&caller, dry_run.0, &first).await?;
        let bytes = match keep(&caller, id, first, pieces).await {
            Ok(bytes) => bytes,
            Err(problem) => {
                let mut tx = caller.begin_note().await?;
                transfers::drop_file(&mut tx, id.0).await?;
                tx.commit().await?;
                return Err(problem.into());
            }
        };
        let mut change = caller.change().await?;
        let import = transfers::start_import(change.tx(), id, bytes, Some(caller.user())).await?;
        let shown = JobShown::from(jobs::progress(change.tx(), id).await?);
        change.commit(Entry::new("importProducts", "import", id).after(json(&ImportShown::from(import)))).await?;
        Ok(Tracked::at(format!("/admin/v1/jobs/{id}"), &shown)?)
    }

    /// Get an import
    ///
    /// How far it is, under the id of its job. It can be looked up for a week.
    #[oai(path = "/:id", method = "get", operation_id = "getImport")]
    async fn get(
        &self,
        caller: Allowed<may::ReadCatalog>,
        /// The import's id.
        id: Path<Uuid>,
    ) -> Result<Answer<ImportShown>, Fail<Reads>> {
        let import = transfers::import(&mut caller.begin_read().await?, JobId(id.0)).await?;
        Ok(Answer::plain(&ImportShown::from(import))?)
    }

    /// List the faults of an import
    ///
    /// What was wrong with which line, in the order in which it was found, page by page. The first 1,000 are kept.
    #[oai(path = "/:id/faults", method = "get", operation_id = "listImportFaults")]
    async fn faults(
        &self,
        caller: Allowed<may::ReadCatalog>,
        /// The import's id.
        id: Path<Uuid>,
        /// How many at most.
        #[oai(default = "hundred", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<FaultPage>, Fail<Reads>> {
        let (scope, cursors) = (("import faults", caller.store.id.0, id.0), &caller.app().cursors);
        let after: Option<i64> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let mut tx = caller.begin_read().await?;
        let page = transfers::faults(&mut tx, JobId(id.0), after.unwrap_or(0), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|(number, _)| *number);
        let items = page.items.into_iter().map(|(_, fault)| FaultShown {
            line: fault.line,
            field: fault.field,
            reason: fault.reason,
        });
        let next_cursor = last.and_then(|number| cursors.seal(&scope, &number));
        Ok(Answer::plain(&FaultPage { items: items.collect(), next_cursor })?)
    }
}

fn hundred() -> u8 {
    100
}

/// Notes an import of a file that begins like this.
async fn begin(caller: &Allowed<may::WriteCatalog>, dry_run: bool, first: &[u8]) -> Result<JobId, Problem> {
    let (columns, byte, line) = Columns::of_file(first, first.len() < CHUNK)?;
    if columns.name_stock() && !caller.permissions().holds(domain::access::Permission::StockWrite) {
        let detail = "the column `stock` needs the permission `stock.write`, which you do not have";
        return Err(Problem::new(StatusCode::FORBIDDEN, "access.denied", detail));
    }
    let new = NewImport { dry_run, columns, begins: (byte, line), actor: caller.origin().actor };
    let mut tx = caller.begin_note().await?;
    let id = transfers::begin_import(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(id)
}

/// Keeps a file as it comes. Answers how large it is.
async fn keep(
    caller: &Allowed<may::WriteCatalog>,
    id: JobId,
    first: bytes::Bytes,
    mut pieces: Pieces<LARGEST>,
) -> Result<i64, Problem> {
    let (mut piece, mut number, mut size) = (first, 0, 0);
    while !piece.is_empty() {
        let mut tx = caller.begin_note().await?;
        transfers::add_chunk(&mut tx, id, number, &piece).await?;
        tx.commit().await?;
        (number, size) = (number + 1, size + i64::try_from(piece.len()).unwrap_or(0));
        piece = pieces.next(CHUNK).await?;
    }
    Ok(size)
}

/// An import of products.
#[derive(Object, Serialize)]
#[oai(rename = "Import")]
struct ImportShown {
    /// Its id, and its job's.
    id: Uuid,
    /// Whether it only looks.
    dry_run: bool,
    /// How large the file is; null while it is still coming.
    bytes: Option<i64>,
    /// How much of it is done.
    bytes_done: i64,
    /// Lines that were read.
    lines: i64,
    /// Lines of products that are new.
    created: i64,
    /// Lines of products that were changed.
    changed: i64,
    /// Lines of products that were as they are to be.
    unchanged: i64,
    /// Lines that were not taken in.
    refused: i64,
    /// How many faults were found.
    faults: i64,
    /// When the file came.
    created_at: DateTime<Utc>,
}

impl From<Import> for ImportShown {
    fn from(import: Import) -> Self {
        Self {
            id: import.id.0,
            dry_run: import.dry_run,
            bytes: import.bytes,
            bytes_done: import.done,
            lines: import.lines,
            created: import.created,
            changed: import.changed,
            unchanged: import.unchanged,
            refused: import.refused,
            faults: import.faults,
            created_at: import.created_at,
        }
    }
}

/// A page of faults.
#[derive(Object, Serialize)]
#[oai(rename = "ImportFaultPage")]
struct FaultPage {
    /// The faults.
    items: Vec<FaultShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// What is wrong with a line of a file.
#[derive(Object, Serialize)]
#[oai(rename = "ImportFault")]
struct FaultShown {
    /// The number of the line, from 1.
    line: i64,
    /// The column; empty where the whole line is meant.
    field: String,
    /// Why it is refused.
    reason: String,
}
