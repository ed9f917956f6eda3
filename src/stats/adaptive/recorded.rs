//! Recorded full passes: a table of what targets scored on items, read from CSV, so that campaigns can be played on real answers.

use std::fmt;

/// What is no target's and no item's name: the row (or column) with each item's stratum.
const STRATUM: &str = "#stratum";
/// … and the row or column with what things cost.
const COST: &str = "#cost";

/// The scores of targets on items.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The targets' names.
    pub targets: Vec<String>,
    /// The items' names.
    pub items: Vec<String>,
    /// The stratum of each item, numbered as they first come; 0 for all without a `#stratum`.
    pub strata: Vec<usize>,
    /// By target, then item: a score from 0 to 1; none where the cell is empty.
    pub scores: Vec<Vec<Option<f64>>>,
    /// What an item costs, by target and then stratum, in the file's unit: the target's cost × the mean cost of the stratum's items;
    /// what the file doesn't say is 1. None where it says neither.
    pub costs: Option<Vec<Vec<f64>>>,
}

/// Where and why a table can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedError {
    /// Line of the file, from 1.
    pub line: u64,
    /// Cell of that line, from 1; 0 where the line as a whole is meant.
    pub cell: usize,
    /// What was found, and what was expected.
    pub what: String,
}

impl fmt::Display for RecordedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, cell, what } = self;
        if *cell == 0 { write!(f, "line {line}: {what}") } else { write!(f, "line {line}, cell {cell}: {what}") }
    }
}

impl std::error::Error for RecordedError {}

/// A cell, and where it stands.
#[derive(Debug, Clone)]
struct Cell {
    text: String,
    line: u64,
    cell: usize,
}

impl Cell {
    fn wrong(&self, what: String) -> RecordedError {
        RecordedError { line: self.line, cell: self.cell, what }
    }

    fn score(&self) -> Result<Option<f64>, RecordedError> {
        if self.text.is_empty() {
            return Ok(None);
        }
        let score = self.text.parse().ok().filter(|score| (0.0..=1.0).contains(score));
        score
            .map(Some)
            .ok_or_else(|| self.wrong(format!("{:?} is no score: 0, 1, a number between them, or nothing", self.text)))
    }

    fn cost(&self) -> Result<f64, RecordedError> {
        let cost = self.text.parse().ok().filter(|cost: &f64| cost.is_finite() && *cost >= 0.0);
        cost.ok_or_else(|| self.wrong(format!("{:?} is no cost: a number, 0 or more", self.text)))
    }
}

impl Recorded {
    /// Reads a table. The first line names the items and each other line is a target, its name first; a first cell `item` turns it
    /// round: the first line names the targets and each other line is an item. Cells are scores from 0 to 1, or empty. Where
    /// targets' names are, `#stratum` gives the items' strata and `#cost` the items' costs; where items' names are, `#cost` gives
    /// the targets' costs. A byte order mark, blank lines, and space around cells are let pass.
    ///
    /// # Errors
    /// With the place: no targets or no items, a line too long or too short, a name that comes twice or is empty, a cell that is no
    /// score, no cost or an empty stratum.
    pub fn parse(text: &str) -> Result<Self, RecordedError> {
        let (items, rows) = grid(text.trim_start_matches('\u{feff}'))?;
        let at = |cells: &[Cell], place: usize| cells.get(place).cloned();
        // One column may be the targets' costs.
        let dear = items.iter().position(|item| item.text == COST);
        let places: Vec<usize> = (0..items.len()).filter(|i| Some(*i) != dear).collect();
        let items: Vec<Cell> = places.iter().filter_map(|i| at(&items, *i)).collect();
        let (mut targets, mut scores, mut strata, mut stretch, mut prices) =
            (Vec::new(), Vec::new(), None, None, Vec::new());
        for (cell, cells) in &rows {
            let own = places.iter().filter_map(|i| cells.get(*i));
            match cell.text.as_str() {
                STRATUM => strata = Some(numbered(own)?),
                COST => stretch = Some(own.map(Cell::cost).collect::<Result<Vec<f64>, _>>()?),
                name if name.is_empty() || name.starts_with('#') => {
                    return Err(cell.wrong(format!("{name:?} is no target's name")));
                }
                _ => {
                    scores.push(own.map(Cell::score).collect::<Result<Vec<_>, _>>()?);
                    prices.push(dear.and_then(|place| cells.get(place)).map_or(Ok(1.0), Cell::cost)?);
                    targets.push(cell.clone());
                }
            }
        }
        for (names, what) in [(&targets, "target"), (&items, "item")] {
            let mut seen = std::collections::BTreeSet::new();
            if names.is_empty() {
                return Err(RecordedError { line: 1, cell: 0, what: format!("there is no {what}") });
            }
            for name in names {
                if name.text.is_empty() || name.text.starts_with('#') {
                    return Err(name.wrong(format!("{:?} is no {what}'s name", name.text)));
                }
                if !seen.insert(&name.text) {
                    return Err(name.wrong(format!("the {what} {:?} comes twice", name.text)));
                }
            }
        }
        let strata = strata.unwrap_or_else(|| vec![0; items.len()]);
        let costs = (dear.is_some() || stretch.is_some()).then(|| {
            let means = means(&strata, stretch.as_deref());
            prices.iter().map(|price| means.iter().map(|mean| price * mean).collect()).collect()
        });
        let texts = |cells: Vec<Cell>| cells.into_iter().map(|cell| cell.text).collect();
        Ok(Self { targets: texts(targets), items: texts(items), strata, scores, costs })
    }

    /// The items that all of these targets have a score on.
    #[must_use]
    pub fn common(&self, targets: &[usize]) -> Vec<usize> {
        let has =
            |target: &usize, item: usize| self.scores.get(*target).and_then(|row| row.get(item)?.as_ref()).is_some();
        (0..self.items.len()).filter(|item| targets.iter().all(|target| has(target, *item))).collect()
    }
}

type Row = (Cell, Vec<Cell>);

/// The head and the rows, with a row for each target whichever way round the file has them.
fn grid(text: &str) -> Result<(Vec<Cell>, Vec<Row>), RecordedError> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut rows: Vec<Row> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|problem| RecordedError {
            line: problem.position().map_or(0, csv::Position::line),
            cell: 0,
            what: "is no line of CSV".to_owned(),
        })?;
        // The reader's place is before the blank lines that it let pass.
        let line = record.position().map_or(0, |place| {
            let rest = usize::try_from(place.byte()).ok().and_then(|byte| text.get(byte..)).unwrap_or("");
            let blank = rest.bytes().take_while(|b| matches!(b, b'\n' | b'\r')).filter(|b| *b == b'\n').count();
            place.line() + blank as u64
        });
        let mut cells = record.iter().enumerate().map(|(i, text)| Cell { text: text.to_owned(), line, cell: i + 1 });
        let Some(name) = cells.next() else { continue };
        let cells: Vec<Cell> = cells.collect();
        if let Some((_, head)) = rows.first().filter(|(_, head)| head.len() != cells.len()) {
            let what = format!("{} cells, where the first line has {}", cells.len() + 1, head.len() + 1);
            return Err(RecordedError { line, cell: 0, what });
        }
        rows.push((name, cells));
    }
    if rows.is_empty() {
        return Err(RecordedError { line: 1, cell: 0, what: "the file is empty".to_owned() });
    }
    let (corner, head) = rows.remove(0);
    if corner.text != "item" {
        return Ok((head, rows));
    }
    let mut columns = vec![Vec::new(); head.len()];
    let mut items = Vec::new();
    for (name, cells) in rows {
        items.push(name);
        for (column, cell) in columns.iter_mut().zip(cells) {
            column.push(cell);
        }
    }
    Ok((items, head.into_iter().zip(columns).collect()))
}

fn numbered<'a>(cells: impl Iterator<Item = &'a Cell>) -> Result<Vec<usize>, RecordedError> {
    let mut names: Vec<&str> = Vec::new();
    let mut strata = Vec::new();
    for cell in cells {
        if cell.text.is_empty() {
            return Err(cell.wrong("an item without a stratum".to_owned()));
        }
        let place = names.iter().position(|name| *name == cell.text).unwrap_or_else(|| {
            names.push(&cell.text);
            names.len() - 1
        });
        strata.push(place);
    }
    Ok(strata)
}

/// The mean cost of each stratum's items.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn means(strata: &[usize], costs: Option<&[f64]>) -> Vec<f64> {
    let count = strata.iter().max().map_or(0, |most| most + 1);
    let mut sums = vec![(0.0, 0_usize); count];
    for (item, h) in strata.iter().enumerate() {
        if let Some((sum, n)) = sums.get_mut(*h) {
            *sum += costs.and_then(|costs| costs.get(item)).copied().unwrap_or(1.0);
            *n += 1;
        }
    }
    sums.into_iter().map(|(sum, n)| sum / n.max(1) as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_ways_round_are_the_same_table() {
        let wide = "target,a,b,#cost,c\n#stratum,x,y,,x\nbig,1,0,2,\n#cost,1,1,,3\nsmall, 0.5 ,1,0.5,0\n";
        let long = "\u{feff}item,#stratum,big,#cost,small\na,x,1,1,0.5\nb,y,0,1,1\n#cost,,2,,0.5\n\nc,x,,3,0\n";
        let got = Recorded::parse(wide).unwrap();
        assert_eq!(Recorded::parse(long).unwrap(), got);
        assert_eq!(
            (got.targets, got.items),
            (vec!["big".into(), "small".into()], vec!["a".into(), "b".into(), "c".into()])
        );
        assert_eq!(got.strata, [0, 1, 0]);
        assert_eq!(got.scores, [vec![Some(1.0), Some(0.0), None], vec![Some(0.5), Some(1.0), Some(0.0)]]);
        // Stratum x costs (1 + 3) / 2 an item.
        assert_eq!(got.costs, Some(vec![vec![4.0, 2.0], vec![1.0, 0.5]]));
        let got = Recorded::parse(wide).unwrap();
        assert_eq!((got.common(&[0, 1]), got.common(&[1])), (vec![0, 1], vec![0, 1, 2]));
    }

    #[test]
    fn a_plain_table_has_one_stratum_and_no_costs() {
        let got = Recorded::parse("model,1,2\nm,1,0").unwrap();
        assert_eq!((got.strata, got.costs), (vec![0, 0], None));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, problem) in [
            ("", "line 1: the file is empty"),
            ("target,a\n", "line 1: there is no target"),
            ("target\nm\n", "line 1: there is no item"),
            ("target,a,b\nm,1\n", "line 2: 2 cells, where the first line has 3"),
            ("target,a,b\n\nm,1,x\n", "line 3, cell 3: \"x\" is no score: 0, 1, a number between them, or nothing"),
            ("target,a\nm,2\n", "line 2, cell 2: \"2\" is no score: 0, 1, a number between them, or nothing"),
            ("target,a\nm,NaN\n", "line 2, cell 2: \"NaN\" is no score: 0, 1, a number between them, or nothing"),
            ("target,a\nm,1\nm,1\n", "line 3, cell 1: the target \"m\" comes twice"),
            ("item,m\na,1\na,1\n", "line 3, cell 1: the item \"a\" comes twice"),
            ("target,a,\nm,1,1\n", "line 1, cell 3: \"\" is no item's name"),
            ("target,a\n#strata,x\nm,1\n", "line 2, cell 1: \"#strata\" is no target's name"),
            ("target,a,#cost\nm,1,-3\n", "line 2, cell 3: \"-3\" is no cost: a number, 0 or more"),
            ("item,m,#stratum\na,1,\n", "line 2, cell 3: an item without a stratum"),
        ] {
            assert_eq!(Recorded::parse(text).unwrap_err().to_string(), problem, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_text_it_is_read_or_told(text in "[a#item,1\\.\"\\n -]{0,60}") {
            match Recorded::parse(&text) {
                Ok(got) => prop_assert!(
                    got.scores.len() == got.targets.len() && got.scores.iter().all(|row| row.len() == got.items.len())
                        && got.strata.len() == got.items.len()),
                Err(problem) => prop_assert!(problem.line <= 60 && !problem.to_string().is_empty()),
            }
        }
    }
}
