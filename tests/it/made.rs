//! What generators make is what scorers grade: the expected answer of each item is right, and another one is not.

use crate::support::Outcome;
use assayd::config::{self, Source};
use assayd::domain::{Answer, Finding, Finish, Item, ToolCall, Verdict};
use assayd::scoring::{self, Graded, Scorer};
use assayd::workload::generator;
use libtest_mimic::{Failed, Trial};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// One test a generator.
pub fn tests() -> Vec<Trial> {
    vec![Trial::test("made::extraction_for_json", extraction), Trial::test("made::tool_call_for_tool_call", tool_call)]
}

/// Items of all difficulties and languages, and the scorer they are for.
fn drawn(generator: &str, scorer: &str) -> Result<(Vec<Item>, Arc<dyn Scorer>), Failed> {
    let kind = generator::KINDS.iter().find(|kind| kind.name == generator).ok_or("no such generator")?;
    let made = config::read(&Source::inline("g", "difficulty = [1, 10]"), |section| (kind.build)(section));
    let made = made.map_err(|problems| format!("{problems:?}"))?;
    let kind = scoring::KINDS.iter().find(|kind| kind.name == scorer).ok_or("no such scorer")?;
    let scorer = (kind.build)(None).ok_or("the scorer needs settings")?;
    let items = made.draw(5, 800);
    for item in &items {
        scorer.accepts(item).map_err(|why| format!("{}: {why}", item.id.as_str()))?;
    }
    Ok((items, scorer))
}

fn said(text: impl Into<String>) -> Answer {
    Answer { text: text.into(), finish: Some(Finish::Stop), ..Answer::default() }
}

fn is(scorer: &dyn Scorer, item: &Item, answer: &Answer, verdict: Verdict, rule: &str) -> Outcome {
    match scorer.grade(item, answer) {
        Graded::Final(Finding { verdict: got, rule: by, .. }) if (got, by) == (verdict, rule) => Ok(()),
        other => Err(format!("{}: {other:?}, not {verdict:?} by {rule}\n{answer:?}", item.id.as_str()).into()),
    }
}

fn extraction() -> Outcome {
    let (items, scorer) = drawn("extraction", "json")?;
    for item in &items {
        let right = item.answers.first().ok_or("no answer")?;
        is(&*scorer, item, &said(right), Verdict::Correct, "json/whole")?;
        let fenced = format!("Here it is:\n\n```json\n{right}\n```");
        is(&*scorer, item, &said(fenced), Verdict::Correct, "json/fenced")?;
        // What it is asked by holds the schema: said again, that is no answer.
        let echoed = item.messages.first().map(|message| message.content.clone()).unwrap_or_default();
        is(&*scorer, item, &said(echoed), Verdict::Unparsed, "json/none")?;
        let mut fewer: Json = serde_json::from_str(right)?;
        let fields = fewer.as_object_mut().ok_or("no object")?;
        let last = fields.keys().next_back().cloned().unwrap_or_default();
        fields.remove(&last);
        is(&*scorer, item, &said(fewer.to_string()), Verdict::Wrong, "json/schema")?;
        let mut other: Json = serde_json::from_str(right)?;
        for value in other.as_object_mut().into_iter().flatten().map(|(_, value)| value) {
            match value {
                Json::String(text) if !text.contains('-') && !text.contains(':') && text.len() > 4 => text.push('x'),
                _ => {}
            }
        }
        if other != serde_json::from_str::<Json>(right)? {
            is(&*scorer, item, &said(other.to_string()), Verdict::Wrong, "json/fields")?;
        }
    }
    Ok(())
}

fn tool_call() -> Outcome {
    let (items, scorer) = drawn("tool-call", "tool_call")?;
    for item in &items {
        let calls = item.spec.as_ref().and_then(|spec| spec.get("calls")?.as_array()).ok_or("no calls")?;
        let call = |call: &Json| {
            let name = call.get("name").and_then(Json::as_str).unwrap_or("").to_owned();
            ToolCall { name, arguments: call.get("arguments").map(Json::to_string).unwrap_or_default() }
        };
        let made: Vec<ToolCall> = calls.iter().map(call).collect();
        if made.is_empty() {
            is(&*scorer, item, &said("I have no tool for that."), Verdict::Correct, "tool_call/no-call")?;
        } else {
            let right = Answer { tool_calls: made.iter().rev().cloned().collect(), ..said("") };
            is(&*scorer, item, &right, Verdict::Correct, "tool_call/calls")?;
            let written: Vec<String> = calls.iter().map(|call| format!("<tool_call>\n{call}\n</tool_call>")).collect();
            is(&*scorer, item, &said(written.join("\n")), Verdict::Correct, "tool_call/tagged")?;
            is(&*scorer, item, &said("It is done."), Verdict::Wrong, "tool_call/none")?;
        }
        // Another of the tools that are offered, with arguments of its own making.
        let other = item.tools.iter().find(|tool| made.iter().all(|call| call.name != tool.name));
        let Some(other) = other else { continue };
        let more = ToolCall { name: other.name.clone(), arguments: json!({ "x": 1 }).to_string() };
        let wrong = Answer { tool_calls: made.into_iter().chain([more]).collect(), ..said("") };
        is(&*scorer, item, &wrong, Verdict::Wrong, "tool_call/calls")?;
    }
    Ok(())
}
