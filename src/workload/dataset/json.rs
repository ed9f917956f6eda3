//! JSON whose values keep their place, so that a wrong one is told at its line and column.

use super::gather::Fault;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One JSON document of a file: a line, or an element of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document<'a> {
    text: &'a str,
    /// Where it begins: line and column, from 1.
    begins: (usize, usize),
}

/// A value in it, as it is written.
pub(super) type Raw<'a> = &'a RawValue;

/// The fields of an object, as they are written.
pub(super) type Fields<'a> = BTreeMap<Cow<'a, str>, Raw<'a>>;

impl<'a> Document<'a> {
    /// Checks that it is JSON.
    pub(super) fn new(text: &'a str, begins: (usize, usize)) -> Result<(Self, Raw<'a>), Fault> {
        let this = Self { text, begins };
        let root = serde_json::from_str::<Raw<'a>>(text).map_err(|error| {
            let line = error.line().saturating_sub(1);
            let at = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>() + error.column();
            let words = error.to_string();
            let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
            let message = match words {
                "trailing characters" => "something follows the object".to_owned(),
                "expected value" => "is not JSON".to_owned(),
                words => words.replace("EOF while parsing", "the text ends inside"),
            };
            Fault::at(this.place_at(at.saturating_sub(1)), "", message)
        })?;
        Ok((this, root))
    }

    /// Where a part of the text begins.
    pub(super) fn place(&self, part: Raw<'_>) -> (usize, usize) {
        self.place_at(part.get().as_ptr().addr().saturating_sub(self.text.as_ptr().addr()))
    }

    fn place_at(&self, offset: usize) -> (usize, usize) {
        let (line, column) = self.begins;
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(..end).unwrap_or("");
        match before.rsplit_once('\n') {
            None => (line, column + before.chars().count()),
            Some((above, last)) => (line + above.matches('\n').count() + 1, last.chars().count() + 1),
        }
    }

    pub(super) fn fault(&self, at: Raw<'_>, field: impl Into<String>, message: impl Into<String>) -> Fault {
        Fault::at(self.place(at), field, message)
    }

    /// The fields of an object.
    pub(super) fn fields(&self, value: Raw<'a>, field: &str) -> Result<Fields<'a>, Fault> {
        serde_json::from_str(value.get())
            .map_err(|_| self.fault(value, field, format!("expected an object, found {}", kind(value))))
    }

    /// The elements of a list.
    pub(super) fn list(&self, value: Raw<'a>, field: &str) -> Result<Vec<Raw<'a>>, Fault> {
        serde_json::from_str(value.get())
            .map_err(|_| self.fault(value, field, format!("expected a list, found {}", kind(value))))
    }

    /// A text; a number or a truth value as it is written.
    pub(super) fn text(&self, value: Raw<'a>, field: &str) -> Result<String, Fault> {
        let raw = value.get();
        match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw).map_err(|error| self.fault(value, field, error.to_string())),
            Some(b'{' | b'[') | None => {
                Err(self.fault(value, field, format!("expected a text or a number, found {}", kind(value))))
            }
            Some(_) => Ok(raw.to_owned()),
        }
    }

    /// The value under a dotted path (`a.b.0`); none where it is not there or null. A field whose name has the dots in it
    /// comes first.
    pub(super) fn find(&self, from: Raw<'a>, path: &str) -> Option<Raw<'a>> {
        let found = match from.get().as_bytes().first() {
            Some(b'{') => {
                let fields: Fields<'a> = serde_json::from_str(from.get()).ok()?;
                match (fields.get(path), path.split_once('.')) {
                    (Some(value), _) => Some(*value),
                    (None, Some((first, rest))) => self.find(fields.get(first)?, rest),
                    (None, None) => None,
                }
            }
            Some(b'[') => {
                let all: Vec<Raw<'a>> = serde_json::from_str(from.get()).ok()?;
                let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
                let value = *all.get(first.parse::<usize>().ok()?)?;
                rest.map_or(Some(value), |rest| self.find(value, rest))
            }
            _ => None,
        };
        found.filter(|value| value.get() != "null")
    }
}

/// What a value is, in a word.
pub(super) fn kind(value: Raw<'_>) -> &'static str {
    match value.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "a truth value",
        Some(b'n') => "null",
        _ => "a number",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_path_and_keep_their_place() {
        let text = "{\"é\": {\"b\": [1, {\"c\": \"x\"}]},\n  \"a.b\": 7, \"n\": null}";
        let (document, root) = Document::new(text, (3, 5)).unwrap();
        let at = |path: &str| document.find(root, path).map(|v| (v.get().to_owned(), document.place(v)));
        assert_eq!(at("é.b.1.c"), Some(("\"x\"".into(), (3, 27))));
        assert_eq!(at("a.b"), Some(("7".into(), (4, 10))));
        assert_eq!((at("n"), at("é.b.9"), at("é.x")), (None, None, None));
    }

    #[test]
    fn what_is_no_json_is_told_where_it_breaks() {
        let fault = |text: &str| Document::new(text, (2, 1)).unwrap_err();
        assert_eq!(fault("{\"a\": }"), Fault::at((2, 7), "", "is not JSON"));
        assert_eq!(fault("{\"a\": 1} x"), Fault::at((2, 10), "", "something follows the object"));
        assert_eq!(fault("{\"a\":\n 1"), Fault::at((3, 2), "", "the text ends inside an object"));
    }
}
