//! From bytes to the cells of lines, in bounded memory, with the place of each line.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// The longest line, in bytes of its cells.
const LONGEST: usize = 256 * 1024;
/// The most cells of a line.
const MOST_CELLS: usize = 200;

/// Cuts what is fed to it into lines. Quotes, line feeds within them and CRLF are as RFC 4180 says; a quote in the middle
/// of a cell stands for itself.
pub(super) struct Records {
    reader: Reader,
    input: Vec<u8>,
    /// What of `input` was read.
    read: usize,
    ended: bool,
    /// Where the next line begins.
    byte: i64,
    line: i64,
    /// Whether a carriage return came last: with a line feed behind it, both are the end of one line.
    returned: bool,
    /// Where what is being read goes on, within it.
    inside: Option<Inside>,
    out: Vec<u8>,
    ends: Vec<usize>,
}

struct Inside {
    line: i64,
    written: usize,
    cells: usize,
    fault: Option<&'static str>,
}

/// A line.
pub(super) struct Record {
    /// Its number in the file, from 1.
    pub(super) line: i64,
    pub(super) cells: Vec<Vec<u8>>,
    /// Why its cells are not here.
    pub(super) fault: Option<&'static str>,
}

/// What comes next.
pub(super) enum Next {
    /// A line.
    Record(Record),
    /// More is to be fed, or the end to be told.
    NeedsMore,
    /// Nothing.
    End,
}

impl Records {
    /// Begins at this byte and line of a file whose cells `delimiter` parts.
    pub(super) fn new(byte: i64, line: i64, delimiter: u8) -> Self {
        Self {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            input: Vec::new(),
            read: 0,
            ended: false,
            byte,
            line,
            returned: false,
            inside: None,
            out: vec![0; 4096],
            ends: vec![0; 32],
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.input.drain(..std::mem::take(&mut self.read));
        self.input.extend_from_slice(bytes);
    }

    /// Says that nothing more comes.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// The byte and the line behind the last line that was read: a carriage return that a line feed may follow is still to
    /// be read then, so that whoever goes on there counts lines as if nothing had been between.
    pub(super) fn place(&self) -> (i64, i64) {
        (self.byte - i64::from(self.returned), self.line)
    }

    /// The next line, empty ones apart.
    pub(super) fn next(&mut self) -> Next {
        if self.inside.is_none() {
            let blank = self.input[self.read..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.take(blank);
            if self.is_read() && !self.ended {
                return Next::NeedsMore;
            }
            self.line += i64::from(std::mem::take(&mut self.returned));
            self.inside = Some(Inside { line: self.line, written: 0, cells: 0, fault: None });
        }
        loop {
            if self.is_read() && !self.ended {
                return Next::NeedsMore;
            }
            let Some(inside) = &mut self.inside else { return Next::End };
            let (result, taken, written, cells) = self.reader.read_record(
                &self.input[self.read..],
                &mut self.out[inside.written..],
                &mut self.ends[inside.cells..],
            );
            inside.written += written;
            inside.cells += cells;
            self.take(taken);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.widen_line(),
                ReadRecordResult::OutputEndsFull => self.widen_cells(),
                ReadRecordResult::Record => return self.record(),
                ReadRecordResult::End => {
                    self.inside = None;
                    return Next::End;
                }
            }
        }
    }

    fn is_read(&self) -> bool {
        self.read == self.input.len()
    }

    fn take(&mut self, count: usize) {
        for byte in &self.input[self.read..self.read + count] {
            self.line += i64::from(*byte == b'\n' || self.returned);
            self.returned = *byte == b'\r';
        }
        self.read += count;
        self.byte += i64::try_from(count).unwrap_or(i64::MAX);
    }

    /// A line that is too long is read to its end, and forgotten as it comes.
    fn widen_line(&mut self) {
        let Some(inside) = &mut self.inside else { return };
        if inside.fault.is_none() && self.out.len() < LONGEST {
            self.out.resize((self.out.len() * 2).min(LONGEST), 0);
        } else {
            inside.fault.get_or_insert("is longer than 256 KiB; perhaps a quote is not closed");
            inside.written = 0;
        }
    }

    fn widen_cells(&mut self) {
        let Some(inside) = &mut self.inside else { return };
        if inside.fault.is_none() && self.ends.len() < MOST_CELLS {
            self.ends.resize((self.ends.len() * 2).min(MOST_CELLS), 0);
        } else {
            inside.fault.get_or_insert("has more than 200 cells");
            inside.cells = 0;
        }
    }

    fn record(&mut self) -> Next {
        let Some(inside) = self.inside.take() else { return Next::End };
        let mut begin = 0;
        let cells = self.ends[..inside.cells].iter().map(|end| {
            let cell = self.out.get(begin..*end).unwrap_or_default().to_vec();
            begin = *end;
            cell
        });
        let cells = if inside.fault.is_some() { Vec::new() } else { cells.collect() };
        Next::Record(Record { line: inside.line, cells, fault: inside.fault })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8], step: usize) -> Vec<(i64, Vec<String>, Option<&'static str>)> {
        let mut records = Records::new(0, 1, b',');
        let (mut pieces, mut found) = (text.chunks(step), Vec::new());
        loop {
            match records.next() {
                Next::Record(record) => {
                    let cells = record.cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
                    found.push((record.line, cells, record.fault));
                }
                Next::NeedsMore => match pieces.next() {
                    Some(piece) => records.feed(piece),
                    None => records.end(),
                },
                Next::End => return found,
            }
        }
    }

    #[test]
    fn lines_have_their_numbers_however_they_come() {
        let text = b"a,b\r\n\"x\ny\",\"q\"\"q\"\r\n\r\n\nc,d\"e\nlast,";
        for step in [1, 2, 3, 7, 1000] {
            let found = read(text, step);
            let lines: Vec<_> = found.iter().map(|(line, cells, _)| (*line, cells.join("|"))).collect();
            let wanted = [(1, "a|b"), (2, "x\ny|q\"q"), (6, "c|d\"e"), (7, "last|")];
            assert_eq!(lines, wanted.map(|(line, cells)| (line, cells.to_owned())), "{step}");
        }
    }

    #[test]
    fn whoever_goes_on_behind_a_line_counts_as_if_nothing_had_been_between() {
        for text in [&b"a\n\"x\ny\"\nb\nc"[..], b"a\r\n\"x\r\ny\"\r\nb\r\nc", b"a\r\"x\ry\"\rb\rc\r"] {
            for step in [1, 2, 100] {
                let whole: Vec<_> = read(text, step).into_iter().map(|(line, ..)| line).collect();
                assert_eq!(whole, [1, 2, 4, 5], "{text:?} in steps of {step}");
                let (mut byte, mut line, mut found) = (0, 1, Vec::new());
                loop {
                    let mut records = Records::new(byte, line, b',');
                    records.feed(&text[usize::try_from(byte).unwrap()..]);
                    records.end();
                    let Next::Record(record) = records.next() else { break };
                    found.push(record.line);
                    (byte, line) = records.place();
                }
                assert_eq!(found, whole, "{text:?}");
            }
        }
    }

    #[test]
    fn what_is_too_long_is_named_and_passed_over() {
        let long = [b"a,b\n1,".to_vec(), vec![b'x'; 10_000_000], b"\n2,y\n".to_vec()].concat();
        let found = read(&long, 65_536);
        assert_eq!(found.len(), 3);
        assert!(found[1].2.is_some() && found[2].2.is_none() && found[2].0 == 3, "{:?}", found[2]);
        let wide = [vec![b','; 10_000], b"\nx,y\n".to_vec()].concat();
        let found = read(&wide, 1000);
        assert_eq!((found.len(), found[0].2.is_some(), found[1].2), (2, true, None));
        assert_eq!(read(b"a,\"b\nc", 2).len(), 1, "a quote that is not closed takes the rest");
    }
}
