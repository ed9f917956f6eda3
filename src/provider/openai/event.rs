//! Reads the events of a responses stream, or a whole response.
//!
//! Every event says its type in its data. Servers differ in which they send: what only a closing event holds (an item,
//! arguments or a whole response without deltas before it) is taken from there, and what came in deltas is not taken
//! twice. Items come one after the other, so a piece of arguments belongs to the newest call.

use crate::domain::{Answer, Failure, Fault, Finish};
use crate::provider::complaint::Complaint;
use crate::provider::text::{Loose, Text, or_empty};
use crate::provider::{Mark, calls, is_blank, start, unreadable, usage};
use serde::Deserialize;
use serde_json::value::RawValue;

/// One event, or a whole response.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(default, borrow)]
    r#type: Option<Text<'a>>,
    /// A whole response has this in place of a type.
    #[serde(default, borrow)]
    object: Option<Loose<'a>>,
    #[serde(default, borrow)]
    delta: Option<Loose<'a>>,
    #[serde(default, borrow)]
    arguments: Option<Loose<'a>>,
    #[serde(default, borrow)]
    item: Option<&'a RawValue>,
    #[serde(default, borrow)]
    response: Option<&'a RawValue>,
    #[serde(default, borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(default, borrow)]
    model: Option<Text<'a>>,
    #[serde(default, borrow)]
    status: Option<Text<'a>>,
    #[serde(default, borrow)]
    output: Option<Vec<Item<'a>>>,
    #[serde(default, borrow)]
    usage: Option<&'a RawValue>,
    #[serde(default, borrow)]
    incomplete_details: Option<Details<'a>>,
    #[serde(default, borrow)]
    service_tier: Option<Loose<'a>>,
}

#[derive(Deserialize)]
struct Details<'a> {
    #[serde(default, borrow)]
    reason: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(default, borrow)]
    r#type: Option<Text<'a>>,
    #[serde(default, borrow)]
    name: Option<Text<'a>>,
    #[serde(default, borrow)]
    arguments: Option<Loose<'a>>,
    #[serde(default, borrow)]
    content: Option<Vec<Part<'a>>>,
    #[serde(default, borrow)]
    summary: Option<Vec<Part<'a>>>,
    /// Of a call of the provider's own search.
    #[serde(default, borrow)]
    action: Option<Action<'a>>,
}

impl Item<'_> {
    /// Whether it is a search that is billed: opening a page that was found is none.
    fn is_search(&self) -> bool {
        let action = self.action.as_ref().map_or("", |action| or_empty(&action.r#type));
        or_empty(&self.r#type) == "web_search_call" && matches!(action, "" | "search")
    }
}

#[derive(Deserialize)]
struct Action<'a> {
    #[serde(default, borrow)]
    r#type: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(default, borrow)]
    text: Option<Text<'a>>,
    #[serde(default, borrow)]
    refusal: Option<Text<'a>>,
}

pub(super) fn read(event: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
    let data = event.trim_ascii();
    if data == b"[DONE]" {
        return Ok(Mark::End);
    }
    let event: Event<'_> = serde_json::from_slice(data).map_err(|e| unreadable("responses event", data, &e))?;
    let Event { r#type, object, delta, arguments, item, response, error } = event;
    let delta = delta.as_ref().map_or("", Loose::text);
    let arguments = arguments.as_ref().map_or("", Loose::text);
    match or_empty(&r#type) {
        "response.output_text.delta" => {
            answer.text.push_str(delta);
            Ok(held(delta, Mark::Content))
        }
        "response.refusal.delta" => {
            if !delta.is_empty() {
                answer.refusal.get_or_insert_default().push_str(delta);
            }
            Ok(held(delta, Mark::Content))
        }
        "response.function_call_arguments.delta" => {
            let held = calls::add(delta, answer)?;
            Ok(if held { Mark::Tool } else { Mark::None })
        }
        "response.function_call_arguments.done" => late_arguments(arguments, answer),
        "response.output_item.added" => begin_call(item, answer),
        "response.output_item.done" => match parse::<Item<'_>>(item, data)? {
            Some(item) if or_empty(&item.r#type) == "function_call" => {
                let begun = answer.tool_calls.last().is_some_and(|call| call.name == or_empty(&item.name));
                if !begun {
                    return take_item(item, answer);
                }
                late_arguments(item.arguments.as_ref().map_or("", Loose::text), answer)
            }
            Some(item) if item.is_search() => {
                answer.usage.searches = Some(answer.usage.searches.unwrap_or(0).saturating_add(1));
                Ok(Mark::None)
            }
            _ => Ok(Mark::None),
        },
        "response.completed" | "response.incomplete" => {
            let Some(response) = parse::<Response<'_>>(response, data)? else { return Ok(Mark::End) };
            Ok(match close(response, answer)? {
                Mark::None => Mark::End,
                // The whole answer comes with its end, and the end of the body will say so again.
                mark => mark,
            })
        }
        "response.created" | "response.in_progress" | "response.queued" => {
            let response = parse::<Response<'_>>(response, data)?;
            note_model(response.and_then(|r| r.model), answer);
            Ok(Mark::None)
        }
        "response.failed" | "response.cancelled" => {
            Err(Complaint::of_body(response.map_or(data, |r| r.get().as_bytes())).in_stream())
        }
        "error" => Err(Complaint::of_body(data).in_stream()),
        other if other.starts_with("response.reasoning") && other.ends_with(".delta") => {
            answer.reasoning.push_str(delta);
            Ok(held(delta, Mark::Reasoning))
        }
        "" if object.as_ref().is_some_and(|o| o.text() == "response") => whole(data, answer),
        "" if error.is_some() => Err(Complaint::of_body(data).in_stream()),
        "" => Err(Fault::new(Failure::Protocol, format!("an event without a type: {}", start(data)))),
        _ => Ok(Mark::None),
    }
}

const fn held(text: &str, mark: Mark) -> Mark {
    if text.is_empty() { Mark::None } else { mark }
}

fn parse<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>, data: &[u8]) -> Result<Option<T>, Fault> {
    raw.map(|raw| serde_json::from_str(raw.get()).map_err(|e| unreadable("responses event", data, &e))).transpose()
}

fn note_model(model: Option<Text<'_>>, answer: &mut Answer) {
    if answer.model.is_none() {
        answer.model = model.filter(|name| !name.is_empty()).map(|name| name.0.into_owned());
    }
}

fn begin_call(item: Option<&RawValue>, answer: &mut Answer) -> Result<Mark, Fault> {
    let Some(item) = parse::<Item<'_>>(item, b"")? else { return Ok(Mark::None) };
    if or_empty(&item.r#type) != "function_call" {
        return Ok(Mark::None);
    }
    calls::begin(or_empty(&item.name), item.arguments.as_ref().map_or("", Loose::text), answer)?;
    Ok(Mark::Tool)
}

/// Arguments that only the end of a call told.
fn late_arguments(arguments: &str, answer: &mut Answer) -> Result<Mark, Fault> {
    let missing = answer.tool_calls.last().is_none_or(|call| call.arguments.is_empty());
    if !missing || arguments.is_empty() {
        return Ok(Mark::None);
    }
    calls::add(arguments, answer)?;
    Ok(Mark::Tool)
}

fn whole(data: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
    let response: Response<'_> = serde_json::from_slice(data).map_err(|e| unreadable("response", data, &e))?;
    match response.status.as_deref() {
        Some("failed" | "cancelled") => Err(Complaint::of_body(data).in_stream()),
        _ => close(response, answer),
    }
}

/// Takes what the last event says of the whole, and the whole itself where nothing came before.
fn close(response: Response<'_>, answer: &mut Answer) -> Result<Mark, Fault> {
    let Response { model, status, output, usage, incomplete_details, service_tier } = response;
    note_model(model, answer);
    usage::note(usage, answer);
    // What was asked for stands in the events before; what was used, in the last.
    usage::note_tier(service_tier.as_ref().map_or("", Loose::text), answer);
    let searches = output.iter().flatten().filter(|item| item.is_search()).count() as u64;
    answer.usage.searches = answer.usage.searches.max((searches > 0).then_some(searches));
    let mut mark = Mark::None;
    if is_blank(answer) {
        for item in output.into_iter().flatten() {
            mark = take_item(item, answer)?.or(mark);
        }
    }
    calls::drop_empty(answer);
    let reason = incomplete_details.as_ref().map_or("", |d| or_empty(&d.reason));
    answer.finish = Some(match (or_empty(&status), reason) {
        ("incomplete", "max_output_tokens" | "max_tokens") => Finish::Length,
        ("incomplete", other) => Finish::from_label(if other.is_empty() { "incomplete" } else { other }),
        _ if !answer.tool_calls.is_empty() => Finish::ToolCalls,
        _ => Finish::Stop,
    });
    Ok(mark)
}

/// Takes a whole item; the mark is the most visible thing in it.
fn take_item(item: Item<'_>, answer: &mut Answer) -> Result<Mark, Fault> {
    let Item { r#type, name, arguments, content, summary, action: _ } = item;
    match or_empty(&r#type) {
        "function_call" => {
            calls::begin(or_empty(&name), arguments.as_ref().map_or("", Loose::text), answer)?;
            Ok(Mark::Tool)
        }
        "reasoning" => {
            let before = answer.reasoning.len();
            for part in content.into_iter().flatten().chain(summary.into_iter().flatten()) {
                answer.reasoning.push_str(or_empty(&part.text));
            }
            Ok(if answer.reasoning.len() > before { Mark::Reasoning } else { Mark::None })
        }
        _ => {
            let mut mark = Mark::None;
            for Part { text, refusal } in content.into_iter().flatten() {
                answer.text.push_str(or_empty(&text));
                if !or_empty(&refusal).is_empty() {
                    answer.refusal.get_or_insert_default().push_str(or_empty(&refusal));
                }
                if !or_empty(&text).is_empty() || !or_empty(&refusal).is_empty() {
                    mark = Mark::Content;
                }
            }
            Ok(mark)
        }
    }
}
