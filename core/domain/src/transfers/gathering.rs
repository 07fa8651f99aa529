//! From the lines of a file to the products of a batch.

use std::collections::HashMap;

use kernel::Currency;

use super::batches::Batch;
use super::columns::Column;
use super::lines::{Group, texts};
use super::records::{Record, Records};
use super::{Fault, Import};

/// From so many lines on, a batch ends with its product.
const LINES: i64 = 1_000;
/// And from so many bytes on.
const BYTES: i64 = 2 * 1024 * 1024;

/// Lines of a file, being put together to products.
pub(super) struct Gathering {
    pub(super) records: Records,
    batch: Batch,
    groups: Vec<Group>,
    /// Which of them has a slug.
    slugs: HashMap<String, usize>,
    /// The one that the last line was of.
    last: usize,
}

impl Gathering {
    pub(super) fn new(import: Import) -> Self {
        let place = (import.done, import.line);
        Self {
            records: Records::new(place.0, place.1, import.columns.delimiter()),
            batch: Batch::new(import, place, false),
            groups: Vec::new(),
            slugs: HashMap::new(),
            last: 0,
        }
    }

    /// Takes a line; false where it is the first one of the next batch.
    pub(super) fn take(&mut self, record: Record) -> bool {
        let number = record.line;
        let line = texts(record, &self.batch.import.columns);
        let place = self.batch.import.columns.place_of(Column::Slug);
        let cell = line.as_ref().ok().and_then(|line| line.1.get(place?));
        let slug = cell.map(|cell| cell.trim().to_owned()).unwrap_or_default();
        if self.is_full() && self.groups.get(self.last).is_none_or(|group| group.slug != slug) {
            return false;
        }
        match line {
            Err(fault) => self.refuse(fault),
            // What a spreadsheet writes of a row with nothing in it.
            Ok(line) if line.1.iter().all(|cell| cell.trim().is_empty()) => self.batch.counts.lines -= 1,
            Ok(line) => {
                if slug.is_empty() {
                    self.refuse(Fault { line: number, field: "slug".to_owned(), reason: "is required".to_owned() });
                } else if let Some(known) = self.slugs.get(&slug) {
                    self.last = *known;
                    self.groups[*known].add(line);
                } else {
                    self.last = self.groups.len();
                    self.slugs.insert(slug.clone(), self.last);
                    self.groups.push(Group::new(slug, line));
                }
            }
        }
        self.batch.counts.lines += 1;
        self.batch.place = self.records.place();
        true
    }

    /// A batch that was written before ends where it did then.
    fn is_full(&self) -> bool {
        let (import, byte) = (&self.batch.import, self.batch.place.0);
        if import.written > import.done {
            return byte >= import.written;
        }
        self.batch.counts.lines >= LINES || byte - import.done >= BYTES
    }

    fn refuse(&mut self, fault: Fault) {
        self.batch.counts.refused += 1;
        self.batch.blame(fault);
    }

    /// There are no more lines.
    pub(super) fn end(&mut self) {
        let (_, line) = self.records.place();
        self.batch.place = (self.batch.import.bytes.unwrap_or(self.batch.place.0), line);
        self.batch.ended = true;
    }

    pub(super) fn batch(mut self, currency: Currency) -> Batch {
        for group in self.groups {
            self.batch.add(group, currency);
        }
        self.batch
    }
}
