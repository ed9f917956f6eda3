//! Scorer `json`: the JSON that an answer gives satisfies the item's schema (`spec.schema`) and has the expected fields
//! (each accepted answer is a JSON text; any of them is right). An item has either or both.
//!
//! Read is the whole answer, a fenced block, or the last JSON in prose ([`find`]); strictly, as RFC 8259 has it. What
//! begins like JSON and is none, has a name twice, or was cut is unparsed; JSON that does not satisfy the schema is wrong
//! by `json/schema`, JSON with other values by `json/fields`, and the first such place is kept as evidence. Numbers are
//! compared by value (1 is 1.0), texts exactly, arrays in order; the score is the share of expected leaves that are right,
//! among those expected and those too many.
//!
//! Settings: `lenient` reads what is nearly JSON, `fold` compares texts without case and white space, `unordered` arrays
//! without order, `extra_fields` lets an answer have fields that are not expected.
//!
//! The schema is checked by our own code ([`check`]): the crate `jsonschema` brings 26 others, and passes over keywords that
//! it does not know, as the standard has it; here those are told before anything is asked.

mod check;
pub(super) mod compare;
pub(super) mod find;
mod format;
pub(super) mod read;
mod schema;
pub(super) mod value;

use super::text::{self, fold, refuses};
use super::{Graded, Kind, Scorer};
use crate::config::Section;
use crate::domain::{Answer, Finding, Item, Verdict};
use check::{Miss, Patterns, check};
use compare::{Rules, Tally};
use find::{Found, Place, Wanted};
use read::Trouble;
use serde_json::Value as Json;
use std::sync::Arc;
use value::{Value, beginning};

/// `scorer = "json"`.
pub const KIND: Kind = Kind {
    name: "json",
    about: "JSON that satisfies the item's `schema` and has the fields of its answer (settings: lenient, fold, unordered, extra_fields)",
    build,
};

/// Grows whenever a verdict could change.
const VERSION: u32 = 2;

/// How much of a value is kept as evidence, in characters.
const EVIDENCE: usize = 200;

/// How much of a text's beginning is looked at for a refusal, in characters.
const OPENING: usize = 1_000;

#[derive(Debug, Default)]
struct JsonScorer {
    lenient: bool,
    rules: Rules,
    patterns: Patterns,
}

fn build(section: Option<&Section<'_>>) -> Option<Arc<dyn Scorer>> {
    let Some(section) = section else { return Some(Arc::new(JsonScorer::default())) };
    let lenient = section.or("lenient", false);
    let fold = section.or("fold", false);
    let unordered = section.or("unordered", false);
    let extra = section.or("extra_fields", false);
    section.finish();
    let rules = Rules { fold: fold?, unordered: unordered?, extra: extra? };
    Some(Arc::new(JsonScorer { lenient: lenient?, rules, patterns: Patterns::default() }))
}

impl Scorer for JsonScorer {
    fn grade(&self, item: &Item, answer: &Answer) -> Graded {
        let shown = match text::as_written(answer) {
            Ok(shown) => shown,
            Err(finding) => return finding.into(),
        };
        let expected: Vec<Value> = item.answers.iter().filter_map(|a| read::whole(a, false).ok()).collect();
        let schema = schema_of(item);
        let echo = schema.filter(|schema| schema.is_object()).map(Value::from);
        let is_echo = |value: &Value| echo.as_ref() == Some(value) && !expected.contains(value);
        let found = find::answer(&shown.text, wanted(&expected, schema), self.lenient, is_echo);
        let Some(Found { value, place, range: _, given: _ }) = found else {
            let declined = refuses(&fold(text::after(&shown.text, 0, OPENING)));
            let (verdict, rule) =
                if declined { (Verdict::Refused, "refused/text") } else { (Verdict::Unparsed, "json/none") };
            return Finding::bare(verdict, rule).into();
        };
        let finding = match value {
            // Another digit may have been to come.
            Ok(Value::Number(_)) if shown.cut && place == Place::Whole => {
                Finding::bare(Verdict::Unparsed, "json/cut-short")
            }
            Ok(value) => self.judge(&expected, schema, &value, place),
            Err(trouble) => Finding::bare(Verdict::Unparsed, unread(trouble)),
        };
        finding.into()
    }

    fn accepts(&self, item: &Item) -> Result<(), String> {
        let schema = schema_of(item);
        if item.answers.is_empty() && schema.is_none() {
            return Err("a json item needs an answer (a JSON text) or a `schema`".into());
        }
        if let Some(schema) = schema {
            schema::lint(schema, &self.patterns).map_err(|why| format!("schema: {why}"))?;
        }
        for answer in &item.answers {
            let head = text::excerpt(answer);
            let value = read::whole(answer, false).map_err(|(trouble, at)| {
                let why = match trouble {
                    Trouble::Twice => "a name is there twice",
                    Trouble::Deep => "it is nested too deep",
                    Trouble::Ended => "it ends too soon",
                    Trouble::Syntax => "something else was expected",
                };
                let column = answer.get(..at).unwrap_or("").chars().count() + 1;
                format!("the answer {head:?} is not JSON: {why} at its character {column}")
            })?;
            if let Some(schema) = schema {
                check(schema, &value, &self.patterns)
                    .map_err(|miss| format!("the answer {head:?} does not satisfy the schema: {miss}"))?;
            }
        }
        Ok(())
    }

    fn fingerprint(&self) -> String {
        let Self { lenient, rules: Rules { fold, unordered, extra }, patterns: _ } = self;
        format!("json/{VERSION} lenient={lenient} fold={fold} unordered={unordered} extra_fields={extra}")
    }
}

impl JsonScorer {
    fn judge(&self, expected: &[Value], schema: Option<&Json>, value: &Value, place: Place) -> Finding {
        let tallies = expected.iter().map(|wanted| self.rules.compare(wanted, value, ""));
        let best = tallies.max_by(|a, b| a.share().total_cmp(&b.share()));
        if let Some(schema) = schema
            && let Err(miss) = check(schema, value, &self.patterns)
        {
            if miss == Miss::Endless {
                return Finding::bare(Verdict::Unparsed, "json/unchecked");
            }
            // What equals the expected answer in every field and still has another form is worth nothing.
            let score = best.map_or(0.0, |tally| tally.share());
            let score = if score < 1.0 { score } else { 0.0 };
            return Finding { score, ..Finding::judged(false, evidence(&miss.to_string(), value), "json/schema") };
        }
        match best {
            Some(tally) if !tally.is_whole() => {
                let score = tally.share();
                let Tally { miss, .. } = tally;
                Finding { score, ..Finding::judged(false, evidence(&miss.unwrap_or_default(), value), "json/fields") }
            }
            None if schema.is_none() => Finding::bare(Verdict::Unparsed, "json/nothing-expected"),
            _ => {
                let rule = match place {
                    Place::Whole => "json/whole",
                    Place::Fenced => "json/fenced",
                    Place::Prose => "json/prose",
                };
                Finding::judged(true, text::excerpt(&beginning(value, EVIDENCE)), rule)
            }
        }
    }
}

/// The schema of an item.
fn schema_of(item: &Item) -> Option<&Json> {
    item.spec.as_ref()?.get("schema")
}

/// What kind of value the answer is to be.
fn wanted(expected: &[Value], schema: Option<&Json>) -> Wanted {
    match expected.first() {
        Some(Value::Object(_)) => Wanted::Object,
        Some(Value::List(_)) => Wanted::List,
        Some(_) => Wanted::Scalar,
        None => match schema.and_then(|schema| schema.get("type")).and_then(Json::as_str) {
            Some("object") => Wanted::Object,
            Some("array") => Wanted::List,
            Some(_) => Wanted::Scalar,
            None => Wanted::Any,
        },
    }
}

const fn unread(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Syntax => "json/syntax",
        Trouble::Ended => "json/cut-short",
        Trouble::Twice => "json/name-twice",
        Trouble::Deep => "json/too-deep",
    }
}

/// What is wrong, and in what.
fn evidence(why: &str, value: &Value) -> String {
    text::excerpt(&format!("{why} in {}", beginning(value, EVIDENCE)))
}

#[cfg(test)]
mod tests;
