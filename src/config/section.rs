//! One table of a configuration, read field by field, with every problem kept at its place.

use super::shared::Shared;
use super::value::found;
use super::{Problem, Source, Value, suggest};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One table. Every field that is asked for is remembered; [`Section::finish`] reports the rest as unknown.
///
/// The place of a table is its header (`[target.x]`), its opening brace, or the key that implied it.
pub struct Section<'a> {
    pub(super) shared: &'a Shared<'a>,
    /// The dotted path, for messages.
    path: String,
    /// The same with names left out, for the reference's test.
    pattern: String,
    name: String,
    span: Range<usize>,
    pub(super) table: &'a DeTable<'a>,
    known: RefCell<BTreeSet<&'static str>>,
    refused: RefCell<BTreeSet<&'static str>>,
    /// Required fields that are not there, with what was expected; kept until all known fields are known, so that a
    /// misspelt field is one problem and not two.
    missing: RefCell<Vec<(&'static str, String)>>,
    open: Cell<bool>,
}

impl<'a> Section<'a> {
    pub(super) fn root(shared: &'a Shared<'a>, table: &'a DeTable<'a>) -> Self {
        Self::new(shared, table, 0..0, ["", "", ""])
    }

    fn new(shared: &'a Shared<'a>, table: &'a DeTable<'a>, span: Range<usize>, words: [&str; 3]) -> Self {
        let [path, pattern, name] = words.map(str::to_owned);
        let (known, refused, missing) = (RefCell::default(), RefCell::default(), RefCell::default());
        Self { shared, path, pattern, name, span, table, known, refused, missing, open: Cell::new(false) }
    }

    /// A table below this one. `step` is its part of the pattern.
    pub(super) fn below(
        &self,
        value: &'a Spanned<DeValue<'a>>,
        path: String,
        name: &str,
        step: &str,
    ) -> Option<Section<'a>> {
        let DeValue::Table(table) = value.get_ref() else {
            let message = format!("expected a table, found {}", found(value.get_ref()));
            self.shared.problems.at(self.source(), &value.span(), &path, message, None);
            return None;
        };
        let pattern = if self.pattern.is_empty() { step.to_owned() } else { format!("{}.{step}", self.pattern) };
        Some(Section::new(self.shared, table, value.span(), [&path, &pattern, name]))
    }

    /// The text this is part of.
    #[must_use]
    pub const fn source(&self) -> &'a Source {
        self.shared.source
    }

    /// The dotted path of this table.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The last part of the path: the name in `[target.NAME]`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where this table begins, in bytes: cheaper than its line where nobody may ask for it.
    #[must_use]
    pub const fn start(&self) -> usize {
        self.span.start
    }

    /// The table as it is written, for those who show it; no field becomes known by that.
    #[must_use]
    pub const fn written(&self) -> &'a DeTable<'a> {
        self.table
    }

    /// The line of this table's header, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.source().place(self.span.start).0
    }

    /// Whether a field is there, of whatever type.
    #[must_use]
    pub fn has(&self, key: &'static str) -> bool {
        self.raw(key).is_some()
    }

    /// Whether a field is there and is a table, for fields that have a short form.
    #[must_use]
    pub fn is_table(&self, key: &'static str) -> bool {
        self.raw(key).is_some_and(|v| matches!(v.get_ref(), DeValue::Table(_)))
    }

    /// Whether a field is there and is a list, for fields that have a short form.
    #[must_use]
    pub fn is_list(&self, key: &'static str) -> bool {
        self.raw(key).is_some_and(|v| matches!(v.get_ref(), DeValue::Array(_)))
    }

    pub(super) fn raw(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.know(key);
        self.table.get(key)
    }

    fn know(&self, key: &'static str) {
        if self.known.borrow_mut().insert(key) {
            let field = if self.pattern.is_empty() { key.to_owned() } else { format!("{}.{key}", self.pattern) };
            self.shared.fields.borrow_mut().insert(field);
        }
    }

    /// The dotted path of a field of this table, quoted where TOML needs it.
    #[must_use]
    pub fn field(&self, key: &str) -> String {
        let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        let key = if bare { key.to_owned() } else { format!("{key:?}") };
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    /// An optional field; none when absent or wrong (then the problem is noted).
    pub fn get<T: Value>(&self, key: &'static str) -> Option<T> {
        match T::read_placed(self.raw(key)?) {
            Ok(value) => Some(value),
            Err(wrongs) => {
                for wrong in wrongs {
                    let message = format!("expected {}, found {}", wrong.why.expected, wrong.found);
                    self.problem_at_span(key, &wrong.span, message, wrong.why.hint);
                }
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
        self.know(key);
        self.missing.borrow_mut().push((key, what.to_owned()));
    }

    /// Reports the required fields that are not there and were not misspelt either.
    fn report_missing(&self, misspelt: &[&str]) {
        for (key, what) in self.missing.take() {
            if !misspelt.contains(&key) {
                self.shared.problems.at(
                    self.source(),
                    &self.span,
                    &self.field(key),
                    format!("is missing: {what}"),
                    None,
                );
            }
        }
    }

    /// Names a field that this version does not have, with what to do instead; a problem where it is there.
    pub fn refuse(&self, key: &'static str, hint: &str) {
        if let Some((found, _)) = self.table.get_key_value(key) {
            self.refused.borrow_mut().insert(key);
            self.problem_at_span(key, &found.span(), "is not a known field", Some(hint.to_owned()));
        }
    }

    /// Notes a problem at a field's value (or, if it is absent, at the table's header).
    pub fn problem(&self, key: &str, message: impl Into<String>, hint: Option<String>) {
        self.problem_at_span(key, &self.place_of(key), message, hint);
    }

    /// Notes a problem at a place inside a field, such as one element of a list.
    pub fn problem_at_span(&self, key: &str, span: &Range<usize>, message: impl Into<String>, hint: Option<String>) {
        self.shared.problems.at(self.source(), span, &self.field(key), message, hint);
    }

    /// Notes a problem at a place inside a field's text: `at` is a byte of its value, whatever escapes it is written with.
    pub fn problem_in_text(&self, key: &str, at: usize, message: impl Into<String>, hint: Option<String>) {
        let span = self.place_of(key);
        let raw = self.source().text.get(span.clone()).unwrap_or("");
        let from = span.start + super::text::offset(raw, at);
        self.problem_at_span(key, &(from..span.end), message, hint);
    }

    /// Notes a problem of the whole table.
    pub fn problem_here(&self, message: impl Into<String>, hint: Option<String>) {
        self.shared.problems.at(self.source(), &self.span, &self.path, message, hint);
    }

    /// Notes a problem of another file, such as a row of a data file.
    pub fn problem_elsewhere(&self, problem: Problem) {
        self.shared.problems.push(problem);
    }

    /// Notes at a field something that is right but perhaps not meant.
    pub fn warn(&self, key: &str, message: impl Into<String>, hint: Option<String>) {
        self.shared.warnings.at(self.source(), &self.place_of(key), &self.field(key), message, hint);
    }

    /// Notes such a thing of the whole table.
    pub fn warn_here(&self, message: impl Into<String>, hint: Option<String>) {
        self.shared.warnings.at(self.source(), &self.span, &self.path, message, hint);
    }

    /// Notes a warning about another file.
    pub fn warn_elsewhere(&self, warning: Problem) {
        self.shared.warnings.push(warning);
    }

    /// Takes the warnings of the whole text so far.
    #[must_use]
    pub fn take_warnings(&self) -> Vec<Problem> {
        self.shared.warnings.take_sorted(&self.source().name)
    }

    fn place_of(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// All keys and raw values, for tables whose keys are free (headers, extra body fields): nothing is unknown then.
    pub fn entries(&self) -> Vec<(&'a str, &'a Spanned<DeValue<'a>>)> {
        self.open.set(true);
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
        self.problem_at_span(key, &value.span(), message, hint);
    }

    /// Notes every field that nobody asked for. Call it last.
    pub fn finish(&self) {
        let (known, refused) = (self.known.borrow(), self.refused.borrow());
        let mut misspelt = Vec::new();
        for (key, value) in self.table {
            let word = key.get_ref().as_ref();
            if self.open.get() || known.contains(word) || refused.contains(word) {
                continue;
            }
            let hint = match suggest(word, known.iter().copied().filter(|k| !self.table.contains_key(*k))) {
                Some(near) => {
                    misspelt.push(near);
                    format!("did you mean `{near}`?")
                }
                // `[target.gpt-4.1]` is the table `1` inside `gpt-4`.
                None if self.is_implied() && matches!(value.get_ref(), DeValue::Table(_)) => {
                    // What seems to be missing here is in there.
                    self.missing.take();
                    format!("a name with a dot is written in quotes: \"{}.{word}\"", self.name)
                }
                None => format!("known here: {}", known.iter().copied().collect::<Vec<_>>().join(", ")),
            };
            self.problem_at_span(word, &key.span(), "is not a known field", Some(hint));
        }
        self.report_missing(&misspelt);
    }

    /// Whether only a longer header or a dotted key made this table.
    fn is_implied(&self) -> bool {
        let text = self.source().text.get(self.span.clone()).unwrap_or("");
        !self.path.is_empty() && !text.starts_with(['[', '{'])
    }
}

impl Drop for Section<'_> {
    /// A builder may give up before [`Section::finish`]; what was missing is told all the same.
    fn drop(&mut self) {
        self.report_missing(&[]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{fields, read};
    use super::*;

    fn problems(text: &str, build: impl FnOnce(&Section<'_>) -> Option<()>) -> Vec<String> {
        read(&Source::inline("c", text), build).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    /// Where a missing field of each `[t.NAME]` is reported, whatever the form of the table.
    fn missing(text: &str) -> Vec<String> {
        problems(text, |root| {
            for t in root.named("t") {
                t.section("price").inspect(|p| {
                    p.need::<u64>("n");
                    p.finish();
                });
                t.need::<u64>("n");
                t.finish();
            }
            Some(())
        })
    }

    #[test]
    fn a_missing_field_points_at_its_table_in_every_form() {
        let want = |places: &[(&str, &str)]| -> Vec<String> {
            places
                .iter()
                .map(|(at, path)| format!("c:{at}: {path}.n: is missing: expected a whole number from 0"))
                .collect()
        };
        assert_eq!(missing("\n[t.x]\n"), want(&[("2:1", "t.x")]));
        assert_eq!(missing("[t]\nx = {}\ny.price.n = 1\n"), want(&[("2:5", "t.x"), ("3:1", "t.y")]));
        assert_eq!(missing("[t.x.price]\n[t.x]\nn = 1\n"), want(&[("1:1", "t.x.price")]));
        assert_eq!(missing("[t.x.price]\nn = 1\n[t.b]\nn = 1\n[t.x]\n"), want(&[("5:1", "t.x")]));
        assert_eq!(missing("[t.\"a.b\"]\nprice = {}\n"), want(&[("1:1", "t.\"a.b\""), ("2:9", "t.\"a.b\".price")]));
    }

    #[test]
    fn a_dotted_name_without_quotes_is_explained() {
        assert_eq!(
            missing("[t.gpt-4.1]\nn = 1\n"),
            ["c:1:10: t.gpt-4.1: is not a known field\n  hint: a name with a dot is written in quotes: \"gpt-4.1\""]
        );
    }

    #[test]
    fn a_misspelt_required_field_is_one_problem() {
        let want = ["c:2:1: t.x.m: is not a known field\n  hint: did you mean `max`?"];
        let build = |root: &Section<'_>| {
            let t = root.named("t").into_iter().next()?;
            t.need::<u64>("max");
            t.finish();
            None
        };
        assert_eq!(problems("[t.x]\nmaxx = 1\n", build), want.map(|w| w.replace("x.m:", "x.maxx:")));
    }

    #[test]
    fn keys_given_twice_do_not_hide_other_problems() {
        let got = problems("a = 1\na = 2\nb = \"x\"\n", |s| s.get::<u64>("a").zip(s.get::<u64>("b")).map(drop));
        assert_eq!(got, ["c:2:1: a: is given twice", "c:3:5: b: expected a whole number from 0, found \"x\""]);
        assert_eq!(problems("a = \n[", |_| None), ["c:1:5: string values must be quoted, expected literal string"]);
    }

    #[test]
    fn each_wrong_element_of_a_list_has_its_place() {
        let got = problems("a = [1, \"x\",\n -2]\n", |s| s.get::<Vec<u64>>("a").map(drop));
        assert_eq!(
            got,
            [
                "c:1:9: a: expected a whole number from 0, found \"x\"",
                "c:2:2: a: expected a whole number from 0, found -2"
            ]
        );
    }

    #[test]
    fn asked_fields_are_known_with_names_left_out() {
        let text = "[t.x]\n[t.y]\nprice = {}\n[[r]]\n";
        let got = fields(&Source::inline("c", text), |root| {
            let prices = root.named("t").iter().filter_map(|t| t.section("price")).filter(|p| p.has("n")).count();
            let runs = root.list("r").iter().filter(|r| r.has("every")).count();
            Some(prices + runs)
        });
        assert_eq!(got.into_iter().collect::<Vec<_>>(), ["r", "r[].every", "t", "t.NAME.price", "t.NAME.price.n"]);
    }
}
