//! The instructions that there are: one line and one small function each.

use super::super::text::uniform;
use super::count::{capital_words, characters, is_han, lines, number, occurrences, paragraphs, sentences, words};
use super::form;
use super::{MOST, Text, language};
use crate::config::suggest;
use serde_json::{Map, Value};

/// What an instruction says beside its kind.
pub type Fields = Map<String, Value>;

/// One kind of instruction.
pub struct Check {
    /// The word in data files.
    pub name: &'static str,
    /// The fields it has, those of a count apart.
    fields: &'static [&'static str],
    /// Whether its own fields can be used.
    accepts: fn(&Fields) -> Result<(), String>,
    rule: Rule,
}

/// What is looked at.
enum Rule {
    /// How many there are; the fields say how many there may be.
    Count(fn(&Fields, &Text) -> u64),
    /// Whether it is so, and goes on to be so whatever follows.
    Lasting(fn(&Fields, &Text) -> bool),
    /// Whether it is so; what follows may change it.
    Whole(fn(&Fields, &Text) -> bool),
}

impl Check {
    /// Whether a text keeps it.
    pub fn holds(&self, fields: &Fields, text: &Text) -> bool {
        match self.rule {
            Rule::Count(count) => within(fields, count(fields, text)),
            Rule::Lasting(is) | Rule::Whole(is) => is(fields, text),
        }
    }

    /// Whether a text that keeps it goes on to do so, whatever follows.
    pub fn lasts(&self, fields: &Fields) -> bool {
        match self.rule {
            Rule::Count(_) => !fields.contains_key("at_most") && !fields.contains_key("exactly"),
            Rule::Lasting(_) => true,
            Rule::Whole(_) => false,
        }
    }

    fn has(&self, field: &str) -> bool {
        self.fields.contains(&field) || (matches!(self.rule, Rule::Count(_)) && BOUNDS.contains(&field))
    }
}

const BOUNDS: [&str; 3] = ["at_least", "at_most", "exactly"];
const PHRASES: &[&str] = &["text", "texts", "case_sensitive", "whole"];
const EDGE: &[&str] = &["text", "case_sensitive"];

/// All kinds.
pub const KINDS: &[Check] = &[
    bare("words", Rule::Count(|_, text| words(&text.raw))),
    bare("characters", Rule::Count(|_, text| characters(&text.raw))),
    bare("sentences", Rule::Count(|_, text| sentences(&text.raw))),
    bare("lines", Rule::Count(|_, text| lines(&text.raw))),
    bare("bullets", Rule::Count(|_, text| form::bullets(&text.raw))),
    bare("numbered", Rule::Count(|_, text| form::numbered(&text.raw))),
    bare("placeholders", Rule::Count(|_, text| form::placeholders(&text.raw))),
    bare("capital_words", Rule::Count(|_, text| capital_words(&text.raw))),
    Check {
        name: "paragraphs",
        fields: &["separator"],
        accepts: |fields| optional(fields, "separator"),
        rule: Rule::Count(|fields, text| number(paragraphs(&text.raw, string(fields, "separator")).len())),
    },
    Check {
        name: "headings",
        fields: &["level"],
        accepts: |fields| match fields.get("level").map(Value::as_u64) {
            Some(level) if !level.is_some_and(|n| (1..=6).contains(&n)) => Err("`level` is not from 1 to 6".into()),
            _ => Ok(()),
        },
        rule: Rule::Count(|fields, text| form::headings(&text.raw, fields.get("level").and_then(Value::as_u64))),
    },
    Check {
        name: "sections",
        fields: &["marker"],
        accepts: |fields| needed(fields, "marker"),
        rule: Rule::Count(|fields, text| form::sections(&text.raw, &wanted(fields, "marker").to_lowercase())),
    },
    Check {
        name: "frequency",
        fields: &["text", "case_sensitive", "whole"],
        accepts: |fields| needed(fields, "text").and(flags(fields)),
        rule: Rule::Count(|fields, text| found(fields, text, wanted(fields, "text"))),
    },
    Check {
        name: "letter",
        fields: &["letter"],
        accepts: |fields| match wanted(fields, "letter").chars().count() {
            1 => Ok(()),
            _ => Err("`letter` is not one character".into()),
        },
        rule: Rule::Count(|fields, text| {
            occurrences(&text.lower, &uniform(wanted(fields, "letter")).to_lowercase(), false)
        }),
    },
    Check {
        name: "table",
        fields: &["columns", "rows"],
        accepts: |fields| positive(fields, "columns").and(positive(fields, "rows")),
        rule: Rule::Whole(|fields, text| {
            let is = |key, n| fields.get(key).is_none_or(|want| want.as_u64() == Some(n));
            form::tables(&text.raw).into_iter().any(|(columns, rows)| is("columns", columns) && is("rows", rows))
        }),
    },
    Check {
        name: "contains",
        fields: PHRASES,
        accepts: phrases_given,
        rule: Rule::Lasting(|fields, text| phrases(fields).iter().all(|phrase| found(fields, text, phrase) > 0)),
    },
    Check {
        name: "excludes",
        fields: PHRASES,
        accepts: phrases_given,
        rule: Rule::Whole(|fields, text| phrases(fields).iter().all(|phrase| found(fields, text, phrase) == 0)),
    },
    Check {
        name: "forbidden_characters",
        fields: &["characters"],
        accepts: |fields| needed(fields, "characters"),
        rule: Rule::Whole(|fields, text| !text.raw.contains(|c| wanted(fields, "characters").contains(c))),
    },
    bare("no_commas", Rule::Whole(|_, text| !text.raw.contains([',', '，', '﹐', '､']))),
    Check {
        name: "starts_with",
        fields: EDGE,
        accepts: |fields| needed(fields, "text").and(flags(fields)),
        rule: Rule::Lasting(|fields, text| starts(compared(fields, text), &phrase(fields))),
    },
    Check {
        name: "ends_with",
        fields: EDGE,
        accepts: |fields| needed(fields, "text").and(flags(fields)),
        rule: Rule::Whole(|fields, text| ends(compared(fields, text), &phrase(fields))),
    },
    Check {
        name: "paragraph_starts",
        fields: &["paragraph", "text", "separator", "case_sensitive"],
        accepts: |fields| {
            let there = fields.get("paragraph").map(|_| ()).ok_or("`paragraph` is missing");
            there.map_err(str::to_owned)?;
            positive(fields, "paragraph").and(needed(fields, "text")).and(optional(fields, "separator"))?;
            flags(fields)
        },
        rule: Rule::Lasting(|fields, text| {
            let place = fields.get("paragraph").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
            let all = paragraphs(compared(fields, text), string(fields, "separator"));
            let paragraph = place.and_then(|n| all.get(n.checked_sub(1)?).copied());
            paragraph.is_some_and(|paragraph| starts(paragraph, &phrase(fields)))
        }),
    },
    bare("uppercase", Rule::Whole(|_, text| in_case(&text.raw, char::is_uppercase, char::is_lowercase))),
    bare("lowercase", Rule::Whole(|_, text| in_case(&text.raw, char::is_lowercase, char::is_uppercase))),
    Check {
        name: "language",
        fields: &["language"],
        accepts: |fields| match language::known().any(|known| known == wanted(fields, "language")) {
            true => Ok(()),
            false => Err(format!("`language` is none of {}", language::known().collect::<Vec<_>>().join(", "))),
        },
        rule: Rule::Whole(|fields, text| language::is_in(&text.raw, wanted(fields, "language"))),
    },
    Check {
        name: "json",
        fields: &["type", "keys"],
        accepts: |fields| {
            if fields.get("type").is_some_and(|kind| !matches!(kind.as_str(), Some("object" | "array"))) {
                return Err("`type` is neither \"object\" nor \"array\"".into());
            }
            let texts = |keys: &Value| keys.as_array().is_some_and(|all| all.iter().all(Value::is_string));
            fields.get("keys").is_none_or(texts).then_some(()).ok_or_else(|| "`keys` is no list of texts".into())
        },
        rule: Rule::Whole(|fields, text| {
            let Some(json) = form::json(&text.raw) else { return false };
            let is_type = match string(fields, "type") {
                Some("array") => json.is_array(),
                Some(_) => json.is_object(),
                // A bare word in quotes, or a figure, is JSON too, and nobody means that.
                None => json.is_object() || json.is_array(),
            };
            let mut keys = fields.get("keys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            is_type && keys.all(|key| json.get(key).is_some())
        }),
    },
    bare("quoted", Rule::Whole(|_, text| form::quoted(&text.raw))),
    bare("title", Rule::Lasting(|_, text| form::titled(&text.raw))),
    bare("two_responses", Rule::Whole(|_, text| form::two_responses(&text.raw))),
    Check {
        name: "postscript",
        fields: &["marker"],
        accepts: |fields| needed(fields, "marker"),
        rule: Rule::Whole(|fields, text| {
            form::postscript(&text.lower, &uniform(wanted(fields, "marker")).to_lowercase())
        }),
    },
];

/// A kind without fields of its own.
const fn bare(name: &'static str, rule: Rule) -> Check {
    Check { name, fields: &[], accepts: |_| Ok(()), rule }
}

/// Reads one instruction.
pub fn read(one: &Value) -> Result<(&'static Check, &Fields), String> {
    let fields = one.as_object().ok_or("is no object")?;
    let kind = fields.get("kind").and_then(Value::as_str).ok_or("has no `kind`")?;
    let near = |known: &[&str], word: &str| {
        let near = suggest(word, known.iter().copied());
        near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default()
    };
    let names: Vec<&str> = KINDS.iter().map(|check| check.name).collect();
    let check = KINDS.iter().find(|check| check.name == kind);
    let check = check.ok_or_else(|| format!("`{kind}` is no kind of instruction{}", near(&names, kind)))?;
    if let Some(other) = fields.keys().find(|key| *key != "kind" && !check.has(key)) {
        let known: Vec<&str> = check.fields.iter().chain(&BOUNDS).copied().filter(|field| check.has(field)).collect();
        return Err(format!("{kind} has no `{other}`{}", near(&known, other)));
    }
    let counted = if matches!(check.rule, Rule::Count(_)) { bounds(fields) } else { Ok(()) };
    counted.and_then(|()| (check.accepts)(fields)).map_err(|why| format!("{kind}: {why}"))?;
    Ok((check, fields))
}

fn string<'a>(fields: &'a Fields, key: &str) -> Option<&'a str> {
    fields.get(key).and_then(Value::as_str)
}

/// A text that is there, since the instruction was accepted.
fn wanted<'a>(fields: &'a Fields, key: &str) -> &'a str {
    string(fields, key).unwrap_or_default()
}

fn needed(fields: &Fields, key: &str) -> Result<(), String> {
    match string(fields, key) {
        Some(text) if !text.trim().is_empty() => Ok(()),
        _ => Err(format!("`{key}` is missing, or no text that says something")),
    }
}

fn optional(fields: &Fields, key: &str) -> Result<(), String> {
    if fields.contains_key(key) { needed(fields, key) } else { Ok(()) }
}

fn positive(fields: &Fields, key: &str) -> Result<(), String> {
    match fields.get(key) {
        Some(value) if value.as_u64().is_none_or(|n| n == 0) => Err(format!("`{key}` is no whole number from 1")),
        _ => Ok(()),
    }
}

fn flags(fields: &Fields) -> Result<(), String> {
    let wrong = ["case_sensitive", "whole"].into_iter().find(|key| fields.get(*key).is_some_and(|v| !v.is_boolean()));
    wrong.map_or(Ok(()), |key| Err(format!("`{key}` is neither true nor false")))
}

fn bounds(fields: &Fields) -> Result<(), String> {
    let mut numbers = Vec::new();
    for key in BOUNDS {
        match fields.get(key).map(Value::as_u64) {
            None => numbers.push(None),
            Some(Some(n)) => numbers.push(Some(n)),
            Some(None) => return Err(format!("`{key}` is no whole number from 0")),
        }
    }
    match numbers.as_slice() {
        [None, None, None] => Err("one of `at_least`, `at_most`, `exactly` is needed".into()),
        [Some(_), _, Some(_)] | [_, Some(_), Some(_)] => Err("`exactly` goes with no other bound".into()),
        [Some(least), Some(most), _] if least > most => Err("`at_least` is more than `at_most`".into()),
        _ => Ok(()),
    }
}

fn within(fields: &Fields, count: u64) -> bool {
    let is = |key, holds: fn(u64, u64) -> bool| {
        fields.get(key).and_then(Value::as_u64).is_none_or(|bound| holds(count, bound))
    };
    is("at_least", |n, bound| n >= bound)
        && is("at_most", |n, bound| n <= bound)
        && is("exactly", |n, bound| n == bound)
}

fn flag(fields: &Fields, key: &str, default: bool) -> bool {
    fields.get(key).and_then(Value::as_bool).unwrap_or(default)
}

/// The text in which phrases are looked for.
fn compared<'a>(fields: &Fields, text: &'a Text) -> &'a str {
    if flag(fields, "case_sensitive", false) { &text.folded } else { &text.lower }
}

/// A phrase in the form in which it is looked for.
fn alike(fields: &Fields, phrase: &str) -> String {
    let folded = uniform(phrase.trim());
    if flag(fields, "case_sensitive", false) { folded } else { folded.to_lowercase() }
}

fn phrase(fields: &Fields) -> String {
    alike(fields, wanted(fields, "text"))
}

fn found(fields: &Fields, text: &Text, phrase: &str) -> u64 {
    occurrences(compared(fields, text), &alike(fields, phrase), flag(fields, "whole", true))
}

/// `text`, and all of `texts`.
fn phrases(fields: &Fields) -> Vec<&str> {
    let several = fields.get("texts").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    string(fields, "text").into_iter().chain(several).collect()
}

fn phrases_given(fields: &Fields) -> Result<(), String> {
    optional(fields, "text")?;
    let says = |one: &Value| one.as_str().is_some_and(|text| !text.trim().is_empty());
    match fields.get("texts").map(Value::as_array) {
        Some(Some(all)) if !all.is_empty() && all.len() <= MOST && all.iter().all(says) => flags(fields),
        Some(_) => Err(format!("`texts` is no list of 1 to {MOST} texts that say something")),
        None if fields.contains_key("text") => flags(fields),
        None => Err("`text` or `texts` is missing".into()),
    }
}

/// Whether all letters that have case are in one.
fn in_case(text: &str, one: fn(char) -> bool, other: fn(char) -> bool) -> bool {
    text.chars().any(one) && !text.chars().any(other)
}

/// What a text may open or close with around its words.
const DRESS: [char; 8] = ['"', '\'', '*', '_', '#', ' ', '\n', '>'];

fn starts(text: &str, phrase: &str) -> bool {
    let text = if phrase.starts_with(DRESS) { text.trim_start() } else { text.trim_start_matches(DRESS) };
    text.strip_prefix(phrase).is_some_and(|rest| !continues(phrase.chars().next_back(), rest.chars().next()))
}

/// The very end; a mark that ends a sentence may follow a phrase that has none.
fn ends(text: &str, phrase: &str) -> bool {
    let text = if phrase.ends_with(DRESS) { text.trim_end() } else { text.trim_end_matches(DRESS) };
    let bare = if phrase.ends_with(char::is_alphanumeric) { text.strip_suffix(['.', '!', '。']) } else { None };
    let mut forms = [Some(text), bare.map(|bare| bare.trim_end_matches(DRESS))].into_iter().flatten();
    forms.any(|text| {
        let before = text.strip_suffix(phrase);
        before.is_some_and(|before| !continues(before.chars().next_back(), phrase.chars().next()))
    })
}

/// Whether two characters are of one word.
fn continues(one: Option<char>, other: Option<char>) -> bool {
    let of_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_han(c));
    of_word(one) && of_word(other)
}
