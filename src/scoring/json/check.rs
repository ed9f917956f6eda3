//! Checks a value against a schema that [`super::schema::lint`] found good. Bounded: schemas may refer to themselves and
//! branch, so that the number of steps is limited, whatever the schema.

use super::compare::{below, brief, shown};
use super::format;
use super::schema::resolve;
use super::value::{Number, Value};
use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// Steps of one check, each a keyword or an element: far more than an answer of 32 KiB needs.
const STEPS: usize = 200_000;
/// How deep schemas may lead into each other.
const DEEPEST: usize = 128;
/// Patterns that are kept compiled.
const KEPT: usize = 256;
/// The size of a compiled pattern, in bytes.
const LARGEST_PATTERN: usize = 1 << 20;

/// Compiled patterns: items of a scenario have the same few, and compiling takes longer than all else.
#[derive(Debug, Default)]
pub struct Patterns(Mutex<BTreeMap<String, Option<Regex>>>);

impl Patterns {
    /// A pattern; none where it is none, or one that can't be matched in bounded time.
    pub fn get(&self, text: &str) -> Option<Regex> {
        // Nothing panics while it is held.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = known.get(text) {
            return there.clone();
        }
        let built = RegexBuilder::new(&translated(text)).size_limit(LARGEST_PATTERN).build().ok();
        if known.len() < KEPT {
            known.insert(text.to_owned(), built.clone());
        }
        built
    }
}

/// The pattern in our engine's words: schemas mean ECMA-262, where `\d` and `\w` are ASCII.
fn translated(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('d') => out.push_str("[0-9]"),
            Some('D') => out.push_str("[^0-9]"),
            Some('w') => out.push_str("[A-Za-z0-9_]"),
            Some('W') => out.push_str("[^A-Za-z0-9_]"),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

/// Why a value does not satisfy a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Miss {
    /// Where in the value (a JSON pointer), and what is wrong there.
    At(String, String),
    /// The check took too many steps: it is not known.
    Endless,
}

impl std::fmt::Display for Miss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::At(path, why) => write!(f, "{} {why}", shown(path)),
            Self::Endless => f.write_str("the schema takes too long to check"),
        }
    }
}

/// Checks a value against the whole schema.
///
/// # Errors
/// The first place that does not satisfy it.
pub fn check(root: &Json, value: &Value, patterns: &Patterns) -> Result<(), Miss> {
    Check { root, patterns, steps: STEPS }.schema(root, value, "", DEEPEST)
}

struct Check<'a> {
    root: &'a Json,
    patterns: &'a Patterns,
    steps: usize,
}

fn miss<T>(path: &str, why: impl Into<String>) -> Result<T, Miss> {
    Err(Miss::At(path.to_owned(), why.into()))
}

impl Check<'_> {
    fn step(&mut self) -> Result<(), Miss> {
        self.steps = self.steps.checked_sub(1).ok_or(Miss::Endless)?;
        Ok(())
    }

    fn schema(&mut self, schema: &Json, value: &Value, path: &str, depth: usize) -> Result<(), Miss> {
        self.step()?;
        let depth = depth.checked_sub(1).ok_or(Miss::Endless)?;
        let keywords = match schema {
            Json::Bool(false) => return miss(path, "is not expected"),
            Json::Object(keywords) => keywords,
            _ => return Ok(()),
        };
        for (key, wanted) in keywords {
            self.step()?;
            match key.as_str() {
                "type" => self.kind(wanted, value, path)?,
                "enum" => self.one_of(wanted.as_array().map_or(&[][..], Vec::as_slice), value, path)?,
                "const" => self.one_of(std::slice::from_ref(wanted), value, path)?,
                "$ref" => {
                    let target = wanted.as_str().and_then(|reference| resolve(self.root, reference));
                    self.schema(target.unwrap_or(&Json::Bool(true)), value, path, depth)?;
                }
                "allOf" => {
                    for part in wanted.as_array().into_iter().flatten() {
                        self.schema(part, value, path, depth)?;
                    }
                }
                "anyOf" | "oneOf" => self.some_of(key == "oneOf", wanted, value, path, depth)?,
                "not" => match self.schema(wanted, value, path, depth) {
                    Ok(()) => return miss(path, "is what it must not be"),
                    Err(Miss::Endless) => return Err(Miss::Endless),
                    Err(Miss::At(..)) => {}
                },
                _ => match value {
                    Value::Object(fields) => self.object(key, wanted, keywords, fields, path, depth)?,
                    Value::List(all) => self.list(key, wanted, keywords, all, path, depth)?,
                    Value::Text(text) => self.text(key, wanted, text, path)?,
                    Value::Number(number) => bounded(key, wanted, number, path)?,
                    Value::Null | Value::Bool(_) => {}
                },
            }
        }
        Ok(())
    }

    fn kind(&self, wanted: &Json, value: &Value, path: &str) -> Result<(), Miss> {
        let is = |word: &Json| {
            let (word, kind) = (word.as_str().unwrap_or(""), value.kind());
            word == kind || (word == "number" && kind == "integer")
        };
        if is(wanted) || wanted.as_array().is_some_and(|all| all.iter().any(is)) {
            return Ok(());
        }
        let all: Vec<&str> = wanted
            .as_array()
            .map_or_else(|| vec![wanted], |all| all.iter().collect())
            .into_iter()
            .filter_map(Json::as_str)
            .collect();
        miss(path, format!("is {}, not of type {}", brief(value), all.join(" or ")))
    }

    fn one_of(&mut self, all: &[Json], value: &Value, path: &str) -> Result<(), Miss> {
        for wanted in all {
            self.step()?;
            if Value::from(wanted) == *value {
                return Ok(());
            }
        }
        match all {
            [one] => miss(path, format!("is {}, not {}", brief(value), brief(&Value::from(one)))),
            _ => miss(path, format!("is {}, which is none of the {} that it may be", brief(value), all.len())),
        }
    }

    fn some_of(&mut self, one: bool, wanted: &Json, value: &Value, path: &str, depth: usize) -> Result<(), Miss> {
        let (mut fits, mut nearest) = (0, None);
        for part in wanted.as_array().into_iter().flatten() {
            match self.schema(part, value, path, depth) {
                Ok(()) if !one => return Ok(()),
                Ok(()) => fits += 1,
                Err(Miss::Endless) => return Err(Miss::Endless),
                // The form that was meant is the one that fits furthest in.
                Err(Miss::At(place, why)) => {
                    let further =
                        nearest.as_ref().is_none_or(|(known, _): &(String, String)| place.len() > known.len());
                    nearest = if further { Some((place, why)) } else { nearest };
                }
            }
        }
        match (fits, nearest) {
            (1, _) => Ok(()),
            (0, Some((place, why))) if place.len() > path.len() => Err(Miss::At(place, why)),
            (0, _) => miss(path, format!("is {}, which has none of the forms that it may have", brief(value))),
            (fits, _) => miss(path, format!("has {fits} of the forms of which it may have one")),
        }
    }

    fn object(
        &mut self,
        key: &str,
        wanted: &Json,
        schema: &Map<String, Json>,
        fields: &BTreeMap<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<(), Miss> {
        match key {
            "properties" => {
                for (name, part) in wanted.as_object().into_iter().flatten() {
                    if let Some(value) = fields.get(name) {
                        self.schema(part, value, &below(path, name), depth)?;
                    }
                }
            }
            "patternProperties" => {
                for (pattern, part) in wanted.as_object().into_iter().flatten() {
                    let Some(pattern) = self.patterns.get(pattern) else { continue };
                    for (name, value) in fields {
                        self.step()?;
                        if pattern.is_match(name) {
                            self.schema(part, value, &below(path, name), depth)?;
                        }
                    }
                }
            }
            "additionalProperties" => {
                let named = schema.get("properties").and_then(Json::as_object);
                let patterns = schema.get("patternProperties").and_then(Json::as_object);
                let patterns: Vec<Regex> =
                    patterns.into_iter().flat_map(Map::keys).filter_map(|pattern| self.patterns.get(pattern)).collect();
                for (name, value) in fields {
                    self.step()?;
                    let known = named.is_some_and(|named| named.contains_key(name));
                    if !known && !patterns.iter().any(|pattern| pattern.is_match(name)) {
                        self.schema(wanted, value, &below(path, name), depth)?;
                    }
                }
            }
            "required" => {
                let names = wanted.as_array().into_iter().flatten().filter_map(Json::as_str);
                if let Some(name) = names.into_iter().find(|name| !fields.contains_key(*name)) {
                    return miss(&below(path, name), "is missing");
                }
            }
            "minProperties" | "maxProperties" => counted(key, wanted, fields.len(), "fields", path)?,
            _ => {}
        }
        Ok(())
    }

    fn list(
        &mut self,
        key: &str,
        wanted: &Json,
        schema: &Map<String, Json>,
        all: &[Value],
        path: &str,
        depth: usize,
    ) -> Result<(), Miss> {
        match key {
            "prefixItems" => {
                for (at, (part, value)) in wanted.as_array().into_iter().flatten().zip(all).enumerate() {
                    self.schema(part, value, &below(path, &at.to_string()), depth)?;
                }
            }
            "items" => {
                let before = schema.get("prefixItems").and_then(Json::as_array).map_or(0, Vec::len);
                for (at, value) in all.iter().enumerate().skip(before) {
                    self.schema(wanted, value, &below(path, &at.to_string()), depth)?;
                }
            }
            "minItems" | "maxItems" => counted(key, wanted, all.len(), "elements", path)?,
            "uniqueItems" if wanted == &Json::Bool(true) => {
                let mut seen = BTreeSet::new();
                if let Some(twice) = all.iter().position(|value| !seen.insert(value)) {
                    return miss(&below(path, &twice.to_string()), "is there twice");
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&self, key: &str, wanted: &Json, text: &str, path: &str) -> Result<(), Miss> {
        match key {
            "minLength" | "maxLength" => counted(key, wanted, text.chars().count(), "characters", path),
            "pattern" => {
                let pattern = wanted.as_str().and_then(|pattern| self.patterns.get(pattern));
                match pattern.is_none_or(|pattern| pattern.is_match(text)) {
                    true => Ok(()),
                    false => {
                        miss(path, format!("is {}, which the pattern does not match", brief(&Value::Text(text.into()))))
                    }
                }
            }
            "format" => {
                let format = wanted.as_str().unwrap_or("");
                match format::fits(format, text) {
                    Some(false) => miss(path, format!("is {}, which is no {format}", brief(&Value::Text(text.into())))),
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }
}

fn counted(key: &str, wanted: &Json, count: usize, what: &str, path: &str) -> Result<(), Miss> {
    let limit = wanted.as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
    let (good, word) = if key.starts_with("min") { (count >= limit, "at least") } else { (count <= limit, "at most") };
    if good { Ok(()) } else { miss(path, format!("has {count} {what}, not {word} {limit}")) }
}

fn bounded(key: &str, wanted: &Json, number: &Number, path: &str) -> Result<(), Miss> {
    let Some(limit) = wanted.as_number().map(Number::from) else { return Ok(()) };
    let (good, word) = match key {
        "minimum" => (*number >= limit, "at least"),
        "maximum" => (*number <= limit, "at most"),
        "exclusiveMinimum" => (*number > limit, "above"),
        "exclusiveMaximum" => (*number < limit, "below"),
        "multipleOf" => (number.is_multiple_of(&limit) == Some(true), "a multiple of"),
        _ => return Ok(()),
    };
    if good { Ok(()) } else { miss(path, format!("is {number}, not {word} {limit}")) }
}

#[cfg(test)]
mod tests {
    use super::super::read::whole;
    use super::super::schema::lint;
    use super::*;
    use serde_json::json;

    fn checked(schema: &Json, value: &str) -> String {
        let patterns = Patterns::default();
        lint(schema, &patterns).unwrap();
        match check(schema, &whole(value, false).unwrap(), &patterns) {
            Ok(()) => "fits".into(),
            Err(miss) => miss.to_string(),
        }
    }

    #[test]
    fn every_keyword_is_checked() {
        let tree = json!({ "$ref": "#/$defs/node", "$defs": { "node": {
            "type": "object", "properties": { "v": { "type": "integer" }, "next": { "$ref": "#/$defs/node" } },
            "required": ["v"], "additionalProperties": false } } });
        let words = json!({ "patternProperties": { "^x-": { "type": "string" } }, "additionalProperties": { "type": "number" } });
        let tuple = json!({ "prefixItems": [{ "type": "string" }, { "type": "number" }], "items": false });
        for (schema, value, want) in [
            (json!({ "type": "integer" }), "1.0", "fits"),
            (json!({ "type": "integer" }), "1.5", "the whole is 1.5, not of type integer"),
            (json!({ "type": "number" }), "3", "fits"),
            (json!({ "type": ["string", "null"] }), "3", "the whole is 3, not of type string or null"),
            (tree.clone(), r#"{"v": 1, "next": {"v": 2}}"#, "fits"),
            (tree.clone(), r#"{"v": 1, "next": {"w": 2}}"#, "/next/w is not expected"),
            (tree, r#"{"v": 1, "next": {}}"#, "/next/v is missing"),
            (words.clone(), r#"{"x-a": "b", "c": 1}"#, "fits"),
            (words.clone(), r#"{"x-a": 1}"#, "/x-a is 1, not of type string"),
            (words, r#"{"c": "b"}"#, "/c is \"b\", not of type number"),
            (tuple.clone(), r#"["a", 1]"#, "fits"),
            (tuple.clone(), r#"["a"]"#, "fits"),
            (tuple, r#"["a", 1, 2]"#, "/2 is not expected"),
            (json!({ "items": { "minimum": 2 } }), "[2, 3, 1]", "/2 is 1, not at least 2"),
            (json!({ "maximum": 2 }), "2", "fits"),
            (json!({ "exclusiveMinimum": 2 }), "2", "the whole is 2, not above 2"),
            (json!({ "exclusiveMaximum": 2 }), "2", "the whole is 2, not below 2"),
            (json!({ "multipleOf": 0.01 }), "19.99", "fits"),
            (json!({ "multipleOf": 0.01 }), "19.999", "the whole is 19.999, not a multiple of 0.01"),
            (json!({ "minLength": 2, "maxLength": 3 }), "\"订单号码\"", "the whole has 4 characters, not at most 3"),
            (json!({ "minLength": 2 }), "\"é\"", "the whole has 1 characters, not at least 2"),
            (json!({ "pattern": "^[A-Z]{2}\\d+$" }), "\"AB12\"", "fits"),
            (json!({ "pattern": "^\\d+$" }), "\"１２\"", "the whole is \"１２\", which the pattern does not match"),
            (json!({ "pattern": "b" }), "\"abc\"", "fits"),
            (json!({ "format": "date" }), "\"2023-02-29\"", "the whole is \"2023-02-29\", which is no date"),
            (json!({ "format": "date" }), "5", "fits"),
            (json!({ "minItems": 1 }), "[]", "the whole has 0 elements, not at least 1"),
            (json!({ "maxItems": 1 }), "[1, 2]", "the whole has 2 elements, not at most 1"),
            (json!({ "uniqueItems": true }), "[1, 2, 1.0]", "/2 is there twice"),
            (json!({ "uniqueItems": false }), "[1, 1]", "fits"),
            (json!({ "minProperties": 1 }), "{}", "the whole has 0 fields, not at least 1"),
            (json!({ "maxProperties": 1 }), r#"{"a": 1, "b": 2}"#, "the whole has 2 fields, not at most 1"),
            (json!({ "enum": ["a", 1, null] }), "1.0", "fits"),
            (json!({ "enum": ["a", "b"] }), "\"c\"", "the whole is \"c\", which is none of the 2 that it may be"),
            (json!({ "const": { "a": [1] } }), r#"{"a": [1]}"#, "fits"),
            (json!({ "const": "x" }), "\"y\"", "the whole is \"y\", not \"x\""),
            (json!({ "allOf": [{ "minimum": 1 }, { "maximum": 2 }] }), "3", "the whole is 3, not at most 2"),
            (
                json!({ "anyOf": [{ "type": "string" }, { "minimum": 5 }] }),
                "4",
                "the whole is 4, which has none of the forms that it may have",
            ),
            (
                json!({ "anyOf": [{ "type": "string" }, { "properties": { "a": { "type": "string" } } }] }),
                r#"{"a": 1}"#,
                "/a is 1, not of type string",
            ),
            (
                json!({ "oneOf": [{ "minimum": 1 }, { "maximum": 5 }] }),
                "3",
                "the whole has 2 of the forms of which it may have one",
            ),
            (json!({ "oneOf": [{ "minimum": 4 }, { "maximum": 5 }] }), "3", "fits"),
            (json!({ "not": { "type": "null" } }), "null", "the whole is what it must not be"),
            (json!({ "not": { "type": "null" } }), "1", "fits"),
            (
                json!({ "$defs": { "p": { "type": "string" } }, "properties": { "a": { "$ref": "#/$defs/p", "minLength": 2 } } }),
                r#"{"a": "x"}"#,
                "/a has 1 characters, not at least 2",
            ),
            (json!(false), "1", "the whole is not expected"),
            (json!({}), "{\"a\": []}", "fits"),
        ] {
            assert_eq!(checked(&schema, value), want, "{schema} {value}");
        }
    }

    #[test]
    fn a_schema_that_never_ends_is_bounded() {
        let forever = json!({ "$ref": "#" });
        assert_eq!(checked(&forever, "1"), "the schema takes too long to check");
        let branching = json!({ "$ref": "#/$defs/a", "$defs": { "a": {
            "oneOf": [{ "$ref": "#/$defs/b" }, { "$ref": "#/$defs/b" }] }, "b": {
            "oneOf": [{ "$ref": "#/$defs/a" }, { "$ref": "#/$defs/a" }] } } });
        assert_eq!(checked(&branching, "1"), "the schema takes too long to check");
    }
}
