//! Files that go: written a batch of products at a time, in the order in which those were made.
//!
//! Each batch is of the moment at which it is written. What changes meanwhile is in the file as it was or as it is; no
//! product is there twice.

use chrono::{DateTime, Utc};
use kernel::Currency;
use tenants::{TenantTx, registry};
use uuid::Uuid;

use super::cells::{guarded, written_money};
use super::columns::Column;
use super::imports::{KEPT, MOST_WAITING, drop_file};
use super::queries::exports::{self as queries, Row, VariantRow};
use super::queries::files;
use super::{ExportProducts, ForgetFile, TransferError};
use crate::identity::UserId;
use crate::jobs::{self, JobId};

/// Products of a batch.
const PRODUCTS: i64 = 200;
/// Files of a store that are kept, at most: the oldest go first.
const KEPT_FILES: i64 = 10;

/// A file, and how far it is written.
#[derive(Debug, Clone)]
pub struct Export {
    /// Its id, and its job's.
    pub id: JobId,
    /// What is in it.
    pub kind: String,
    /// How many products are in it by now.
    pub products: i64,
    /// How large it is by now.
    pub bytes: i64,
    /// How many pieces it has by now.
    pub chunks: i64,
    /// When it was whole.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    pub(super) after: Uuid,
}

/// Asks for a file of all products. Forgotten after a week, or sooner where others follow.
///
/// # Errors
/// [`TransferError::TooMany`].
pub async fn begin_export(tx: &mut TenantTx, by: Option<UserId>) -> Result<Export, TransferError> {
    if queries::waiting(tx).await? >= MOST_WAITING {
        return Err(TransferError::TooMany);
    }
    for old in queries::finished_before_the_last(tx, KEPT_FILES - 1).await? {
        drop_file(tx, old).await?;
    }
    let (id, due) = (JobId::generate(), tx.now() + KEPT);
    queries::insert(tx, id).await?;
    if by.is_some() {
        jobs::enqueue_tracked_as(tx, id, &ExportProducts { export: id.0 }, by).await?;
    }
    jobs::enqueue_at(tx, &ForgetFile { file: id.0 }, due).await?;
    export(tx, id).await
}

/// How far an export is.
///
/// # Errors
/// [`TransferError::NoExport`].
pub async fn export(tx: &mut TenantTx, id: JobId) -> Result<Export, TransferError> {
    queries::get(tx, id).await?.ok_or(TransferError::NoExport(id.0))
}

/// A piece of a file.
///
/// # Errors
/// [`TransferError`].
pub async fn export_chunk(tx: &mut TenantTx, id: JobId, number: i64) -> Result<Option<Vec<u8>>, TransferError> {
    Ok(files::get(tx, id.0, number).await?)
}

/// How many products there are to write.
///
/// # Errors
/// [`TransferError`].
pub async fn products_to_export(tx: &mut TenantTx) -> Result<i64, TransferError> {
    Ok(queries::count_products(tx).await?)
}

/// Writes the next products; the file is whole once `finished_at` is set.
///
/// # Errors
/// [`TransferError::NoExport`], [`TransferError::Busy`] where somebody else wrote the batch.
pub async fn export_more(tx: &mut TenantTx, id: JobId) -> Result<Export, TransferError> {
    let before = export(tx, id).await?;
    if before.finished_at.is_some() {
        return Ok(before);
    }
    let store = registry::this_store(tx).await.map_err(|_| TransferError::NoExport(id.0))?;
    let rows = queries::products(tx, before.after, PRODUCTS).await?;
    let bytes = written(&rows, store.currency, before.chunks == 0)?;
    let last = rows.last().map_or(before.after, |row| row.id);
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    if !queries::go_on(tx, &before, last, (count, size), count < PRODUCTS).await? {
        return Err(TransferError::Busy);
    }
    files::add(tx, id.0, before.chunks, &bytes).await?;
    export(tx, id).await
}

fn written(rows: &[Row], currency: Currency, begins: bool) -> Result<Vec<u8>, TransferError> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let failed = |err: csv::Error| TransferError::from(sqlx::Error::Encode(Box::new(err)));
    if begins {
        csv.write_record(Column::ALL.iter().map(|column| column.as_str())).map_err(failed)?;
    }
    for row in rows {
        for (number, variant) in row.variants.0.iter().enumerate() {
            let cells = Column::ALL.iter().map(|column| cell(*column, row, variant, number == 0, currency));
            csv.write_record(cells.map(|cell| guarded(&cell).into_owned())).map_err(failed)?;
        }
    }
    csv.into_inner().map_err(|err| TransferError::from(sqlx::Error::Protocol(err.error().to_string())))
}

/// What stands in a cell. What belongs to the product stands on its first line alone.
fn cell(column: Column, row: &Row, variant: &VariantRow, first: bool, currency: Currency) -> String {
    let option = |number: usize| row.options.0.get(number).map(|option| option.name.clone());
    let value = |number| option(number).and_then(|name| variant.options.get(&name).cloned());
    let of_product = |text: Option<String>| text.filter(|_| first).unwrap_or_default();
    match column {
        Column::Slug => row.slug.clone(),
        Column::Name => of_product(Some(row.name.clone())),
        Column::Description => of_product(Some(row.description.clone())),
        Column::Category => of_product(row.category.clone()),
        Column::Brand => of_product(row.brand.clone()),
        Column::Active => of_product(Some(row.active.to_string())),
        Column::Price => written_money(variant.list_minor, currency),
        Column::CompareAt => of_product(row.compare_minor.map(|minor| written_money(minor, currency))),
        Column::Option1Name => of_product(option(0)),
        Column::Option2Name => of_product(option(1)),
        Column::Option3Name => of_product(option(2)),
        Column::Option1Value => value(0).unwrap_or_default(),
        Column::Option2Value => value(1).unwrap_or_default(),
        Column::Option3Value => value(2).unwrap_or_default(),
        Column::Sku => variant.sku.clone().unwrap_or_default(),
        Column::Stock => variant.on_hand.to_string(),
        Column::Attributes => {
            let pairs = row.attributes.0.iter().map(|(name, value)| format!("{name}: {value}"));
            of_product(Some(pairs.collect::<Vec<_>>().join("\n")))
        }
    }
}
