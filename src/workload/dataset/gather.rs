//! What the formats have in common: rows gathered over several files, with their places, their problems and their tags.

use super::Loaded;
use super::files::{self, Found};
use super::lines::{self, Line};
use crate::config::{Problem, Section};
use crate::domain::{Item, ItemId, Role, Split, Tags};
use crate::workload::template::Shot;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader};
use std::sync::Arc;

/// More bad rows than this are counted, not listed.
const LISTED: usize = 1000;

/// What is wrong with a row, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) place: (usize, usize),
    pub(super) field: String,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Fault {
    pub(super) fn at(place: (usize, usize), field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place, field: field.into(), message: message.into(), hint: None }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// One good row: an item and, where it serves as an example, how its answer is come by.
#[derive(Debug, Clone)]
pub(super) struct Good {
    pub(super) line: usize,
    pub(super) item: Item,
    pub(super) explanation: Option<String>,
}

/// Rows of any number of files.
#[derive(Default)]
pub(super) struct Gather {
    /// The file that is being read.
    file: Arc<str>,
    first: Option<Arc<str>>,
    items: Vec<Item>,
    lines: Vec<usize>,
    of: Vec<Arc<str>>,
    shots: Vec<Shot>,
    ids: BTreeMap<ItemId, (Arc<str>, usize)>,
    bad: Vec<Problem>,
    more_bad: usize,
    warnings: Vec<Problem>,
    warned: BTreeSet<String>,
}

impl Gather {
    /// Whatever comes next is of this file.
    pub(super) fn begin(&mut self, file: &str) {
        if *self.file != *file {
            self.file = file.into();
            self.first.get_or_insert_with(|| Arc::clone(&self.file));
        }
    }

    pub(super) fn bad(&mut self, Fault { place: (line, column), field, message, hint }: Fault) {
        if self.bad.len() < LISTED {
            self.bad.push(Problem { file: self.file.to_string(), line, column, field, message, hint });
        } else {
            self.more_bad += 1;
        }
    }

    /// Tells something that is right but perhaps not meant: once for each `key`.
    pub(super) fn warn(&mut self, key: &str, place: (usize, usize), message: impl Into<String>, hint: Option<String>) {
        if self.warned.len() < LISTED && self.warned.insert(key.to_owned()) {
            let (file, field, (line, column)) = (self.file.to_string(), String::new(), place);
            self.warnings.push(Problem { file, line, column, field, message: message.into(), hint });
        }
    }

    /// Takes a row as an item, or what is wrong with it.
    pub(super) fn item(&mut self, row: Result<Good, Fault>) {
        match row.and_then(|row| self.unique(row)) {
            Ok(Good { line, item, explanation: _ }) => {
                self.ids.insert(item.id.clone(), (Arc::clone(&self.file), line));
                self.items.push(item);
                self.lines.push(line);
                self.of.push(Arc::clone(&self.file));
            }
            Err(fault) => self.bad(fault),
        }
    }

    /// Takes a row as an example.
    pub(super) fn shot(&mut self, row: Result<Good, Fault>) {
        match row {
            Ok(Good { line, item, explanation }) => match shot(item, explanation) {
                Some(shot) => self.shots.push(shot),
                None => self.bad(Fault::at((line, 1), "answer", "is missing: an example needs its answer")),
            },
            Err(fault) => self.bad(fault),
        }
    }

    fn unique(&self, row: Good) -> Result<Good, Fault> {
        let id = row.item.id.as_str();
        let place = (row.line, 1);
        if id.is_empty() {
            return Err(Fault::at(place, "id", "must not be empty"));
        }
        match self.ids.get(&row.item.id) {
            None => Ok(row),
            Some((file, line)) => {
                let whose = if *file == self.file { String::new() } else { format!("{file} ") };
                Err(Fault::at(place, "id", format!("{id:?} is used twice: first in {whose}line {line}")))
            }
        }
    }

    /// Examples that there are of a domain.
    pub(super) fn shots_of(&self, domain: &str) -> usize {
        self.shots.iter().filter(|shot| &*shot.tags.domain == domain).count()
    }

    pub(super) fn finish(mut self) -> Loaded {
        if self.more_bad > 0 {
            let (line, message) =
                (self.bad.last().map_or(1, |p| p.line), format!("and {} more bad rows", self.more_bad));
            let (file, field) = (self.file.to_string(), String::new());
            self.bad.push(Problem { file, line, column: 1, field, message, hint: None });
        }
        let first = self.first.as_deref().unwrap_or_default();
        let file = match self.of.iter().collect::<BTreeSet<_>>().len() {
            0 | 1 => first.to_owned(),
            n => format!("{first} and {} more files", n - 1),
        };
        let Self { items, lines, of, shots, bad, warnings, .. } = self;
        Loaded { items, lines, files: of, shots, bad, warnings, file, board: None }
    }
}

/// An item with its answer, as an example.
pub(super) fn shot(item: Item, explanation: Option<String>) -> Option<Shot> {
    let Item { mut messages, answers, options, tags, .. } = item;
    let at = messages.iter().rposition(|m| m.role == Role::User)?;
    let prompt = messages.swap_remove(at).content;
    let answer = answers.into_iter().next()?;
    Some(Shot { tags, prompt, options, answer, explanation })
}

/// Calls `each` with the number and text of every line of a file; a line that is no text is a bad row (`bad`).
pub(super) fn lines_of(
    gather: &mut Gather,
    found: &Found,
    mut each: impl FnMut(&mut Gather, usize, &str),
    mut lost: impl FnMut(),
) -> io::Result<()> {
    gather.begin(&found.shown());
    let file = BufReader::with_capacity(1 << 16, File::open(&found.path)?);
    lines::for_each(file, lines::LONGEST, |number, line| {
        let fault = match line {
            Line::Text(text) => return each(gather, number, text),
            Line::NotUtf8(before) => Fault::at((number, before.chars().count() + 1), "", "is not UTF-8"),
            Line::TooLong => {
                Fault::at((number, 1), "", format!("the line is longer than {} MiB", lines::LONGEST >> 20))
            }
        };
        let first = number == 1 && fault.place.1 == 1 && fault.message == "is not UTF-8";
        gather.bad(if first { fault.hint("save the file as UTF-8") } else { fault });
        lost();
    })
}

/// The tags that a configuration gives to items whose data have none.
#[derive(Debug, Clone)]
pub(super) struct Labels {
    pub(super) tags: Tags,
}

impl Labels {
    /// Reads `domain`, `capability`, `language` and `split`.
    pub(super) fn read(section: &Section<'_>, [domain, capability, language]: [&str; 3], split: Split) -> Option<Self> {
        let word = |key: &'static str, default: &str| {
            let word = section.or(key, default.to_owned())?;
            match label(&word) {
                Ok(()) => Some(word),
                Err(message) => {
                    section.problem(key, message, Some(LABEL.to_owned()));
                    None
                }
            }
        };
        let (domain, capability) = (word("domain", domain), word("capability", capability));
        let language = word("language", language);
        let words = Split::ALL.map(|split| (split.label(), split));
        let split = if section.has("split") { section.choice("split", &words) } else { Some(split) };
        Some(Self { tags: Tags::new(domain?, capability?, language?, split?) })
    }
}

/// What a tag must be.
pub(super) const LABEL: &str = "it becomes a metric label: 1 to 64 bytes, no control characters";

/// Whether a word can be a tag: it becomes a metric label, so it is short and of one line.
pub(super) fn label(word: &str) -> Result<(), &'static str> {
    let usable = !word.is_empty() && word.len() <= 64 && !word.chars().any(char::is_control);
    if usable { Ok(()) } else { Err("is not a usable tag") }
}

/// How many examples are read of each subject at the most, where nothing else is said: what boards publish.
pub(super) const SHOTS: u32 = 5;

/// Reads `shots`: at most so many examples of each subject.
pub(super) fn shots(section: &Section<'_>) -> Option<usize> {
    const MOST: u32 = 100;
    let shots = section.or("shots", SHOTS)?;
    if shots > MOST {
        section.problem("shots", format!("expected from 0 to {MOST}"), None);
        return None;
    }
    Some(shots as usize)
}

/// The items of a format without parts: those of `path`, and examples out of `shots_path`. `read` reads one file and hands
/// each row on.
pub(super) fn whole(
    section: &Section<'_>,
    extensions: &[&str],
    mut read: impl FnMut(&mut Gather, &Found, &mut dyn FnMut(&mut Gather, Result<Good, Fault>)) -> io::Result<()>,
) -> Option<Loaded> {
    let most = shots(section);
    let examples = if section.has("shots_path") { files::named(section, "shots_path", extensions) } else { None };
    if section.has("shots") && !section.has("shots_path") {
        section.problem("shots", "there are no examples to take so many of", Some("give shots_path".into()));
    }
    let files = files::named(section, "path", extensions);
    let (files, most) = (files?, most?);
    let mut gather = Gather::default();
    let failed = |key: &'static str, found: &Found, error: &io::Error| {
        section.problem(key, format!("{} can't be read: {error}", found.shown()), None);
    };
    for found in &files {
        if let Err(error) = read(&mut gather, found, &mut Gather::item) {
            failed("path", found, &error);
            return None;
        }
    }
    for found in examples.iter().flatten() {
        let mut take = |gather: &mut Gather, row: Result<Good, Fault>| {
            let there = row.as_ref().map_or(0, |good| gather.shots_of(&good.item.tags.domain));
            if there < most {
                gather.shot(row);
            }
        };
        if let Err(error) = read(&mut gather, found, &mut take) {
            failed("shots_path", found, &error);
            return None;
        }
    }
    Some(gather.finish())
}
