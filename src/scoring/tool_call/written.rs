//! Calls that a model without a channel for them writes into its text: a JSON object with a name and arguments, alone, in a
//! fence, in tags such as `<tool_call>`, or several of them.
//!
//! What looks like a call and can't be read is unclear, never "no call". After a correction ("wait", 更正) only what
//! follows counts. A tool's definition, repeated, is no call.

use super::Call;
use crate::scoring::json::find::{self, Found};
use crate::scoring::json::value::Value;
use crate::scoring::text::{Pattern, pattern, tail};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

/// What a text calls.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Nothing: it is words.
    None,
    /// Something that can't be read.
    Unclear,
    /// These, and by which rule they were read.
    Calls(Vec<Call>, &'static str),
}

/// The fields that hold a name, and those that hold arguments, in the words of different models.
const NAMES: [&str; 6] = ["name", "tool", "tool_name", "function", "function_name", "action"];
const ARGUMENTS: [&str; 8] =
    ["arguments", "parameters", "args", "input", "tool_input", "action_input", "kwargs", "params"];
/// Fields beside them that mean nothing here.
const BESIDE: [&str; 4] = ["type", "id", "call_id", "index"];

static TAGGED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?s)<(?P<tag>tool_call|function_call|tool_calls|tool_use)>(?P<body>.*?)(?:</(?:tool_call|function_call|tool_calls|tool_use)>|\z)|<function=(?P<name>[A-Za-z0-9_.-]+)>(?P<arguments>.*?)(?:</function>|\z)",
    )
});

/// Marks of calls in forms that are not read.
static MARKS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?im)</?(?:tool_?calls?|function_?calls?|tool_use|invoke|function=)|\[TOOL_CALLS?\]|<\|python_tag\|>|<｜tool|to=functions\.|^\s*Action\s*:.*\n\s*Action Input\s*:",
    )
});

static CORRECTED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:wait|actually|instead|corrected|correction|my\s+mistake|scratch\s+that|on\s+second\s+thought|rather",
        r"|let\s+me\s+(?:fix|correct|redo|revise|try\s+again)|that(?:'s|\s+is|\s+was)\s+(?:wrong|not\s+right|incorrect))\b",
        r"|不对|更正|纠正|应该是|应改为|改为|修正|重新|错了",
    ))
});

/// Reads a text (as written); `known` are the tools that may be called.
pub(super) fn calls(text: &str, known: &[&str]) -> Written {
    let text = tail(text);
    let tagged = tagged(text, known);
    let (found, rule) = match tagged {
        Some(Ok(found)) => (found, "tool_call/tagged"),
        Some(Err(())) => return Written::Unclear,
        None => match objects(text, known) {
            Ok(found) => (found, "tool_call/written"),
            Err(()) => return Written::Unclear,
        },
    };
    if found.is_empty() {
        let mentioned = known.iter().any(|name| is_invoked(text, name));
        return if mentioned || MARKS.is_match(text) { Written::Unclear } else { Written::None };
    }
    // Only what follows the last correction between two calls counts.
    let gaps = found.windows(2).map(|pair| match pair {
        [(before, _), (after, _)] => text.get(before.end..after.start).unwrap_or(""),
        _ => "",
    });
    let from = gaps.enumerate().rfind(|(_, gap)| CORRECTED.is_match(gap)).map_or(0, |(at, _)| at + 1);
    Written::Calls(found.into_iter().skip(from).flat_map(|(_, calls)| calls).collect(), rule)
}

type Placed = (Range<usize>, Vec<Call>);

/// What stands in tags; none where there are no tags, an error where one holds no call.
fn tagged(text: &str, known: &[&str]) -> Option<Result<Vec<Placed>, ()>> {
    let mut all = Vec::new();
    for found in TAGGED.captures_iter(text) {
        let range = found.get(0)?.range();
        let calls = match (found.name("name"), found.name("arguments"), found.name("body")) {
            (Some(name), Some(arguments), _) => match find::all(arguments.as_str(), false).as_slice() {
                [Found { value: Ok(Value::Object(all)), .. }] => {
                    Some(vec![Call { name: name.as_str().to_owned(), arguments: all.clone() }])
                }
                [] if arguments.as_str().trim().is_empty() => {
                    Some(vec![Call { name: name.as_str().to_owned(), arguments: BTreeMap::new() }])
                }
                _ => None,
            },
            (_, _, Some(body)) => {
                let inside = find::all(body.as_str(), false);
                let calls: Option<Vec<Vec<Call>>> =
                    inside.iter().map(|found| calls_of(found.value.as_ref().ok()?, known)).collect();
                calls.map(|calls| calls.concat()).filter(|calls| !calls.is_empty())
            }
            _ => None,
        };
        match calls {
            Some(calls) => all.push((range, calls)),
            None => return Some(Err(())),
        }
    }
    (!all.is_empty()).then_some(Ok(all))
}

/// Calls that stand as JSON in a text; an error where one that looks like a call is broken.
fn objects(text: &str, known: &[&str]) -> Result<Vec<Placed>, ()> {
    let (mut given, mut mentioned, mut broken) = (Vec::new(), Vec::new(), false);
    for Found { value, range, given: is_given, .. } in find::all(text, false) {
        match value {
            Ok(value) => {
                if let Some(calls) = calls_of(&value, known).filter(|calls| !calls.is_empty()) {
                    if is_given { &mut given } else { &mut mentioned }.push((range, calls));
                }
            }
            Err(_) => {
                let body = text.get(range).unwrap_or("");
                let names =
                    NAMES.iter().any(|name| body.contains(name)) || known.iter().any(|name| body.contains(name));
                broken |= names && (is_given || body.contains("arguments"));
            }
        }
    }
    if broken {
        return Err(());
    }
    Ok(if given.is_empty() { mentioned } else { given })
}

/// The calls that a value is; none where it is something else.
fn calls_of(value: &Value, known: &[&str]) -> Option<Vec<Call>> {
    match value {
        Value::List(all) => {
            let all: Option<Vec<Vec<Call>>> = all.iter().map(|one| calls_of(one, known)).collect();
            all.map(|all| all.concat())
        }
        Value::Object(fields) => match (fields.get("tool_calls"), fields.len()) {
            (Some(Value::List(all)), _) => calls_of(&Value::List(all.clone()), known),
            _ => call_of(fields, known).map(|call| vec![call]),
        },
        _ => None,
    }
}

fn call_of(fields: &BTreeMap<String, Value>, known: &[&str]) -> Option<Call> {
    if let Some(Value::Object(inner)) = fields.get("function") {
        return call_of(inner, known);
    }
    let name = NAMES.iter().find_map(|key| match fields.get(*key) {
        Some(Value::Text(name)) => Some(name.clone()),
        _ => None,
    });
    let Some(name) = name else {
        // `{"tool": {…arguments…}}`
        let (name, arguments) =
            fields.iter().next().filter(|(name, _)| fields.len() == 1 && known.contains(&name.as_str()))?;
        let Value::Object(arguments) = arguments else { return None };
        return Some(Call { name: name.clone(), arguments: arguments.clone() });
    };
    let is_definition = fields.contains_key("description")
        || matches!(fields.get("parameters"), Some(Value::Object(schema))
            if matches!(schema.get("properties"), Some(Value::Object(_))) && schema.contains_key("type"));
    if is_definition {
        return None;
    }
    let arguments = match ARGUMENTS.iter().find_map(|key| fields.get(*key)) {
        Some(Value::Object(all)) => all.clone(),
        Some(Value::Text(text)) => super::parsed(text)?,
        Some(Value::Null) => BTreeMap::new(),
        Some(_) => return None,
        None if known.contains(&name.as_str()) => {
            let only = |key: &String| NAMES.contains(&key.as_str()) || BESIDE.contains(&key.as_str());
            fields.keys().all(only).then(BTreeMap::new)?
        }
        None => return None,
    };
    Some(Call { name, arguments })
}

/// Whether a tool's name is followed by a bracket, as in a program.
fn is_invoked(text: &str, name: &str) -> bool {
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let after = text.get(at + name.len()..).unwrap_or("");
            let own = !text.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_alphanumeric() || c == '_'));
            own && after.starts_with('(')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match calls(text, &["weather", "now"]) {
            Written::None => "none".into(),
            Written::Unclear => "unclear".into(),
            Written::Calls(calls, rule) => {
                let calls: Vec<String> = calls.iter().map(Call::shown).collect();
                format!("{} {}", rule.rsplit('/').next().unwrap(), calls.join(" "))
            }
        }
    }

    #[test]
    fn calls_in_the_forms_of_different_models() {
        for (text, want) in [
            (r#"{"name": "weather", "arguments": {"city": "Oslo"}}"#, r#"written weather({"city": "Oslo"})"#),
            (r#"{"name": "weather", "parameters": {"city": "Oslo"}}"#, r#"written weather({"city": "Oslo"})"#),
            (r#"{"tool": "weather", "args": {"city": "Oslo"}}"#, r#"written weather({"city": "Oslo"})"#),
            (r#"{"weather": {"city": "Oslo"}}"#, r#"written weather({"city": "Oslo"})"#),
            (
                r#"{"type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Oslo\"}"}}"#,
                r#"written weather({"city": "Oslo"})"#,
            ),
            (r#"{"tool_calls": [{"function": {"name": "now", "arguments": {}}}]}"#, "written now({})"),
            (r#"{"name": "now"}"#, "written now({})"),
            ("I'll look it up.\n```json\n{\"name\": \"now\", \"arguments\": {}}\n```", "written now({})"),
            ("<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>", "tagged now({})"),
            (
                "<tool_call>{\"name\": \"now\", \"arguments\": {}}</tool_call>\n<tool_call>{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\"}}",
                r#"tagged now({}) weather({"city": "Oslo"})"#,
            ),
            ("<function=weather>{\"city\": \"Oslo\"}</function>", r#"tagged weather({"city": "Oslo"})"#),
            ("[TOOL_CALLS] [{\"name\": \"now\", \"arguments\": {}}]", "written now({})"),
            ("<|python_tag|>{\"name\": \"now\", \"parameters\": {}}", "written now({})"),
            (
                "{\"name\": \"now\", \"arguments\": {}}\nWait, I need the weather instead:\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\"}}",
                r#"written weather({"city": "Oslo"})"#,
            ),
            (
                "{\"name\": \"now\", \"arguments\": {}}\n{\"name\": \"now\", \"arguments\": {}}",
                "written now({}) now({})",
            ),
        ] {
            assert_eq!(read(text), want, "{text}");
        }
    }

    #[test]
    fn what_is_no_call_and_what_is_unclear() {
        for (text, want) in [
            ("It is noon.", "none"),
            ("The tool weather takes a city.", "none"),
            (r#"{"name": "weather", "description": "d", "parameters": {"type": "object", "properties": {}}}"#, "none"),
            (r#"{"city": "Oslo"}"#, "none"),
            (r#"{"name": "Anna", "age": 3}"#, "none"),
            ("weather(city=\"Oslo\")", "unclear"),
            ("<tool_call>\nweather\n</tool_call>", "unclear"),
            ("<tool_call>{\"name\": \"now\", \"arguments\": {}", "unclear"),
            ("{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\"", "unclear"),
            ("Action: weather\nAction Input: Oslo", "unclear"),
        ] {
            assert_eq!(read(text), want, "{text}");
        }
    }
}
