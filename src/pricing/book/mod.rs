//! The price book: dated prices of many models, in files that say where their figures come from.
//!
//! A file has a `[book]` (source and day) and `[[price]]` entries; several entries of one model with another `since` are
//! its effective dates. A name in a configuration, `price.book = "provider/model"`, means all of them. Whatever is wrong
//! or contradicts itself is told at its line, before a cent is spent.

mod amount;
mod booked;
mod changes;
mod draft;
mod fields;
mod files;
pub mod import;
mod json;
mod read;

pub use booked::{Booked, Shelf};
pub use changes::{Change, changes};
pub use draft::{Draft, MADE, Rates, Stamp, render};
pub use fields::rank;
pub use files::{expand, folder_of};
pub use read::{look, problems, read};

use crate::config::{Conversion, Problem, Source, suggest};
use crate::pricing::tokens::Period;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a file says of itself.
#[derive(Debug, Clone)]
pub struct About {
    /// The file.
    pub source: Arc<Source>,
    /// Where the figures come from.
    pub figures: String,
    /// The day they were taken.
    pub as_of: Date,
}

/// A model's prices for a time.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Whose prices they are.
    pub provider: String,
    /// The model, as the provider names it.
    pub model: String,
    /// Other names of it.
    pub aliases: Vec<String>,
    /// The first day they hold; none is from ever.
    pub since: Option<Date>,
    /// The first day they hold no more; none is until further notice.
    pub until: Option<Date>,
    /// Every figure as it is written, by its path: `input`, `context above 200000 input`, `tier batch share`.
    pub fields: BTreeMap<String, String>,
    /// The same, built.
    pub period: Period,
    /// Amounts of other currencies, as they were converted.
    pub conversions: Vec<Conversion>,
    /// The file it stands in.
    pub about: Arc<About>,
    /// Where it begins there, in bytes.
    pub at: usize,
}

impl Entry {
    /// `provider/model`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.provider, self.model)
    }

    /// `file:line`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.about.source.name, self.about.source.place(self.at).0)
    }

    /// Whether it holds on a day, by its own dates.
    #[must_use]
    pub fn holds(&self, day: Date) -> bool {
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day < until)
    }

    fn problem(&self, message: String, hint: Option<String>) -> Problem {
        let (line, column) = self.about.source.place(self.at);
        Problem { file: self.about.source.name.clone(), line, column, field: self.name(), message, hint }
    }
}

/// All entries of some files, in order: by name, then by date.
#[derive(Debug, Clone, Default)]
pub struct PriceBook {
    entries: Vec<Entry>,
    /// Every name, also every alias's, and the name it means.
    names: BTreeMap<String, String>,
    /// Where to find a name's entries: from, and how many.
    found: BTreeMap<String, (usize, usize)>,
    /// The files, in the order they were read.
    pub files: Vec<Arc<About>>,
}

impl PriceBook {
    /// Puts files together.
    ///
    /// # Errors
    /// Entries that contradict each other: two of one model at one time, or a name that means two models.
    pub fn new(read: Vec<(Arc<About>, Vec<Entry>)>) -> Result<Self, Vec<Problem>> {
        let mut book = Self::default();
        for (about, entries) in read {
            book.files.push(about);
            book.entries.extend(entries);
        }
        book.entries.sort_by_cached_key(|e| (e.provider.clone(), e.model.clone(), e.since, e.until));
        let mut problems = Vec::new();
        for pair in book.entries.windows(2) {
            let [before, after] = pair else { continue };
            if (&before.provider, &before.model) == (&after.provider, &after.model) {
                problems.extend(overlap(before, after));
            }
        }
        for (at, entry) in book.entries.iter().enumerate() {
            let name = entry.name();
            book.found.entry(name.clone()).or_insert((at, 0)).1 += 1;
            book.names.insert(name.clone(), name);
        }
        for entry in &book.entries {
            let name = entry.name();
            for alias in &entry.aliases {
                let alias = format!("{}/{alias}", entry.provider);
                match book.names.get(&alias) {
                    Some(other) if *other != name => {
                        let message = format!("the alias {alias:?} is also a name of {other:?}");
                        problems.push(entry.problem(message, Some("a name means one model: leave one out".into())));
                    }
                    _ => drop(book.names.insert(alias, name.clone())),
                }
            }
        }
        if problems.is_empty() { Ok(book) } else { Err(problems) }
    }

    /// Every entry, by name and date.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries that a name means, by date: a model's own or an alias's. Empty where there is none.
    #[must_use]
    pub fn find(&self, name: &str) -> &[Entry] {
        let found = self.names.get(name).and_then(|name| self.found.get(name));
        found.and_then(|(from, count)| self.entries.get(*from..from + count)).unwrap_or_default()
    }

    /// What a name that is not there was perhaps to be, in words.
    #[must_use]
    pub fn near(&self, name: &str) -> Option<String> {
        if let Some(near) = suggest(name, self.names.keys().map(String::as_str)) {
            return Some(format!("did you mean \"{near}\"?"));
        }
        // The provider left out, or another one's.
        let model = name.rsplit('/').next().unwrap_or(name);
        let ends = |known: &&String| known.rsplit('/').next() == Some(model);
        let same: Vec<String> = self.names.keys().filter(ends).take(3).map(|known| format!("{known:?}")).collect();
        (!same.is_empty()).then(|| format!("there is {}", same.join(", ")))
    }

    /// Whether any name there is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// What is wrong with two entries of one model that follow each other by date.
fn overlap(before: &Entry, after: &Entry) -> Option<Problem> {
    let place = before.place();
    let day = |day: Option<Date>| day.map_or_else(|| "ever".to_owned(), |day| day.to_string());
    if before.since == after.since {
        let hint = "give the later one another `since`, or leave one out".to_owned();
        return Some(
            after.problem(format!("has two prices from {}: the other is at {place}", day(after.since)), Some(hint)),
        );
    }
    let until = before.until.filter(|until| after.since.is_some_and(|since| *until > since))?;
    let message = format!("holds from {}, and the price at {place} until {until}", day(after.since));
    Some(after.problem(message, Some("the periods of a model's prices must not overlap".into())))
}

#[cfg(test)]
mod tests;
