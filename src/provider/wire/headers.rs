//! What response headers say about waiting and limits.

use crate::domain::Money;
use crate::provider::usage::cost_of;
use hyper::http::HeaderMap;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use std::time::Duration;

/// The most limit headers kept of one response.
const MAX_KEPT: usize = 32;

/// The longest value kept of one, in characters.
const MAX_VALUE: usize = 200;

/// How long the response asks us to wait: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date (RFC 9110,
/// 10.2.3). A date counts from the response's own `date` where it has one, so that a wrong clock on either side does
/// not matter; else from `now`.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |name: &str, unit: f64| {
        let n: f64 = text(name)?.parse().ok()?;
        Duration::try_from_secs_f64(n / unit).ok()
    };
    if let Some(wait) = number("retry-after-ms", 1e3).or_else(|| number("retry-after", 1.0)) {
        return Some(wait);
    }
    let date = |name: &str| DateTimeParser::new().parse_timestamp(text(name)?).ok();
    let wait = date("retry-after")?.duration_since(date("date").unwrap_or(now));
    Some(Duration::try_from(wait).unwrap_or_default())
}

/// Headers that tell of rate limits, such as `x-ratelimit-remaining-requests`.
#[must_use]
pub fn limits(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| {
            let name = name.as_str();
            name.starts_with("x-ratelimit-") || name.starts_with("ratelimit") || name.contains("-ratelimit-")
        })
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.chars().take(MAX_VALUE).collect()))
        })
        .take(MAX_KEPT)
        .collect()
}

/// What a gateway (LiteLLM) says that the exchange cost. Of a stream it often does not know when it sends its headers, and
/// then says 0: that is no word about the cost.
#[must_use]
pub fn reported_cost(headers: &HeaderMap) -> Option<Money> {
    let text = headers.get("x-litellm-response-cost")?.to_str().ok()?;
    cost_of(text.trim()).filter(|cost| !cost.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::http::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn waiting_times_in_seconds_milliseconds_and_dates() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let wait = |pairs: &[(&'static str, &'static str)]| retry_after(&headers(pairs), now).map(|d| d.as_millis());
        assert_eq!(wait(&[("retry-after", "7")]), Some(7_000));
        assert_eq!(wait(&[("retry-after", "0.5")]), Some(500));
        assert_eq!(wait(&[("retry-after", "7"), ("retry-after-ms", "250")]), Some(250));
        assert_eq!(wait(&[("retry-after", "Thu, 01 Jan 2026 00:01:30 GMT")]), Some(90_000));
        assert_eq!(
            wait(&[("retry-after", "Fri, 02 Jan 2026 00:00:05 GMT"), ("date", "Fri, 02 Jan 2026 00:00:00 GMT")]),
            Some(5_000)
        );
        assert_eq!(wait(&[("retry-after", "Wed, 31 Dec 2025 00:00:00 GMT")]), Some(0), "past is now");
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[("retry-after", "-1")]), None);
        assert_eq!(wait(&[]), None);
    }

    #[test]
    fn a_gateways_cost_is_read_where_it_says_one() {
        let cost = |text: &'static str| reported_cost(&headers(&[("x-litellm-response-cost", text)])).map(Money::nanos);
        assert_eq!(cost("0.00234625"), Some(2_346_250));
        assert_eq!(cost("3.5e-06"), Some(3_500));
        for none in ["0.0", "0", "None", "", "-1"] {
            assert_eq!(cost(none), None, "{none}");
        }
        assert_eq!(reported_cost(&headers(&[])), None);
    }

    #[test]
    fn limit_headers_are_kept_and_others_not() {
        let all = headers(&[
            ("x-ratelimit-remaining-requests", "9"),
            ("anthropic-ratelimit-tokens-limit", "100"),
            ("ratelimit", "default;r=50"),
            ("server", "x"),
        ]);
        let names: Vec<String> = limits(&all).into_iter().map(|(n, _)| n).collect();
        assert_eq!(names, ["x-ratelimit-remaining-requests", "anthropic-ratelimit-tokens-limit", "ratelimit"]);
    }
}
