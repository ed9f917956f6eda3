//! What changed between two states of a price book, figure by figure.

use super::{Entry, PriceBook, rank};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `provider/model`, with the day from which it holds where there is one.
    pub entry: String,
    /// The figure's path; empty for an entry that came or went as a whole.
    pub field: String,
    /// What was written; none where it was not there.
    pub old: Option<String>,
    /// What is written; none where it is there no more.
    pub new: Option<String>,
}

impl Change {
    /// By how many percent of the old figure it changed; none where they can't be compared.
    #[must_use]
    pub fn percent(&self) -> Option<Decimal> {
        let (old, old_unit) = amount(self.old.as_deref()?)?;
        let (new, new_unit) = amount(self.new.as_deref()?)?;
        let comparable = old_unit == new_unit && !old.is_zero();
        comparable.then(|| (new - old).checked_div(old)?.checked_mul(Decimal::ONE_HUNDRED)).flatten()
    }
}

/// A figure and its unit: `1.25 USD`, `50%`.
fn amount(text: &str) -> Option<(Decimal, &str)> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let unit = text.get(number.len()..)?;
    Some((number.trim_end().parse().ok()?, unit))
}

type Fields = BTreeMap<String, String>;

/// All that an entry says, with its aliases and its end.
fn said(entry: &Entry) -> Fields {
    let mut fields = entry.fields.clone();
    fields.extend(entry.until.map(|until| ("until".to_owned(), until.to_string())));
    if !entry.aliases.is_empty() {
        let aliases: BTreeSet<&str> = entry.aliases.iter().map(String::as_str).collect();
        fields.insert("aliases".to_owned(), aliases.into_iter().collect::<Vec<_>>().join(", "));
    }
    fields
}

fn by_name(book: &PriceBook) -> BTreeMap<String, Fields> {
    let named = |entry: &Entry| match entry.since {
        Some(since) => format!("{} since {since}", entry.name()),
        None => entry.name(),
    };
    book.entries().iter().map(|entry| (named(entry), said(entry))).collect()
}

/// Everything that differs, by name and figure.
#[must_use]
pub fn changes(old: &PriceBook, new: &PriceBook) -> Vec<Change> {
    let (old, new) = (by_name(old), by_name(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut out = Vec::new();
    for name in names {
        let whole = |fields: &Fields| {
            let mut pairs: Vec<(&String, &String)> = fields.iter().collect();
            pairs.sort_by_key(|(path, _)| rank(path));
            pairs.iter().map(|(path, text)| format!("{path} {text}")).collect::<Vec<_>>().join(", ")
        };
        match (old.get(name), new.get(name)) {
            (Some(before), Some(after)) => {
                let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
                paths.sort_by_key(|path| rank(path));
                paths.dedup();
                for path in paths.into_iter().filter(|path| !same(before.get(*path), after.get(*path))) {
                    out.push(Change {
                        entry: name.clone(),
                        field: path.clone(),
                        old: before.get(path).cloned(),
                        new: after.get(path).cloned(),
                    });
                }
            }
            (before, after) => out.push(Change {
                entry: name.clone(),
                field: String::new(),
                old: before.map(whole),
                new: after.map(whole),
            }),
        }
    }
    out
}

/// Whether two figures are the same, however they are written.
fn same(a: Option<&String>, b: Option<&String>) -> bool {
    let read =
        |text: Option<&String>| text.and_then(|text| amount(text)).map(|(number, unit)| (number, unit.to_owned()));
    a == b || read(a).is_some_and(|figure| Some(figure) == read(b))
}
