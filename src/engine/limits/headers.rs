//! What response headers tell of a provider's own limits.
//!
//! Understood: `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` (OpenAI and whoever speaks like it, Azure, LiteLLM
//! with what it passes on as `llm_provider-…`), the same without a kind (requests), `anthropic-ratelimit-{requests,
//! tokens,input-tokens,output-tokens}-{limit,remaining,reset}`, `ratelimit-{limit,remaining,reset}` and the structured
//! `ratelimit: "…";r=50;t=30` of the IETF drafts. What is not understood is no limit.

use jiff::Timestamp;
use std::time::Duration;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pool {
    /// Requests.
    Requests,
    /// Tokens, in and out.
    Tokens,
    /// Input tokens.
    InputTokens,
    /// Output tokens.
    OutputTokens,
}

impl Pool {
    /// All of them, in the order of their number.
    pub const ALL: [Self; 4] = [Self::Requests, Self::Tokens, Self::InputTokens, Self::OutputTokens];

    /// The word in logs and labels.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::InputTokens => "input_tokens",
            Self::OutputTokens => "output_tokens",
        }
    }
}

/// What one response tells of one pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// What it holds when it is full.
    pub(super) limit: Option<u64>,
    /// What is left in it.
    pub(super) remaining: Option<u64>,
    /// When it is full again, from now.
    pub(super) reset: Option<Duration>,
}

/// Reads them, by the number of the pool. Where a pool is told of twice, the tighter one holds.
pub(super) fn read(headers: &[(String, String)], now: Timestamp) -> [Told; 4] {
    let mut all = [Told::default(); 4];
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        let value = value.trim();
        if name == "ratelimit" {
            structured(value, &mut all);
            continue;
        }
        let Some((_, rest)) = name.split_once("ratelimit-") else { continue };
        let Some((what, pool)) = field(rest) else { continue };
        let Some(told) = all.get_mut(pool as usize) else { continue };
        let less = |old: Option<u64>| count(value).map_or(old, |new| Some(old.map_or(new, |old| old.min(new))));
        match what {
            What::Limit => told.limit = less(told.limit),
            What::Remaining => told.remaining = less(told.remaining),
            What::Reset => told.reset = told.reset.max(stretch(value, now)),
        }
    }
    all
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Limit,
    Remaining,
    Reset,
}

/// `limit-requests`, `requests-limit`, or `limit` alone, which is of requests.
fn field(rest: &str) -> Option<(What, Pool)> {
    let what = |word: &str| match word {
        "limit" => Some(What::Limit),
        "remaining" => Some(What::Remaining),
        "reset" => Some(What::Reset),
        _ => None,
    };
    let pool = |word: &str| match word {
        "requests" => Some(Pool::Requests),
        "tokens" => Some(Pool::Tokens),
        "input-tokens" => Some(Pool::InputTokens),
        "output-tokens" => Some(Pool::OutputTokens),
        _ => None,
    };
    if let Some(what) = what(rest) {
        return Some((what, Pool::Requests));
    }
    let openai = rest.split_once('-').and_then(|(a, b)| what(a).zip(pool(b)));
    openai.or_else(|| rest.rsplit_once('-').and_then(|(a, b)| what(b).zip(pool(a))))
}

/// A count; Anthropic and others round, and some write `100, 100;w=60`.
fn count(value: &str) -> Option<u64> {
    let digits = value.split([',', ';']).next()?.trim();
    digits.parse().ok()
}

/// A stretch of time: `6m0s`, `20ms`, `1.5s` (Go's form), bare seconds, an instant in seconds or milliseconds of the
/// Unix epoch, or RFC 3339.
fn stretch(value: &str, now: Timestamp) -> Option<Duration> {
    const A_YEAR: f64 = 366.0 * 86_400.0;
    let until = |instant: Timestamp| Duration::try_from(instant.duration_since(now)).unwrap_or_default();
    if let Ok(number) = value.parse::<f64>() {
        if !number.is_finite() || number < 0.0 {
            return None;
        }
        let epoch = now.as_second();
        #[expect(clippy::cast_precision_loss, reason = "the present in seconds is far below 2^53")]
        let epoch = epoch as f64;
        let seconds = if number < A_YEAR {
            number
        } else if number < 100.0 * epoch {
            (number - epoch).max(0.0)
        } else {
            (number / 1e3 - epoch).max(0.0)
        };
        return Duration::try_from_secs_f64(seconds).ok();
    }
    if let Ok(instant) = value.parse::<Timestamp>() {
        return Some(until(instant));
    }
    go(value)
}

/// Go's form of a duration, each unit with its number.
fn go(text: &str) -> Option<Duration> {
    let (mut rest, mut sum) = (text, 0.0);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, after) = rest.split_at(digits);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        let unit = match unit {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        sum += number.parse::<f64>().ok()? * unit;
        rest = next;
    }
    if text.is_empty() { None } else { Duration::try_from_secs_f64(sum).ok() }
}

/// `"default";r=50;t=30`, items divided by commas; all are taken as requests, the tightest holds.
fn structured(value: &str, all: &mut [Told; 4]) {
    let [told, ..] = all;
    for item in value.split(',') {
        let parameter = |name: &str| {
            item.split(';').find_map(|p| p.trim().strip_prefix(name)?.strip_prefix('=')?.trim().parse::<u64>().ok())
        };
        let Some(remaining) = parameter("r") else { continue };
        if told.remaining.is_none_or(|old| remaining < old) {
            told.remaining = Some(remaining);
            told.reset = parameter("t").map(Duration::from_secs);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(pairs: &[(&str, &str)]) -> [Told; 4] {
        let pairs: Vec<(String, String)> = pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
        read(&pairs, "2026-11-01T12:00:00Z".parse().unwrap())
    }

    fn seconds(told: Told) -> (Option<u64>, Option<u64>, Option<f64>) {
        (told.limit, told.remaining, told.reset.map(|d| d.as_secs_f64()))
    }

    #[test]
    fn every_family_is_read() {
        let openai = told(&[
            ("x-ratelimit-limit-requests", "500"),
            ("x-ratelimit-remaining-requests", "499"),
            ("x-ratelimit-reset-requests", "120ms"),
            ("x-ratelimit-limit-tokens", "30000"),
            ("x-ratelimit-remaining-tokens", "17"),
            ("x-ratelimit-reset-tokens", "6m0.5s"),
        ]);
        assert_eq!(seconds(openai[0]), (Some(500), Some(499), Some(0.12)));
        assert_eq!(seconds(openai[1]), (Some(30_000), Some(17), Some(360.5)));
        let anthropic = told(&[
            ("anthropic-ratelimit-requests-limit", "50"),
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", "2026-11-01T12:00:07Z"),
            ("anthropic-ratelimit-input-tokens-remaining", "100"),
            ("anthropic-ratelimit-output-tokens-limit", "8000"),
            ("anthropic-ratelimit-output-tokens-reset", "2026-11-01T11:59:07Z"),
        ]);
        assert_eq!(seconds(anthropic[0]), (Some(50), Some(0), Some(7.0)));
        assert_eq!(seconds(anthropic[2]), (None, Some(100), None));
        assert_eq!(seconds(anthropic[3]), (Some(8_000), None, Some(0.0)), "past is now");
        // Azure gives bare seconds; OpenRouter milliseconds of the epoch; GitHub's way is seconds of it.
        for reset in ["9", "9s", "1793534409", "1793534409000"] {
            let one = told(&[("x-ratelimit-remaining", "3"), ("x-ratelimit-reset", reset)]);
            assert_eq!(seconds(one[0]), (None, Some(3), Some(9.0)), "{reset}");
        }
        let ietf = told(&[("ratelimit", "\"burst\";r=50;t=30, \"day\";r=7;t=60")]);
        assert_eq!(seconds(ietf[0]), (None, Some(7), Some(60.0)));
        let both = told(&[("x-ratelimit-remaining-tokens", "90"), ("llm_provider-x-ratelimit-remaining-tokens", "40")]);
        assert_eq!(both[1].remaining, Some(40), "the tighter one");
    }

    #[test]
    fn what_is_not_understood_is_no_limit() {
        for (name, value) in [
            ("x-ratelimit-remaining-requests", "many"),
            ("x-ratelimit-remaining-requests", "-1"),
            ("x-ratelimit-reset-requests", "soon"),
            ("x-ratelimit-reset-requests", "5 fortnights"),
            ("x-ratelimit-remaining-images", "4"),
            ("x-ratelimit-bucket", "4"),
            ("ratelimit-policy", "10;w=60"),
            ("ratelimit", "x"),
        ] {
            assert_eq!(told(&[(name, value)]), [Told::default(); 4], "{name}: {value}");
        }
    }

    proptest! {
        #[test]
        fn anything_is_read_without_panic(name in "[a-z-]{0,40}", tail in "\\PC{0,20}", value in "\\PC{0,40}") {
            told(&[(&format!("{name}ratelimit-{tail}"), &value), ("ratelimit", &value),
                ("x-ratelimit-reset-requests", &value)]);
        }
    }
}
