//! Files of products, taken in a batch of lines at a time.
//!
//! A batch is written in two transactions: the products with what is counted and found wrong, then what lies in the
//! warehouse with the place in the file from which to go on. Whoever is killed between them does the batch again, without
//! counting it, and finds the products as they are to be: a line says how things are to be, not how they are to change.
//! Stock comes second and by itself, since sales lock it before they lock a product, and hold it no longer than a commit.
//!
//! Batches of a store's imports come one after the other, both halves of each, so that of two files that say different
//! things of a product one is right to the last cell.

use std::collections::HashMap;

use chrono::TimeDelta;
use kernel::{Currency, Text as _};
use tenants::TenantTx;
use tenants::registry;

use super::gathering::Gathering;
use super::imports::{CHUNK, KEPT_FAULTS, import};
use super::lines::Wanted;
use super::queries::{files, imports as queries};
use super::records::Next;
use super::{Fault, Import, TransferError};
use crate::catalog::{self, VariantId, Written};
use crate::jobs::JobId;
use crate::stock::{self, Count};

/// How long others wait for the second half of a batch; whoever takes longer is taken to be dead.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);

/// Some lines of a file, on their way.
pub struct Batch {
    pub(super) import: Import,
    pub(super) products: Vec<Wanted>,
    pub(super) counts: Counts,
    pub(super) faults: Vec<Fault>,
    /// The byte and the line behind it.
    pub(super) place: (i64, i64),
    pub(super) ended: bool,
    stock: Vec<(Count, i64)>,
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

/// Writes the products of a batch, or sees what would be written, and counts them.
///
/// # Errors
/// [`TransferError`]; one that [`TransferError::is_a_race`] may be tried again, with the batch read anew.
pub async fn write_batch(tx: &mut TenantTx, batch: &mut Batch) -> Result<(), TransferError> {
    if !batch.import.dry_run {
        queries::enter(tx).await?;
        let since = tx.now() - PATIENCE;
        if queries::is_another_half_done(tx, batch.import.id, since).await? {
            return Err(TransferError::Busy);
        }
    }
    batch.refuse_returning(tx).await?;
    let (products, lines): (Vec<_>, Vec<_>) = std::mem::take(&mut batch.products)
        .into_iter()
        .map(|wanted| (wanted.product, (wanted.lines, wanted.stock)))
        .unzip();
    let answers = catalog::write_products(tx, &products, batch.import.dry_run).await?;
    let counts = |(answer, (_, stock)): (&Written, &(Vec<i64>, Vec<Option<i64>>))| -> Vec<_> {
        let counts = answer.variants().iter().zip(stock);
        counts.filter_map(|(variant, on_hand)| Some(Count { variant: *variant, on_hand: (*on_hand)? })).collect()
    };
    let counts: Vec<_> = answers.iter().zip(&lines).flat_map(counts).collect();
    let others = stock::others(tx, &counts).await?;
    for ((lines, stock), answer) in lines.iter().zip(answers) {
        batch.note(lines, stock, answer, &others);
    }
    // A batch that was written before was counted then; where somebody else has ended it since, it is not to be written again.
    if batch.import.written > batch.import.done {
        let is_ours = queries::is_where_it_was(tx, &batch.import).await?;
        return if is_ours { Ok(()) } else { Err(TransferError::Busy) };
    }
    if !queries::count(tx, &batch.import, &batch.counts, batch.place.0).await? {
        return Err(TransferError::Busy);
    }
    batch.keep_faults(tx).await?;
    batch.import.faults += batch.counts.faults;
    batch.import.written = batch.place.0;
    Ok(())
}

impl Batch {
    pub(super) fn new(import: Import, place: (i64, i64), ended: bool) -> Self {
        let (counts, nothing) = (Counts::default(), Vec::new());
        Self { import, products: Vec::new(), counts, faults: nothing, place, ended, stock: Vec::new() }
    }

    /// Takes in what the lines of a product say.
    pub(super) fn add(&mut self, group: super::lines::Group, currency: Currency) {
        let mut group = group;
        let lines = group.count();
        match group.read(&self.import.columns, currency) {
            Some(wanted) => self.products.push(wanted),
            None => self.counts.refused += lines,
        }
        for fault in group.faults {
            self.blame(fault);
        }
    }

    pub(super) fn blame(&mut self, fault: Fault) {
        self.counts.faults += 1;
        if self.faults.len() < KEPT_FAULTS {
            self.faults.push(fault);
        }
    }

    /// Refuses products that an earlier batch named: with lines of a product here and there, empty cells would take away what
    /// cells above them had said.
    async fn refuse_returning(&mut self, tx: &mut TenantTx) -> Result<(), TransferError> {
        let first = |wanted: &Wanted| wanted.lines.first().copied().unwrap_or_default();
        let named: Vec<_> = self.products.iter().map(|w| (w.product.slug.as_str().to_owned(), first(w))).collect();
        let above = queries::claim(tx, &self.import, &named).await?;
        for (place, wanted) in std::mem::take(&mut self.products).into_iter().enumerate() {
            let Some(line) = above.get(&place) else {
                self.products.push(wanted);
                continue;
            };
            self.counts.refused += i64::try_from(wanted.lines.len()).unwrap_or(i64::MAX);
            let reason =
                format!("is the product of line {line} again: sort the file, so that its lines stand together");
            self.blame(Fault { line: first(&wanted), field: "slug".to_owned(), reason });
        }
        Ok(())
    }

    /// Notes what became of a product. `others` are the variants of which there is another number than the file says, with
    /// how many are promised.
    fn note(&mut self, lines: &[i64], stock: &[Option<i64>], answer: Written, others: &HashMap<VariantId, i64>) {
        let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        let variants: Vec<VariantId> = match answer {
            Written::Created(ids) => {
                self.counts.created += count;
                ids
            }
            Written::Unchanged(ids) if !ids.iter().any(|id| others.contains_key(id)) => {
                self.counts.unchanged += count;
                ids
            }
            Written::Changed(ids) | Written::Unchanged(ids) => {
                self.counts.changed += count;
                ids
            }
            Written::Refused(faults) => {
                self.counts.refused += count;
                for fault in faults {
                    let line = lines.get(fault.variant.unwrap_or(0)).copied().unwrap_or_default();
                    self.blame(Fault { line, field: fault.field.to_owned(), reason: fault.reason });
                }
                return;
            }
        };
        for ((variant, on_hand), line) in variants.into_iter().zip(stock).zip(lines) {
            let Some(on_hand) = *on_hand else { continue };
            if let Some(reserved) = others.get(&variant).filter(|reserved| self.import.dry_run && on_hand < **reserved)
            {
                self.blame(promised(*line, *reserved));
            }
            self.stock.push((Count { variant, on_hand }, *line));
        }
    }

    /// Writes down what was found wrong, as far as there is room.
    async fn keep_faults(&mut self, tx: &mut TenantTx) -> Result<(), TransferError> {
        let room = KEPT_FAULTS.saturating_sub(usize::try_from(self.import.faults).unwrap_or(KEPT_FAULTS));
        let mut faults = std::mem::take(&mut self.faults);
        faults.sort_by_key(|fault| fault.line);
        faults.truncate(room);
        Ok(queries::insert_faults(tx, self.import.id, self.import.faults, &faults).await?)
    }
}

fn promised(line: i64, reserved: i64) -> Fault {
    Fault { line, field: "stock".to_owned(), reason: format!("{reserved} are promised to orders: count them, too") }
}

/// Writes what lies in the warehouse, and where to go on. Answers how far the import is.
///
/// # Errors
/// [`TransferError`]; [`TransferError::Busy`] also where somebody else did the batch.
pub async fn finish_batch(tx: &mut TenantTx, mut batch: Batch) -> Result<Import, TransferError> {
    (batch.faults, batch.counts) = (Vec::new(), Counts::default());
    if !batch.import.dry_run {
        let counts: Vec<_> = batch.stock.iter().map(|(count, _)| *count).collect();
        for (place, reserved) in stock::count_many(tx, &counts, batch.import.actor).await? {
            let line = batch.stock.get(place).map_or(0, |(_, line)| *line);
            batch.blame(promised(line, reserved));
        }
    }
    batch.keep_faults(tx).await?;
    let id = batch.import.id;
    if !queries::go_on(tx, &batch.import, batch.place, batch.counts.faults).await? {
        return Err(TransferError::Busy);
    }
    if batch.ended {
        files::remove(tx, id.0).await?;
        queries::forget_slugs(tx, id).await?;
    }
    import(tx, id).await
}
