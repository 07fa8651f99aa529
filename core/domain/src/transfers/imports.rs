//! Files that come: kept in pieces, then taken in a batch at a time.
//!
//! A batch is written in two transactions: the products, then what lies in the warehouse, with the place in the file from
//! which to go on. Both may be done again without harm, for a line says how things are to be, not how they are to change.
//! Stock comes second and by itself, since sales lock it before they lock a product.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Currency, Limit, Page};
use tenants::TenantTx;
use tenants::registry;
use uuid::Uuid;

use super::columns::Column;
use super::lines::{Group, Wanted, texts};
use super::queries::{files, imports as queries};
use super::records::{Next, Record, Records};
use super::{Columns, ForgetFile, ImportProducts, TransferError};
use crate::audit::Actor;
use crate::catalog::{self, MOST_VARIANTS, VariantId, Written};
use crate::identity::UserId;
use crate::jobs::{self, JobId};
use crate::stock::{self, Count};

/// Bytes of a piece of a file that comes; the last one may be shorter.
pub const CHUNK: usize = 256 * 1024;
/// Bytes of a file, at most.
pub const LARGEST: usize = 100 * 1024 * 1024;
/// Faults that are kept to be read; the rest are counted.
pub const KEPT_FAULTS: usize = 1_000;

/// From so many lines on, a batch ends with its product.
const LINES: i64 = 1_000;
/// And from so many bytes on.
const BYTES: i64 = 2 * 1024 * 1024;
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

/// Some lines of a file, on their way.
pub struct Batch {
    import: Import,
    products: Vec<Wanted>,
    stock: Vec<(Count, i64)>,
    counts: Counts,
    faults: Vec<Fault>,
    place: (i64, i64),
    ended: bool,
}

/// What a batch comes to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) lines: i64,
    pub(super) created: i64,
    pub(super) changed: i64,
    pub(super) unchanged: i64,
    pub(super) refused: i64,
    pub(super) faults: i64,
}

/// Begins to take a file. Forgotten after a week, whatever becomes of it.
///
/// # Errors
/// [`TransferError`].
pub async fn begin_import(tx: &mut TenantTx, new: &NewImport) -> Result<JobId, TransferError> {
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

/// The next lines of a file; none where all were taken in.
///
/// # Errors
/// [`TransferError::NoImport`].
pub async fn read_batch(tx: &mut TenantTx, id: JobId) -> Result<Option<Batch>, TransferError> {
    let import = import(tx, id).await?;
    if import.bytes.is_none_or(|bytes| import.done >= bytes) {
        return Ok(None);
    }
    let store = registry::this_store(tx).await.map_err(|_| TransferError::NoImport(id.0))?;
    let piece = i64::try_from(CHUNK).unwrap_or(i64::MAX);
    let (mut chunk, mut skipped) = (import.done / piece, usize::try_from(import.done % piece).unwrap_or(0));
    let mut gathering = Gathering::new(import);
    loop {
        match gathering.records.next() {
            Next::NeedsMore => match files::get(tx, id.0, chunk).await? {
                Some(bytes) => {
                    gathering.records.feed(bytes.get(std::mem::take(&mut skipped)..).unwrap_or_default());
                    chunk += 1;
                }
                None => gathering.records.end(),
            },
            Next::Record(record) => {
                if !gathering.take(record) {
                    break;
                }
            }
            Next::End => {
                gathering.end();
                break;
            }
        }
    }
    Ok(Some(gathering.batch(store.currency)))
}

/// Lines of a file, being put together to products.
struct Gathering {
    import: Import,
    records: Records,
    groups: Vec<Group>,
    slugs: HashSet<String>,
    faults: Vec<Fault>,
    counts: Counts,
    place: (i64, i64),
    ended: bool,
}

impl Gathering {
    fn new(import: Import) -> Self {
        Self {
            records: Records::new(import.done, import.line),
            groups: Vec::new(),
            slugs: HashSet::new(),
            faults: Vec::new(),
            counts: Counts::default(),
            place: (import.done, import.line),
            ended: false,
            import,
        }
    }

    /// Takes a line; false where it is the first one of the next batch.
    fn take(&mut self, record: Record) -> bool {
        let number = record.line;
        match texts(record, &self.import.columns) {
            Err(fault) => self.refuse(fault),
            Ok(line) => {
                let cell = self.import.columns.place_of(Column::Slug).and_then(|place| line.1.get(place));
                let slug = cell.map(|cell| cell.trim().to_owned()).unwrap_or_default();
                if slug.is_empty() {
                    self.refuse(Fault { line: number, field: "slug".to_owned(), reason: "is required".to_owned() });
                } else if self.groups.last().is_some_and(|group| group.slug == slug) {
                    self.go_on(line);
                } else if self.is_full() || !self.slugs.insert(slug.clone()) {
                    return false;
                } else {
                    self.groups.push(Group { slug, lines: vec![line], more: 0, faults: Vec::new() });
                }
            }
        }
        self.counts.lines += 1;
        self.place = self.records.place();
        true
    }

    fn go_on(&mut self, line: (i64, Vec<String>)) {
        let Some(group) = self.groups.last_mut() else { return };
        if group.lines.len() < MOST_VARIANTS {
            group.lines.push(line);
            return;
        }
        group.more += 1;
        if group.faults.is_empty() {
            let reason = format!("the product has more than {MOST_VARIANTS} variants");
            group.faults.push(Fault { line: line.0, field: String::new(), reason });
        }
    }

    fn is_full(&self) -> bool {
        self.counts.lines >= LINES || self.place.0 - self.import.done >= BYTES
    }

    fn refuse(&mut self, fault: Fault) {
        self.counts.refused += 1;
        blame(&mut self.faults, &mut self.counts, fault);
    }

    fn end(&mut self) {
        self.place = (self.import.bytes.unwrap_or(self.place.0), self.records.place().1);
        self.ended = true;
    }

    fn batch(mut self, currency: Currency) -> Batch {
        let mut products = Vec::new();
        for mut group in self.groups {
            let lines = i64::try_from(group.lines.len()).unwrap_or(i64::MAX) + group.more;
            match group.read(&self.import.columns, currency) {
                Some(wanted) => products.push(wanted),
                None => self.counts.refused += lines,
            }
            for fault in group.faults {
                blame(&mut self.faults, &mut self.counts, fault);
            }
        }
        Batch {
            import: self.import,
            products,
            stock: Vec::new(),
            counts: self.counts,
            faults: self.faults,
            place: self.place,
            ended: self.ended,
        }
    }
}

fn blame(faults: &mut Vec<Fault>, counts: &mut Counts, fault: Fault) {
    counts.faults += 1;
    if faults.len() < KEPT_FAULTS {
        faults.push(fault);
    }
}

/// Writes the products of a batch, or sees what would be written. Done twice, the second time finds them as they are to be.
///
/// # Errors
/// [`TransferError`], also where somebody took a slug or SKU at the same moment: then it may be tried again.
pub async fn write_batch(tx: &mut TenantTx, batch: &mut Batch) -> Result<(), TransferError> {
    let wanted: Vec<_> = batch.products.iter().map(|wanted| wanted.product.clone()).collect();
    let answers = catalog::write_products(tx, &wanted, batch.import.dry_run).await?;
    let products = std::mem::take(&mut batch.products);
    for (wanted, answer) in products.iter().zip(answers) {
        batch.note(wanted, answer);
    }
    Ok(())
}

impl Batch {
    fn note(&mut self, wanted: &Wanted, answer: Written) {
        let lines = i64::try_from(wanted.lines.len()).unwrap_or(i64::MAX);
        let known = |id| (id, false);
        let variants: Vec<(VariantId, bool)> = match answer {
            Written::Created(ids) => {
                self.counts.created += lines;
                ids.into_iter().map(|id| (id, true)).collect()
            }
            Written::Changed(variants) => {
                self.counts.changed += lines;
                variants
            }
            Written::Unchanged(ids) => {
                self.counts.unchanged += lines;
                ids.into_iter().map(known).collect()
            }
            Written::Refused(faults) => {
                self.counts.refused += lines;
                for fault in faults {
                    let line = wanted.lines.get(fault.variant.unwrap_or(0)).copied().unwrap_or_default();
                    let fault = Fault { line, field: fault.field.to_owned(), reason: fault.reason };
                    blame(&mut self.faults, &mut self.counts, fault);
                }
                return;
            }
        };
        for (((variant, is_new), on_hand), line) in variants.into_iter().zip(&wanted.stock).zip(&wanted.lines) {
            if let Some(on_hand) = *on_hand {
                self.stock.push((Count { variant, on_hand, is_new }, *line));
            }
        }
    }
}

/// Writes what lies in the warehouse, the faults of a batch, and where to go on. Answers how far the import is.
///
/// # Errors
/// [`TransferError`]; [`TransferError::NoImport`] also where somebody else did the batch.
pub async fn finish_batch(tx: &mut TenantTx, mut batch: Batch) -> Result<Import, TransferError> {
    if !batch.import.dry_run {
        let counts: Vec<_> = batch.stock.iter().map(|(count, _)| *count).collect();
        for (place, reserved) in stock::count_many(tx, &counts, batch.import.actor).await? {
            let line = batch.stock.get(place).map_or(0, |(_, line)| *line);
            let reason = format!("{reserved} are promised to orders: count them, too");
            let fault = Fault { line, field: "stock".to_owned(), reason };
            blame(&mut batch.faults, &mut batch.counts, fault);
        }
    }
    let id = batch.import.id;
    if !queries::go_on(tx, &batch.import, &batch.counts, batch.place).await? {
        return Err(TransferError::NoImport(id.0));
    }
    let room = KEPT_FAULTS.saturating_sub(usize::try_from(batch.import.faults).unwrap_or(KEPT_FAULTS));
    batch.faults.sort_by_key(|fault| fault.line);
    batch.faults.truncate(room);
    queries::insert_faults(tx, id, batch.import.faults, &batch.faults).await?;
    if batch.ended {
        files::remove(tx, id.0).await?;
    }
    import(tx, id).await
}
