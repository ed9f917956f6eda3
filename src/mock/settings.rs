//! Everything about the mock's behaviour, as plain data: by flag when it starts, by `POST /__set` while it runs.

use super::answer::Answers;
use super::faults::Rule;
use super::values::{Length, span};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How an answer is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Filler up to the length, ending in "the answer is 42".
    Sentence,
    /// The answer alone, one token a character; the length is not used.
    Plain,
}

/// What decides whether a request is answered rightly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Draw {
    /// The prompt: asked again, it is answered the same.
    Prompt,
    /// The order of arrival.
    Arrival,
}

/// Everything about the mock's behaviour.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Seeds every draw.
    pub seed: u64,
    /// From the request's receipt (or its admission, where it had to queue) to the first token.
    #[serde(with = "span")]
    pub ttft: Duration,
    /// From one token to the next.
    #[serde(with = "span")]
    pub itl: Duration,
    /// Each token is late by a uniform draw below this; the schedule itself does not move.
    #[serde(with = "span")]
    pub jitter: Duration,
    /// Shift each stream by its own share of one `itl`, so that streams do not tick together.
    pub spread: bool,
    /// Output tokens of an answer.
    pub tokens: Length,
    /// Tokens carried by one event, as with speculative decoding.
    pub tokens_per_event: u32,
    /// How an answer is put.
    pub form: Form,
    /// Chance of a right answer, where the right answer is known.
    pub accuracy: f64,
    /// What decides whether a request is answered rightly.
    pub draw: Draw,
    /// Right answers by prompt; sums such as `12+30=` need none.
    #[serde(skip)]
    pub answers: Arc<Answers>,
    /// Prompt tokens added to ⌈UTF-8 bytes of all message texts / 4⌉.
    pub prompt_overhead: u32,
    /// Share of prompt tokens reported as cached; not reported where absent.
    pub cached_share: Option<f64>,
    /// Share of output tokens sent as reasoning; not reported where absent.
    pub reasoning_share: Option<f64>,
    /// Send an event without content together with the head, long before the first token.
    pub early_role: bool,
    /// The model's name.
    pub model: String,
    /// Answer 404 to other model names, rather than take any.
    pub strict_model: bool,
    /// The bearer key; 401 without it.
    #[serde(skip)]
    pub key: Option<Arc<str>>,
    /// Requests answered at once; more have to queue, in order of arrival.
    pub capacity: Option<usize>,
    /// Requests let in within one window; the others get 429. Limits are told in headers of the OpenAI kind.
    pub rate_requests: Option<u64>,
    /// Tokens let in within one window: ⌈bytes / 4⌉ + overhead + `max_tokens` of each request.
    pub rate_tokens: Option<u64>,
    /// The window that they are for.
    #[serde(with = "span")]
    pub rate_window: Duration,
    /// What goes wrong, and for whom; the first rule that meets a request decides.
    pub faults: Vec<Rule>,
    /// Length of a stall.
    #[serde(with = "span")]
    pub stall: Duration,
    /// How long slow headers are held back.
    #[serde(with = "span")]
    pub slow_headers: Duration,
    /// What Retry-After says.
    #[serde(with = "span")]
    pub retry_after: Duration,
    /// Bytes in a huge line.
    pub huge_bytes: u64,
    /// Memory for the truth's records; what comes after is counted and not kept.
    pub truth_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            ttft: Duration::from_millis(50),
            itl: Duration::from_millis(10),
            jitter: Duration::ZERO,
            spread: true,
            tokens: Length::Fixed(Length::FALLBACK),
            tokens_per_event: 1,
            form: Form::Sentence,
            accuracy: 1.0,
            draw: Draw::Prompt,
            answers: Arc::default(),
            prompt_overhead: 0,
            cached_share: None,
            reasoning_share: None,
            early_role: false,
            model: "mock".into(),
            strict_model: false,
            key: None,
            capacity: None,
            rate_requests: None,
            rate_tokens: None,
            rate_window: Duration::from_secs(60),
            faults: Vec::new(),
            stall: Duration::from_secs(5),
            slow_headers: Duration::from_secs(5),
            retry_after: Duration::from_secs(1),
            huge_bytes: 64 << 20,
            truth_bytes: 256 << 20,
        }
    }
}

/// Why settings are not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A number outside its range.
    #[error("{field} must be {expected}")]
    Range {
        /// Which setting.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A change that cannot be read.
    #[error("the change cannot be read: {0}")]
    Change(String),
}

impl Settings {
    /// Checks what the types leave open.
    ///
    /// # Errors
    /// [`SettingsError::Range`] names the first setting that is out of range.
    pub fn check(&self) -> Result<(), SettingsError> {
        const SHARE: &str = "from 0 to 1";
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let tokens = |n: u32| (1..=Length::MOST).contains(&n);
        let rules = [
            ("accuracy", share(self.accuracy), SHARE),
            ("cached_share", self.cached_share.is_none_or(share), SHARE),
            ("reasoning_share", self.reasoning_share.is_none_or(share), SHARE),
            ("tokens", !matches!(self.tokens, Length::Fixed(n) if !tokens(n)), "from 1 to 131072, or max_tokens"),
            ("tokens_per_event", tokens(self.tokens_per_event), "from 1 to 131072"),
            ("capacity", self.capacity.is_none_or(|n| (1..=1 << 20).contains(&n)), "from 1 to 1048576"),
            ("model", !self.model.is_empty(), "a name"),
        ];
        match rules.into_iter().find(|(_, holds, _)| !holds) {
            Some((field, _, expected)) => Err(SettingsError::Range { field, expected }),
            None => Ok(()),
        }
    }

    /// These settings with the changes of a JSON object: the fields by name, `answers` (added to those known) and `key`
    /// (null takes it away).
    ///
    /// # Errors
    /// [`SettingsError`] when it is no object, a field is unknown or a value is out of range; nothing is changed then.
    pub fn changed(&self, change: &[u8]) -> Result<Self, SettingsError> {
        #[derive(Deserialize)]
        struct Change {
            answers: Option<Answers>,
            #[serde(default, deserialize_with = "given")]
            key: Option<Option<String>>,
            #[serde(flatten)]
            fields: serde_json::Map<String, serde_json::Value>,
        }
        let unread = |error: serde_json::Error| SettingsError::Change(error.to_string());
        let Change { answers, key, fields } = serde_json::from_slice(change).map_err(unread)?;
        let mut whole = serde_json::to_value(self).map_err(unread)?;
        if let Some(object) = whole.as_object_mut() {
            object.extend(fields);
        }
        let mut next: Self = serde_json::from_value(whole).map_err(unread)?;
        next.answers = Arc::clone(&self.answers);
        if let Some(more) = answers {
            Arc::make_mut(&mut next.answers).extend(more);
        }
        next.key = key.map_or_else(|| self.key.clone(), |key| key.map(Into::into));
        next.check()?;
        Ok(next)
    }
}

/// Tells a null that was written from a field that was not.
fn given<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(source).map(Some)
}

impl fmt::Debug for Settings {
    /// As they are shown: in JSON, without the key and the answers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(change: &str) -> String {
        Settings::default().changed(change.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_change_touches_what_it_names() {
        let old = Settings { key: Some("k".into()), ..Settings::default() };
        let change = br#"{"ttft": "1.5ms", "tokens": 64, "faults": ["cut=every:3"], "answers": {"2+2=": "4"}}"#;
        let new = old.changed(change).unwrap();
        assert_eq!(new.ttft, Duration::from_micros(1_500));
        assert_eq!(new.tokens, Length::Fixed(64));
        assert_eq!(new.faults, ["cut=every:3".parse().unwrap()]);
        assert_eq!(new.answers.get("2+2=").map(String::as_str), Some("4"));
        assert_eq!(new.key.as_deref(), Some("k"));
        assert_eq!(new.itl, old.itl);
        assert_eq!(new.changed(b"{}").unwrap().answers, new.answers);
        assert_eq!(new.changed(br#"{"key": null}"#).unwrap().key, None);
        assert_eq!(new.changed(br#"{"key": "l"}"#).unwrap().key.as_deref(), Some("l"));
    }

    #[test]
    fn a_wrong_change_is_named() {
        assert!(problem("[]").starts_with("the change cannot be read:"));
        assert!(problem(r#"{"tttf": "1s"}"#).contains("unknown field `tttf`"));
        assert!(problem(r#"{"ttft": "soon"}"#).contains(r#""soon" is no duration such as 50ms"#));
        assert!(problem(r#"{"faults": ["cut=2"]}"#).contains("neither a rate from 0 to 1"));
        assert_eq!(problem(r#"{"accuracy": 1.5}"#), "accuracy must be from 0 to 1");
        assert_eq!(problem(r#"{"tokens": 0}"#), "tokens must be from 1 to 131072, or max_tokens");
        assert_eq!(problem(r#"{"capacity": 0}"#), "capacity must be from 1 to 1048576");
    }

    #[test]
    fn shown_settings_hide_the_key_and_read_back() {
        let settings = Settings { key: Some("secret".into()), reasoning_share: Some(0.25), ..Settings::default() };
        let shown = format!("{settings:?}");
        assert!(!shown.contains("secret"));
        let back = Settings::default().changed(shown.as_bytes()).unwrap();
        assert_eq!(format!("{back:?}"), shown);
    }
}
