//! Traces: recorded arrivals with the lengths of questions and answers, or the questions themselves. A new format is one
//! file and one line in [`KINDS`]; each is a dataset format too (`dataset::traced`), which makes items of the rows.
//!
//! A row gives an instant, which counts from the trace's first row. Rows need not be in order.

mod azure;
mod burstgpt;
mod mooncake;
mod own;
mod table;

use super::dataset::lines::{self, Line};
use crate::config::{Problem, Section};
use crate::domain::{ItemId, Message, Nanos, Tags};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::time::Duration;

/// All formats.
pub const KINDS: &[Kind] = &[mooncake::KIND, azure::KIND, burstgpt::KIND, own::KIND];

/// One format, by the name a configuration gives it.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The configuration's word.
    pub name: &'static str,
    /// One line for help and docs.
    pub about: &'static str,
    /// A reader for one file; reads the fields only this format has.
    pub start: fn(&Section<'_>) -> Option<Box<dyn Format>>,
}

/// A reader of one file's lines.
pub trait Format {
    /// Reads the next line, which is not empty; none where it is no row (a header).
    ///
    /// # Errors
    /// What is wrong, with its column.
    fn line(&mut self, text: &str) -> Result<Option<Parsed>, Fault>;
}

/// A row as its format has it; the instant is of the format's own clock, in nanoseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// When it came.
    pub at: Nanos,
    /// What was asked.
    pub ask: Ask,
    /// How many tokens the answer had.
    pub output_tokens: Option<u32>,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Only its length is known, and which blocks of text it shares with others.
    Length {
        /// In tokens.
        tokens: u32,
        /// Its blocks, first to last.
        blocks: Vec<u64>,
        /// Tokens of a block.
        block_tokens: u32,
    },
    /// The words themselves.
    Said(Box<Said>),
}

/// A question in words, perhaps with its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Its id, where the row gives one.
    pub id: Option<ItemId>,
    /// The conversation.
    pub messages: Vec<Message>,
    /// Accepted answers; none where nothing is known.
    pub answers: Vec<String>,
    /// Its strata.
    pub tags: Tags,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fault {
    /// From 1, in characters.
    pub column: usize,
    /// The field, if it is about one.
    pub field: String,
    /// In words.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Fault {
    fn at(column: usize, field: &str, message: impl Into<String>) -> Self {
        Self { column, field: field.to_owned(), message: message.into(), hint: None }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// A row with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// From 1.
    pub line: usize,
    /// When it came, since the trace's first row.
    pub at: Nanos,
    /// What was asked.
    pub ask: Ask,
    /// How many tokens the answer had.
    pub output_tokens: Option<u32>,
}

/// What came out of a file: good rows by their instant, and problems.
#[derive(Debug)]
pub struct Read {
    /// The good rows inside the window, in the order of their instants.
    pub rows: Vec<Row>,
    /// The bad ones, in file order.
    pub bad: Vec<Problem>,
    /// The file's name, for messages.
    pub file: String,
}

/// Which part of a trace is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cut {
    /// From here on, since the trace's first row.
    pub from: Duration,
    /// Up to here, exclusively.
    pub until: Option<Duration>,
    /// At most so many rows.
    pub limit: Option<u32>,
}

impl Cut {
    /// Reads `from` and `until`, and `limit`.
    pub fn build(section: &Section<'_>) -> Option<Self> {
        let limit: Option<u32> = section.get("limit");
        if limit == Some(0) {
            section.problem("limit", "expected at least 1", None);
        }
        let window = Self::window(section)?;
        Some(Self { limit, ..window })
    }

    /// Reads `from` and `until`.
    pub fn window(section: &Section<'_>) -> Option<Self> {
        let (from, until) = (section.or("from", Duration::ZERO)?, section.get("until"));
        if until.is_some_and(|until| until <= from) {
            section.problem("until", "expected later than `from`", None);
        }
        Some(Self { from, until, limit: None })
    }

    fn takes(&self, at: Nanos) -> bool {
        at >= Nanos::from(self.from) && self.until.is_none_or(|until| at < Nanos::from(until))
    }
}

/// More bad rows than this are counted, not kept.
const KEPT: usize = 1000;
/// Bad rows that are listed; the rest is counted.
const LISTED: usize = 20;

/// Reads the section's `path`.
pub fn read_file(section: &Section<'_>, kind: Kind, cut: Cut) -> Option<Read> {
    let (format, path) = ((kind.start)(section), section.need::<PathBuf>("path"));
    let path = section.source().folder.join(path?);
    let read = File::open(&path).and_then(|file| {
        let file = BufReader::with_capacity(1 << 16, file);
        format.map(|format| read(file, &path.display().to_string(), format, cut)).transpose()
    });
    read.map_err(|error| section.problem("path", format!("{} can't be read: {error}", path.display()), None)).ok()?
}

/// Reads all lines of an input.
pub(super) fn read(
    input: impl BufRead,
    file: &str,
    mut format: Box<dyn Format>,
    cut: Cut,
) -> Result<Read, std::io::Error> {
    let (mut rows, mut bad, mut more_bad) = (Vec::new(), Vec::new(), 0_usize);
    lines::for_each(input, lines::LONGEST, |line, content| {
        let parsed = match content {
            Line::Text(text) if text.trim().is_empty() => Ok(None),
            Line::Text(text) => format.line(text),
            Line::NotUtf8(before) => Err(Fault::at(before.chars().count() + 1, "", "is not UTF-8")),
            Line::TooLong => Err(Fault::at(1, "", format!("the line is longer than {} MiB", lines::LONGEST >> 20))),
        };
        match parsed {
            Ok(None) => {}
            Ok(Some(Parsed { at, ask, output_tokens })) => rows.push(Row { line, at, ask, output_tokens }),
            Err(Fault { column, field, message, hint }) if bad.len() < KEPT => {
                bad.push(Problem { file: file.to_owned(), line, column, field, message, hint });
            }
            Err(_) => more_bad += 1,
        }
    })?;
    if more_bad > 0 {
        let line = bad.last().map_or(1, |problem| problem.line);
        let message = format!("and {more_bad} more bad rows");
        bad.push(Problem { file: file.to_owned(), line, column: 1, field: String::new(), message, hint: None });
    }
    rows.sort_by_key(|row| row.at);
    let first = rows.first().map_or(Nanos(0), |row| row.at);
    rows.iter_mut().for_each(|row| row.at = row.at.since(first));
    rows.retain(|row| cut.takes(row.at));
    rows.truncate(cut.limit.map_or(usize::MAX, |n| n as usize));
    Ok(Read { rows, bad, file: file.to_owned() })
}

/// Lists the first bad rows and counts the others.
pub fn report(section: &Section<'_>, bad: &[Problem]) {
    for problem in bad.iter().take(LISTED) {
        section.problem_elsewhere(problem.clone());
    }
    if let Some(next) = bad.get(LISTED) {
        let message = format!("and {} more bad rows from here on", bad.len() - LISTED);
        section.problem_elsewhere(Problem { field: String::new(), column: 1, message, hint: None, ..next.clone() });
    }
}

/// A number of tokens, or what is wrong with it.
fn tokens(number: f64, least: u32) -> Result<u32, String> {
    /// No context is longer.
    const MOST: u32 = 100_000_000;
    if number.fract() == 0.0 && (f64::from(least)..=f64::from(MOST)).contains(&number) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole and in range")]
        Ok(number as u32)
    } else {
        Err(format!("expected a whole number of tokens from {least} to {MOST}, found {number}"))
    }
}

/// A time in units of so many nanoseconds, or what is wrong with it.
fn instant(number: f64, unit: f64) -> Result<Nanos, String> {
    let nanos = number * unit;
    // 2⁶³ ns are 292 years.
    if (0.0..9.2e18).contains(&nanos) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in range")]
        Ok(Nanos(nanos.round() as u64))
    } else {
        Err(format!("expected a time from 0, found {number}"))
    }
}

#[cfg(test)]
mod tests;
