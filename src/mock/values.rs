//! How settings are written: lengths and spans.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How many output tokens an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "String")]
pub enum Length {
    /// So many; fewer, with finish reason `length`, where the request's `max_tokens` is smaller.
    Fixed(u32),
    /// As many as the request's `max_tokens` (the default number where it has none).
    MaxTokens,
}

impl Length {
    /// Taken where the request was to say and does not.
    pub const FALLBACK: u32 = 32;
    /// More than this in one answer is refused: an answer is laid out in memory before it is sent.
    pub const MOST: u32 = 131_072;
}

/// Reads a span such as `50ms`, `1.5ms`, `200us` or `2s`.
///
/// # Errors
/// What was expected, where it is something else or negative.
pub fn read_span(text: &str) -> Result<Duration, String> {
    let span: Option<Duration> = text.trim().parse::<jiff::SignedDuration>().ok().and_then(|d| d.try_into().ok());
    span.ok_or_else(|| format!("{text:?} is no duration such as 50ms, 1.5ms, 200us or 2s"))
}

/// Writes a span so that [`read_span`] gives it back.
fn write_span(span: Duration) -> String {
    jiff::SignedDuration::try_from(span).map_or_else(|_| format!("{}ns", span.as_nanos()), |d| format!("{d:#}"))
}

/// Spans in JSON are texts.
pub(super) mod span {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::time::Duration;

    pub(in crate::mock) fn serialize<S: Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::write_span(*span))
    }

    pub(in crate::mock) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        super::read_span(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

impl FromStr for Length {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "max_tokens" => Ok(Self::MaxTokens),
            number => {
                number.parse().map(Self::Fixed).map_err(|_| format!("{text:?} is neither a number nor max_tokens"))
            }
        }
    }
}

/// In JSON a number may be one, or its text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(u32),
    Text(String),
}

impl TryFrom<Written> for Length {
    type Error = String;
    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Number(n) => Ok(Self::Fixed(n)),
            Written::Text(text) => text.parse(),
        }
    }
}

impl From<Length> for String {
    fn from(length: Length) -> Self {
        length.to_string()
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(n) => write!(f, "{n}"),
            Self::MaxTokens => f.write_str("max_tokens"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_are_read() {
        let micros = |text| read_span(text).map(|d| d.as_micros());
        assert_eq!(micros("50ms"), Ok(50_000));
        assert_eq!(micros("1.5ms"), Ok(1_500));
        assert_eq!(micros(" 200us "), Ok(200));
        assert_eq!(micros("0s"), Ok(0));
        for wrong in ["", "50", "-1s", "soon", "1 fortnight"] {
            assert!(read_span(wrong).unwrap_err().contains("no duration such as 50ms"), "{wrong}");
        }
    }

    #[test]
    fn lengths_are_read() {
        assert_eq!("64".parse(), Ok(Length::Fixed(64)));
        assert_eq!("max_tokens".parse(), Ok(Length::MaxTokens));
        assert_eq!("many".parse::<Length>(), Err("\"many\" is neither a number nor max_tokens".into()));
        assert_eq!(serde_json::from_str::<Length>("64").unwrap(), Length::Fixed(64));
        assert_eq!(serde_json::from_str::<Length>("\"max_tokens\"").unwrap(), Length::MaxTokens);
    }

    proptest! {
        #[test]
        fn a_span_reads_back(nanos in 0..u64::MAX / 4) {
            let span = Duration::from_nanos(nanos);
            prop_assert_eq!(read_span(&write_span(span)), Ok(span));
        }
    }
}
