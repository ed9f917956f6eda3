//! Scorer `tool_call`: the answer makes exactly the calls that the item expects (`spec.calls`), with the same arguments.
//!
//! One step only: what a model does with a tool's result, and agents that act over many steps, are not graded here.
//!
//! Calls come in the protocol's own channel; where there are none, a call that is written as text is read ([`written`]),
//! under rules of its own. Names are equal to the letter, arguments as in scorer `json`: numbers by value, texts exactly.
//! An argument that is left out has the default that the tool's schema gives it. Expected may be no call (`calls: []`):
//! then any call is wrong, and an answer in words is right.
//!
//! Settings: `ignore` names arguments that are not looked at, `optional` those that may be left out (each `argument` or
//! `tool.argument`); `ordered` wants the calls in order; `fold` and `unordered` as in `json`.

mod written;

use super::json::compare::{Rules, Tally};
use super::json::read;
use super::json::value::Value;
use super::text::{self, TAIL, fold, refuses};
use super::{Graded, Kind, Scorer};
use crate::config::Section;
use crate::domain::{Answer, Finding, Finish, Item, Tool, Verdict};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;
use written::Written;

/// `scorer = "tool_call"`.
pub const KIND: Kind = Kind {
    name: "tool_call",
    about: "the tool calls that the item's `calls` expect, by name and arguments (settings: ignore, optional, ordered, fold, unordered)",
    build,
};

/// Grows whenever a verdict could change.
const VERSION: u32 = 2;

/// How much of a text's beginning is looked at for a refusal, in characters.
const OPENING: usize = 1_000;

/// A call that was made or is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Call {
    name: String,
    arguments: BTreeMap<String, Value>,
}

#[derive(Debug, Default)]
struct ToolCalls {
    ignore: Vec<String>,
    optional: Vec<String>,
    ordered: bool,
    rules: Rules,
}

fn build(section: Option<&Section<'_>>) -> Option<Arc<dyn Scorer>> {
    let Some(section) = section else { return Some(Arc::new(ToolCalls::default())) };
    let ignore = section.or("ignore", Vec::new());
    let optional = section.or("optional", Vec::new());
    let ordered = section.or("ordered", false);
    let fold = section.or("fold", false);
    let unordered = section.or("unordered", false);
    section.finish();
    let rules = Rules { fold: fold?, unordered: unordered?, extra: false };
    Some(Arc::new(ToolCalls { ignore: ignore?, optional: optional?, ordered: ordered?, rules }))
}

impl Scorer for ToolCalls {
    fn grade(&self, item: &Item, answer: &Answer) -> Graded {
        if answer.refusal.is_some() {
            return Finding::bare(Verdict::Refused, "refused/provider").into();
        }
        if answer.finish == Some(Finish::ContentFilter) {
            return Finding::bare(Verdict::Refused, "refused/filter").into();
        }
        let expected = expected(item).ok();
        let finding = if answer.tool_calls.is_empty() {
            self.words(item, answer, expected.as_deref())
        } else {
            match (made(answer), expected) {
                (Some(made), Some(expected)) => self.judge(item, &expected, &made, "tool_call/calls"),
                _ => Finding::bare(Verdict::Unparsed, "tool_call/arguments"),
            }
        };
        finding.into()
    }

    fn accepts(&self, item: &Item) -> Result<(), String> {
        let calls = expected(item)?;
        let offered = |name: &str| item.tools.is_empty() || item.tools.iter().any(|tool| tool.name == name);
        match calls.iter().find(|call| !offered(&call.name)) {
            Some(call) => Err(format!("`calls` name {:?}, which is no tool that the item offers", call.name)),
            None => Ok(()),
        }
    }

    fn fingerprint(&self) -> String {
        let Self { ignore, optional, ordered, rules: Rules { fold, unordered, extra: _ } } = self;
        format!(
            "tool_call/{VERSION} ignore={ignore:?} optional={optional:?} ordered={ordered} fold={fold} unordered={unordered}"
        )
    }
}

impl ToolCalls {
    /// An answer without calls of the protocol's own: a call in words, or words.
    fn words(&self, item: &Item, answer: &Answer, expected: Option<&[Call]>) -> Finding {
        let shown = match text::as_written(answer) {
            Ok(shown) => shown,
            Err(finding) => return finding,
        };
        let known: Vec<&str> = item.tools.iter().map(|tool| tool.name.as_str()).collect();
        let expected_names = expected.into_iter().flatten().map(|call| call.name.as_str());
        let known: Vec<&str> = known.into_iter().chain(expected_names).collect();
        let (made, rule) = match written::calls(&shown.text, &known) {
            Written::Calls(made, rule) => (made, rule),
            Written::Unclear => return Finding::bare(Verdict::Unparsed, "tool_call/unclear"),
            Written::None => match expected {
                // Whether a call was to come can't be known.
                Some([]) if shown.cut => return Finding::bare(Verdict::Unparsed, "tool_call/cut-short"),
                Some([]) => return Finding::judged(true, text::excerpt(&shown.text), "tool_call/no-call"),
                _ if refuses(&fold(text::after(&shown.text, 0, OPENING))) => {
                    return Finding::bare(Verdict::Refused, "refused/text");
                }
                Some(_) if shown.cut => return Finding::bare(Verdict::Unparsed, "tool_call/cut-short"),
                Some(_) => return Finding::judged(false, text::excerpt(&shown.text), "tool_call/none"),
                None => return Finding::bare(Verdict::Unparsed, "tool_call/nothing-expected"),
            },
        };
        match expected {
            Some(expected) => self.judge(item, expected, &made, rule),
            None => Finding::bare(Verdict::Unparsed, "tool_call/nothing-expected"),
        }
    }

    fn judge(&self, item: &Item, expected: &[Call], made: &[Call], rule: &'static str) -> Finding {
        let made: Vec<Call> = made.iter().map(|call| self.normal(&item.tools, call)).collect();
        let expected: Vec<Call> = expected.iter().map(|call| self.normal(&item.tools, call)).collect();
        let mut left: Vec<Option<&Call>> = made.iter().map(Some).collect();
        let mut tally = Tally::default();
        for (place, wanted) in expected.iter().enumerate() {
            let candidates = left.iter().enumerate().filter_map(|(at, call)| Some((at, (*call)?)));
            let candidates =
                candidates.filter(|(at, call)| call.name == wanted.name && (!self.ordered || *at == place));
            let tallies = candidates.map(|(at, call)| (at, self.compare(wanted, call)));
            let best = tallies.max_by(|(i, a), (j, b)| a.share().total_cmp(&b.share()).then(j.cmp(i)));
            match best {
                Some((at, found)) => {
                    if let Some(taken) = left.get_mut(at) {
                        *taken = None;
                    }
                    tally.add(found);
                }
                None => tally.add(Tally::wrong(wanted.leaves(), format!("{} is not called", wanted.name))),
            }
        }
        for more in left.into_iter().flatten() {
            tally.add(Tally::wrong(more.leaves(), format!("{} is not expected", more.name)));
        }
        let calls: Vec<String> = made.iter().map(Call::shown).collect();
        let calls = calls.join("; ");
        let extracted = tally.miss.as_ref().map_or(calls.clone(), |miss| format!("{miss} in {calls}"));
        Finding { score: tally.share(), ..Finding::judged(tally.is_whole(), text::excerpt(&extracted), rule) }
    }

    fn compare(&self, expected: &Call, found: &Call) -> Tally {
        let optional =
            |name: &String| named(&self.optional, &expected.name, name) && !found.arguments.contains_key(name);
        let wanted = expected.arguments.iter().filter(|(name, _)| !optional(name));
        let wanted: BTreeMap<String, Value> = wanted.map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut tally = Tally { right: 1, all: 1, miss: None };
        let (wanted, arguments) = (Value::Object(wanted), Value::Object(found.arguments.clone()));
        // Two calls without arguments have nothing to compare.
        if wanted != arguments {
            let path = format!("{}:", expected.name);
            tally.add(self.rules.compare(&wanted, &arguments, &path));
        } else if wanted.leaves() > 1 || !expected.arguments.is_empty() {
            tally.add(Tally { right: wanted.leaves(), all: wanted.leaves(), miss: None });
        }
        tally
    }

    /// A call as it is compared: with the tool's defaults, without what is not looked at.
    fn normal(&self, tools: &[Tool], call: &Call) -> Call {
        let Call { name, arguments } = call;
        // Some models put a name space before a tool's own name.
        let offered = |name: &str| tools.iter().find(|tool| tool.name == name);
        let bare = name.strip_prefix("functions.").or_else(|| name.strip_prefix("default_api."));
        let name = match bare {
            Some(bare) if offered(name).is_none() && (tools.is_empty() || offered(bare).is_some()) => bare,
            _ => name.as_str(),
        };
        let schema = offered(name).and_then(|tool| serde_json::from_str::<Json>(&tool.parameters).ok());
        let properties = schema.as_ref().and_then(|schema| schema.get("properties")?.as_object());
        let mut all: BTreeMap<String, Value> = properties
            .into_iter()
            .flatten()
            .filter_map(|(key, property)| Some((key.clone(), Value::from(property.get("default")?))))
            .collect();
        all.extend(arguments.clone());
        all.retain(|argument, _| !named(&self.ignore, name, argument));
        Call { name: name.to_owned(), arguments: all }
    }
}

impl Call {
    /// The name, and what its arguments hold.
    fn leaves(&self) -> usize {
        1 + self.arguments.values().map(Value::leaves).sum::<usize>()
    }

    fn shown(&self) -> String {
        format!("{}({})", self.name, Value::Object(self.arguments.clone()))
    }
}

/// Whether a list of `argument` and `tool.argument` names one.
fn named(list: &[String], tool: &str, argument: &str) -> bool {
    list.iter()
        .any(|word| word == argument || word.strip_prefix(tool).and_then(|w| w.strip_prefix('.')) == Some(argument))
}

/// The calls that the item expects.
fn expected(item: &Item) -> Result<Vec<Call>, String> {
    let what = "a list of {\"name\": …, \"arguments\": {…}}, empty where no call is right";
    let calls = item.spec.as_ref().and_then(|spec| spec.get("calls"));
    let calls = calls.ok_or_else(|| format!("a tool_call item needs `calls`: {what}"))?;
    let calls = calls.as_array().ok_or_else(|| format!("expected `calls` as {what}"))?;
    let one = |(place, call): (usize, &Json)| {
        let call = call.get("function").unwrap_or(call);
        let name = call.get("name").and_then(Json::as_str).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| format!("calls/{place} has no name"))?;
        let arguments = match call.get("arguments") {
            None | Some(Json::Null) => Some(BTreeMap::new()),
            Some(Json::String(text)) => parsed(text),
            Some(json) => match Value::from(json) {
                Value::Object(all) => Some(all),
                _ => None,
            },
        };
        let arguments = arguments.ok_or_else(|| format!("calls/{place}/arguments are no object"))?;
        Ok(Call { name: name.to_owned(), arguments })
    };
    calls.iter().enumerate().map(one).collect()
}

/// The calls that came in the protocol's own channel; none where the arguments of one can't be read.
fn made(answer: &Answer) -> Option<Vec<Call>> {
    let size: usize = answer.tool_calls.iter().map(|call| call.arguments.len()).sum();
    if size > TAIL {
        return None;
    }
    answer
        .tool_calls
        .iter()
        .map(|call| Some(Call { name: call.name.clone(), arguments: parsed(&call.arguments)? }))
        .collect()
}

/// Arguments out of their JSON text; nothing at all is none.
fn parsed(text: &str) -> Option<BTreeMap<String, Value>> {
    match text.trim() {
        "" | "null" => Some(BTreeMap::new()),
        text => match read::whole(text, false).ok()? {
            Value::Object(all) => Some(all),
            // A JSON text in a JSON text.
            Value::Text(inner) => match read::whole(&inner, false).ok()? {
                Value::Object(all) => Some(all),
                _ => None,
            },
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests;
