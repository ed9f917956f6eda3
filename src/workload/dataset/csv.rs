//! Comma-separated values (RFC 4180), line by line: cells may hold commas, quotes and line breaks in quotes, and every cell
//! knows where it is.
//!
//! Own, since a mistake is told at its line and column, which the `csv` crate does not keep.

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// Where it begins, from 1.
    pub(super) line: usize,
    /// From 1, in characters.
    pub(super) column: usize,
    /// Its text, without the quotes around it.
    pub(super) text: String,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The line on which it begins.
    pub(super) line: usize,
    /// At least one.
    pub(super) cells: Vec<Cell>,
    /// Behind its last cell.
    pub(super) end: (usize, usize),
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: &'static str,
}

/// The longest row that is taken, in bytes: a quote that is never closed must not fill the memory.
const LONGEST: usize = 16 << 20;

/// A reader that is given one line after the other.
#[derive(Default)]
pub(super) struct Reader {
    cells: Vec<Cell>,
    /// The quoted cell that goes on over the line's end.
    open: Option<Cell>,
    bytes: usize,
}

impl Reader {
    /// Takes a line, without its line break; gives a row where one ends here. Blank lines between rows are passed over.
    pub(super) fn line(&mut self, number: usize, text: &str) -> Option<Result<Row, Broken>> {
        if self.open.is_none() && text.trim().is_empty() {
            return None;
        }
        self.bytes += text.len() + 1;
        if self.bytes > LONGEST {
            let (line, column) = self.open.take().map_or((number, 1), |cell| (cell.line, cell.column));
            self.abandon();
            return Some(Err(Broken {
                line,
                column,
                message: "the row is longer than 16 MiB: is a quote not closed?",
            }));
        }
        match self.cells_of(number, text) {
            Ok(()) if self.open.is_some() => None,
            Ok(()) => {
                let cells = std::mem::take(&mut self.cells);
                self.bytes = 0;
                let line = cells.first().map_or(number, |cell| cell.line);
                Some(Ok(Row { line, cells, end: (number, text.chars().count() + 1) }))
            }
            Err(broken) => {
                self.abandon();
                Some(Err(broken))
            }
        }
    }

    /// Forgets the row that has begun: what comes next is a new one.
    pub(super) fn abandon(&mut self) {
        *self = Self::default();
    }

    /// At the end of the file: the row that never ended.
    pub(super) fn end(self) -> Option<Broken> {
        let Cell { line, column, .. } = self.open?;
        Some(Broken { line, column, message: "the quote is never closed: everything behind it is in this cell" })
    }

    fn cells_of(&mut self, line: usize, text: &str) -> Result<(), Broken> {
        let mut letters = text.chars().zip(1..).peekable();
        loop {
            let mut cell = match self.open.take() {
                Some(mut cell) => {
                    cell.text.push('\n');
                    cell
                }
                None => {
                    let column = letters.peek().map_or_else(|| text.chars().count() + 1, |(_, column)| *column);
                    let mut cell = Cell { line, column, text: String::new() };
                    if letters.next_if(|(c, _)| *c == '"').is_none() {
                        while let Some((c, _)) = letters.next_if(|(c, _)| *c != ',') {
                            cell.text.push(c);
                        }
                        self.cells.push(cell);
                        if letters.next().is_none() {
                            return Ok(());
                        }
                        continue;
                    }
                    cell
                }
            };
            // In quotes: two of them are one, one ends the cell.
            loop {
                match letters.next() {
                    None => {
                        self.open = Some(cell);
                        return Ok(());
                    }
                    Some(('"', _)) if letters.next_if(|(c, _)| *c == '"').is_some() => cell.text.push('"'),
                    Some(('"', _)) => break,
                    Some((c, _)) => cell.text.push(c),
                }
            }
            self.cells.push(cell);
            match letters.next() {
                None => return Ok(()),
                Some((',', _)) => {}
                Some((_, column)) => {
                    let message = "something follows the closing quote: a quote inside a cell is written twice";
                    return Err(Broken { line, column, message });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str) -> Vec<String> {
        let mut reader = Reader::default();
        let mut all = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            all.extend(reader.line(number, line).map(|row| match row {
                Ok(row) => {
                    let cells = row.cells.iter().map(|c| format!("{}:{} {:?}", c.line, c.column, c.text));
                    cells.collect::<Vec<_>>().join(" | ")
                }
                Err(Broken { line, column, message }) => format!("{line}:{column}: {message}"),
            }));
        }
        all.extend(reader.end().map(|Broken { line, column, message }| format!("{line}:{column}: {message}")));
        all
    }

    #[test]
    fn cells_know_where_they_begin() {
        assert_eq!(
            rows("a,\"b,c\",\nсон,\"x \"\"y\"\"\",z\n\n,\n"),
            [
                "1:1 \"a\" | 1:3 \"b,c\" | 1:9 \"\"",
                "2:1 \"сон\" | 2:5 \"x \\\"y\\\"\" | 2:15 \"z\"",
                "4:1 \"\" | 4:2 \"\"",
            ]
        );
    }

    #[test]
    fn line_breaks_in_quotes_belong_to_the_cell() {
        assert_eq!(
            rows("1,\"a\n\nb\",c\n2,d,e\n"),
            ["1:1 \"1\" | 1:3 \"a\\n\\nb\" | 3:4 \"c\"", "4:1 \"2\" | 4:3 \"d\" | 4:5 \"e\""]
        );
    }

    #[test]
    fn a_quote_inside_a_bare_cell_is_a_letter() {
        assert_eq!(rows("5\" disk,b\n"), ["1:1 \"5\\\" disk\" | 1:9 \"b\""]);
    }

    #[test]
    fn broken_quotes_are_told_where_they_are() {
        assert_eq!(
            rows("\"a\" b,c\nd,e\n"),
            [
                "1:4: something follows the closing quote: a quote inside a cell is written twice",
                "2:1 \"d\" | 2:3 \"e\"",
            ]
        );
        assert_eq!(
            rows("a,b\nc,\"d\ne,f\n"),
            ["1:1 \"a\" | 1:3 \"b\"", "2:3: the quote is never closed: everything behind it is in this cell",]
        );
    }

    proptest! {
        #[test]
        fn what_the_csv_crate_writes_is_read_as_it_was(
            table in proptest::collection::vec(proptest::collection::vec("[a-c\",\n é]{0,6}", 2..4), 1..6)
        ) {
            let mut writer = ::csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            table.iter().for_each(|row| writer.write_record(row).unwrap());
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let (mut reader, mut read) = (Reader::default(), Vec::new());
            for (number, line) in (1..).zip(text.split('\n')) {
                if let Some(row) = reader.line(number, line) {
                    read.push(row.unwrap().cells.into_iter().map(|c| c.text).collect::<Vec<_>>());
                }
            }
            // A row of which nothing but space is seen is a blank line.
            let shown = |row: &Vec<String>| row.len() > 1;
            prop_assert_eq!(read, table.into_iter().filter(shown).collect::<Vec<_>>());
        }
    }
}
