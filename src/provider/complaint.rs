//! What providers say when something is wrong: the shapes of their error bodies, and which failure each one names.
//!
//! OpenAI's `{"error": {…}}` and its imitations: vLLM's `{"object": "error", …}`, llama.cpp's with a numeric code,
//! TGI's `{"error": "text", "error_type": …}`, FastAPI's `{"detail": …}` (a text, or a list of validation errors),
//! Anthropic's `{"type": "error", "error": {…}}`, Google's with `status` and `details`, Ollama's `{"error": "text"}`, and
//! pages that a proxy in between made.

use super::failure_of_status;
use crate::domain::{Failure, Fault};
use serde::Deserialize;
use serde_json::Value as Json;
use std::time::Duration;

/// An error body, in the words all providers share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Complaint {
    /// For people.
    pub message: String,
    /// The classes given for programs (`type`, `code`, `error_type`, `status`, `reason`), in lower case.
    pub classes: Vec<String>,
    /// How long to wait, where the body says so (Google's `retryDelay`).
    pub retry_after: Option<Duration>,
}

/// The fields under which an error object keeps its parts.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Object {
    message: Json,
    msg: Json,
    detail: Json,
    error: Json,
    r#type: Json,
    code: Json,
    error_type: Json,
    status: Json,
    http_status_code: Json,
    reason: Json,
    details: Json,
}

/// Classes of an account without money or quota left.
const QUOTA: &[&str] = &[
    "insufficient_quota",
    "billing_hard_limit_reached",
    "insufficient_user_quota",
    "billing_not_active",
    "billing_error",
    "account_deactivated",
];

/// Classes and words of a prompt that is too long.
const TOO_LONG: &[&str] = &["context_length_exceeded", "exceed_context_size_error", "request_too_large"];
const TOO_LONG_WORDS: &[&str] = &[
    "maximum context length",
    "context size",
    "context window",
    "context length",
    "prompt is too long",
    "input is too long",
    "exceeds the maximum number of tokens",
    "`inputs` tokens",
];

/// Classes of a prompt that the provider's filter stopped.
const FILTERED: &[&str] =
    &["content_filter", "content_policy_violation", "responsibleaipolicyviolation", "data_inspection_failed"];

/// Classes of a model or deployment that is not there.
const NO_MODEL: &[&str] = &["model_not_found", "notfounderror", "deploymentnotfound"];

impl Complaint {
    /// Reads an error value: an object, a text, or a list of them. None when it says nothing.
    #[must_use]
    pub fn of(value: &Json) -> Option<Self> {
        Self::nested(value, 0)
    }

    /// Reads an error body of any kind. A body without words gives an empty message.
    #[must_use]
    pub fn of_body(body: &[u8]) -> Self {
        if let Some(found) = serde_json::from_slice(body).ok().as_ref().and_then(Self::of) {
            return found;
        }
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        let message = if text.starts_with('<') {
            format!("an HTML page{}", title(text).map(|t| format!(": {t}")).unwrap_or_default())
        } else {
            text.chars().take(300).collect()
        };
        Self { message, ..Self::default() }
    }

    /// The fault of an error that came as an event of a stream: its status was a success.
    #[must_use]
    pub fn in_stream(self) -> Fault {
        let code = self.classes.iter().find(|c| !self.message.contains(c.as_str()));
        let detail = match code {
            Some(code) => format!("{} ({code})", self.message),
            None => self.message.clone(),
        };
        Fault::new(Failure::InStreamError, detail)
    }

    fn nested(value: &Json, depth: u8) -> Option<Self> {
        match value {
            Json::String(text) if !text.trim().is_empty() => {
                Some(Self { message: text.trim().to_owned(), ..Self::default() })
            }
            Json::Array(items) => {
                let all: Vec<Self> = items.iter().take(3).filter_map(|v| Self::nested(v, depth + 1)).collect();
                let classes = all.iter().flat_map(|c| c.classes.clone()).collect();
                let retry_after = all.iter().find_map(|c| c.retry_after);
                let message = all.into_iter().map(|c| c.message).collect::<Vec<_>>().join("; ");
                (!message.is_empty()).then_some(Self { message, classes, retry_after })
            }
            Json::Object(_) if depth < 4 => {
                let object = Object::deserialize(value).ok()?;
                let Object {
                    message,
                    msg,
                    detail,
                    error,
                    r#type,
                    code,
                    error_type,
                    status,
                    http_status_code,
                    reason,
                    details,
                } = object;
                let inner = [error, detail, message, msg].iter().find_map(|v| Self::nested(v, depth + 1));
                let classes: Vec<String> =
                    [r#type, code, error_type, status, http_status_code, reason].iter().filter_map(class).collect();
                let mut found = match inner {
                    Some(found) => found,
                    None if classes.is_empty() => return None,
                    None => Self { message: classes.join(" "), ..Self::default() },
                };
                found.classes.extend(classes);
                found.take_details(&details);
                // Validation errors say where as well as what.
                if let Some(place) = value.get("loc").and_then(place) {
                    found.message = format!("{place}: {}", found.message);
                }
                Some(found)
            }
            _ => None,
        }
    }

    /// Google's list of details: a reason in one, how long to wait in another.
    fn take_details(&mut self, details: &Json) {
        for detail in details.as_array().into_iter().flatten().take(8) {
            self.classes.extend(detail.get("reason").and_then(class));
            let delay = detail.get("retryDelay").and_then(Json::as_str).and_then(|text| text.strip_suffix('s'));
            let seconds = delay.and_then(|text| text.parse().ok());
            self.retry_after = self.retry_after.or(seconds.and_then(|s| Duration::try_from_secs_f64(s).ok()));
        }
    }

    /// The failure this names as the answer of a request with that status.
    #[must_use]
    pub fn into_fault(self, status: u16) -> Fault {
        let has = |words: &[&str]| self.classes.iter().any(|c| words.contains(&c.as_str()));
        let says = |words: &[&str]| {
            let message = self.message.to_lowercase();
            words.iter().any(|w| message.contains(w))
        };
        let by_status = failure_of_status(status);
        let (kind, about) = if has(QUOTA) || (status < 500 && says(&["credit balance is too low"])) {
            (Failure::Quota, None)
        } else if status < 500 && has(&["invalid_api_key", "authentication_error", "api_key_invalid"]) {
            (Failure::Auth, None)
        } else if status < 500 && by_status != Failure::Quota && has(&["rate_limit_exceeded", "rate_limit_error"]) {
            (Failure::RateLimited, None)
        } else if by_status == Failure::Http4xx && has(FILTERED) {
            (by_status, Some("the provider's filter stopped the prompt"))
        } else if by_status == Failure::Http4xx && (has(TOO_LONG) || says(TOO_LONG_WORDS)) {
            (by_status, Some("the prompt does not fit the model's context"))
        } else if by_status == Failure::Http4xx && (has(NO_MODEL) || (status == 404 && says(&["model"]))) {
            (by_status, Some("the endpoint does not know the model"))
        } else if status == 404 {
            (by_status, Some("nothing is served at this path; is the target's url its base, such as …/v1?"))
        } else {
            (by_status, None)
        };
        let detail = match about {
            Some(about) if self.message.is_empty() => about.to_owned(),
            Some(about) => format!("{about}: {}", self.message),
            None => self.message,
        };
        Fault { retry_after: self.retry_after, ..Fault::new(kind, detail) }.with_status(status)
    }
}

/// A class as a lower-case word; statuses repeated as numbers are words too ("429").
fn class(value: &Json) -> Option<String> {
    match value {
        // LiteLLM writes Python's None.
        Json::String(s) if !matches!(s.as_str(), "" | "None") => Some(s.to_lowercase()),
        Json::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// `["body", "messages", 0]` as `body.messages.0`.
fn place(loc: &Json) -> Option<String> {
    let parts = loc.as_array()?;
    Some(parts.iter().map(|p| p.as_str().map_or_else(|| p.to_string(), str::to_owned)).collect::<Vec<_>>().join("."))
}

fn title(page: &str) -> Option<String> {
    let start = page.find("<title>")? + "<title>".len();
    let rest = page.get(start..)?;
    let text = rest.get(..rest.find("</title>")?)?.trim();
    (!text.is_empty()).then(|| text.chars().take(120).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> String {
        Complaint::of_body(body.as_bytes()).into_fault(status).to_string()
    }

    #[test]
    fn error_bodies_of_the_providers_name_their_failure() {
        let cases: &[(u16, &str, &str)] = &[
            (
                429,
                r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
                "quota (429): You exceeded your current quota",
            ),
            (
                402,
                r#"{"error":{"message":"Insufficient Balance","type":"unknown_error"}}"#,
                "quota (402): Insufficient Balance",
            ),
            (
                429,
                r#"{"error":{"message":"Rate limit reached","type":"tokens","code":"rate_limit_exceeded"}}"#,
                "rate_limited (429): Rate limit reached",
            ),
            (429, "", "rate_limited (429)"),
            (
                401,
                r#"{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}"#,
                "auth (401): Invalid API Key",
            ),
            (
                400,
                r#"{"error":{"message":"API key not valid","code":"invalid_api_key"}}"#,
                "auth (400): API key not valid",
            ),
            (
                400,
                r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":900,"n_ctx":512}}"#,
                "http_4xx (400): the prompt does not fit the model's context: the request exceeds the available context size",
            ),
            (
                400,
                r#"{"object":"error","message":"This model's maximum context length is 4096 tokens","type":"BadRequestError","param":null,"code":400}"#,
                "http_4xx (400): the prompt does not fit the model's context: This model's maximum context length is 4096 tokens",
            ),
            (
                404,
                r#"{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}"#,
                "http_4xx (404): the endpoint does not know the model: The model `x` does not exist.",
            ),
            (
                404,
                r#"{"detail":"Not Found"}"#,
                "http_4xx (404): nothing is served at this path; is the target's url its base, such as …/v1?: Not Found",
            ),
            (
                422,
                r#"{"detail":[{"type":"missing","loc":["body","messages",0],"msg":"Field required","input":{}}]}"#,
                "http_4xx (422): body.messages.0: Field required",
            ),
            (
                503,
                r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
                "http_5xx (503): Loading model",
            ),
            (
                424,
                r#"{"error":"Request failed during generation","error_type":"generation"}"#,
                "http_4xx (424): Request failed during generation",
            ),
            (
                429,
                r#"{"error":{"message":"litellm.RateLimitError: too many","type":"throttling_error","param":null,"code":"429"}}"#,
                "rate_limited (429): litellm.RateLimitError: too many",
            ),
            (
                502,
                "<html><head><title>502 Bad Gateway</title></head></html>",
                "http_5xx (502): an HTML page: 502 Bad Gateway",
            ),
            (500, "Internal Server Error", "http_5xx (500): Internal Server Error"),
            (400, r#"{"error":{"code":"bad_thing"}}"#, "http_4xx (400): bad_thing"),
            (400, r#"{"error":null}"#, r#"http_4xx (400): {"error":null}"#),
            (418, "{}", "http_4xx (418): {}"),
            // Anthropic
            (
                400,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."},"request_id":"r"}"#,
                "quota (400): Your credit balance is too low to access the Anthropic API.",
            ),
            (
                402,
                r#"{"type":"error","error":{"type":"billing_error","message":"Billing problem"}}"#,
                "quota (402): Billing problem",
            ),
            (
                529,
                r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
                "http_5xx (529): Overloaded",
            ),
            (
                403,
                r#"{"type":"error","error":{"type":"permission_error","message":"Not for this key"}}"#,
                "auth (403): Not for this key",
            ),
            (
                404,
                r#"{"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}}"#,
                "http_4xx (404): the endpoint does not know the model: model: claude-x",
            ),
            (
                400,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 208310 tokens > 200000 maximum"}}"#,
                "http_4xx (400): the prompt does not fit the model's context: prompt is too long: 208310 tokens > 200000 maximum",
            ),
            // Google
            (
                400,
                r#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}"#,
                "auth (400): API key not valid.",
            ),
            (
                429,
                r#"[{"error":{"code":429,"message":"Resource has been exhausted","status":"RESOURCE_EXHAUSTED"}}]"#,
                "rate_limited (429): Resource has been exhausted",
            ),
            (
                503,
                r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#,
                "http_5xx (503): The model is overloaded.",
            ),
            // Azure
            (
                404,
                r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#,
                "http_4xx (404): the endpoint does not know the model: The API deployment for this resource does not exist.",
            ),
            (
                400,
                r#"{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
                "http_4xx (400): the provider's filter stopped the prompt: The response was filtered",
            ),
            // Ollama, TGI, SGLang
            (
                404,
                r#"{"error":"model 'x' not found"}"#,
                "http_4xx (404): the endpoint does not know the model: model 'x' not found",
            ),
            (
                422,
                r#"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096","error_type":"validation"}"#,
                "http_4xx (422): the prompt does not fit the model's context: Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096",
            ),
            (
                400,
                r#"{"object":"error","message":"The input (9 tokens) is longer than the model's context length (8 tokens).","type":"BadRequest","param":null,"code":400}"#,
                "http_4xx (400): the prompt does not fit the model's context: The input (9 tokens) is longer than the model's context length (8 tokens).",
            ),
        ];
        for (status, body, said) in cases {
            assert_eq!(refused(*status, body), *said);
        }
    }

    #[test]
    fn a_body_may_say_how_long_to_wait() {
        let body = r#"{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.Help"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}}"#;
        let fault = Complaint::of_body(body.as_bytes()).into_fault(429);
        assert_eq!((fault.kind, fault.retry_after), (Failure::RateLimited, Some(Duration::from_millis(34_500))));
    }

    #[test]
    fn deep_nesting_is_not_followed_for_ever() {
        let deep = "{\"error\":".repeat(60) + "\"x\"" + &"}".repeat(60);
        assert_eq!(Complaint::of_body(deep.as_bytes()).classes, Vec::<String>::new());
    }
}
