//! `openai-chat`: the chat completions protocol of OpenAI and everything that imitates it.
//!
//! Lenient in what it reads, since imitations differ: fields this does not know are passed over, null is absence,
//! reasoning is found under each of its names, and a whole `chat.completion` is read where a stream was asked for.

mod chunk;
mod usage;

use super::complaint::Complaint;
use super::{Common, Framing, KeyHeader, Kind, Mark, Provider, Request};
use crate::config::Section;
use crate::domain::{Answer, Failure, Fault, Finish, Prompt, ToolCall};
use bytes::Bytes;
use chunk::{Choice, Chunk, Delta, FunctionDelta, Text, ToolDelta};
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;
use std::sync::Arc;
use usage::{WireUsage, merge};

/// The adapter.
pub const KIND: Kind = Kind {
    name: "openai-chat",
    about: "OpenAI chat completions, streamed (also vLLM, SGLang, llama.cpp, TGI, LiteLLM, …)",
    build,
};

/// The most tool calls one answer may have: an index beyond it is no protocol, and must not claim memory.
const MAX_TOOL_CALLS: usize = 128;

/// Which body field carries the output limit.
const LIMIT_FIELDS: &[(&str, &str)] =
    &[("max_tokens", "max_tokens"), ("max_completion_tokens", "max_completion_tokens")];

struct OpenAiChat {
    common: Common,
    /// `max_tokens`, or what OpenAI's newer models want in its place.
    limit_field: &'static str,
}

fn build(section: &Section<'_>, common: &Common) -> Option<Arc<dyn Provider>> {
    let limit_field =
        if section.has("max_tokens_field") { section.choice("max_tokens_field", LIMIT_FIELDS)? } else { "max_tokens" };
    Some(Arc::new(OpenAiChat { common: common.clone(), limit_field }))
}

impl Provider for OpenAiChat {
    fn framing(&self) -> (Framing, KeyHeader) {
        (Framing::Sse, KeyHeader::Bearer)
    }

    fn request(&self, prompt: &Prompt) -> Request {
        let Self { common: Common { model, sampling, body: extra }, limit_field } = self;
        let crate::domain::Sampling { max_tokens, temperature, top_p, seed, stop } = sampling;
        let messages: Vec<Json> =
            prompt.messages.iter().map(|m| json!({ "role": m.role.label(), "content": m.content })).collect();
        let mut body = Map::new();
        let mut put = |key: &str, value: Json| body.insert(key.to_owned(), value);
        put("model", json!(model));
        put("messages", Json::Array(messages));
        put("stream", json!(true));
        put("stream_options", json!({ "include_usage": true }));
        if let Some(n) = max_tokens {
            put(limit_field, json!(n));
        }
        if let Some(x) = temperature {
            put("temperature", json!(x));
        }
        if let Some(x) = top_p {
            put("top_p", json!(x));
        }
        if let Some(n) = seed {
            put("seed", json!(n));
        }
        if !stop.is_empty() {
            put("stop", json!(stop));
        }
        for (key, value) in extra {
            put(key, value.clone());
        }
        Request {
            path: "/chat/completions".into(),
            headers: Vec::new(),
            body: Bytes::from(Json::Object(body).to_string()),
        }
    }

    fn read(&self, event: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
        read(event, answer)
    }

    fn refuse(&self, status: u16, body: &[u8]) -> Fault {
        Complaint::of_body(body).into_fault(status)
    }
}

fn read(event: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
    let event = event.trim_ascii();
    if event == b"[DONE]" {
        return Ok(Mark::End);
    }
    let chunk: Chunk<'_> = serde_json::from_slice(event).map_err(|error| unreadable(event, &error))?;
    if let Some(fault) = complaint(&chunk, event) {
        return Err(fault);
    }
    let Chunk { model, choices, usage, error: _, detail: _, message: _ } = chunk;
    if let (Some(Text(name)), None) = (model, &answer.model)
        && !name.is_empty()
    {
        answer.model = Some(name.into_owned());
    }
    // A usage record that can't be read is a usage that was not reported: the answer itself is none the worse.
    if let Some(wire) = usage.and_then(|raw| serde_json::from_str::<WireUsage>(raw.get()).ok()) {
        answer.usage = merge(answer.usage, &wire);
    }
    let mut mark = Mark::None;
    for choice in choices.into_iter().flatten().filter(|c| c.index.unwrap_or(0) == 0) {
        let Choice { index: _, delta, message, finish_reason } = choice;
        // Some send the answer so far as `message` beside each delta; alone, it is the whole answer.
        let part = delta.or_else(|| message.filter(|_| is_blank(answer)));
        if let Some(part) = part {
            mark = take(part, answer)?;
        }
        if let Some(Text(reason)) = finish_reason.filter(|r| !r.0.is_empty()) {
            if matches!(&*reason, "error" | "abort") {
                return Err(Fault::new(
                    Failure::InStreamError,
                    format!("the server gave up: finish_reason {reason:?}"),
                ));
            }
            answer.finish = Some(finish(&reason));
            answer.tool_calls.retain(|call| *call != ToolCall::default());
        }
    }
    Ok(mark)
}

/// Something that is no JSON of ours, told with its beginning.
fn unreadable(event: &[u8], error: &serde_json::Error) -> Fault {
    let start: String = String::from_utf8_lossy(event).chars().take(80).collect();
    Fault::new(Failure::Protocol, format!("an event that is no chat completion chunk ({error}): {start}"))
}

/// The fault of an error event, if this is one.
fn complaint(chunk: &Chunk<'_>, event: &[u8]) -> Option<Fault> {
    let bare = chunk.choices.is_none() && chunk.usage.is_none();
    let named = chunk.error.is_some_and(|raw| !matches!(raw.get(), "\"\"" | "{}" | "false"));
    let is_error = named || (bare && (chunk.detail.is_some() || chunk.message.is_some()));
    if !is_error {
        return None;
    }
    let said = Complaint::of_body(event);
    let code = said.classes.iter().find(|c| !said.message.contains(c.as_str()));
    let detail = match code {
        Some(code) => format!("{} ({code})", said.message),
        None => said.message.clone(),
    };
    Some(Fault::new(Failure::InStreamError, detail))
}

fn is_blank(answer: &Answer) -> bool {
    answer.text.is_empty() && answer.reasoning.is_empty() && answer.tool_calls.is_empty() && answer.refusal.is_none()
}

/// Takes one delta; the mark is the most visible thing in it.
fn take(delta: Delta<'_>, answer: &mut Answer) -> Result<Mark, Fault> {
    let Delta { content, refusal, reasoning_content, reasoning, thinking, tool_calls } = delta;
    let mut mark = Mark::None;
    for (position, call) in tool_calls.into_iter().flatten().enumerate() {
        if take_tool(call, position, answer)? {
            mark = Mark::Tool;
        }
    }
    let part_reasoning = content.as_ref().map_or("", |c| c.reasoning.as_str());
    let named = [&reasoning_content, &reasoning, &thinking];
    let reasoning = named.into_iter().flatten().map(|t| &*t.0).chain([part_reasoning]).find(|t| !t.is_empty());
    if let Some(text) = reasoning {
        answer.reasoning.push_str(text);
        mark = Mark::Reasoning;
    }
    if let Some(Text(text)) = refusal.filter(|t| !t.0.is_empty()) {
        answer.refusal.get_or_insert_default().push_str(&text);
        mark = Mark::Content;
    }
    if let Some(content) = content.filter(|c| !c.text.is_empty()) {
        answer.text.push_str(&content.text);
        mark = Mark::Content;
    }
    Ok(mark)
}

/// Takes one piece of a tool call; says whether it held anything.
fn take_tool(call: ToolDelta<'_>, position: usize, answer: &mut Answer) -> Result<bool, Fault> {
    let index = call.index.unwrap_or(position);
    if index >= MAX_TOOL_CALLS {
        return Err(Fault::new(Failure::Protocol, format!("a tool call with index {index}")));
    }
    if answer.tool_calls.len() <= index {
        answer.tool_calls.resize(index + 1, ToolCall::default());
    }
    let (Some(FunctionDelta { name, arguments }), Some(slot)) = (call.function, answer.tool_calls.get_mut(index))
    else {
        return Ok(false);
    };
    let mut held = false;
    if let Some(Text(name)) = name.filter(|n| !n.0.is_empty()) {
        // The name comes whole; a server that repeats it with every piece does not mean it twice.
        if slot.name != name {
            slot.name.push_str(&name);
        }
        held = true;
    }
    if let Some(raw) = arguments {
        let text = serde_json::from_str::<Text<'_>>(raw.get()).map_or(Cow::Borrowed(raw.get()), |t| t.0);
        held |= !text.is_empty();
        slot.arguments.push_str(&text);
    }
    Ok(held)
}

fn finish(reason: &str) -> Finish {
    match reason {
        "function_call" => Finish::ToolCalls,
        "eos" | "eos_token" | "stop_sequence" | "end_turn" => Finish::Stop,
        "max_tokens" | "max_length" => Finish::Length,
        other => Finish::from_label(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Source, read as read_config};
    use crate::domain::{Message, Role, Sampling, Usage};

    fn adapter(config: &str, sampling: Sampling, body: Json) -> Result<Arc<dyn Provider>, String> {
        let common = Common { model: "m".into(), sampling, body: body.as_object().cloned().unwrap_or_default() };
        let built = read_config(&Source::inline("t", config), |section| (KIND.build)(section, &common));
        built.map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    fn prompt() -> Prompt {
        let messages = [(Role::System, "be brief"), (Role::User, "2+2?")];
        let messages = messages.map(|(role, content)| Message { role, content: content.into() });
        Prompt { messages: messages.into() }
    }

    /// The answer after some events, and their marks.
    fn answer(events: &[&str]) -> (Answer, Vec<Mark>) {
        let mut answer = Answer::default();
        let marks = events.iter().map(|e| read(e.as_bytes(), &mut answer).unwrap()).collect();
        (answer, marks)
    }

    fn fault(event: &str) -> String {
        read(event.as_bytes(), &mut Answer::default()).unwrap_err().to_string()
    }

    #[test]
    fn a_request_holds_what_was_set_and_nothing_else() {
        let plain = adapter("", Sampling::default(), json!({})).unwrap().request(&prompt());
        assert_eq!(plain.path, "/chat/completions");
        let body: Json = serde_json::from_slice(&plain.body).unwrap();
        let messages = json!([{"role": "system", "content": "be brief"}, {"role": "user", "content": "2+2?"}]);
        let mut expected = json!({
            "model": "m", "messages": messages, "stream": true, "stream_options": { "include_usage": true }
        });
        assert_eq!(body, expected);

        let sampling = Sampling {
            max_tokens: Some(9),
            temperature: Some(0.0),
            top_p: Some(0.5),
            seed: Some(7),
            stop: vec!["\n".into()],
        };
        let extra = json!({"seed": 8, "cache_prompt": false});
        let full = adapter("max_tokens_field = 'max_completion_tokens'", sampling, extra).unwrap().request(&prompt());
        let more = json!({
            "max_completion_tokens": 9, "temperature": 0.0, "top_p": 0.5, "seed": 8, "stop": ["\n"], "cache_prompt": false
        });
        expected.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(serde_json::from_slice::<Json>(&full.body).unwrap(), expected, "extra fields win");
    }

    #[test]
    fn a_wrong_limit_field_is_a_problem_at_its_place() {
        let said = adapter("max_tokens_field = 'max_token'", Sampling::default(), json!({})).err().unwrap();
        assert_eq!(
            said,
            "t:1:20: max_tokens_field: expected one of max_tokens, max_completion_tokens, found \"max_token\"\n  \
             hint: did you mean \"max_tokens\"?"
        );
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
                "protocol: an event that is no chat completion chunk (expected value at line 1 column 1): upstream timed out",
            ),
            ("[1]", "protocol: an event that is no chat completion chunk (invalid type: integer `1`, expected"),
            (
                r#"{"choices":[{"delta":{"content":5}}]}"#,
                "protocol: an event that is no chat completion chunk (invalid type: integer `5`, expected a text or a list",
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
