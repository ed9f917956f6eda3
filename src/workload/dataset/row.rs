//! One row of a data file, read so that a wrong value keeps its column and its field.

use super::offered::Tools;
use crate::domain::{Message, Role, Spec, Tool};
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::fmt;

/// The fields that mean something.
pub const FIELDS: [&str; 19] = [
    "id",
    "prompt",
    "messages",
    "turns",
    "answer",
    "answers",
    "options",
    "domain",
    "capability",
    "language",
    "split",
    "tools",
    "hard",
    "schema",
    "calls",
    "instructions",
    "tests",
    "rubric",
    "formula",
];

/// Those of them that a scorer reads beside or in place of the answers, as they are, and the formula that forms are
/// made by.
pub const SPEC: [&str; 6] = ["schema", "calls", "instructions", "tests", "rubric", "formula"];

/// A row as it is written; nothing is checked yet but types.
#[derive(Debug, Default)]
pub struct Row {
    pub id: Option<String>,
    pub prompt: Option<String>,
    pub messages: Option<Vec<Message>>,
    pub turns: Option<Vec<TurnRow>>,
    pub answer: Option<Vec<String>>,
    pub answers: Option<Vec<String>>,
    pub options: Option<Vec<String>>,
    pub domain: Option<String>,
    pub capability: Option<String>,
    pub language: Option<String>,
    pub split: Option<String>,
    pub tools: Option<Vec<Tool>>,
    pub hard: Option<bool>,
    /// The fields of [`SPEC`] that are there.
    pub spec: Spec,
    /// The fields that mean nothing, by name.
    pub others: Vec<String>,
}

/// A turn as it is written.
#[derive(Debug, Default, serde::Deserialize)]
pub struct TurnRow {
    #[serde(deserialize_with = "one")]
    pub user: String,
    #[serde(default, alias = "answers", deserialize_with = "some")]
    pub answer: Option<Vec<String>>,
    #[serde(default, deserialize_with = "some")]
    pub options: Option<Vec<String>>,
}

fn one<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Text::deserialize(from).map(|text| text.0)
}

fn some<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    Option::<OneOrMore>::deserialize(from).map(|all| all.map(|all| all.0))
}

/// Why a line is no row.
#[derive(Debug, PartialEq, Eq)]
pub struct RowError {
    /// From 1, in characters.
    pub column: usize,
    /// The field, if it was inside one.
    pub field: &'static str,
    /// In words.
    pub message: String,
}

/// Reads one line.
pub fn parse(line: &str) -> Result<Row, RowError> {
    serde_json::from_str::<Row>(line).map_err(|error| {
        // The parser counts bytes; people count characters.
        let column = line.char_indices().take_while(|(at, _)| *at < error.column()).count().max(1);
        let text = error.to_string();
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
        let field = FIELDS.into_iter().find(|f| text.strip_prefix(f).is_some_and(|rest| rest.starts_with(": ")));
        let text = field.and_then(|f| text.get(f.len() + 2..)).unwrap_or(text);
        RowError { column, field: field.unwrap_or(""), message: plain(text) }
    })
}

/// The parser's words for people.
fn plain(text: &str) -> String {
    match text {
        "trailing characters" => "something follows the object".into(),
        "expected value" => "is not JSON".into(),
        text => text.replace("EOF while parsing", "the line ends inside"),
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one JSON object a line")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut row = Row::default();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match key.as_ref() {
                "id" => text(&mut map, "id", &mut row.id)?,
                "prompt" => text(&mut map, "prompt", &mut row.prompt)?,
                "messages" => put(&mut map, "messages", &mut row.messages, |m: Vec<MessageRow>| {
                    m.into_iter().map(|t| Message { role: t.role.0, content: t.content.0 }).collect()
                })?,
                "turns" => put(&mut map, "turns", &mut row.turns, |t: Vec<TurnRow>| t)?,
                "answer" => put(&mut map, "answer", &mut row.answer, |t: OneOrMore| t.0)?,
                "answers" => put(&mut map, "answers", &mut row.answers, |t: OneOrMore| t.0)?,
                "options" => {
                    put(&mut map, "options", &mut row.options, |t: Vec<Text>| t.into_iter().map(|t| t.0).collect())?
                }
                "domain" => text(&mut map, "domain", &mut row.domain)?,
                "capability" => text(&mut map, "capability", &mut row.capability)?,
                "language" => text(&mut map, "language", &mut row.language)?,
                "split" => text(&mut map, "split", &mut row.split)?,
                "tools" => put(&mut map, "tools", &mut row.tools, |t: Tools| t.0)?,
                "hard" => put(&mut map, "hard", &mut row.hard, |t: bool| t)?,
                key if SPEC.contains(&key) => {
                    let field = SPEC.into_iter().find(|f| *f == key).unwrap_or("");
                    let mut value = row.spec.remove(field);
                    put(&mut map, field, &mut value, |json: Json| json)?;
                    row.spec.extend(value.map(|json| (field.to_owned(), json)));
                }
                other => {
                    row.others.push(other.to_owned());
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(row)
    }
}

fn text<'de, A: MapAccess<'de>>(map: &mut A, field: &'static str, slot: &mut Option<String>) -> Result<(), A::Error> {
    put(map, field, slot, |t: Text| t.0)
}

/// Reads a field's value (null is absence), naming the field in an error; the parser keeps the error's column.
fn put<'de, A: MapAccess<'de>, W: Deserialize<'de>, T>(
    map: &mut A,
    field: &'static str,
    slot: &mut Option<T>,
    take: impl FnOnce(W) -> T,
) -> Result<(), A::Error> {
    use de::Error;
    let value = map.next_value::<Option<W>>().map_err(|e| A::Error::custom(format_args!("{field}: {e}")))?;
    if slot.is_some() {
        return Err(A::Error::custom(format_args!("{field}: is given twice")));
    }
    *slot = value.map(take);
    Ok(())
}

/// A text, or a number (taken in its shortest form: `2.50` is `2.5`).
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let OneOrMore(mut all) = deserializer.deserialize_any(TextVisitor { list: false })?;
        Ok(Self(all.pop().unwrap_or_default()))
    }
}

/// A text, a number, or a list of them.
pub(super) struct OneOrMore(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor { list: true })
    }
}

struct TextVisitor {
    list: bool,
}

impl<'de> Visitor<'de> for TextVisitor {
    type Value = OneOrMore;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.list { "a text, a number or a list of them" } else { "a text or a number" })
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOrMore, E> {
        Ok(OneOrMore(vec![text.to_owned()]))
    }

    fn visit_u64<E: de::Error>(self, n: u64) -> Result<OneOrMore, E> {
        Ok(OneOrMore(vec![n.to_string()]))
    }

    fn visit_i64<E: de::Error>(self, n: i64) -> Result<OneOrMore, E> {
        Ok(OneOrMore(vec![n.to_string()]))
    }

    fn visit_f64<E: de::Error>(self, x: f64) -> Result<OneOrMore, E> {
        // Beyond this a double no longer holds what was written.
        if x.abs() >= 9e15 {
            return Err(E::custom("the number has more digits than can be kept: write it as a text"));
        }
        Ok(OneOrMore(vec![x.to_string()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<OneOrMore, A::Error> {
        if !self.list {
            return Err(de::Error::invalid_type(de::Unexpected::Seq, &self));
        }
        let mut all = Vec::new();
        while let Some(Text(text)) = seq.next_element()? {
            all.push(text);
        }
        Ok(OneOrMore(all))
    }
}

#[derive(serde::Deserialize)]
struct MessageRow {
    role: Speaker,
    content: Text,
}

struct Speaker(Role);

impl<'de> Deserialize<'de> for Speaker {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = Cow::<str>::deserialize(deserializer)?;
        let role = Role::ALL.into_iter().find(|r| r.label() == word);
        role.map(Self).ok_or_else(|| de::Error::unknown_variant(&word, &["system", "user", "assistant"]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(line: &str) -> String {
        let RowError { column, field, message } = parse(line).unwrap_err();
        format!("{column} {field}: {message}")
    }

    #[test]
    fn takes_texts_numbers_and_lists() {
        let row = parse(r#"{"id": 7, "prompt": "p", "answer": [1, "b", 2.50, -3], "x": {"y": []}, "domain": null}"#);
        let row = row.unwrap();
        assert_eq!((row.id.as_deref(), row.others), (Some("7"), vec!["x".to_owned()]));
        assert_eq!(row.answer.unwrap(), ["1", "b", "2.5", "-3"]);
        assert_eq!(row.domain, None);
    }

    #[test]
    fn errors_name_column_and_field() {
        assert_eq!(
            error(r#"{"id": "é", "prompt": [1]}"#),
            "23 prompt: invalid type: sequence, expected a text or a number"
        );
        assert_eq!(
            error(r#"{"answer": true}"#),
            "15 answer: invalid type: boolean `true`, expected a text, a number or a list of them"
        );
        assert_eq!(error(r#"{"id": 1, "id": 2}"#), "18 id: is given twice");
        assert_eq!(error("[1]"), "1 : invalid type: sequence, expected one JSON object a line");
        assert_eq!(error(r#"{"prompt": "a"#), "13 prompt: the line ends inside a string");
        assert_eq!(
            error(r#"{"messages": [{"role": "bot", "content": "x"}]}"#),
            "28 messages: unknown variant `bot`, expected one of `system`, `user`, `assistant`"
        );
        assert_eq!(
            error(r#"{"prompt": "p", "hard": "yes"}"#),
            "29 hard: invalid type: string \"yes\", expected a boolean"
        );
        assert_eq!(
            error(r#"{"tools": [{"name": "a b"}]}"#).split(" found").next(),
            Some("28 tools: expected 1 to 64 letters, digits, `_` and `-` as a tool's name,")
        );
        assert_eq!(error(r#"{"schema": {}, "schema": {}}"#), "28 schema: is given twice");
        assert_eq!(error(r#"{"calls": [}"#), "12 calls: is not JSON");
        assert_eq!(
            error(r#"{"answer": 123456789012345678901234567890}"#),
            "41 answer: the number has more digits than can be kept: write it as a text"
        );
    }
}
