//! The figures of an entry as they are written, by a path that says what they are, and the order in which they are shown.

use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// The figures in the order they are read and written.
pub(super) const ORDER: [&str; 18] = [
    "input",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "output",
    "reasoning",
    "audio_input",
    "audio_output",
    "image_input",
    "image_output",
    "per_request",
    "per_search",
    "minimum",
    "discount",
    "context",
    "tier",
    "hours",
    "share",
];

/// Fields of an entry that are no figures.
const WORDS: [&str; 5] = ["provider", "model", "aliases", "since", "until"];

/// Where a figure stands among others, by its path.
#[must_use]
pub fn rank(path: &str) -> (usize, String) {
    let first = path.split(' ').next().unwrap_or(path);
    (ORDER.iter().position(|known| *known == first).unwrap_or(ORDER.len()), path.to_owned())
}

/// All figures of an entry's table.
pub(super) fn of(table: &DeTable<'_>) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for (key, value) in table.iter().filter(|(key, _)| !WORDS.contains(&key.get_ref().as_ref())) {
        walk(key.get_ref(), value.get_ref(), &mut out);
    }
    out
}

fn walk(path: &str, value: &DeValue<'_>, out: &mut BTreeMap<String, String>) {
    match value {
        DeValue::Table(table) => {
            table.iter().for_each(|(key, value)| walk(&format!("{path} {}", key.get_ref()), value.get_ref(), out));
        }
        DeValue::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                let (name, left_out) = match item.get_ref() {
                    DeValue::Table(table) => named(table, at),
                    _ => (format!("{}", at + 1), &[][..]),
                };
                let path = format!("{path} {name}");
                let DeValue::Table(table) = item.get_ref() else {
                    walk(&path, item.get_ref(), out);
                    continue;
                };
                for (key, value) in table.iter().filter(|(key, _)| !left_out.contains(&key.get_ref().as_ref())) {
                    walk(&format!("{path} {}", key.get_ref()), value.get_ref(), out);
                }
            }
        }
        DeValue::String(text) => drop(out.insert(path.to_owned(), text.to_string())),
        DeValue::Integer(n) => drop(out.insert(path.to_owned(), n.to_string())),
        DeValue::Float(x) => drop(out.insert(path.to_owned(), x.to_string())),
        DeValue::Boolean(b) => drop(out.insert(path.to_owned(), b.to_string())),
        DeValue::Datetime(d) => drop(out.insert(path.to_owned(), d.to_string())),
    }
}

/// What an element of a list is called, by what it says of itself, and the keys that said it.
fn named(table: &DeTable<'_>, at: usize) -> (String, &'static [&'static str]) {
    let text = |key: &str| match table.get(key)?.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(n) => Some(n.as_str().replace('_', "")),
        _ => None,
    };
    if let Some(above) = text("above") {
        return (format!("above {above}"), &["above"]);
    }
    match (text("from"), text("to")) {
        (Some(from), Some(to)) => {
            (format!("{from}-{to} {}", text("zone").unwrap_or_else(|| "UTC".into())), &["from", "to", "zone"])
        }
        _ => (format!("{}", at + 1), &[]),
    }
}
