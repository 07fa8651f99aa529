//! From the cells of lines to products that are wanted.

use std::collections::BTreeMap;

use kernel::{Amount, Currency, Slug, Text, TextError};

use super::cells::{read_money, unguarded};
use super::columns::Column;
use super::records::Record;
use super::{Columns, Fault};
use crate::catalog::{AttributeKey, AttributeValue, MOST_ATTRIBUTES, MOST_VARIANTS, WantedProduct, WantedVariant};

/// A line's number and its cells.
type Line = (i64, Vec<String>);

/// A product of a file: its lines.
pub(super) struct Group {
    pub(super) slug: String,
    lines: Vec<Line>,
    /// Lines beyond those that a product may have.
    more: i64,
    pub(super) faults: Vec<Fault>,
}

/// A line's cells as text, or why not.
pub(super) fn texts(record: Record, columns: &Columns) -> Result<(i64, Vec<String>), Fault> {
    let fault = |reason: String| Fault { line: record.line, field: String::new(), reason };
    if let Some(why) = record.fault {
        return Err(fault(why.to_owned()));
    }
    if record.cells.len() != columns.count() {
        return Err(fault(format!("has {} cells, the first line has {}", record.cells.len(), columns.count())));
    }
    let mut cells = Vec::with_capacity(record.cells.len());
    for (place, cell) in record.cells.into_iter().enumerate() {
        match String::from_utf8(cell) {
            Ok(cell) => cells.push(unguarded(&cell).to_owned()),
            Err(_) => return Err(fault(format!("cell {} is not UTF-8", place + 1))),
        }
    }
    Ok((record.line, cells))
}

/// What belongs to a product, and stands on its first line alone.
const OF_PRODUCT: [Column; 10] = [
    Column::Name,
    Column::Description,
    Column::Category,
    Column::Brand,
    Column::Active,
    Column::CompareAt,
    Column::Attributes,
    Column::Option1Name,
    Column::Option2Name,
    Column::Option3Name,
];

/// Reads the cells of a product's lines; gathers faults.
struct Reader<'a> {
    columns: &'a Columns,
    currency: Currency,
    faults: &'a mut Vec<Fault>,
}

/// A product that is wanted, and what is to lie in the warehouse of each of its variants.
pub(super) struct Wanted {
    pub(super) product: WantedProduct,
    pub(super) lines: Vec<i64>,
    pub(super) stock: Vec<Option<i64>>,
}

impl Group {
    pub(super) fn new(slug: String, first: Line) -> Self {
        Self { slug, lines: vec![first], more: 0, faults: Vec::new() }
    }

    pub(super) fn add(&mut self, line: Line) {
        if self.lines.len() < MOST_VARIANTS {
            self.lines.push(line);
            return;
        }
        self.more += 1;
        if self.faults.is_empty() {
            let reason = format!("the product has more than {MOST_VARIANTS} variants");
            self.faults.push(Fault { line: line.0, field: String::new(), reason });
        }
    }

    /// How many lines there are.
    pub(super) fn count(&self) -> i64 {
        i64::try_from(self.lines.len()).unwrap_or(i64::MAX) + self.more
    }

    /// What the lines say; none where one of them is wrong.
    pub(super) fn read(&mut self, columns: &Columns, currency: Currency) -> Option<Wanted> {
        let lines = std::mem::take(&mut self.lines);
        let numbers: Vec<i64> = lines.iter().map(|(number, _)| *number).collect();
        let mut reader = Reader { columns, currency, faults: &mut self.faults };
        let first = lines.first()?;
        let slug = reader.text::<Slug>(first, Column::Slug)?;
        let options = reader.option_names(first);
        let product = WantedProduct {
            slug: slug?,
            name: reader.text(first, Column::Name).flatten(),
            description: reader
                .cell(first, Column::Description)
                .and_then(|cell| reader.parse(first, Column::Description, cell)),
            brand: reader.named(first, Column::Brand),
            category: reader.named(first, Column::Category),
            active: reader.active(first),
            compare_at: reader.cell(first, Column::CompareAt).map(|_| reader.money(first, Column::CompareAt)),
            attributes: reader.attributes(first),
            options: options.clone(),
            variants: Vec::new(),
        };
        let (mut variants, mut stock) = (Vec::new(), Vec::new());
        for line in &lines {
            let count = reader.count(line);
            variants.push(WantedVariant {
                counted: count.is_some(),
                sku: reader.text(line, Column::Sku).flatten(),
                options: reader.option_values(line, options.as_ref().map_or(0, Vec::len)),
                price: reader.money(line, Column::Price),
            });
            stock.push(count);
        }
        for line in lines.iter().skip(1) {
            reader.same_product(first, line);
        }
        self.faults.is_empty().then_some(Wanted {
            product: WantedProduct { variants, ..product },
            lines: numbers,
            stock,
        })
    }
}

impl Reader<'_> {
    fn cell<'l>(&self, line: &'l Line, column: Column) -> Option<&'l str> {
        line.1.get(self.columns.place_of(column)?).map(String::as_str)
    }

    /// A cell that says something, where the file has the column.
    fn filled<'l>(&self, line: &'l Line, column: Column) -> Option<&'l str> {
        self.cell(line, column).map(str::trim).filter(|cell| !cell.is_empty())
    }

    fn blame(&mut self, line: &Line, column: Column, reason: impl Into<String>) {
        self.faults.push(Fault { line: line.0, field: column.as_str().to_owned(), reason: reason.into() });
    }

    fn parse<T: Text>(&mut self, line: &Line, column: Column, cell: &str) -> Option<T> {
        T::parse(cell).map_err(|err: TextError| self.blame(line, column, err.to_string())).ok()
    }

    /// Nothing where the file does not have the column; nothing within where the cell is empty.
    fn text<T: Text>(&mut self, line: &Line, column: Column) -> Option<Option<T>> {
        self.cell(line, column)?;
        Some(self.filled(line, column).and_then(|cell| self.parse(line, column, cell)))
    }

    /// A brand or category, by its slug, or by a name that makes that slug.
    fn named(&mut self, line: &Line, column: Column) -> Option<Option<Slug>> {
        self.cell(line, column)?;
        Some(self.filled(line, column).map(|cell| Slug::of(cell, "none")))
    }

    fn active(&mut self, line: &Line) -> Option<bool> {
        match self.filled(line, Column::Active)?.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => {
                self.blame(line, Column::Active, "must be true or false");
                None
            }
        }
    }

    fn money(&mut self, line: &Line, column: Column) -> Option<Amount> {
        let cell = self.filled(line, column)?;
        let cell = if self.columns.commas_are_free() { &cell.replacen(',', ".", 1) } else { cell };
        read_money(cell, self.currency).map_err(|why| self.blame(line, column, why)).ok()
    }

    fn count(&mut self, line: &Line) -> Option<i64> {
        let cell = self.filled(line, Column::Stock)?;
        let count = cell.parse().ok().filter(|count| (0..=crate::stock::MOST_ON_HAND).contains(count));
        if count.is_none() {
            let why = format!("must be a whole number from 0 to {}", crate::stock::MOST_ON_HAND);
            self.blame(line, Column::Stock, why);
        }
        count
    }

    /// One `name: value` a line of the cell.
    fn attributes(&mut self, line: &Line) -> Option<BTreeMap<AttributeKey, AttributeValue>> {
        let mut given = BTreeMap::new();
        for pair in self.cell(line, Column::Attributes)?.lines().filter(|pair| !pair.trim().is_empty()) {
            let Some((key, value)) = pair.split_once(':') else {
                self.blame(line, Column::Attributes, "must be `name: value`, one a line of the cell");
                continue;
            };
            let key = self.parse::<AttributeKey>(line, Column::Attributes, key);
            let value = self.parse::<AttributeValue>(line, Column::Attributes, value);
            if let Some((key, value)) = key.zip(value)
                && given.insert(key, value).is_some()
            {
                self.blame(line, Column::Attributes, "names an attribute twice");
            }
        }
        if given.len() > MOST_ATTRIBUTES {
            self.blame(line, Column::Attributes, format!("must have at most {MOST_ATTRIBUTES} attributes"));
        }
        Some(given)
    }

    fn option_names(&mut self, line: &Line) -> Option<Vec<crate::catalog::OptionName>> {
        let there = Column::OPTIONS.iter().any(|(name, _)| self.columns.has(*name));
        if !there {
            return None;
        }
        let mut names = Vec::new();
        let mut gap = false;
        for (name, _) in Column::OPTIONS {
            match self.filled(line, name) {
                None => gap = true,
                Some(_) if gap => self.blame(line, name, "stands behind an option that has no name"),
                Some(cell) => names.extend(self.parse::<crate::catalog::OptionName>(line, name, cell)),
            }
        }
        Some(names)
    }

    fn option_values(&mut self, line: &Line, count: usize) -> Vec<crate::catalog::OptionValue> {
        let mut values = Vec::new();
        for (place, (_, column)) in Column::OPTIONS.into_iter().enumerate() {
            match self.filled(line, column) {
                Some(_) if place >= count => self.blame(line, column, "belongs to an option that has no name"),
                Some(cell) => values.extend(self.parse::<crate::catalog::OptionValue>(line, column, cell)),
                None if place < count => self.blame(line, column, "is required: the product has this option"),
                None => {}
            }
        }
        values
    }

    fn same_product(&mut self, first: &Line, line: &Line) {
        for column in OF_PRODUCT {
            if let Some(cell) = self.filled(line, column)
                && Some(cell) != self.filled(first, column)
            {
                self.blame(line, column, "is not what the first line of the product says; leave it empty");
            }
        }
    }
}
