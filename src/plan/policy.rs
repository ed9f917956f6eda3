//! What a target may be asked, and what is done when it does not answer: `limits`, `retry` and `circuit`.

use crate::config::{Expected, Section, Value};
use std::time::Duration;
use toml::de::DeValue;

/// `limits = { … }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Most exchanges in flight.
    pub concurrency: Option<u32>,
    /// Most requests a minute.
    pub requests_per_minute: Option<u32>,
    /// Most tokens, in and out, in any 60 s.
    pub tokens_per_minute: Option<u64>,
}

/// `retry = { … }`: connect failures, 429 and 503 are tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in all, from 1.
    pub attempts: u32,
    /// The wait before the second attempt, doubled each time and drawn from its upper half; `Retry-After` wins.
    pub backoff: Duration,
    /// The longest wait that is accepted, whoever asks for it.
    pub longest: Duration,
}

/// `circuit = { … }`: a target that is dead is let alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circuit {
    /// Trials in a row that end with a failed connection, a 5xx or a timeout, after which nothing more is sent.
    pub failures: u32,
    /// How long nothing is sent; then one trial looks whether the target is back.
    pub cool_down: Duration,
    /// In closed loop: when it has been dead for so long, the rest is not asked.
    pub give_up_after: Duration,
}

impl Default for Circuit {
    fn default() -> Self {
        Self { failures: 5, cool_down: Duration::from_secs(30), give_up_after: Duration::from_mins(2) }
    }
}

pub(super) fn limits(section: &Section<'_>) -> Limits {
    let Some(s) = section.section("limits") else { return Limits::default() };
    let limits = Limits {
        concurrency: s.get("concurrency"),
        requests_per_minute: s.get("requests_per_minute"),
        tokens_per_minute: s.get("tokens_per_minute"),
    };
    let Limits { concurrency, requests_per_minute, tokens_per_minute } = limits;
    for (key, value) in [
        ("concurrency", concurrency.map(u64::from)),
        ("requests_per_minute", requests_per_minute.map(u64::from)),
        ("tokens_per_minute", tokens_per_minute),
    ] {
        if value == Some(0) {
            s.problem(key, "expected at least 1", Some("leave it out for no limit".into()));
        }
    }
    s.finish();
    limits
}

pub(super) fn retry(section: &Section<'_>) -> Option<Retry> {
    let default = Retry { attempts: 3, backoff: Duration::from_millis(500), longest: Duration::from_secs(30) };
    let Some(s) = section.section("retry") else { return Some(default) };
    let attempts = s.or("attempts", default.attempts);
    if attempts.is_some_and(|n| n == 0 || n > 100) {
        s.problem("attempts", "expected from 1 to 100", Some("1 tries once and never again".into()));
    }
    let (backoff, longest) = (s.or("backoff", default.backoff), s.or("longest", default.longest));
    if let (Some(backoff), Some(longest)) = (backoff, longest)
        && backoff > longest
    {
        s.problem("backoff", "expected at most as long as `longest`", None);
    }
    s.finish();
    Some(Retry { attempts: attempts?, backoff: backoff?, longest: longest? })
}

/// `circuit = false`, the only word for it that is no table.
struct Off;

impl Value for Off {
    fn expected() -> String {
        "false, or a table such as { failures = 5, cool_down = \"30s\" }".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        match value {
            DeValue::Boolean(false) => Ok(Self),
            _ => Err(Expected { expected: Self::expected(), hint: None }),
        }
    }
}

/// The outer none where it is wrong, the inner one where it is turned off.
pub(super) fn circuit(section: &Section<'_>) -> Option<Option<Circuit>> {
    let default = Circuit::default();
    if !section.has("circuit") {
        return Some(Some(default));
    }
    if !section.is_table("circuit") {
        return section.get::<Off>("circuit").map(|Off| None);
    }
    let s = section.section("circuit")?;
    let failures = s.or("failures", default.failures);
    if failures == Some(0) {
        s.problem("failures", "expected at least 1", Some("circuit = false turns it off".into()));
    }
    let cool_down = s.or("cool_down", default.cool_down);
    let give_up_after = s.or("give_up_after", default.give_up_after);
    s.finish();
    Some(Some(Circuit { failures: failures?, cool_down: cool_down?, give_up_after: give_up_after? }))
}
