//! Files that come, kept in pieces, and how far each is taken in.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Limit, Page};
use tenants::TenantTx;
use uuid::Uuid;

use super::queries::{files, imports as queries};
use super::{Columns, ForgetFile, ImportProducts, TransferError};
use crate::audit::Actor;
use crate::identity::UserId;
use crate::jobs::{self, JobId};

/// Bytes of a piece of a file that comes; the last one may be shorter.
pub const CHUNK: usize = 256 * 1024;
/// Bytes of a file, at most.
pub const LARGEST: usize = 100 * 1024 * 1024;
/// Faults that are kept to be read; the rest are counted.
pub const KEPT_FAULTS: usize = 1_000;

/// Imports of a store that wait or are under way, at most; and exports.
pub const MOST_WAITING: i64 = 20;
/// How long a file may take to come; one that takes longer has broken off.
pub const COMES_WITHIN: TimeDelta = TimeDelta::minutes(20);
/// How long files, and what is known of them, are kept.
pub(super) const KEPT: TimeDelta = TimeDelta::days(7);

/// What an import begins with.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// Whether it only looks.
    pub dry_run: bool,
    /// The file's columns.
    pub columns: Columns,
    /// The byte and the line at which its first product begins.
    pub begins: (i64, i64),
    /// Who sent it.
    pub actor: Actor,
}

/// A file, and how far it is taken in.
#[derive(Debug, Clone)]
pub struct Import {
    /// Its id, and its job's.
    pub id: JobId,
    /// Whether it only looks.
    pub dry_run: bool,
    /// How large the file is; none while it is still coming.
    pub bytes: Option<i64>,
    /// How much of it is done.
    pub done: i64,
    /// Lines that were read.
    pub lines: i64,
    /// Those of products that were made.
    pub created: i64,
    /// Those of products that were changed.
    pub changed: i64,
    /// Those of products that were as they are to be.
    pub unchanged: i64,
    /// Those that were not taken in.
    pub refused: i64,
    /// How many faults were found.
    pub faults: i64,
    /// When it came.
    pub created_at: DateTime<Utc>,
    pub(super) columns: Columns,
    pub(super) line: i64,
    /// Up to where its products are written.
    pub(super) written: i64,
    pub(super) actor: Actor,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its number in the file, from 1.
    pub line: i64,
    /// The column; empty where the whole line is meant.
    pub field: String,
    /// Why it is refused.
    pub reason: String,
}

/// Begins to take a file. Forgotten after a week, whatever becomes of it; those that broke off are forgotten now.
///
/// # Errors
/// [`TransferError::TooMany`].
pub async fn begin_import(tx: &mut TenantTx, new: &NewImport) -> Result<JobId, TransferError> {
    let since = tx.now() - COMES_WITHIN;
    for broken in queries::broken_off(tx, since).await? {
        drop_file(tx, broken).await?;
    }
    if queries::waiting(tx, since).await? >= MOST_WAITING {
        return Err(TransferError::TooMany);
    }
    let (id, due) = (JobId::generate(), tx.now() + KEPT);
    queries::insert(tx, id, new).await?;
    jobs::enqueue_at(tx, &ForgetFile { file: id.0 }, due).await?;
    Ok(id)
}

/// Keeps a piece of a file. All but the last one have [`CHUNK`] bytes.
///
/// # Errors
/// [`TransferError`].
pub async fn add_chunk(tx: &mut TenantTx, id: JobId, number: i64, bytes: &[u8]) -> Result<(), TransferError> {
    Ok(files::add(tx, id.0, number, bytes).await?)
}

/// Notes that the whole file is there; `by` has a job take it in, and nobody where it is not a user's.
///
/// # Errors
/// [`TransferError`].
pub async fn start_import(
    tx: &mut TenantTx,
    id: JobId,
    bytes: i64,
    by: Option<UserId>,
) -> Result<Import, TransferError> {
    queries::set_bytes(tx, id, bytes).await?;
    if by.is_some() {
        jobs::enqueue_tracked_as(tx, id, &ImportProducts { import: id.0 }, by).await?;
    }
    import(tx, id).await
}

/// Forgets a file and what is known of it.
///
/// # Errors
/// [`TransferError`].
pub async fn drop_file(tx: &mut TenantTx, id: Uuid) -> Result<(), TransferError> {
    files::remove(tx, id).await?;
    Ok(queries::remove(tx, id).await?)
}

/// Forgets a file's bytes; what is known of it stays.
///
/// # Errors
/// [`TransferError`].
pub async fn drop_bytes(tx: &mut TenantTx, id: Uuid) -> Result<(), TransferError> {
    Ok(files::remove(tx, id).await?)
}

/// How far an import is.
///
/// # Errors
/// [`TransferError::NoImport`].
pub async fn import(tx: &mut TenantTx, id: JobId) -> Result<Import, TransferError> {
    queries::get(tx, id).await?.ok_or(TransferError::NoImport(id.0))
}

/// A page of an import's faults, those behind the number `after`, each with its number.
///
/// # Errors
/// [`TransferError::NoImport`].
pub async fn faults(
    tx: &mut TenantTx,
    id: JobId,
    after: i64,
    limit: Limit,
) -> Result<Page<(i64, Fault)>, TransferError> {
    import(tx, id).await?;
    Ok(Page::cut(queries::faults(tx, id, after, limit).await?, limit))
}
