//! Which schemas can be checked: the part of JSON Schema (draft 2020-12) that people use for answers and arguments.
//!
//! Whatever is in a schema is either checked by [`super::check`], or only a word for readers (`title` and its like), or
//! refused here with its place, before anything is asked: nothing is silently left unchecked.

use super::check::Patterns;
use super::compare::below;
use super::format;
use super::value::Number;
use crate::config::suggest;
use serde_json::{Map, Value as Json};

/// Keywords that say something to readers and nothing about a value.
const NOTES: &[&str] = &[
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
];

/// Keywords that are checked.
const CHECKED: &[&str] = &[
    "$ref",
    "$defs",
    "definitions",
    "type",
    "enum",
    "const",
    "properties",
    "patternProperties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "anyOf",
    "oneOf",
    "allOf",
    "not",
];

/// The types.
pub const TYPES: [&str; 7] = ["null", "boolean", "object", "array", "number", "string", "integer"];

/// Looks through a whole schema for what can't be checked.
///
/// # Errors
/// The first such place, as a JSON pointer, and what is wrong there.
pub fn lint(root: &Json, patterns: &Patterns) -> Result<(), String> {
    Lint { root, patterns }.schema(root, "")
}

/// What a reference points to: the root, or one of its definitions.
#[must_use]
pub fn resolve<'a>(root: &'a Json, reference: &str) -> Option<&'a Json> {
    let pointer = reference.strip_prefix('#')?;
    let inside = ["/$defs/", "/definitions/"].iter().find_map(|start| pointer.strip_prefix(start));
    let is_definition = inside.is_some_and(|name| !name.is_empty() && !name.contains('/'));
    (pointer.is_empty() || is_definition).then(|| root.pointer(pointer)).flatten()
}

struct Lint<'a> {
    root: &'a Json,
    patterns: &'a Patterns,
}

impl Lint<'_> {
    /// Recursion is bounded by the depth to which the schema's own text could be read.
    fn schema(&self, schema: &Json, path: &str) -> Result<(), String> {
        match schema {
            Json::Bool(_) => Ok(()),
            Json::Object(keywords) => keywords.iter().try_for_each(|(key, value)| {
                let path = below(path, key);
                self.keyword(key, value, keywords, &path).map_err(|why| {
                    // Places of parts are told by the parts.
                    if why.starts_with('/') { why } else { format!("{path} {why}") }
                })
            }),
            _ => Err(at(path, "is no schema: expected an object, true or false")),
        }
    }

    fn keyword(&self, key: &str, value: &Json, all: &Map<String, Json>, path: &str) -> Result<(), String> {
        match key {
            _ if NOTES.contains(&key) => Ok(()),
            "$ref" => {
                let target = value.as_str().and_then(|reference| resolve(self.root, reference));
                target.map(drop).ok_or_else(|| "expected \"#\" or \"#/$defs/NAME\" of this schema".to_owned())
            }
            "$defs" | "definitions" | "properties" => self.each_named(value, path),
            "patternProperties" => {
                let names = value.as_object().into_iter().flat_map(Map::keys);
                names.map(String::as_str).try_for_each(|name| self.pattern(name))?;
                self.each_named(value, path)
            }
            "additionalProperties" | "not" => self.schema(value, path),
            "items" if value.is_array() => Err("is a list: draft 2020-12 has `prefixItems` for that".into()),
            "items" => self.schema(value, path),
            "anyOf" | "oneOf" | "allOf" | "prefixItems" => match value.as_array().filter(|all| !all.is_empty()) {
                Some(all) => {
                    all.iter().enumerate().try_for_each(|(i, part)| self.schema(part, &below(path, &i.to_string())))
                }
                None => Err("expected a list of schemas".into()),
            },
            "type" => {
                let is_type = |word: &Json| word.as_str().is_some_and(|word| TYPES.contains(&word));
                let good =
                    is_type(value) || value.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(is_type));
                if good { Ok(()) } else { Err(format!("expected one or a list of {}", TYPES.join(", "))) }
            }
            "enum" if value.as_array().is_some_and(|all| !all.is_empty()) => Ok(()),
            "enum" => Err("expected a list of values".into()),
            "const" => Ok(()),
            "required" => {
                let names = value.as_array().filter(|all| all.iter().all(Json::is_string));
                let names = names.ok_or("expected a list of names")?;
                // A name that no property has is a misspelling, unless any other is welcome.
                let known = all.get("properties").and_then(Json::as_object);
                let closed = all.get("additionalProperties") == Some(&Json::Bool(false))
                    && !all.contains_key("patternProperties");
                let lost =
                    names.iter().filter_map(Json::as_str).find(|name| !known.is_some_and(|k| k.contains_key(*name)));
                match lost.filter(|_| closed) {
                    Some(name) => Err(format!("names {name:?}, which no value can have")),
                    None => Ok(()),
                }
            }
            "minProperties" | "maxProperties" | "minItems" | "maxItems" | "minLength" | "maxLength" => {
                if value.is_u64() { Ok(()) } else { Err("expected a whole number from 0".into()) }
            }
            "uniqueItems" if value.is_boolean() => Ok(()),
            "uniqueItems" => Err("expected true or false".into()),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" if value.is_number() => Ok(()),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => Err("expected a number".into()),
            "multipleOf" => {
                let step = value.as_number().map(Number::from);
                let zero = Number::read("0").zip(step).and_then(|(zero, step)| zero.is_multiple_of(&step));
                zero.map(drop).ok_or_else(|| "expected a number above 0 of at most 18 digits".to_owned())
            }
            "pattern" => self.pattern(value.as_str().ok_or("expected a regular expression")?),
            "format" => match value.as_str() {
                Some(name) if format::NAMES.contains(&name) => Ok(()),
                _ => Err(format!("is not checked here: known are {}", format::NAMES.join(", "))),
            },
            _ => {
                let near = suggest(key, CHECKED.iter().copied());
                let hint = near.map(|near| format!(", did you mean {near:?}?")).unwrap_or_default();
                Err(format!("is not a keyword that is checked{hint}"))
            }
        }
    }

    fn each_named(&self, value: &Json, path: &str) -> Result<(), String> {
        let all = value.as_object().ok_or("expected an object of schemas")?;
        all.iter().try_for_each(|(name, part)| self.schema(part, &below(path, name)))
    }

    fn pattern(&self, text: &str) -> Result<(), String> {
        self.patterns.get(text).map(drop).ok_or_else(|| {
            format!("{text:?} is no regular expression that can be checked in bounded time (no look-around, no back-references)")
        })
    }
}

fn at(path: &str, why: &str) -> String {
    if path.is_empty() { format!("it {why}") } else { format!("{path} {why}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_can_not_be_checked_is_told_with_its_place() {
        let patterns = Patterns::default();
        for (schema, want) in [
            (json!([]), "it is no schema: expected an object, true or false"),
            (json!({ "minimun": 1 }), "/minimun is not a keyword that is checked, did you mean \"minimum\"?"),
            (json!({ "properties": { "a": { "if": true } } }), "/properties/a/if is not a keyword that is checked"),
            (json!({ "items": [{}] }), "/items is a list: draft 2020-12 has `prefixItems` for that"),
            (
                json!({ "anyOf": [{}, { "type": "text" }] }),
                "/anyOf/1/type expected one or a list of null, boolean, object, array, number, string, integer",
            ),
            (
                json!({ "$ref": "#/properties/a", "properties": { "a": {} } }),
                "/$ref expected \"#\" or \"#/$defs/NAME\" of this schema",
            ),
            (
                json!({ "$ref": "#/$defs/b", "$defs": { "a": {} } }),
                "/$ref expected \"#\" or \"#/$defs/NAME\" of this schema",
            ),
            (json!({ "$defs": { "a": 1 } }), "/$defs/a is no schema: expected an object, true or false"),
            (
                json!({ "format": "hostname" }),
                "/format is not checked here: known are date, time, date-time, email, uri, uuid",
            ),
            (
                json!({ "pattern": "(?=x)" }),
                "/pattern \"(?=x)\" is no regular expression that can be checked in bounded time (no look-around, no back-references)",
            ),
            (json!({ "multipleOf": 0 }), "/multipleOf expected a number above 0 of at most 18 digits"),
            (json!({ "minLength": -1 }), "/minLength expected a whole number from 0"),
            (json!({ "required": "a" }), "/required expected a list of names"),
            (
                json!({ "properties": { "a": {} }, "required": ["b"], "additionalProperties": false }),
                "/required names \"b\", which no value can have",
            ),
        ] {
            assert_eq!(lint(&schema, &patterns), Err(want.into()), "{schema}");
        }
        for schema in [
            json!(true),
            json!({ "$defs": { "a~b": { "type": ["string", "null"] } }, "$ref": "#/$defs/a~0b", "title": 1 }),
            json!({ "properties": { "children": { "items": { "$ref": "#" } } }, "required": ["x"] }),
        ] {
            assert_eq!(lint(&schema, &patterns), Ok(()), "{schema}");
        }
    }
}
