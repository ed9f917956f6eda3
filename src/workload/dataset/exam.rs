//! What the formats of exam boards have in common: one CSV file a subject and part, four options, a letter.

use super::csv::{Broken, Cell, Reader, Row};
use super::files::{self, Found, PARTS};
use super::gather::{self, Fault, Gather, Good, LABEL};
use super::{Loaded, gather::lines_of};
use crate::config::{Section, suggest};
use crate::domain::{Item, Split, Tags};
use crate::workload::subjects::Board;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// How a board's files look.
#[derive(Clone, Copy)]
pub(super) struct Exam {
    /// Whose.
    pub(super) board: &'static Board,
    /// Whether the first line names the columns; else they are question, A, B, C, D, answer.
    pub(super) head: bool,
    /// The part whose rows are asked.
    pub(super) part: &'static str,
}

const EXTENSIONS: &[&str] = &["csv"];
const LETTERS: [&str; 4] = ["A", "B", "C", "D"];

/// Where the columns are.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Columns {
    id: Option<usize>,
    question: usize,
    options: [usize; 4],
    answer: Option<usize>,
    explanation: Option<usize>,
    /// How many there are.
    width: usize,
}

impl Columns {
    const HEADLESS: Self =
        Self { id: None, question: 0, options: [1, 2, 3, 4], answer: Some(5), explanation: None, width: 6 };

    fn of(head: &Row) -> Result<Self, Fault> {
        let find = |names: &[&str]| {
            let is = |cell: &Cell| names.iter().any(|name| cell.text.trim().eq_ignore_ascii_case(name));
            head.cells.iter().position(is)
        };
        let need = |name: &str| {
            find(&[name]).ok_or_else(|| {
                let message = "is missing: expected a column of this name in the first line";
                Fault::at((head.line, 1), name, message)
                    .hint("the first line names the columns: question,A,B,C,D,answer")
            })
        };
        let question = need("question")?;
        let [a, b, c, d] = LETTERS.map(need);
        Ok(Self {
            // The index column of a table saved by pandas has no name.
            id: find(&["id", "", "unnamed: 0"]),
            question,
            options: [a?, b?, c?, d?],
            answer: find(&["answer"]),
            explanation: find(&["explanation"]),
            width: head.cells.len(),
        })
    }
}

impl Exam {
    /// Reads all items, and the examples beside them.
    pub(super) fn read(&self, section: &Section<'_>) -> Option<Loaded> {
        let most = gather::shots(section);
        let words = Split::ALL.map(|split| (split.label(), split));
        let split = if section.has("split") { section.choice("split", &words) } else { Some(Split::Public) };
        let parts = PARTS.map(|part| (part, part));
        let part = section.has("part").then(|| section.choice("part", &parts));
        let own = if section.has("shots_path") { files::named(section, "shots_path", EXTENSIONS) } else { None };
        let found = files::named(section, "path", EXTENSIONS);
        let (found, most, split) = (found?, most?, split?);
        let part = match part {
            Some(None) => return None,
            part => part.flatten(),
        };
        let chosen = self.chosen(section, &found, part)?;
        let mut gather = Gather::default();
        for file in &chosen {
            if let Err(error) = self.file(&mut gather, file, split, &mut Gather::item) {
                section.problem("path", format!("{} can't be read: {error}", file.shown()), None);
                return None;
            }
        }
        let examples = match own {
            Some(own) => own,
            None => dev(&found, &chosen),
        };
        for file in examples.iter().filter(|example| most > 0 && chosen.iter().any(|file| file.stem == example.stem)) {
            let mut take = |gather: &mut Gather, row: Result<Good, Fault>| {
                if gather.shots_of(&file.stem) < most {
                    gather.shot(row);
                }
            };
            if let Err(error) = self.file(&mut gather, file, split, &mut take) {
                section.problem("shots_path", format!("{} can't be read: {error}", file.shown()), None);
                return None;
            }
        }
        Some(Loaded { board: Some(self.board), ..gather.finish() })
    }

    /// The files whose rows are asked: of the part that was named, or of the board's usual one; never the examples, unless
    /// they are asked for.
    fn chosen(&self, section: &Section<'_>, found: &[Found], part: Option<&'static str>) -> Option<Vec<Found>> {
        let of = |part: &str| found.iter().filter(|f| f.part == Some(part)).cloned().collect::<Vec<_>>();
        if let Some(part) = part {
            let chosen = of(part);
            if chosen.is_empty() {
                let mut there: Vec<&str> = found.iter().filter_map(|f| f.part).collect();
                there.sort_unstable();
                there.dedup();
                let there = if there.is_empty() { "none that is marked as one".to_owned() } else { there.join(", ") };
                section.problem("part", format!("no file is of part {part}: found {there}"), None);
                return None;
            }
            return Some(chosen);
        }
        let usual = of(self.part);
        if !usual.is_empty() {
            return Some(usual);
        }
        let path: Option<PathBuf> = section.get("path");
        if path.is_some_and(|path| section.source().folder.join(path).is_file()) {
            return Some(found.to_vec());
        }
        let chosen: Vec<Found> = found.iter().filter(|f| f.part != Some("dev")).cloned().collect();
        if chosen.is_empty() {
            let message = "only the dev part is there, which serves as examples";
            section.problem("path", message, Some("part = \"dev\" asks it all the same".into()));
            return None;
        }
        Some(chosen)
    }

    fn file(
        &self,
        gather: &mut Gather,
        found: &Found,
        split: Split,
        take: &mut dyn FnMut(&mut Gather, Result<Good, Fault>),
    ) -> io::Result<()> {
        let tags = match self.tags(gather, found, split) {
            Ok(tags) => tags,
            Err(fault) => {
                gather.bad(fault);
                return Ok(());
            }
        };
        let mut file = Parsed { exam: *self, found, tags, columns: None, rows: 0, refused: false };
        let mut reader = Reader::default();
        let broken = std::cell::Cell::new(false);
        lines_of(
            gather,
            found,
            |gather, number, text| {
                if broken.replace(false) {
                    reader.abandon();
                }
                match reader.line(number, text) {
                    None => {}
                    Some(Ok(row)) => file.row(gather, &row, take),
                    Some(Err(broken)) => file.broken(gather, broken, take),
                }
            },
            || broken.set(true),
        )?;
        if let Some(broken) = reader.end() {
            file.broken(gather, broken, take);
        }
        Ok(())
    }

    /// A subject's tags, by the file's name.
    fn tags(&self, gather: &mut Gather, found: &Found, split: Split) -> Result<Tags, Fault> {
        let Self { board, .. } = self;
        gather.begin(&found.shown());
        let stem = found.stem.as_str();
        gather::label(stem).map_err(|message| Fault::at((1, 1), "the file's name", message).hint(LABEL))?;
        let subject = board.subject(stem);
        if subject.is_none() {
            let (name, n) = (board.name, board.subjects.len());
            let near = suggest(stem, board.subjects.iter().map(|s| s.id)).map(|near| format!("did you mean {near}?"));
            gather.warn(
                stem,
                (1, 1),
                format!("{stem:?} is none of {name}'s {n} subjects: it is in no average of it"),
                near,
            );
        }
        let category = subject.map_or("general", |subject| subject.category);
        Ok(Tags { hard: subject.is_some_and(|s| s.hard), ..Tags::new(stem, category, board.language, split) })
    }
}

/// The dev files that belong to these: among what was found, or beside it.
fn dev(found: &[Found], chosen: &[Found]) -> Vec<Found> {
    let mut by_stem: BTreeMap<String, Found> = BTreeMap::new();
    let beside = files::beside(chosen, "dev", EXTENSIONS);
    for file in found.iter().filter(|f| f.part == Some("dev")).cloned().chain(beside) {
        by_stem.entry(file.stem.clone()).or_insert(file);
    }
    by_stem.into_values().collect()
}

/// A file as far as it has been read.
struct Parsed<'a> {
    exam: Exam,
    found: &'a Found,
    tags: Tags,
    columns: Option<Columns>,
    rows: usize,
    /// The head was no head: that is told once, and not of every line.
    refused: bool,
}

impl Parsed<'_> {
    fn broken(&mut self, gather: &mut Gather, broken: Broken, take: &mut dyn FnMut(&mut Gather, Result<Good, Fault>)) {
        let Broken { line, column, message } = broken;
        self.rows += 1;
        take(gather, Err(Fault::at((line, column), "", message)));
    }

    fn row(&mut self, gather: &mut Gather, row: &Row, take: &mut dyn FnMut(&mut Gather, Result<Good, Fault>)) {
        if self.refused {
            return;
        }
        let Some(columns) = self.columns.clone() else {
            match self.head(gather, row) {
                Ok(true) => {}
                Ok(false) => self.row(gather, row, take),
                Err(fault) => {
                    self.refused = true;
                    gather.bad(fault);
                }
            }
            return;
        };
        let read = self.good(&columns, row);
        self.rows += 1;
        take(gather, read);
    }

    /// Reads the columns; whether the first row was their head.
    fn head(&mut self, gather: &mut Gather, row: &Row) -> Result<bool, Fault> {
        let named = self.exam.head || Columns::of(row).is_ok();
        let columns = if named { Columns::of(row)? } else { Columns::HEADLESS };
        if columns.answer.is_none() {
            let message = "has no column `answer`: its rows can't be graded";
            let hint = format!("part = {:?} has answers, and scorer = \"none\" needs none", self.exam.part);
            gather.warn(&self.found.shown(), (row.line, 1), message, Some(hint));
        }
        self.columns = Some(columns);
        Ok(named)
    }

    fn good(&self, columns: &Columns, row: &Row) -> Result<Good, Fault> {
        let Columns { id, question, options, answer, explanation, width } = columns;
        let found = row.cells.len();
        if found < *width {
            return Err(Fault::at(row.end, "", format!("the row ends after {found} of {width} cells")));
        }
        if let Some(over) = row.cells.get(*width) {
            let message = format!("expected {width} cells, found {found}");
            let hint = "a cell with a comma in it is put into quotes";
            return Err(Fault::at((over.line, over.column), "", message).hint(hint));
        }
        let cell = |at: usize| row.cells.get(at).filter(|cell| !cell.text.trim().is_empty());
        let text = |at: usize, field: &str| {
            let place = row.cells.get(at).map_or((row.line, 1), |cell| (cell.line, cell.column));
            let cell = cell(at).ok_or_else(|| Fault::at(place, field, "must not be empty"))?;
            Ok::<_, Fault>((cell.text.trim().to_owned(), place))
        };
        let (prompt, _) = text(*question, "question")?;
        let options = options.iter().zip(LETTERS).map(|(at, letter)| Ok(text(*at, letter)?.0));
        let options = options.collect::<Result<Vec<String>, Fault>>()?;
        let answers = match answer {
            None => Vec::new(),
            Some(at) => {
                let (word, place) = text(*at, "answer")?;
                let letter = LETTERS.into_iter().find(|letter| word.eq_ignore_ascii_case(letter));
                let wrong = || Fault::at(place, "answer", format!("expected one of A, B, C, D, found {word:?}"));
                vec![letter.ok_or_else(wrong)?.to_owned()]
            }
        };
        let number = id.and_then(cell).map_or_else(|| self.rows.to_string(), |cell| cell.text.trim().to_owned());
        let part = self.found.part.map(|part| format!("{part}-")).unwrap_or_default();
        let id = format!("{}-{part}{number}", self.found.stem);
        let explanation = explanation.and_then(cell).map(|cell| cell.text.trim().to_owned());
        let item = Item { options, ..Item::question(&id, prompt, answers, self.tags.clone()) };
        Ok(Good { line: row.line, item, explanation })
    }
}
