//! The first line of a file: which column means what.

use kernel::FieldError;

use super::TransferError;
use super::records::{Next, Record, Records};

macro_rules! columns {
    ($($name:ident = $word:literal;)*) => {
        /// What a column means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Column { $($name,)* }

        impl Column {
            /// All of them, in the order of an export.
            pub(super) const ALL: &[Self] = &[$(Self::$name,)*];

            pub(super) fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

columns! {
    Slug = "slug";
    Name = "name";
    Description = "description";
    Category = "category";
    Brand = "brand";
    Active = "active";
    Price = "price";
    CompareAt = "compare_at_price";
    Option1Name = "option1_name";
    Option1Value = "option1_value";
    Option2Name = "option2_name";
    Option2Value = "option2_value";
    Option3Name = "option3_name";
    Option3Value = "option3_value";
    Sku = "sku";
    Stock = "stock";
    Attributes = "attributes";
}

impl Column {
    /// The three pairs by which a buyer chooses.
    pub(super) const OPTIONS: [(Self, Self); 3] = [
        (Self::Option1Name, Self::Option1Value),
        (Self::Option2Name, Self::Option2Value),
        (Self::Option3Name, Self::Option3Value),
    ];

    fn read(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|column| column.as_str() == name)
    }
}

/// The columns of a file, in their order, and what parts them: spreadsheets write semicolons where a comma stands in numbers,
/// and tabs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(Vec<Column>, Delimiter);

/// What parts the cells of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delimiter {
    Comma,
    Semicolon,
    Tab,
}

impl Delimiter {
    const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// The one that is in a line of names, which hold none.
    fn of(line: &[u8]) -> Self {
        let first = line.iter().find(|byte| [b',', b';', b'\t', b'\r', b'\n'].contains(byte));
        match first {
            Some(b';') => Self::Semicolon,
            Some(b'\t') => Self::Tab,
            _ => Self::Comma,
        }
    }
}

/// Characters of a column's name that a refusal shows, at most.
const LONGEST_NAME: usize = 60;

impl Columns {
    /// Reads them from the beginning of a file, `whole` where that is all of it. Answers how many bytes and lines they
    /// took, too.
    ///
    /// # Errors
    /// [`TransferError::BadColumns`] names each that is not known, there twice, or missing.
    pub fn of_file(start: &[u8], whole: bool) -> Result<(Self, i64, i64), TransferError> {
        let plain = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        let delimiter = Delimiter::of(plain);
        let mut records = Records::new(if plain.len() < start.len() { 3 } else { 0 }, 1, delimiter.byte());
        records.feed(plain);
        if whole {
            records.end();
        }
        let cells = match records.next() {
            Next::Record(Record { fault: None, cells, .. }) => cells,
            Next::Record(Record { fault: Some(why), .. }) => return Err(refused(&format!("the first line {why}"))),
            _ => return Err(refused("the file does not begin with a line of column names")),
        };
        let names = cells.iter().map(|cell| String::from_utf8_lossy(cell).trim_matches(' ').to_ascii_lowercase());
        let (mut columns, mut faults) = (Vec::new(), Vec::new());
        for name in names {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
            match Column::read(&name) {
                Some(column) if columns.contains(&column) => faults.push(fault(format!("`{shown}` is there twice"))),
                Some(column) => columns.push(column),
                None => faults.push(fault(format!("`{shown}` is not a column of a file of products"))),
            }
            if faults.len() >= 20 {
                break;
            }
        }
        if !columns.contains(&Column::Slug) && faults.is_empty() {
            faults.push(fault("the column `slug` is missing".to_owned()));
        }
        for (name, value) in Column::OPTIONS {
            if columns.contains(&name) != columns.contains(&value) && faults.is_empty() {
                let why = format!("`{}` and `{}` belong together", name.as_str(), value.as_str());
                faults.push(fault(why));
            }
        }
        if !faults.is_empty() {
            return Err(TransferError::BadColumns(faults));
        }
        let (byte, line) = records.place();
        Ok((Self(columns, delimiter), byte, line))
    }

    /// Whether the file says what lies in the warehouse.
    #[must_use]
    pub fn name_stock(&self) -> bool {
        self.has(Column::Stock)
    }

    pub(super) fn has(&self, column: Column) -> bool {
        self.0.contains(&column)
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn place_of(&self, column: Column) -> Option<usize> {
        self.0.iter().position(|known| *known == column)
    }

    /// What parts the cells of a line.
    pub(super) fn delimiter(&self) -> u8 {
        self.1.byte()
    }

    /// Whether a comma may stand before the decimals of a number.
    pub(super) fn commas_are_free(&self) -> bool {
        self.1 != Delimiter::Comma
    }

    /// As they are kept.
    pub(super) fn joined(&self) -> String {
        let names: Vec<_> = self.0.iter().map(|column| column.as_str()).collect();
        names.join(&char::from(self.1.byte()).to_string())
    }

    pub(super) fn split(joined: &str) -> Self {
        let delimiter = Delimiter::of(joined.as_bytes());
        Self(joined.split(char::from(delimiter.byte())).filter_map(Column::read).collect(), delimiter)
    }
}

fn fault(detail: String) -> FieldError {
    FieldError::new("", detail)
}

fn refused(detail: &str) -> TransferError {
    TransferError::BadColumns(vec![fault(detail.to_owned())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_name_alone() {
        let (columns, byte, line) = Columns::of_file(b"\xef\xbb\xbfslug, Name ,\"price\"\r\na,b,1\r\n", true).unwrap();
        assert_eq!(columns.joined(), "slug,name,price");
        assert_eq!((byte, line), (22, 1), "the end of the line is skipped with the next line");
        assert_eq!(Columns::split(&columns.joined()), columns);
        for (file, delimiter) in
            [(&b"slug;price\nx;1,5"[..], b';'), (b"\"slug\"\tprice\n", b'\t'), (b"slug\na;b,c\n", b',')]
        {
            let (columns, ..) = Columns::of_file(file, true).unwrap();
            assert_eq!((columns.delimiter(), Columns::split(&columns.joined())), (delimiter, columns));
        }
        for bad in [
            &b""[..],
            b"\n\n",
            b"slug,slug\n",
            b"name,price\n",
            b"slug,weight\n",
            b"slug,option1_name\n",
            b"PK\x03\x04\x14\0\0\0\x08\0",
            b"slug,\"name\n",
            b"slug,\xff\xfe\n",
        ] {
            assert!(Columns::of_file(bad, true).is_err(), "{bad:?}");
        }
        let many = vec!["x"; 10_000].join(",");
        assert!(Columns::of_file(many.as_bytes(), true).is_err());
    }
}
