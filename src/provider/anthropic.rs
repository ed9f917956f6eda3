//! `anthropic`: the messages protocol of Anthropic, as llama.cpp, vLLM, SGLang and LiteLLM serve it too.
//!
//! The prompt cache is asked for and never by itself: `on` marks the whole prompt by one field at the top of the request,
//! and everything else sends nothing, which is what `off` means to Anthropic. A server that imitates the protocol may
//! cache all the same, and says so in its usage.

use super::body::{Body, declared, lacks, system, tools};
use super::complaint::Complaint;
use super::text::{Text, or_empty};
use super::usage::{self, ServerTools, Written};
use super::{
    Common, Framing, KeyHeader, Kind, Mark, Places, PromptCache, Provider, Request, Span, calls, start, unreadable,
};
use crate::config::Section;
use crate::domain::{Answer, Failure, Fault, Finish, Prompt, Role, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::sync::Arc;

/// The adapter.
pub const KIND: Kind = Kind {
    name: "anthropic",
    about: "Anthropic messages, streamed (also llama.cpp, vLLM, SGLang, LiteLLM, …)",
    reserved: &[
        ("model", "set the target's `model`"),
        ("stream", "answers are always streamed: without that no time to first token can be measured"),
        ("messages", "the scenario makes the prompt: set its `system` or `prompt`"),
        ("system", "the scenario makes the prompt: set its `system`"),
        ("max_tokens", "set `sampling.max_tokens`: it bounds the cost"),
        ("temperature", "set `sampling.temperature`"),
        ("top_p", "set `sampling.top_p`"),
        ("stop_sequences", "set `sampling.stop`"),
        ("cache_control", "set `prompt_cache = \"on\"`"),
    ],
    no_cache: &[],
    tools: true,
    build,
};

/// The protocol's version; `headers = { anthropic-version = "…" }` sets another.
const VERSION: &str = "2023-06-01";

struct Anthropic {
    common: Common,
    max_tokens: u32,
}

fn build(section: &Section<'_>, common: &Common) -> Option<Arc<dyn Provider>> {
    let seed = lacks(section, "seed", KIND.name);
    let Some(max_tokens) = common.sampling.max_tokens else {
        // A wrong one, or one that a price asks for, is told already.
        let told = section.section("sampling").is_some_and(|s| s.has("max_tokens")) || section.has("price");
        if !told {
            let why = "the protocol anthropic requires max_tokens, such as { max_tokens = 512 }";
            match section.is_table("sampling").then(|| section.section("sampling")).flatten() {
                Some(sampling) => sampling.missing("max_tokens", why),
                None => section.missing("sampling", why),
            }
        }
        return None;
    };
    seed.then(|| Arc::new(Anthropic { common: common.clone(), max_tokens }) as Arc<dyn Provider>)
}

impl Provider for Anthropic {
    fn framing(&self) -> (Framing, KeyHeader) {
        (Framing::Sse, KeyHeader::Named("x-api-key"))
    }

    fn request(&self, prompt: &Prompt) -> Request {
        let Common { model, sampling, body: _, cache } = &self.common;
        let turns = prompt.messages.iter().filter(|m| m.role != Role::System);
        let turns: Vec<Json> = turns.map(|m| json!({ "role": m.role.label(), "content": m.content })).collect();
        let mut body = Body::new();
        body.put("model", model.as_str());
        body.put("max_tokens", prompt.max_tokens.map_or(self.max_tokens, |own| own.min(self.max_tokens)));
        body.put("messages", turns);
        body.put("stream", true);
        body.put_some("system", system(prompt));
        body.put_some("tools", tools(prompt, |tool, schema| declared(tool, "input_schema", schema)));
        body.put_some("temperature", sampling.temperature);
        body.put_some("top_p", sampling.top_p);
        body.put_list("stop_sequences", &sampling.stop);
        if *cache == PromptCache::On {
            body.put("cache_control", json!({ "type": "ephemeral" }));
        }
        Request {
            path: "/messages".into(),
            headers: vec![("anthropic-version", VERSION.into())],
            body: body.finish(&self.common),
        }
    }

    fn read(&self, event: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
        read(event, answer)
    }

    fn refuse(&self, status: u16, body: &[u8]) -> Fault {
        Complaint::of_body(body).into_fault(status)
    }
}

/// One event, or a whole message.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(default, borrow)]
    r#type: Option<Text<'a>>,
    #[serde(default, borrow)]
    delta: Option<Delta<'a>>,
    #[serde(default, borrow)]
    content_block: Option<Block<'a>>,
    #[serde(default, borrow)]
    message: Option<&'a RawValue>,
    #[serde(default, borrow)]
    usage: Option<&'a RawValue>,
    #[serde(default, borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(default, borrow)]
    text: Option<Text<'a>>,
    #[serde(default, borrow)]
    thinking: Option<Text<'a>>,
    #[serde(default, borrow)]
    partial_json: Option<Text<'a>>,
    /// Of `message_delta`.
    #[serde(default, borrow)]
    stop_reason: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(default, borrow)]
    r#type: Option<Text<'a>>,
    #[serde(default, borrow)]
    text: Option<Text<'a>>,
    #[serde(default, borrow)]
    thinking: Option<Text<'a>>,
    #[serde(default, borrow)]
    name: Option<Text<'a>>,
    #[serde(default, borrow)]
    input: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default, borrow)]
    model: Option<Text<'a>>,
    #[serde(default, borrow)]
    content: Option<Vec<Block<'a>>>,
    #[serde(default, borrow)]
    stop_reason: Option<Text<'a>>,
    #[serde(default, borrow)]
    usage: Option<&'a RawValue>,
}

/// A usage record: the buckets are disjoint as they come, but that what was written to the cache comes as a sum too.
#[derive(Deserialize, Default)]
#[serde(default)]
struct WireUsage<'a> {
    input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_creation: Option<Written>,
    output_tokens: Option<u64>,
    server_tool_use: Option<ServerTools>,
    #[serde(borrow)]
    service_tier: Option<Text<'a>>,
    /// What LiteLLM says that it cost.
    #[serde(borrow)]
    cost: Option<&'a RawValue>,
}

fn read(whole: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
    let data = whole.trim_ascii();
    // vLLM and LiteLLM add OpenAI's end to it.
    if data == b"[DONE]" {
        return Ok(Mark::End);
    }
    let event: Event<'_> = serde_json::from_slice(data).map_err(|e| unreadable("messages event", data, &e))?;
    let Event { r#type, delta, content_block, message, usage, error } = event;
    match or_empty(&r#type) {
        "content_block_delta" => {
            let Some(Delta { text, thinking, partial_json, stop_reason: _ }) = delta else { return Ok(Mark::None) };
            let mark = if or_empty(&partial_json).is_empty() {
                Mark::None
            } else {
                calls::add(or_empty(&partial_json), answer)?;
                Mark::Tool
            };
            let mark = take_texts(or_empty(&text), or_empty(&thinking), answer).or(mark);
            let quiet = or_empty(&partial_json).is_empty() && or_empty(&thinking).is_empty();
            let sole = match &text {
                Some(Text(Cow::Borrowed(text))) if quiet && !text.is_empty() => Span::of(text, whole),
                _ => None,
            };
            Ok(sole.map_or(mark, |text| Mark::Text(Places { text, passed: Span::default() })))
        }
        "content_block_start" => content_block.map_or(Ok(Mark::None), |block| take_block(block, answer)),
        "message_start" => {
            let Some(raw) = message else { return Ok(Mark::None) };
            let message = serde_json::from_str(raw.get()).map_err(|e| unreadable("message", data, &e))?;
            take_message(message, answer)
        }
        "message_delta" => {
            note_usage(usage, answer);
            note_stop(delta.as_ref().map_or("", |d| or_empty(&d.stop_reason)), answer);
            Ok(Mark::None)
        }
        "message_stop" => Ok(Mark::End),
        "message" => {
            let message = serde_json::from_slice(data).map_err(|e| unreadable("message", data, &e))?;
            take_message(message, answer)
        }
        "error" => Err(Complaint::of_body(data).in_stream()),
        "" if error.is_some() => Err(Complaint::of_body(data).in_stream()),
        "" => Err(Fault::new(Failure::Protocol, format!("an event without a type: {}", start(data)))),
        // Pings, ends of blocks, and types that are yet to come.
        _ => Ok(Mark::None),
    }
}

fn take_texts(text: &str, thinking: &str, answer: &mut Answer) -> Mark {
    answer.text.push_str(text);
    answer.reasoning.push_str(thinking);
    match (text.is_empty(), thinking.is_empty()) {
        (false, _) => Mark::Content,
        (true, false) => Mark::Reasoning,
        (true, true) => Mark::None,
    }
}

/// Takes the start of a block, which some servers send with all that is in it.
fn take_block(block: Block<'_>, answer: &mut Answer) -> Result<Mark, Fault> {
    let Block { r#type, text, thinking, name, input } = block;
    let mark = take_texts(or_empty(&text), or_empty(&thinking), answer);
    // Tools of the provider's own have a word before it.
    if !or_empty(&r#type).ends_with("tool_use") {
        return Ok(mark);
    }
    // An empty object is a place for the pieces that follow.
    let input = input.map_or("", |raw| raw.get());
    calls::begin(or_empty(&name), if input == "{}" { "" } else { input }, answer)?;
    Ok(mark.or(Mark::Tool))
}

/// Takes a message: the empty one of the stream's start, or a whole answer.
fn take_message(message: Message<'_>, answer: &mut Answer) -> Result<Mark, Fault> {
    let Message { model, content, stop_reason, usage } = message;
    if answer.model.is_none() {
        answer.model = model.filter(|name| !name.is_empty()).map(|name| name.0.into_owned());
    }
    note_usage(usage, answer);
    let mut mark = Mark::None;
    for block in content.into_iter().flatten() {
        mark = take_block(block, answer)?.or(mark);
    }
    note_stop(or_empty(&stop_reason), answer);
    Ok(mark)
}

/// The largest of each figure so far: the start reports what was read, the end what was written, and some repeat all.
/// But the first record that tells of the cache is right about the input beside it: a bridge that learns of the cache at
/// the end only has told the whole prompt before.
fn note_usage(raw: Option<&RawValue>, answer: &mut Answer) {
    let Some(wire) = raw.and_then(|raw| serde_json::from_str::<WireUsage<'_>>(raw.get()).ok()) else { return };
    let WireUsage { input_tokens, cache_read_input_tokens, cache_creation_input_tokens, .. } = wire;
    if answer.usage.cache_read.is_none() && cache_read_input_tokens.is_some() && input_tokens.is_some() {
        answer.usage.input = None;
    }
    // The end repeats the sum of what was written without its parts.
    let Written { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long } =
        wire.cache_creation.unwrap_or_default();
    if answer.usage.cache_write_long.is_none() && long.is_some() {
        answer.usage.cache_write = None;
    }
    let long = long.max(answer.usage.cache_write_long);
    let rest = cache_creation_input_tokens.map(|all| all.saturating_sub(long.unwrap_or(0)));
    answer.usage = answer.usage.max(Usage {
        input: input_tokens,
        cache_read: cache_read_input_tokens,
        cache_write: short.or(rest),
        cache_write_long: long,
        output: wire.output_tokens,
        searches: wire.server_tool_use.and_then(|tools| tools.web_search_requests),
        ..Usage::default()
    });
    usage::note_tier(or_empty(&wire.service_tier), answer);
    usage::note_cost(wire.cost, answer);
}

fn note_stop(reason: &str, answer: &mut Answer) {
    answer.finish = Some(match reason {
        "" => return,
        "end_turn" | "stop_sequence" | "stop" => Finish::Stop,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "tool_use" => Finish::ToolCalls,
        "refusal" => {
            answer.refusal.get_or_insert_with(|| "stop_reason refusal".to_owned());
            Finish::ContentFilter
        }
        other => Finish::Other(other.to_owned()),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(events: &[&str]) -> [Option<u64>; 4] {
        let mut answer = Answer::default();
        for event in events {
            read(event.as_bytes(), &mut answer).unwrap();
        }
        let Usage { input, cache_read, cache_write, output, .. } = answer.usage;
        [input, cache_read, cache_write, output]
    }

    #[test]
    fn usage_of_both_ends_is_put_together_and_nothing_counts_twice() {
        let start = r#"{"type":"message_start","message":{"usage":{"input_tokens":100,"output_tokens":1}}}"#;
        let end =
            |usage: &str| format!(r#"{{"type":"message_delta","delta":{{"stop_reason":"end_turn"}},"usage":{usage}}}"#);
        assert_eq!(usage(&[start, &end(r#"{"output_tokens":9}"#)]), [Some(100), None, None, Some(9)]);
        let all = end(r#"{"input_tokens":40,"cache_read_input_tokens":60,"output_tokens":9}"#);
        assert_eq!(usage(&[start, &all]), [Some(40), Some(60), None, Some(9)], "told at the end only");
        let cached = r#"{"type":"message_start","message":{"usage":{"input_tokens":40,"cache_read_input_tokens":60,"cache_creation_input_tokens":5,"output_tokens":1}}}"#;
        assert_eq!(usage(&[cached, &all]), [Some(40), Some(60), Some(5), Some(9)]);
        assert_eq!(usage(&[cached, &end(r#"{"output_tokens":-1}"#)]), [Some(40), Some(60), Some(5), Some(1)]);
    }

    #[test]
    fn cache_writes_are_told_apart_by_their_time_whichever_record_says_so() {
        let read = |events: [&str; 2]| {
            let mut answer = Answer::default();
            events.iter().for_each(|event| assert!(read(event.as_bytes(), &mut answer).is_ok()));
            answer
        };
        let parts = r#"{"type":"message_start","message":{"usage":{"input_tokens":10,"cache_read_input_tokens":5,"cache_creation_input_tokens":700,"cache_creation":{"ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":500},"output_tokens":1,"service_tier":"priority"}}}"#;
        let sum = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":10,"cache_read_input_tokens":5,"cache_creation_input_tokens":700,"output_tokens":9,"server_tool_use":{"web_search_requests":3},"cost":0.25}}"#;
        for events in [[parts, sum], [sum, parts]] {
            let answer = read(events);
            let want = Usage {
                input: Some(10),
                cache_read: Some(5),
                cache_write: Some(200),
                cache_write_long: Some(500),
                output: Some(9),
                searches: Some(3),
                ..Usage::default()
            };
            assert_eq!((answer.usage, answer.tier.as_deref()), (want, Some("priority")));
            assert_eq!(answer.reported_cost, Some(crate::domain::Money::from_nanos(250_000_000)));
        }
    }

    #[test]
    fn input_without_a_block_is_a_call_without_a_name() {
        let mut answer = Answer::default();
        let event =
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{"}}"#;
        assert_eq!(read(event.as_bytes(), &mut answer), Ok(Mark::Tool));
        assert_eq!(answer.tool_calls.first().map(|call| call.arguments.as_str()), Some("{"));
    }
}
