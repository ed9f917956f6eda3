//! What can be made to go wrong, and when: seeded by rate, or every k-th request.

use super::draw;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One way for an answer to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// HTTP 429 with Retry-After.
    RateLimited,
    /// HTTP 500.
    ServerError,
    /// HTTP 503 with Retry-After.
    Unavailable,
    /// The connection is closed before a byte of the response.
    Closed,
    /// The response's head is held back for a while.
    SlowHeaders,
    /// An answer without content, otherwise in order.
    Empty,
    /// The socket is closed in the middle of the answer.
    Cut,
    /// A pause in the middle of the answer, which then goes on.
    Stall,
    /// In the middle of the answer, bytes that are not HTTP; then the socket is closed.
    Garbage,
    /// In the middle of the answer, an event that is not JSON; then the stream ends.
    BadJson,
    /// In the middle of the answer, an error event; then the stream ends.
    ErrorEvent,
    /// Tokens without end, until the client goes away.
    Endless,
    /// One line of a given length in the middle of the answer.
    HugeLine,
    /// The answer is broken off half way with finish reason `length`.
    Length,
    /// No finish reason.
    NoFinish,
    /// No `[DONE]`.
    NoDone,
    /// No usage record although it was asked for.
    NoUsage,
}

impl Fault {
    /// The closed set.
    pub const ALL: [Self; 17] = [
        Self::RateLimited,
        Self::ServerError,
        Self::Unavailable,
        Self::Closed,
        Self::SlowHeaders,
        Self::Empty,
        Self::Cut,
        Self::Stall,
        Self::Garbage,
        Self::BadJson,
        Self::ErrorEvent,
        Self::Endless,
        Self::HugeLine,
        Self::Length,
        Self::NoFinish,
        Self::NoDone,
        Self::NoUsage,
    ];

    /// The word for it in flags and in the truth.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::RateLimited => "429",
            Self::ServerError => "500",
            Self::Unavailable => "503",
            Self::Closed => "closed",
            Self::SlowHeaders => "slow_headers",
            Self::Empty => "empty",
            Self::Cut => "cut",
            Self::Stall => "stall",
            Self::Garbage => "garbage",
            Self::BadJson => "bad_json",
            Self::ErrorEvent => "error_event",
            Self::Endless => "endless",
            Self::HugeLine => "huge_line",
            Self::Length => "length",
            Self::NoFinish => "no_finish",
            Self::NoDone => "no_done",
            Self::NoUsage => "no_usage",
        }
    }
}

/// Which requests a fault meets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum When {
    /// Requests k, 2k, 3k… in order of arrival.
    Every(u64),
    /// Each request with this chance, drawn from the seed and the order of arrival.
    Rate(f64),
}

/// A fault and the requests it meets, written `cut=0.05`, `cut=every:20`, or `cut` for all.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rule {
    /// What goes wrong.
    pub fault: Fault,
    /// For whom.
    pub when: When,
}

impl Rule {
    /// Whether the request with this arrival number (from 1) is met.
    #[must_use]
    pub fn meets(&self, seed: u64, sequence: u64) -> bool {
        match self.when {
            When::Every(k) => sequence.checked_rem(k) == Some(0),
            When::Rate(rate) => draw::unit(seed, self.fault.label(), &sequence.to_le_bytes()) < rate,
        }
    }
}

/// The first rule that meets the request decides.
#[must_use]
pub fn drawn(rules: &[Rule], seed: u64, sequence: u64) -> Option<Fault> {
    rules.iter().find(|rule| rule.meets(seed, sequence)).map(|rule| rule.fault)
}

/// Why a text is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Not in the closed set.
    #[error("unknown fault {0:?}: use one of {known}", known = Fault::ALL.map(Fault::label).join(", "))]
    Unknown(String),
    /// Neither a rate nor a step.
    #[error("{0:?} is neither a rate from 0 to 1, such as 0.05, nor a step, such as every:20")]
    When(String),
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let (name, when) = text.split_once('=').unwrap_or((text, "1"));
        let fault = Fault::ALL.into_iter().find(|f| f.label() == name.trim());
        let fault = fault.ok_or_else(|| RuleError::Unknown(name.trim().to_owned()))?;
        let when = when.trim();
        let read = match when.strip_prefix("every:") {
            Some(step) => step.parse().ok().filter(|k| *k > 0).map(When::Every),
            None => when.parse().ok().filter(|rate| (0.0..=1.0).contains(rate)).map(When::Rate),
        };
        Ok(Self { fault, when: read.ok_or_else(|| RuleError::When(when.to_owned()))? })
    }
}

impl TryFrom<String> for Rule {
    type Error = RuleError;
    fn try_from(text: String) -> Result<Self, RuleError> {
        text.parse()
    }
}

impl From<Rule> for String {
    fn from(rule: Rule) -> Self {
        rule.to_string()
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.when {
            When::Every(k) => write!(f, "{}=every:{k}", self.fault.label()),
            When::Rate(rate) => write!(f, "{}={rate}", self.fault.label()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Rule {
        text.parse().unwrap()
    }

    #[test]
    fn rules_are_read_and_written() {
        assert_eq!(rule("cut=every:20"), Rule { fault: Fault::Cut, when: When::Every(20) });
        assert_eq!(rule("429=0.05"), Rule { fault: Fault::RateLimited, when: When::Rate(0.05) });
        assert_eq!(rule("endless").when, When::Rate(1.0));
        for fault in Fault::ALL {
            for when in ["=every:3", "=0.25"] {
                let text = format!("{}{when}", fault.label());
                assert_eq!(rule(&text).to_string(), text);
            }
        }
    }

    #[test]
    fn wrong_rules_say_what_is_wrong() {
        assert_eq!("flood=1".parse::<Rule>(), Err(RuleError::Unknown("flood".into())));
        for when in ["", "2", "-0.1", "NaN", "every:0", "every:x", "20%"] {
            assert_eq!(format!("cut={when}").parse::<Rule>(), Err(RuleError::When(when.into())));
        }
        let message = "flood".parse::<Rule>().unwrap_err().to_string();
        assert!(message.starts_with("unknown fault \"flood\": use one of 429, 500, 503, closed,"), "{message}");
    }

    #[test]
    fn steps_and_rates_are_met_as_often_as_they_say() {
        let every = rule("cut=every:7");
        assert_eq!(
            (1..=70).filter(|i| every.meets(1, *i)).collect::<Vec<u64>>(),
            [7, 14, 21, 28, 35, 42, 49, 56, 63, 70]
        );
        let met = |seed| (1..=10_000_u64).filter(|i| rule("cut=0.1").meets(seed, *i)).collect::<Vec<_>>();
        assert!((900..1_100).contains(&met(1).len()), "{}", met(1).len());
        assert_eq!(met(1), met(1));
        assert_ne!(met(1), met(2));
        assert!((1..1_000).all(|i| rule("cut=1").meets(3, i) && !rule("cut=0").meets(3, i)));
    }

    #[test]
    fn the_first_rule_that_meets_decides_and_rules_draw_apart() {
        let rules = [rule("500=every:4"), rule("cut=every:2")];
        let faults: Vec<_> = (1..=4).map(|i| drawn(&rules, 0, i)).collect();
        assert_eq!(faults, [None, Some(Fault::Cut), None, Some(Fault::ServerError)]);
        let both = (1..=10_000).filter(|i| rule("500=0.1").meets(5, *i) && rule("cut=0.1").meets(5, *i)).count();
        assert!((60..150).contains(&both), "{both}");
    }
}
