//! One table of a configuration, read field by field, with every problem kept at its place.

use super::{Expected, Problem, Problems, Source, Value, suggest};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads a text: hands its root section to `build`, then gives what was built, or all problems.
///
/// # Errors
/// All problems, in the order of their place; a syntax error comes alone, since nothing after it can be trusted.
pub fn read<T>(source: &Source, build: impl FnOnce(&Section<'_>) -> Option<T>) -> Result<T, Vec<Problem>> {
    let problems = Problems::default();
    let root = match DeTable::parse(&source.text) {
        Ok(root) => root,
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            problems.at(source, &span, "", error.message(), None);
            return Err(problems.into_sorted());
        }
    };
    let section = Section::new(source, &problems, String::new(), 0..0, root.get_ref());
    let built = build(&section);
    section.finish();
    drop(section);
    match built {
        Some(built) if problems.is_empty() => Ok(built),
        _ => Err(problems.into_sorted()),
    }
}

/// One table. Every field that is asked for is remembered; [`Section::finish`] reports the rest as unknown.
pub struct Section<'a> {
    source: &'a Source,
    problems: &'a Problems,
    path: String,
    span: Range<usize>,
    table: &'a DeTable<'a>,
    known: RefCell<BTreeSet<&'static str>>,
    open: RefCell<bool>,
}

impl<'a> Section<'a> {
    fn new(
        source: &'a Source,
        problems: &'a Problems,
        path: String,
        span: Range<usize>,
        table: &'a DeTable<'a>,
    ) -> Self {
        Self { source, problems, path, span, table, known: RefCell::default(), open: RefCell::new(false) }
    }

    /// The text this is part of.
    #[must_use]
    pub const fn source(&self) -> &'a Source {
        self.source
    }

    /// The dotted path of this table.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The last part of the path: the name in `[target.NAME]`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit_once('.').map_or(&self.path, |(_, last)| last)
    }

    /// Whether a field is there, of whatever type.
    #[must_use]
    pub fn has(&self, key: &'static str) -> bool {
        self.raw(key).is_some()
    }

    fn raw(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.borrow_mut().insert(key);
        self.table.get(key)
    }

    fn field(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// An optional field; none when absent or wrong (then the problem is noted).
    pub fn get<T: Value>(&self, key: &'static str) -> Option<T> {
        let value = self.raw(key)?;
        match T::read(value.get_ref()) {
            Ok(value) => Some(value),
            Err(Expected { expected, hint }) => {
                let message = format!("expected {expected}, found {}", found(value.get_ref()));
                self.problems.at(self.source, &value.span(), &self.field(key), message, hint);
                None
            }
        }
    }

    /// A required field; its absence is a problem at the table's header.
    pub fn need<T: Value>(&self, key: &'static str) -> Option<T> {
        if self.raw(key).is_none() {
            self.missing(key, &format!("expected {}", T::expected()));
        }
        self.get(key)
    }

    /// An optional field with its default; none only when present and wrong.
    pub fn or<T: Value>(&self, key: &'static str, default: T) -> Option<T> {
        if self.raw(key).is_none() { Some(default) } else { self.get(key) }
    }

    /// Notes a required field's absence at the table's header.
    pub fn missing(&self, key: &'static str, what: &str) {
        let hint = self.misspelt(key).map(|near| format!("`{near}` is there: did you mean `{key}`?"));
        self.problems.at(self.source, &self.span, &self.field(key), format!("is missing: {what}"), hint);
    }

    fn misspelt(&self, key: &str) -> Option<&str> {
        let known = self.known.borrow();
        suggest(key, self.table.keys().map(|k| k.get_ref().as_ref()).filter(|k| !known.contains(k)))
    }

    /// A sub-table.
    pub fn section(&self, key: &'static str) -> Option<Section<'a>> {
        let value = self.raw(key)?;
        self.as_section(value, self.field(key))
    }

    /// A required sub-table.
    pub fn need_section(&self, key: &'static str, what: &str) -> Option<Section<'a>> {
        if self.raw(key).is_none() {
            self.missing(key, what);
        }
        self.section(key)
    }

    fn as_section(&self, value: &'a Spanned<DeValue<'a>>, path: String) -> Option<Section<'a>> {
        if let DeValue::Table(table) = value.get_ref() {
            return Some(Section::new(self.source, self.problems, path, value.span(), table));
        }
        let message = format!("expected a table, found {}", found(value.get_ref()));
        self.problems.at(self.source, &value.span(), &path, message, None);
        None
    }

    /// The named tables under a key, such as all `[target.*]`, in the order of their place in the file.
    pub fn named(&self, key: &'static str) -> Vec<Section<'a>> {
        let Some(all) = self.section(key) else { return Vec::new() };
        let mut entries: Vec<_> = all.table.iter().collect();
        entries.sort_by_key(|(k, _)| k.span().start);
        entries
            .into_iter()
            .filter_map(|(k, v)| {
                let mut section = all.as_section(v, all.field(k.get_ref()))?;
                section.span = k.span();
                Some(section)
            })
            .collect()
    }

    /// The tables of an array, such as all `[[run]]`.
    pub fn list(&self, key: &'static str) -> Vec<Section<'a>> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        let DeValue::Array(array) = value.get_ref() else {
            let message =
                format!("expected an array of tables (`[[{}]]`), found {}", self.field(key), found(value.get_ref()));
            self.problems.at(self.source, &value.span(), &self.field(key), message, None);
            return Vec::new();
        };
        array.iter().enumerate().filter_map(|(i, v)| self.as_section(v, format!("{}[{i}]", self.field(key)))).collect()
    }

    /// The single entry of a table whose key chooses a kind, such as `price.tokens` or `price.rented`:
    /// the kind out of `kinds`, and its section. More than one entry, or an unknown one, is a problem.
    pub fn one_of<K: Copy>(&self, kinds: &[(&'static str, K)]) -> Option<(K, Section<'a>)> {
        let names: Vec<&str> = kinds.iter().map(|(n, _)| *n).collect();
        let mut chosen = None;
        for (key, value) in self.table {
            let word = key.get_ref().as_ref();
            let Some((name, kind)) = kinds.iter().find(|(n, _)| *n == word) else { continue };
            self.known.borrow_mut().insert(name);
            if chosen.is_some() {
                let message = format!("expected one of {}, found more than one", names.join(", "));
                self.problems.at(self.source, &key.span(), &self.field(word), message, None);
                return None;
            }
            chosen = Some((*kind, value, word));
        }
        let Some((kind, value, word)) = chosen else {
            let message = format!("expected one of {}", names.join(", "));
            self.problems.at(self.source, &self.span, &self.path, message, None);
            return None;
        };
        Some((kind, self.as_section(value, self.field(word))?))
    }

    /// A field whose text is one of a closed set of words.
    pub fn choice<K: Copy>(&self, key: &'static str, kinds: &[(&'static str, K)]) -> Option<K> {
        let word: String = self.need(key)?;
        if let Some((_, kind)) = kinds.iter().find(|(n, _)| *n == word) {
            return Some(*kind);
        }
        let names: Vec<&str> = kinds.iter().map(|(n, _)| *n).collect();
        let hint = suggest(&word, names.iter().copied()).map(|near| format!("did you mean \"{near}\"?"));
        self.problem(key, format!("expected one of {}, found \"{word}\"", names.join(", ")), hint);
        None
    }

    /// Notes a problem at a field (or, if it is absent, at the table's header).
    pub fn problem(&self, key: &str, message: impl Into<String>, hint: Option<String>) {
        let span = self.table.get(key).map_or_else(|| self.span.clone(), Spanned::span);
        self.problems.at(self.source, &span, &self.field(key), message, hint);
    }

    /// Notes a problem of the whole table.
    pub fn problem_here(&self, message: impl Into<String>, hint: Option<String>) {
        self.problems.at(self.source, &self.span, &self.path, message, hint);
    }

    /// All keys and raw values, for tables whose keys are free (headers, extra body fields): nothing is unknown then.
    pub fn entries(&self) -> Vec<(&'a str, &'a Spanned<DeValue<'a>>)> {
        *self.open.borrow_mut() = true;
        self.table.iter().map(|(k, v)| (k.get_ref().as_ref(), v)).collect()
    }

    /// Notes a problem at one raw value given by [`Section::entries`].
    pub fn problem_at(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        self.problems.at(self.source, &value.span(), &self.field(key), message, hint);
    }

    /// Notes every field that nobody asked for. Call it last.
    pub fn finish(&self) {
        if *self.open.borrow() {
            return;
        }
        let known = self.known.borrow();
        for key in self.table.keys() {
            let word = key.get_ref().as_ref();
            if known.contains(word) {
                continue;
            }
            let hint = match suggest(word, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", known.iter().copied().collect::<Vec<_>>().join(", ")),
            };
            self.problems.at(self.source, &key.span(), &self.field(word), "is not a known field", Some(hint));
        }
    }
}

/// A raw value in a few words, for messages.
fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(s) if s.chars().count() <= 40 => format!("\"{s}\""),
        DeValue::String(_) => "a long text".into(),
        DeValue::Integer(i) => i.to_string(),
        DeValue::Float(x) => x.to_string(),
        DeValue::Boolean(b) => b.to_string(),
        DeValue::Datetime(d) => d.to_string(),
        DeValue::Array(_) => "an array".into(),
        DeValue::Table(_) => "a table".into(),
    }
}
