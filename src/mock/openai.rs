//! The OpenAI chat-completions wire format: what is asked, and the JSON of what is said.

use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write;

/// What a chat request asks, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chat {
    pub model: String,
    /// The text of the last user message: the truth's key.
    pub prompt: String,
    /// What was said before it, with the roles, where the model itself has spoken already.
    pub history: Vec<String>,
    /// UTF-8 bytes of all message texts.
    pub bytes: u64,
    pub max_tokens: Option<u32>,
    pub stream: bool,
    /// Whether a streamed answer is to end with a usage record.
    pub include_usage: bool,
}

#[derive(Deserialize)]
struct Body {
    model: String,
    messages: Vec<Message>,
    max_tokens: Option<u32>,
    max_completion_tokens: Option<u32>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    n: Option<u32>,
}

#[derive(Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: Option<Content>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    text: Option<String>,
}

impl Content {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Parts(parts) => parts.into_iter().filter_map(|part| part.text).collect(),
        }
    }
}

impl Chat {
    /// Reads a request's body; fields that do not matter here are passed over.
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let body: Body = serde_json::from_slice(body).map_err(|error| format!("the body cannot be read: {error}"))?;
        if body.n.is_some_and(|n| n != 1) {
            return Err("n must be 1".into());
        }
        let mut chat = Self {
            model: body.model,
            prompt: String::new(),
            history: Vec::new(),
            bytes: 0,
            max_tokens: body.max_completion_tokens.or(body.max_tokens),
            stream: body.stream.unwrap_or(false),
            include_usage: body.stream_options.and_then(|o| o.include_usage).unwrap_or(false),
        };
        for Message { role, content } in body.messages {
            let text = content.map(Content::text).unwrap_or_default();
            chat.bytes += text.len() as u64;
            chat.history.push(format!("{role}: {text}"));
            if role == "user" {
                chat.prompt = text;
            }
        }
        chat.history.pop();
        if !chat.history.iter().any(|said| said.starts_with("assistant: ")) {
            chat.history = Vec::new();
        }
        Ok(chat)
    }
}

/// Token figures as they are reported: cached are part of prompt, reasoning of completion. None is not reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub prompt: u32,
    pub cached: Option<u32>,
    pub completion: u32,
    pub reasoning: Option<u32>,
}

/// The `usage` object.
pub(super) fn usage(figures: Figures) -> Value {
    let Figures { prompt, cached, completion, reasoning } = figures;
    let total = u64::from(prompt) + u64::from(completion);
    let mut usage = json!({"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total});
    if let Some(cached) = cached {
        usage["prompt_tokens_details"] = json!({"cached_tokens": cached});
    }
    if let Some(reasoning) = reasoning {
        usage["completion_tokens_details"] = json!({"reasoning_tokens": reasoning});
    }
    usage
}

/// An error's body.
pub(super) fn error(kind: &str, code: &str, message: &str) -> Vec<u8> {
    json!({"error": {"message": message, "type": kind, "param": null, "code": code}}).to_string().into_bytes()
}

/// The body of `GET /v1/models`.
pub(super) fn models(model: &str) -> Vec<u8> {
    let entry = json!({"id": model, "object": "model", "created": 0, "owned_by": "assayd mock"});
    json!({"object": "list", "data": [entry]}).to_string().into_bytes()
}

/// Writes the events of one streamed answer, each `data: {…}` with its empty line.
///
/// Events are put together by hand around the two texts that vary: a token costs no JSON tree.
#[derive(Clone, Debug)]
pub(super) struct Events {
    opening: String,
}

impl Events {
    pub(super) fn new(sequence: u64, model: &str) -> Self {
        let model = Value::from(model);
        let opening = format!(
            "data: {{\"id\":\"chatcmpl-mock-{sequence}\",\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":{model}"
        );
        Self { opening }
    }

    fn choice(&self, delta: &str, finish: Option<&str>) -> String {
        let finish = finish.map_or_else(|| "null".to_owned(), |reason| format!("\"{reason}\""));
        let mut text = String::with_capacity(self.opening.len() + delta.len() + 80);
        text.push_str(&self.opening);
        // Writing to a String cannot fail.
        let _ = write!(text, ",\"choices\":[{{\"index\":0,\"delta\":{{{delta}}},\"finish_reason\":{finish}}}]}}\n\n");
        text
    }

    /// The role alone, with empty content: no token.
    pub(super) fn role(&self) -> String {
        self.choice("\"role\":\"assistant\",\"content\":\"\"", None)
    }

    /// Tokens.
    pub(super) fn tokens(&self, text: &str, reasoning: bool) -> String {
        let field = if reasoning { "reasoning_content" } else { "content" };
        self.choice(&format!("\"{field}\":{}", Value::from(text)), None)
    }

    /// What comes before and after the text of a content event, for a text too long to be held.
    pub(super) fn around(&self) -> (String, String) {
        let event = self.tokens("", false);
        let gap = "\"content\":\"";
        let at = event.rfind(gap).map_or(event.len(), |at| at + gap.len());
        let (before, after) = event.split_at(at);
        (before.to_owned(), after.to_owned())
    }

    /// The finish reason.
    pub(super) fn finish(&self, reason: &str) -> String {
        self.choice("", Some(reason))
    }

    /// The usage record.
    pub(super) fn usage(&self, figures: Figures) -> String {
        format!("{},\"choices\":[],\"usage\":{}}}\n\n", self.opening, usage(figures))
    }
}

/// An error in the middle of a stream.
pub(super) fn error_event() -> String {
    format!("data: {}\n\n", String::from_utf8_lossy(&error("server_error", "mock_fault", "an error put in on purpose")))
}

/// What ends a stream of events.
pub(super) const DONE: &str = "data: [DONE]\n\n";

/// The body of an answer that is not streamed.
pub(super) fn completion(
    sequence: u64,
    model: &str,
    text: &str,
    thoughts: &str,
    finish: Option<&str>,
    figures: Option<Figures>,
) -> Vec<u8> {
    let mut message = json!({"role": "assistant", "content": text});
    if !thoughts.is_empty() {
        message["reasoning_content"] = Value::from(thoughts);
    }
    let mut body = json!({
        "id": format!("chatcmpl-mock-{sequence}"),
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    });
    if let Some(figures) = figures {
        body["usage"] = usage(figures);
    }
    body.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_for_what_matters() {
        let body = r#"{"model":"m","stream":true,"stream_options":{"include_usage":true},"max_tokens":9,
            "max_completion_tokens":7,"temperature":0,"messages":[{"role":"system","content":"é"},
            {"role":"user","content":[{"type":"text","text":"1+"},{"type":"image_url"},{"type":"text","text":"1="}]},
            {"role":"assistant","content":null}]}"#;
        let chat = Chat::read(body.as_bytes()).unwrap();
        assert_eq!((chat.prompt.as_str(), chat.bytes, chat.max_tokens), ("1+1=", 6, Some(7)));
        assert!(chat.stream && chat.include_usage);
        let plain = Chat::read(br#"{"model":"m","messages":[]}"#).unwrap();
        assert!(!plain.stream && !plain.include_usage && plain.max_tokens.is_none());
    }

    #[test]
    fn a_wrong_request_is_named() {
        let problem = |body: &str| Chat::read(body.as_bytes()).unwrap_err();
        assert!(problem("{").starts_with("the body cannot be read: EOF"));
        assert!(problem(r#"{"messages":[]}"#).contains("missing field `model`"));
        assert!(problem(r#"{"model":"m","messages":[],"max_tokens":-1}"#).contains("invalid value"));
        assert_eq!(problem(r#"{"model":"m","messages":[],"n":2}"#), "n must be 1");
    }

    #[test]
    fn events_are_valid_json_whatever_the_text() {
        let events = Events::new(3, "a\"b");
        let text = "\"\\\n\u{0}é";
        let event = events.tokens(text, true);
        let value: Value = serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(value["model"], "a\"b");
        assert_eq!(value["choices"][0]["delta"]["reasoning_content"], text);
        assert!(event.ends_with("\n\n") && !event.trim_end().contains('\n'));
        let (before, after) = events.around();
        assert_eq!(format!("{before}x{after}"), events.tokens("x", false));
    }

    #[test]
    fn what_is_not_reported_is_not_there() {
        let figures = Figures { prompt: 5, cached: None, completion: 3, reasoning: Some(0) };
        let value = usage(figures);
        assert_eq!(value["total_tokens"], 8);
        assert!(value.get("prompt_tokens_details").is_none());
        assert_eq!(value["completion_tokens_details"]["reasoning_tokens"], 0);
    }
}
