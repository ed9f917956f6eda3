//! Comma-separated tables whose columns are found by their head.

use super::Fault;

/// A reader of one table.
pub(super) struct Table {
    /// The columns that are wanted, by the words of their head.
    wanted: &'static [&'static str],
    /// Where they are, once the head was read.
    at: Option<Vec<usize>>,
    /// Whether the head was no head: that is told once, and not of every line.
    headless: bool,
}

/// One cell: its column in the line, in characters from 1, and its text without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell<'a> {
    pub(super) column: usize,
    pub(super) text: &'a str,
}

impl Table {
    pub(super) const fn new(wanted: &'static [&'static str]) -> Self {
        Self { wanted, at: None, headless: false }
    }

    /// The wanted cells of a line, in the order they are wanted; none for the head.
    pub(super) fn cells<'a>(&mut self, line: &'a str) -> Result<Option<Vec<Cell<'a>>>, Fault> {
        if self.headless {
            return Ok(None);
        }
        let cells = split(line)?;
        let Some(at) = &self.at else {
            let place = |head: &&str| {
                let found = cells.iter().position(|cell| cell.text.eq_ignore_ascii_case(head));
                found.ok_or_else(|| {
                    Fault::at(1, head, "is missing: expected a column of this name in the first line")
                        .hint(format!("the first line names the columns: {}", self.wanted.join(",")))
                })
            };
            let places = self.wanted.iter().map(place).collect::<Result<_, _>>();
            self.headless = places.is_err();
            self.at = Some(places?);
            return Ok(None);
        };
        let wanted = at.iter().zip(self.wanted).map(|(index, head)| {
            let missing =
                || Fault::at(line.chars().count() + 1, head, format!("the line ends before column {}", index + 1));
            cells.get(*index).cloned().ok_or_else(missing)
        });
        wanted.collect::<Result<_, _>>().map(Some)
    }
}

impl Cell<'_> {
    /// Its text as a number.
    pub(super) fn number(&self, head: &str) -> Result<f64, Fault> {
        let number = self.text.parse::<f64>().ok().filter(|x| x.is_finite());
        number.ok_or_else(|| Fault::at(self.column, head, format!("expected a number, found {:?}", short(self.text))))
    }
}

/// The beginning of a text, for messages.
pub(super) fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Cells between commas. In quotes a comma is none; two quotes in quotes are left as they are, since no wanted cell has
/// any.
fn split(line: &str) -> Result<Vec<Cell<'_>>, Fault> {
    let (mut cells, mut from, mut column, mut began, mut quoted) = (Vec::new(), 0, 1, 1, false);
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                cells.push(cell(line.get(from..at).unwrap_or(""), began));
                (from, began) = (at + 1, column + 1);
            }
            _ => {}
        }
        column += 1;
    }
    if quoted {
        return Err(Fault::at(began, "", "a quote is not closed"));
    }
    cells.push(cell(line.get(from..).unwrap_or(""), began));
    Ok(cells)
}

fn cell(text: &str, column: usize) -> Cell<'_> {
    let text = text.trim();
    let bare = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    Cell { column, text: bare }
}
