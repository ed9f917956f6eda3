//! Protocol adapters: how a prompt goes onto the wire and how an answer stream is read.
//!
//! An adapter is pure: bytes in, values out. Sockets, clocks and timeouts live in [`wire`]. A new protocol is one file
//! and one line in [`KINDS`]; `tests` loop over [`KINDS`] with streams cut at every byte.

mod anthropic;
mod body;
mod cache;
mod calls;
pub mod complaint;
pub mod discover;
pub mod framing;
mod gemini;
mod ollama;
mod openai;
mod reader;
mod text;
mod usage;
pub mod wire;

pub use cache::PromptCache;
pub use reader::Reader;

use crate::config::Section;
use crate::domain::{Answer, Failure, Fault, Prompt, Sampling};
use bytes::Bytes;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// All adapters.
pub const KINDS: &[Kind] = &[
    openai::chat::KIND,
    openai::completions::KIND,
    openai::responses::KIND,
    anthropic::KIND,
    gemini::KIND,
    ollama::KIND,
];

/// One adapter, by the name a configuration gives it (`api = "…"`).
#[derive(Clone, Copy)]
pub struct Kind {
    /// The configuration's word.
    pub name: &'static str,
    /// One line for help and docs.
    pub about: &'static str,
    /// Body fields that the adapter sets itself (a dot leads into a table), with what to do instead.
    pub reserved: &'static [(&'static str, &'static str)],
    /// What can't be asked of the prompt cache by this protocol, with what to do instead.
    pub no_cache: &'static [(PromptCache, &'static str)],
    /// Whether tools can be offered by it.
    pub tools: bool,
    /// Builds it out of a target's section; reads the fields only this protocol has.
    pub build: fn(&Section<'_>, &Common) -> Option<Arc<dyn Provider>>,
}

/// What every adapter needs to put on the wire.
#[derive(Debug, Clone, Default)]
pub struct Common {
    /// The model's name as the endpoint knows it.
    pub model: String,
    /// How answers are drawn.
    pub sampling: Sampling,
    /// Extra body fields, merged last: they win.
    pub body: Map<String, Json>,
    /// What is asked of the endpoint's prompt cache.
    pub cache: PromptCache,
}

/// How events are cut out of the byte stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    Sse,
    /// One JSON value a line.
    NdJson,
    /// One JSON value, the whole body.
    Whole,
}

/// A request, short of host, key and transport headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Appended to the target's URL, such as `/chat/completions`; may end in a query, which is added to the URL's own.
    pub path: String,
    /// Protocol headers (such as a version), besides `content-type: application/json`.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

/// How the key is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyHeader {
    /// `authorization: Bearer …`
    Bearer,
    /// A header of its own holding just the key.
    Named(&'static str),
}

/// What one event meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Non-empty visible content: stamps `t_first`, `t_visible`, `t_last`.
    Content,
    /// The same, and all that the event did was to add one text to the answer. [`Reader`] makes [`Mark::Content`] of it.
    Text(Places),
    /// Non-empty reasoning: stamps `t_first`, `t_last`.
    Reasoning,
    /// Non-empty tool-call delta: stamps `t_first`, `t_last`.
    Tool,
    /// Nothing that bears a token (role, usage, ping, empty delta).
    None,
    /// The protocol's own end of stream (`[DONE]`).
    End,
}

/// Where in an event that only adds a text to the answer others of its kind may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Places {
    /// The text: what a JSON string without escapes has between its quotation marks. Any other such string in its place would have
    /// been added as well.
    pub text: Span,
    /// A value that is passed over, such as a clock's; empty where none is told.
    pub passed: Span,
}

/// A part of an event, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Where it begins.
    pub start: usize,
    /// Where what follows it begins.
    pub end: usize,
}

impl Span {
    /// Where a text that is borrowed from an event stands in it.
    fn of(text: &str, event: &[u8]) -> Option<Self> {
        let start = text.as_ptr().addr().checked_sub(event.as_ptr().addr())?;
        let end = start + text.len();
        (event.get(start..end)? == text.as_bytes()).then_some(Self { start, end })
    }
}

impl Mark {
    /// The more visible of two, for an event that bears several things.
    #[must_use]
    const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Content | Self::Text(_), _) | (_, Self::Content | Self::Text(_)) => Self::Content,
            (Self::Reasoning, _) | (_, Self::Reasoning) => Self::Reasoning,
            (Self::Tool, _) | (_, Self::Tool) => Self::Tool,
            (Self::End, _) | (_, Self::End) => Self::End,
            (Self::None, Self::None) => Self::None,
        }
    }
}

/// A protocol adapter.
pub trait Provider: Send + Sync {
    /// How events are cut, and how the key is presented.
    fn framing(&self) -> (Framing, KeyHeader);

    /// The request for a prompt.
    fn request(&self, prompt: &Prompt) -> Request;

    /// Reads one event into the answer. Never panics, whatever the bytes.
    ///
    /// # Errors
    /// [`Fault`] of kind `in_stream_error` for an error event, `protocol` for something that is not the protocol.
    fn read(&self, event: &[u8], answer: &mut Answer) -> Result<Mark, Fault>;

    /// Names the failure of a non-2xx response, from status and (capped) body. `retry_after` is filled by the caller
    /// from the headers.
    fn refuse(&self, status: u16, body: &[u8]) -> Fault;
}

/// The failure kind of a status where the body says nothing better.
#[must_use]
pub const fn failure_of_status(status: u16) -> Failure {
    match status {
        401 | 403 => Failure::Auth,
        402 => Failure::Quota,
        429 => Failure::RateLimited,
        500.. => Failure::Http5xx,
        _ => Failure::Http4xx,
    }
}

/// Whether nothing was answered yet.
fn is_blank(answer: &Answer) -> bool {
    answer.text.is_empty() && answer.reasoning.is_empty() && answer.tool_calls.is_empty() && answer.refusal.is_none()
}

/// The fault of something that is not the protocol, told with its beginning.
fn unreadable(what: &str, event: &[u8], error: &serde_json::Error) -> Fault {
    Fault::new(Failure::Protocol, format!("an event that is no {what} ({error}): {}", start(event)))
}

/// The beginning of an event, for a message.
fn start(event: &[u8]) -> String {
    // A character has at most 4 bytes: no more need be looked at.
    String::from_utf8_lossy(event.get(..320).unwrap_or(event)).chars().take(80).collect()
}
