//! `ollama`: Ollama's own chat protocol, one JSON object a line; the base URL is the server's, without a path.

use super::body::{Body, function, messages, tools};
use super::complaint::Complaint;
use super::text::{Many, Text, or_empty};
use super::{Common, Framing, KeyHeader, Kind, Mark, PromptCache, Provider, Request, calls, unreadable};
use crate::config::Section;
use crate::domain::{Answer, Failure, Fault, Finish, Prompt, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

const CACHE: &str = "Ollama keeps the beginning that a prompt shares with the one before it, and has no switch for that: \
                     leave it out";

/// The adapter.
pub const KIND: Kind = Kind {
    name: "ollama",
    about: "Ollama's own chat, streamed by line",
    reserved: &[
        ("model", "set the target's `model`"),
        ("messages", "the scenario makes the prompt: set its `system` or `prompt`"),
        ("stream", "answers are always streamed: without that no time to first token can be measured"),
        ("options.num_predict", "set `sampling.max_tokens`: it bounds the cost"),
        ("options.temperature", "set `sampling.temperature`"),
        ("options.top_p", "set `sampling.top_p`"),
        ("options.seed", "set `sampling.seed`"),
        ("options.stop", "set `sampling.stop`"),
    ],
    no_cache: &[(PromptCache::Off, CACHE), (PromptCache::On, CACHE)],
    tools: true,
    build,
};

struct Ollama {
    common: Common,
}

fn build(_: &Section<'_>, common: &Common) -> Option<Arc<dyn Provider>> {
    Some(Arc::new(Ollama { common: common.clone() }))
}

impl Provider for Ollama {
    fn framing(&self) -> (Framing, KeyHeader) {
        (Framing::NdJson, KeyHeader::Bearer)
    }

    fn request(&self, prompt: &Prompt) -> Request {
        let sampling = &self.common.sampling;
        let mut options = Body::new();
        options.put_some("num_predict", prompt.limit(sampling));
        options.put_some("temperature", sampling.temperature);
        options.put_some("top_p", sampling.top_p);
        options.put_some("seed", sampling.seed);
        options.put_list("stop", &sampling.stop);
        let mut body = Body::new();
        body.put("model", self.common.model.as_str());
        body.put("messages", messages(prompt));
        body.put_some("tools", tools(prompt, function));
        body.put("stream", true);
        if !options.is_empty() {
            body.put("options", options.into_json());
        }
        Request { path: "/api/chat".into(), headers: Vec::new(), body: body.finish(&self.common) }
    }

    fn read(&self, event: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
        read(event, answer)
    }

    fn refuse(&self, status: u16, body: &[u8]) -> Fault {
        Complaint::of_body(body).into_fault(status)
    }
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(default, borrow)]
    model: Option<Text<'a>>,
    #[serde(default, borrow)]
    message: Option<Message<'a>>,
    #[serde(default)]
    done: Option<bool>,
    #[serde(default, borrow)]
    done_reason: Option<Text<'a>>,
    #[serde(default)]
    prompt_eval_count: Option<u64>,
    #[serde(default)]
    eval_count: Option<u64>,
    #[serde(default, borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default, borrow)]
    content: Option<Text<'a>>,
    #[serde(default, borrow)]
    thinking: Option<Text<'a>>,
    #[serde(default, borrow)]
    tool_calls: Option<Many<Call<'a>>>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(default, borrow)]
    function: Option<Function<'a>>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(default, borrow)]
    name: Option<Text<'a>>,
    /// The JSON itself.
    #[serde(default, borrow)]
    arguments: Option<&'a RawValue>,
}

fn read(event: &[u8], answer: &mut Answer) -> Result<Mark, Fault> {
    let data = event.trim_ascii();
    let line: Line<'_> = serde_json::from_slice(data).map_err(|e| {
        let fault = unreadable("line of Ollama's", data, &e);
        // Only the end of the stream leaves a line unended.
        if e.is_eof() { Fault { kind: Failure::Truncated, ..fault } } else { fault }
    })?;
    let Line { model, message, done, done_reason, prompt_eval_count, eval_count, error } = line;
    if error.is_some() {
        return Err(Complaint::of_body(data).in_stream());
    }
    if answer.model.is_none() && !or_empty(&model).is_empty() {
        answer.model = model.map(|name| name.0.into_owned());
    }
    let usage = Usage { input: prompt_eval_count, output: eval_count, ..Usage::default() };
    answer.usage = answer.usage.max(usage);
    let mark = message.map_or(Ok(Mark::None), |message| take(message, answer))?;
    if done != Some(true) {
        return Ok(mark);
    }
    answer.finish = Some(match or_empty(&done_reason) {
        // Versions before 0.3 gave no reason. A call of a tool is no reason of its own.
        "" | "stop" if answer.tool_calls.is_empty() => Finish::Stop,
        "" | "stop" => Finish::ToolCalls,
        "length" => Finish::Length,
        other => Finish::Other(other.to_owned()),
    });
    // The line that ends a stream bears nothing; a whole answer is a line that ends.
    Ok(if mark == Mark::None { Mark::End } else { mark })
}

/// Takes one piece; the mark is the most visible thing in it.
fn take(message: Message<'_>, answer: &mut Answer) -> Result<Mark, Fault> {
    let Message { content, thinking, tool_calls } = message;
    let mut mark = Mark::None;
    // Calls come whole.
    for Call { function } in tool_calls.into_iter().flat_map(|many| many.0) {
        let Some(Function { name, arguments }) = function else { continue };
        let arguments = arguments.map(calls::arguments).unwrap_or_default();
        calls::begin(or_empty(&name), &arguments, answer)?;
        mark = Mark::Tool;
    }
    if !or_empty(&thinking).is_empty() {
        answer.reasoning.push_str(or_empty(&thinking));
        mark = Mark::Reasoning;
    }
    if !or_empty(&content).is_empty() {
        answer.text.push_str(or_empty(&content));
        mark = Mark::Content;
    }
    Ok(mark)
}
