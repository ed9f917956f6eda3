//! The scorer `tool_call`: the protocol's channel, calls in words, no call, settings, and items it refuses.

use super::super::tests::{item, said, scorer, verdict};
use crate::domain::{Answer, Finding, Finish, Item, Spec, Tool, ToolCall, Verdict};
use serde_json::json;
use std::sync::Arc;

const WEATHER: &str = r#"{"type": "object", "properties": {"city": {"type": "string"}, "unit": {"type": "string", "default": "C"}, "days": {"type": "array"}}}"#;

fn calls(calls: serde_json::Value) -> Item {
    let spec: Spec = [("calls".to_owned(), calls)].into_iter().collect();
    let tool = |name: &str, parameters: &str| Tool {
        name: name.into(),
        description: String::new(),
        parameters: parameters.into(),
    };
    let tools = [tool("weather", WEATHER), tool("now", r#"{"type": "object", "properties": {}}"#)];
    Item { spec: Some(Arc::new(spec)), tools: tools.into(), ..item(&[], &[]) }
}

fn oslo() -> Item {
    calls(json!([{ "name": "weather", "arguments": { "city": "Oslo" } }]))
}

fn made(calls: &[(&str, &str)]) -> Answer {
    let call = |(name, arguments): &(&str, &str)| ToolCall { name: (*name).into(), arguments: (*arguments).into() };
    Answer { tool_calls: calls.iter().map(call).collect(), finish: Some(Finish::ToolCalls), ..said("") }
}

fn graded(settings: &str, item: &Item, answer: &Answer) -> Finding {
    let scorer = scorer("tool_call", settings).unwrap();
    scorer.accepts(item).unwrap();
    verdict(&*scorer, item, answer)
}

#[test]
fn calls_of_the_channel_are_compared_by_value() {
    let two = calls(json!([{ "name": "now" }, { "name": "weather", "arguments": "{\"city\": \"Oslo\"}" }]));
    let none = calls(json!([]));
    let oslo = oslo();
    for (item, made_calls, want, score) in [
        (&oslo, &[("weather", r#"{"city": "Oslo"}"#)][..], "correct", 1.0),
        (&oslo, &[("functions.weather", r#"{"city": "Oslo"}"#)], "correct", 1.0),
        (&oslo, &[("weather", r#"{"city": "Oslo", "unit": "C"}"#)], "correct", 1.0),
        (&oslo, &[("weather", r#"{"city": "Oslo", "unit": "F"}"#)], "wrong", 2.0 / 3.0),
        (&oslo, &[("weather", r#"{"city": "Bergen"}"#)], "wrong", 2.0 / 3.0),
        (&oslo, &[("weather", "{}")], "wrong", 2.0 / 3.0),
        (&oslo, &[("now", "{}")], "wrong", 0.0),
        (&oslo, &[("weather", r#"{"city": "Oslo"}"#), ("now", "")], "wrong", 0.75),
        (&oslo, &[("weather", r#"{"city": "Oslo"}"#), ("weather", r#"{"city": "Oslo"}"#)], "wrong", 0.5),
        (&oslo, &[("weather", r#"{"city": "Oslo""#)], "unparsed", 0.0),
        (&two, &[("weather", r#"{"city": "Oslo"}"#), ("now", "null")], "correct", 1.0),
        (&two, &[("now", "{}")], "wrong", 0.25),
        (&none, &[("now", "{}")], "wrong", 0.0),
    ] {
        let got = graded("", item, &made(made_calls));
        assert_eq!(got.verdict.label(), want, "{made_calls:?} {got:?}");
        assert!((got.score - score).abs() < 1e-9, "{made_calls:?} {got:?}");
    }
    let miss = graded("", &oslo, &made(&[("weather", r#"{"city": "Rome"}"#)]));
    let why = miss.extracted.unwrap();
    assert_eq!(why, r#"weather:/city is "Rome", not "Oslo" in weather({"city": "Rome", "unit": "C"})"#);
}

#[test]
fn words_are_a_call_no_call_or_unclear() {
    let none = calls(json!([]));
    let oslo = oslo();
    let call = r#"{"name": "weather", "arguments": {"city": "Oslo"}}"#;
    for (item, text, want) in [
        (&oslo, call, "correct tool_call/written"),
        (&oslo, &*format!("<tool_call>\n{call}\n</tool_call>"), "correct tool_call/tagged"),
        (&oslo, "<think>no call</think>It is sunny in Oslo.", "wrong tool_call/none"),
        (&oslo, "weather(city=\"Oslo\")", "unparsed tool_call/unclear"),
        (&oslo, "I'm sorry, but I can't help with that.", "refused refused/text"),
        (&none, "I have no tool for that, but 7 times 6 is 42.", "correct tool_call/no-call"),
        (&none, "I'm sorry, but I can't help with that.", "correct tool_call/no-call"),
        (&none, call, "wrong tool_call/written"),
        (&none, "weather(city=\"Oslo\")", "unparsed tool_call/unclear"),
        (&none, "", "unparsed unparsed/empty"),
    ] {
        let got = graded("", item, &said(text));
        assert_eq!(format!("{} {}", got.verdict.label(), got.rule), want, "{text}");
    }
    let cut = Answer { finish: Some(Finish::Length), ..said("Let me think about the tools that there are:") };
    assert_eq!(graded("", &none, &cut).rule, "tool_call/cut-short");
    let refused = Answer { refusal: Some("no".into()), ..made(&[("now", "")]) };
    assert_eq!(graded("", &none, &refused).rule, "refused/provider");
}

#[test]
fn settings_count_and_are_told_apart() {
    let both = calls(
        json!([{ "name": "now" }, { "name": "weather", "arguments": { "city": "Oslo", "unit": "F", "days": [1, 2] } }]),
    );
    let of = |arguments: &'static str| made(&[("now", ""), ("weather", arguments)]);
    let swapped = made(&[("weather", r#"{"city": "Oslo", "unit": "F", "days": [1, 2]}"#), ("now", "")]);
    for (settings, answer, want) in [
        ("", of(r#"{"city": "Oslo", "days": [1, 2]}"#), Verdict::Wrong),
        ("ignore = [\"unit\"]", of(r#"{"city": "Oslo", "days": [1, 2]}"#), Verdict::Correct),
        ("ignore = [\"weather.unit\"]", of(r#"{"city": "Oslo", "days": [1, 2]}"#), Verdict::Correct),
        ("ignore = [\"now.unit\"]", of(r#"{"city": "Oslo", "days": [1, 2]}"#), Verdict::Wrong),
        ("optional = [\"days\"]", of(r#"{"city": "Oslo", "unit": "F"}"#), Verdict::Correct),
        ("optional = [\"days\"]", of(r#"{"city": "Oslo", "unit": "F", "days": [3]}"#), Verdict::Wrong),
        ("", of(r#"{"city": "Oslo", "unit": "F", "days": [2, 1]}"#), Verdict::Wrong),
        ("unordered = true", of(r#"{"city": "Oslo", "unit": "F", "days": [2, 1]}"#), Verdict::Correct),
        ("fold = true", of(r#"{"city": "OSLO", "unit": "f", "days": [1, 2]}"#), Verdict::Correct),
        ("", swapped.clone(), Verdict::Correct),
        ("ordered = true", swapped, Verdict::Wrong),
    ] {
        let got = graded(settings, &both, &answer);
        assert_eq!(got.verdict, want, "{settings} {answer:?} {got:?}");
    }
    let all = ["", "ignore = [\"a\"]", "optional = [\"a\"]", "ordered = true", "fold = true", "unordered = true"];
    let distinct: std::collections::BTreeSet<_> =
        all.iter().map(|s| scorer("tool_call", s).unwrap().fingerprint()).collect();
    assert_eq!(distinct.len(), all.len());
}

#[test]
fn items_that_cannot_be_graded_are_told() {
    let scorer = scorer("tool_call", "").unwrap();
    let form = "a list of {\"name\": …, \"arguments\": {…}}, empty where no call is right";
    for (item, want) in [
        (item(&["x"], &[]), format!("a tool_call item needs `calls`: {form}")),
        (calls(json!({})), format!("expected `calls` as {form}")),
        (calls(json!([{ "arguments": {} }])), "calls/0 has no name".into()),
        (calls(json!([{ "name": "now", "arguments": [] }])), "calls/0/arguments are no object".into()),
        (calls(json!([{ "name": "fly" }])), "`calls` name \"fly\", which is no tool that the item offers".into()),
    ] {
        assert_eq!(scorer.accepts(&item), Err(want));
    }
    let unread = verdict(&*scorer, &item(&["x"], &[]), &made(&[("now", "")]));
    assert_eq!(unread.verdict, Verdict::Unparsed);
}

#[test]
fn very_long_arguments_are_not_read() {
    let long = format!("{{\"city\": \"{}\"}}", "x".repeat(1 << 16));
    let got = graded("", &oslo(), &made(&[("weather", &long)]));
    assert_eq!((got.verdict, got.rule), (Verdict::Unparsed, "tool_call/arguments"));
    let deep = format!("{{\"city\": {}", "[".repeat(1 << 14));
    assert_eq!(graded("", &oslo(), &made(&[("weather", &deep)])).verdict, Verdict::Unparsed);
}
