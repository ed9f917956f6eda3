//! The OpenAI-compatible wire format of the demo endpoint: requests read, replies and errors written. Pure.

use super::generate::{End, Finish};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

/// A chat completion request: the fields that this endpoint honours. Others are ignored, as servers of this kind do.
#[derive(Debug, Deserialize)]
pub struct ChatRequest {
    /// Which model.
    pub model: String,
    messages: Vec<ChatMessage>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    max_tokens: Option<u64>,
    max_completion_tokens: Option<u64>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    seed: Option<i64>,
    stop: Option<OneOrMany>,
    n: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct ChatMessage {
    role: String,
    content: Option<Content>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
struct Part {
    r#type: String,
    text: Option<String>,
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// A request refused, in OpenAI's shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: StatusCode,
    /// OpenAI's `type`.
    pub kind: &'static str,
    /// OpenAI's `code`, where there is one.
    pub code: Option<&'static str>,
    /// The field at fault, where there is one.
    pub param: Option<&'static str>,
    /// For a human.
    pub message: String,
}

impl Refusal {
    /// Status 400, at a field or at the body as a whole.
    #[must_use]
    pub fn invalid(param: impl Into<Option<&'static str>>, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "invalid_request_error",
            code: None,
            param: param.into(),
            message: message.into(),
        }
    }

    /// The JSON body.
    #[must_use]
    pub fn body(&self) -> Value {
        let Self { status: _, kind, code, param, message } = self;
        json!({ "error": { "message": message, "type": kind, "param": param, "code": code } })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, axum::Json(self.body())).into_response()
    }
}

impl ChatRequest {
    /// Reads a request body and checks the ranges of its fields.
    ///
    /// # Errors
    /// A [`Refusal`] with status 400 that names the field.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let request: Self = serde_json::from_slice(body)
            .map_err(|e| Refusal::invalid(None, format!("the body is no chat completion request: {e}")))?;
        let within =
            |value: Option<f64>, range: std::ops::RangeInclusive<f64>| value.is_none_or(|x| range.contains(&x));
        if !within(request.temperature, 0.0..=2.0) {
            return Err(Refusal::invalid("temperature", "temperature must be from 0 to 2"));
        }
        if !within(request.top_p, f64::MIN_POSITIVE..=1.0) {
            return Err(Refusal::invalid("top_p", "top_p must be above 0 and at most 1"));
        }
        if request.n.is_some_and(|n| n != 1) {
            return Err(Refusal::invalid("n", "n must be 1: one answer a request"));
        }
        if request.max_tokens == Some(0) || request.max_completion_tokens == Some(0) {
            return Err(Refusal::invalid("max_tokens", "max_tokens must be at least 1"));
        }
        if matches!(&request.stop, Some(OneOrMany::Many(stops)) if stops.len() > 4) {
            return Err(Refusal::invalid("stop", "stop has at most 4 sequences"));
        }
        Ok(request)
    }

    /// What the models continue: the last user message, raw. They are base models of exact tasks (`12+34=`) and
    /// know no turns, which is what the chat template in their files says too.
    ///
    /// # Errors
    /// When there is no user message, or it has parts that are no text.
    pub fn prompt(&self) -> Result<String, Refusal> {
        let refuse = |message: &str| Refusal::invalid("messages", message);
        let last = self.messages.iter().rev().find(|m| m.role == "user");
        match &last.ok_or_else(|| refuse("messages has no message of role user"))?.content {
            None => Err(refuse("the last user message has no content")),
            Some(Content::Text(text)) => Ok(text.clone()),
            Some(Content::Parts(parts)) => parts
                .iter()
                .map(|part| match (part.r#type.as_str(), &part.text) {
                    ("text", Some(text)) => Ok(text.as_str()),
                    _ => Err(refuse("only text parts are understood")),
                })
                .collect(),
        }
    }

    /// The most output tokens, by either name; the newer one wins.
    #[must_use]
    pub fn max_tokens(&self) -> Option<usize> {
        self.max_completion_tokens.or(self.max_tokens).map(|n| usize::try_from(n).unwrap_or(usize::MAX))
    }

    /// Temperature, nucleus mass and seed. Temperature is 0 where absent (OpenAI: 1), since the tasks have exact answers.
    #[must_use]
    pub fn sampling(&self) -> (f64, f64, Option<u64>) {
        (self.temperature.unwrap_or(0.0), self.top_p.unwrap_or(1.0), self.seed.map(i64::cast_unsigned))
    }

    /// The stop sequences.
    #[must_use]
    pub fn stops(&self) -> Vec<String> {
        match &self.stop {
            None => Vec::new(),
            Some(OneOrMany::One(stop)) => vec![stop.clone()],
            Some(OneOrMany::Many(stops)) => stops.clone(),
        }
    }

    /// Whether the answer is wanted as a stream.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        self.stream == Some(true)
    }

    /// Whether the stream is to end with a usage chunk.
    #[must_use]
    pub fn wants_usage(&self) -> bool {
        self.stream_options.as_ref().is_some_and(|o| o.include_usage == Some(true))
    }
}

/// What all parts of one reply share.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The reply's identity.
    pub id: String,
    /// Seconds since 1970.
    pub created: u64,
    /// The model's name.
    pub model: String,
    /// Whether a usage chunk ends the stream; then every chunk before it says `usage: null`, as OpenAI's do.
    pub usage: bool,
}

impl Reply {
    /// The whole reply, not streamed.
    #[must_use]
    pub fn whole(&self, text: &str, end: &End) -> Value {
        let message = json!({ "role": "assistant", "content": text, "refusal": null });
        let choice = json!({ "index": 0, "message": message, "logprobs": null, "finish_reason": finish(end) });
        let Self { id, created, model, usage: _ } = self;
        json!({
            "id": id, "object": "chat.completion", "created": created, "model": model,
            "choices": [choice], "usage": usage(end),
        })
    }

    /// The first event of a stream: who speaks, and no text.
    #[must_use]
    pub fn opening(&self) -> String {
        self.event(json!([choice(json!({ "role": "assistant", "content": "" }), None)]), None)
    }

    /// An event with text.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.event(json!([choice(json!({ "content": text }), None)]), None)
    }

    /// The events that end a stream: why it ended, the usage if it was asked for, and the mark of the end.
    #[must_use]
    pub fn closing(&self, end: &End) -> String {
        let mut events = self.event(json!([choice(json!({}), Some(finish(end)))]), None);
        if self.usage {
            events += &self.event(json!([]), Some(usage(end)));
        }
        events + "data: [DONE]\n\n"
    }

    fn event(&self, choices: Value, usage: Option<Value>) -> String {
        let Self { id, created, model, usage: with_usage } = self;
        let mut chunk = json!({
            "id": id, "object": "chat.completion.chunk", "created": created, "model": model, "choices": choices,
        });
        if let (true, Some(object)) = (with_usage, chunk.as_object_mut()) {
            object.insert("usage".into(), usage.unwrap_or(Value::Null));
        }
        event(&chunk)
    }
}

/// One server-sent event.
#[must_use]
pub fn event(data: &Value) -> String {
    format!("data: {data}\n\n")
}

fn choice(delta: Value, finish: Option<&str>) -> Value {
    json!({ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish })
}

const fn finish(end: &End) -> &'static str {
    match end.finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
    }
}

fn usage(end: &End) -> Value {
    let End { finish: _, prompt_tokens, completion_tokens } = end;
    json!({
        "prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &str) -> Result<ChatRequest, Refusal> {
        let comma = if fields.is_empty() { "" } else { "," };
        let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"1+1="}}]{comma}{fields}}}"#);
        ChatRequest::read(body.as_bytes())
    }

    #[test]
    fn fields_are_read_in_all_their_spellings() {
        let r = read(r#""max_tokens":3,"stop":"x","seed":-1,"unheard_of":{},"top_p":null"#).unwrap();
        assert_eq!((r.max_tokens(), r.stops(), r.sampling()), (Some(3), vec!["x".into()], (0.0, 1.0, Some(u64::MAX))));
        assert!(!r.is_stream() && !r.wants_usage());
        let r = read(
            r#""max_tokens":3,"max_completion_tokens":5,"stop":["a","b"],"stream":true,
               "stream_options":{"include_usage":true},"temperature":1"#,
        )
        .unwrap();
        assert_eq!((r.max_tokens(), r.stops().len(), r.sampling().0), (Some(5), 2, 1.0));
        assert!(r.is_stream() && r.wants_usage());
    }

    #[test]
    fn the_prompt_is_the_last_user_message() {
        let prompt = |messages: &str| {
            ChatRequest::read(format!(r#"{{"model":"m","messages":[{messages}]}}"#).as_bytes()).unwrap().prompt()
        };
        let turns = r#"{"role":"system","content":"s"},{"role":"user","content":"a"},{"role":"assistant","content":null},
                       {"role":"user","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]}"#;
        assert_eq!(prompt(turns).as_deref(), Ok("bc"));
        assert_eq!(prompt(r#"{"role":"system","content":"s"}"#).unwrap_err().param, Some("messages"));
        let image = r#"{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}"#;
        assert_eq!(prompt(image).unwrap_err().message, "only text parts are understood");
    }

    #[test]
    fn what_is_out_of_range_is_refused_by_name() {
        for (fields, param) in [
            (r#""temperature":2.5"#, Some("temperature")),
            (r#""top_p":0"#, Some("top_p")),
            (r#""n":2"#, Some("n")),
            (r#""max_tokens":0"#, Some("max_tokens")),
            (r#""stop":["1","2","3","4","5"]"#, Some("stop")),
            (r#""max_tokens":"many""#, None),
        ] {
            let refusal = read(fields).unwrap_err();
            assert_eq!((refusal.status, refusal.param), (StatusCode::BAD_REQUEST, param), "{fields}");
        }
        let refusal = ChatRequest::read(b"{").unwrap_err();
        assert!(refusal.message.contains("line 1"), "{}", refusal.message);
        assert_eq!(refusal.body()["error"]["type"], "invalid_request_error");
    }
}
