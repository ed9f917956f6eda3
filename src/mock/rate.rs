//! Rate limits as providers have them: so many requests and tokens in a window, told in headers, refused with 429.
//!
//! A window begins with the first request after the last one's end. A request counts when it comes in, its tokens as
//! ⌈bytes / 4⌉ + overhead + `max_tokens`, before anything is known of its answer; a refused one counts as nothing.

use super::openai::Chat;
use super::script::Script;
use super::settings::Settings;
use crate::domain::Nanos;

/// What is used of the window.
#[derive(Debug, Default)]
pub(super) struct Rate {
    began: Option<Nanos>,
    requests: u64,
    tokens: u64,
}

/// What is said of the limits, and whether the request is let in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ruling {
    pub refused: bool,
    pub headers: Vec<(&'static str, String)>,
}

impl Ruling {
    /// The script with the limits' headers right behind its status line.
    pub(super) fn told(&self, mut script: Script) -> Script {
        let Some(head) = script.steps.first_mut().map(|step| &mut step.bytes) else { return script };
        if let Some(end) = head.windows(2).position(|pair| pair == b"\r\n") {
            let lines: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            head.splice(end + 2..end + 2, lines.into_bytes());
        }
        script
    }
}

impl Rate {
    /// Rules on a request that came in now.
    pub(super) fn rule(&mut self, settings: &Settings, chat: &Chat, now: Nanos) -> Ruling {
        let (most_requests, most_tokens) = (settings.rate_requests, settings.rate_tokens);
        if most_requests.is_none() && most_tokens.is_none() {
            return Ruling::default();
        }
        let window = Nanos::from(settings.rate_window);
        if self.began.is_none_or(|began| now.since(began) >= window) {
            *self = Self { began: Some(now), ..Self::default() };
        }
        let prompt = chat.bytes.div_ceil(4).saturating_add(settings.prompt_overhead.into());
        let tokens = prompt.saturating_add(chat.max_tokens.unwrap_or(0).into());
        let fits = |used: u64, more: u64, most: Option<u64>| most.is_none_or(|most| used.saturating_add(more) <= most);
        let refused = !fits(self.requests, 1, most_requests) || !fits(self.tokens, tokens, most_tokens);
        if !refused {
            (self.requests, self.tokens) = (self.requests + 1, self.tokens + tokens);
        }
        let left = Nanos(window.0.saturating_sub(now.since(self.began.unwrap_or(now)).0));
        let millis = left.0.div_ceil(1_000_000);
        let mut headers = Vec::new();
        let mut tell = |names: [&'static str; 3], most: Option<u64>, used: u64| {
            let Some(most) = most else { return };
            let values = [most.to_string(), most.saturating_sub(used).to_string(), format!("{millis}ms")];
            headers.extend(names.into_iter().zip(values));
        };
        let requests = ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"];
        tell(requests, most_requests, self.requests);
        let tokens = ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"];
        tell(tokens, most_tokens, self.tokens);
        if refused {
            headers.push(("retry-after", millis.div_ceil(1_000).to_string()));
            headers.push(("retry-after-ms", millis.to_string()));
        }
        Ruling { refused, headers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_window_holds_what_it_holds_and_says_so() {
        let settings = Settings {
            rate_requests: Some(2),
            rate_tokens: Some(25),
            rate_window: Duration::from_secs(1),
            ..Settings::default()
        };
        let chat = |max_tokens| Chat {
            model: "m".into(),
            prompt: "40+2=".into(),
            history: Vec::new(),
            bytes: 5,
            max_tokens: Some(max_tokens),
            stream: true,
            include_usage: true,
        };
        let mut rate = Rate::default();
        let mut rule = |max_tokens, millis: u64| {
            let Ruling { refused, headers } = rate.rule(&settings, &chat(max_tokens), Nanos(millis * 1_000_000));
            let told: Vec<String> = headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
            (refused, told.join(" ").replace("x-ratelimit-", "").replace("remaining-", ""))
        };
        let expected =
            "limit-requests=2 requests=1 reset-requests=1000ms limit-tokens=25 tokens=13 reset-tokens=1000ms";
        assert_eq!(rule(10, 5_000), (false, expected.to_owned()));
        let (refused, told) = rule(12, 5_400);
        assert!(
            refused && told.contains("requests=1 ") && told.ends_with("retry-after=1 retry-after-ms=600"),
            "{told}"
        );
        assert!(!rule(11, 5_400).0);
        assert!(rule(1, 5_999).0);
        assert!(!rule(1, 6_000).0, "a new window");
        assert_eq!(Rate::default().rule(&Settings::default(), &chat(1), Nanos(1)), Ruling::default());
    }
}
