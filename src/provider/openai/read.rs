//! Reads what chat and text completions answer: one chunk of a stream, or a whole completion.
//!
//! Lenient, since imitations differ: fields this does not know are passed over, null is absence, reasoning is found
//! under each of its names, and a whole completion is read where a stream was asked for.

use super::chunk::{Choice, Chunk, Content, Delta, FunctionDelta, ToolDelta};
use crate::domain::{Answer, Failure, Fault, Finish};
use crate::provider::complaint::Complaint;
use crate::provider::text::{Into, Text, or_empty};
use crate::provider::{Mark, Places, Span, calls, is_blank, unreadable, usage};
use serde::de::DeserializeSeed;
use std::borrow::Cow;

pub(in crate::provider) fn read(whole: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
    let event = whole.trim_ascii();
    if event == b"[DONE]" {
        return Ok(Mark::End);
    }
    let mut chunk = Chunk::default();
    let mut json = serde_json::Deserializer::from_slice(event);
    let read = Into(&mut chunk).deserialize(&mut json).and_then(|()| json.end());
    read.map_err(|error| unreadable("completion chunk", event, &error))?;
    if is_error(&chunk) {
        return Err(Complaint::of_body(event).in_stream());
    }
    let Chunk { model, choice, usage, service_tier, passed, .. } = &mut chunk;
    if answer.model.is_none() && !or_empty(model).is_empty() {
        answer.model = model.take().map(|name| name.0.into_owned());
    }
    usage::note(*usage, answer);
    usage::note_tier(or_empty(service_tier), answer);
    let Some(choice) = choice else { return Ok(Mark::None) };
    let passed = passed.and_then(|raw| Span::of(raw.get(), whole)).unwrap_or_default();
    let sole = sole_text(choice).filter(|_| usage.is_none()).and_then(|text| Span::of(text, whole));
    let Choice { index: _, has_delta, delta, message, text, finish_reason } = choice;
    let mut mark = Mark::None;
    if !or_empty(text).is_empty() {
        answer.text.push_str(or_empty(text));
        mark = Mark::Content;
    }
    // Some send the answer so far as `message` beside each delta; alone, it is the whole answer.
    if *has_delta {
        mark = take(delta, answer)?;
    } else if let Some(message) = message.as_deref_mut().filter(|_| is_blank(answer)) {
        mark = take(message, answer)?;
    }
    let reason = or_empty(finish_reason);
    if matches!(reason, "error" | "abort") {
        return Err(Fault::new(Failure::InStreamError, format!("the server gave up: finish_reason {reason:?}")));
    }
    if !reason.is_empty() {
        answer.finish = Some(finish(reason));
        calls::drop_empty(answer);
    }
    Ok(sole.map_or(mark, |text| Mark::Text(Places { text, passed })))
}

/// The text of a choice that says nothing else, where it stands in the event as it is.
fn sole_text<'c>(choice: &'c Choice<'_>) -> Option<&'c str> {
    let Choice { index: _, has_delta, delta, message, text, finish_reason } = choice;
    let Delta { content, refusal, reasoning_content, reasoning, thinking, tool_calls } = delta;
    let others = [refusal, reasoning_content, reasoning, thinking, finish_reason];
    let mut quiet = others.into_iter().all(|other| or_empty(other).is_empty());
    quiet &= tool_calls.as_ref().is_none_or(|calls| calls.0.is_empty());
    let text = match (text, content) {
        (Some(Text(Cow::Borrowed(text))), None) if !has_delta && message.is_none() => text,
        (None, Some(Content { text: Cow::Borrowed(text), reasoning: _ })) if *has_delta => text,
        _ => return None,
    };
    (quiet && !text.is_empty()).then_some(text)
}

/// Whether this is an error event.
fn is_error(chunk: &Chunk<'_>) -> bool {
    let bare = !chunk.has_choices && chunk.usage.is_none();
    let named = chunk.error.is_some_and(|raw| !matches!(raw.get(), "\"\"" | "{}" | "false"));
    named || (bare && (chunk.detail.is_some() || chunk.message.is_some()))
}

/// Takes one delta; the mark is the most visible thing in it.
fn take(delta: &mut Delta<'_>, answer: &mut Answer) -> Result<Mark, Fault> {
    let Delta { content, refusal, reasoning_content, reasoning, thinking, tool_calls } = delta;
    let (reasoning_content, reasoning, thinking) = (&*reasoning_content, &*reasoning, &*thinking);
    let mut mark = Mark::None;
    for (position, call) in tool_calls.take().into_iter().flat_map(|many| many.0).enumerate() {
        if take_tool(call, position, answer)? {
            mark = Mark::Tool;
        }
    }
    let part_reasoning = content.as_ref().map_or("", |c| c.reasoning.as_str());
    let named = [reasoning_content, reasoning, thinking];
    let reasoning = named.into_iter().map(or_empty).chain([part_reasoning]).find(|t| !t.is_empty());
    if let Some(text) = reasoning {
        answer.reasoning.push_str(text);
        mark = Mark::Reasoning;
    }
    if !or_empty(refusal).is_empty() {
        answer.refusal.get_or_insert_default().push_str(or_empty(refusal));
        mark = Mark::Content;
    }
    if let Some(content) = content.as_ref().filter(|c| !c.text.is_empty()) {
        answer.text.push_str(&content.text);
        mark = Mark::Content;
    }
    Ok(mark)
}

/// Takes one piece of a tool call; says whether it held anything.
fn take_tool(call: ToolDelta<'_>, position: usize, answer: &mut Answer) -> Result<bool, Fault> {
    let slot = calls::at(call.index.unwrap_or(position), answer)?;
    let Some(FunctionDelta { name, arguments }) = call.function else { return Ok(false) };
    let name = or_empty(&name);
    // The name comes whole; a server that repeats it with every piece does not mean it twice.
    if slot.name != name {
        slot.name.push_str(name);
    }
    let Some(raw) = arguments else { return Ok(!name.is_empty()) };
    let text = calls::arguments(raw);
    slot.arguments.push_str(&text);
    Ok(!name.is_empty() || !text.is_empty())
}

fn finish(reason: &str) -> Finish {
    match reason {
        "function_call" => Finish::ToolCalls,
        "eos" | "eos_token" | "stop_sequence" | "end_turn" | "completed" => Finish::Stop,
        "max_tokens" | "max_length" => Finish::Length,
        other => Finish::from_label(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ToolCall, Usage};

    /// The answer after some events, and their marks.
    fn answer(events: &[&str]) -> (Answer, Vec<Mark>) {
        let mut answer = Answer::default();
        let mut marks = Vec::new();
        for event in events {
            marks.push(match read(event.as_bytes(), &mut answer).unwrap() {
                Mark::Text(_) => Mark::Content,
                mark => mark,
            });
        }
        (answer, marks)
    }

    fn fault(event: &str) -> String {
        read(event.as_bytes(), &mut Answer::default()).unwrap_err().to_string()
    }

    #[test]
    fn only_deltas_that_hold_something_bear_a_token() {
        let (answer, marks) = answer(&[
            r#"{"model":"served","choices":[{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}],"usage":null}"#,
            r#"{"choices":[{"delta":{"content":""}}]}"#,
            r#"{"choices":[{"delta":{"content":"4\u00e9"}}]}"#,
            r#"{"choices":[{"delta":{"content":"!"},"finish_reason":"stop"}],"system_fingerprint":"x"}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#,
            r#"{"type":"ping"}"#,
            " [DONE]",
        ]);
        use Mark::{Content, End};
        assert_eq!(marks, [Mark::None, Mark::None, Content, Content, Mark::None, Mark::None, End]);
        assert_eq!(
            (answer.text.as_str(), answer.finish, answer.model.as_deref()),
            ("4é!", Some(Finish::Stop), Some("served"))
        );
    }

    #[test]
    fn reasoning_is_read_once_under_each_of_its_names() {
        let (answer, marks) = answer(&[
            r#"{"choices":[{"delta":{"reasoning_content":"a","reasoning":"a","content":""}}]}"#,
            r#"{"choices":[{"delta":{"reasoning":"b"}}]}"#,
            r#"{"choices":[{"delta":{"thinking":"c"}}]}"#,
            r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"d"}]}]}}]}"#,
            r#"{"choices":[{"delta":{"content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]}}]}"#,
        ]);
        assert_eq!((answer.reasoning.as_str(), answer.text.as_str()), ("abcd", "xy"));
        assert_eq!(marks, [Mark::Reasoning, Mark::Reasoning, Mark::Reasoning, Mark::Reasoning, Mark::Content]);
    }

    #[test]
    fn tool_calls_are_put_together_by_index() {
        let (answer, marks) = answer(&[
            r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{\"a\":"}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"name":"f","arguments":"1}"}}]}}]}"#,
            r#"{"choices":[{"delta":{"tool_calls":[{"index":2,"function":{"name":"g","arguments":{"b":2}}}]}}]}"#,
            r#"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#,
        ]);
        let call = |name: &str, arguments: &str| ToolCall { name: name.into(), arguments: arguments.into() };
        assert_eq!(answer.tool_calls, [call("f", "{\"a\":1}"), call("g", "{\"b\":2}")], "an empty slot 0 is dropped");
        assert_eq!(marks, [Mark::Tool, Mark::Tool, Mark::Tool, Mark::Tool, Mark::None]);
        assert_eq!(
            fault(r#"{"choices":[{"delta":{"tool_calls":[{"index":4000000000}]}}]}"#),
            "protocol: a tool call with index 4000000000"
        );
    }

    #[test]
    fn a_refusal_is_kept_apart_and_bears_tokens() {
        let (answer, marks) = answer(&[r#"{"choices":[{"delta":{"refusal":"I can't."}}]}"#]);
        assert_eq!(
            (answer.refusal.as_deref(), answer.text.as_str(), marks),
            (Some("I can't."), "", vec![Mark::Content])
        );
    }

    #[test]
    fn a_whole_completion_is_an_answer_and_a_repeated_message_is_not_added() {
        let (whole, marks) = answer(&[
            r#"{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#,
        ]);
        assert_eq!((whole.text.as_str(), whole.finish, marks), ("hi", Some(Finish::Length), vec![Mark::Content]));
        let (repeated, _) = answer(&[
            r#"{"choices":[{"delta":{"content":"h"},"message":{"content":"h"}}]}"#,
            r#"{"choices":[{"delta":{"content":"i"},"message":{"content":"hi"}}]}"#,
            r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"eos_token"}]}"#,
        ]);
        assert_eq!((repeated.text.as_str(), repeated.finish), ("hi", Some(Finish::Stop)));
    }

    #[test]
    fn other_choices_are_not_ours() {
        assert_eq!(
            answer(&[r#"{"choices":[{"index":1,"delta":{"content":"no"}}]}"#]),
            (Answer::default(), vec![Mark::None])
        );
    }

    #[test]
    fn a_usage_record_that_is_null_or_cannot_be_read_was_not_reported() {
        let (answer, _) = answer(&[
            r#"{"choices":[],"usage":null}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":-1,"completion_tokens":2}}"#,
        ]);
        assert_eq!(answer.usage, Usage::default());
    }

    #[test]
    fn error_events_of_every_shape() {
        let cases = [
            (
                r#"{"error":{"message":"boom","type":"server_error","code":500}}"#,
                "in_stream_error: boom (server_error)",
            ),
            (r#"{"error":"no memory","error_type":"overloaded"}"#, "in_stream_error: no memory (overloaded)"),
            (r#"{"detail":"bad"}"#, "in_stream_error: bad"),
            (
                r#"{"object":"error","message":"bad","type":"BadRequestError","code":400}"#,
                "in_stream_error: bad (badrequesterror)",
            ),
            (
                r#"{"code":500,"message":"context shift is off","type":"server_error"}"#,
                "in_stream_error: context shift is off (server_error)",
            ),
            (
                r#"{"choices":[{"delta":{"content":""},"finish_reason":"error"}],"error":{"code":502,"message":"upstream"}}"#,
                "in_stream_error: upstream (502)",
            ),
            (
                r#"{"choices":[{"delta":{},"finish_reason":"abort"}]}"#,
                r#"in_stream_error: the server gave up: finish_reason "abort""#,
            ),
        ];
        for (event, said) in cases {
            assert_eq!(fault(event), said);
        }
        assert_eq!(answer(&[r#"{"error":null,"choices":[{"delta":{"content":"a"}}]}"#]).0.text, "a");
    }

    #[test]
    fn what_is_no_chunk_is_no_protocol() {
        let cases = [
            (
                "upstream timed out",
                "protocol: an event that is no completion chunk (expected value at line 1 column 1): upstream timed out",
            ),
            ("[1]", "protocol: an event that is no completion chunk (invalid type: sequence, expected an object"),
            (
                r#"{"choices":[{"delta":{"content":5}}]}"#,
                "protocol: an event that is no completion chunk (invalid type: integer `5`, expected a text or a list",
            ),
        ];
        for (event, said) in cases {
            assert!(fault(event).starts_with(said), "{}", fault(event));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80)) {
            let _ = read(&bytes, &mut Answer::default());
            let _ = Complaint::of_body(&bytes);
        }
    }
}
