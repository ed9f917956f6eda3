//! The few words that rules share: spans of time, windows, and how both shrink.
//!
//! A rule's expression is text, put together from these; `promql-parser` reads each one in the tests, and `promtool` too.
//! Every span in an expression goes through a [`Scale`], so that all rules can be had on a shorter clock: to see an alert fire
//! without waiting for a week.

use std::fmt;

/// A span of time, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub u32);

/// One minute.
pub const MINUTE: Span = Span(60);
/// Five minutes: the step at which a day is put together of hours, and what a short rate looks at.
pub const FIVE_MINUTES: Span = Span(300);
/// Half an hour.
pub const HALF_HOUR: Span = Span(1_800);
/// An hour.
pub const HOUR: Span = Span(3_600);
/// Six hours.
pub const SIX_HOURS: Span = Span(21_600);
/// A day.
pub const DAY: Span = Span(86_400);
/// A week.
pub const WEEK: Span = Span(604_800);
/// Thirty days.
pub const MONTH: Span = Span(2_592_000);

/// How much shorter than written every span is: 1 as they are meant, 1/1440 makes a minute of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale(f64);

impl Scale {
    /// As the rules are meant.
    pub const ONE: Self = Self(1.0);

    /// From a number above 0, and at most 1.
    #[must_use]
    pub fn new(factor: f64) -> Option<Self> {
        (factor > 0.0 && factor <= 1.0).then_some(Self(factor))
    }

    /// A span as PromQL writes it: in the largest unit at full scale, in milliseconds (at least one) otherwise.
    #[must_use]
    pub fn span(self, span: Span) -> Written {
        if self == Self::ONE {
            Written::Whole(span)
        } else {
            Written::Millis((self.seconds(span) * 1e3).round().max(1.0))
        }
    }

    /// A span as a number of seconds, for arithmetic.
    #[must_use]
    pub fn seconds(self, span: Span) -> f64 {
        f64::from(span.0) * self.0
    }

    /// How often a group is worked out: not below a second, whatever the scale.
    #[must_use]
    pub fn interval(self, span: Span) -> Written {
        if self.seconds(span) < 1.0 { Written::Whole(Span(1)) } else { self.span(span) }
    }
}

/// A duration in PromQL.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Written {
    /// In the largest unit that divides it.
    Whole(Span),
    /// In whole milliseconds.
    Millis(f64),
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Millis(millis) => write!(f, "{millis}ms"),
            Self::Whole(Span(seconds)) => {
                let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
                let (size, unit) = units.into_iter().find(|(size, _)| seconds % size == 0).unwrap_or((1, "s"));
                write!(f, "{}{unit}", seconds / size)
            }
        }
    }
}

/// Over how long a recorded figure looks back, and how it is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// As it stands in the rule's name.
    pub name: &'static str,
    /// How long it is.
    pub span: Span,
    /// The step at which it samples what it is made of; none for the shortest, which looks at every scrape.
    pub step: Option<Span>,
    /// Of which shorter window its sums are made, and how often each increment is counted on the way.
    pub of: Option<(&'static str, u32)>,
}

/// The windows of every figure. A day is the sum of its hours, a month of its days: 30 days of raw counters would be more
/// samples than Prometheus lets one query load. Windows of an hour are looked at every 5 minutes, so an increment is in 12 of
/// them, and those of a day every hour, so in 24: whatever the phase, none is lost and none is doubled. A window's edges are
/// therefore soft, by an hour or a day.
pub const WINDOWS: [Window; 3] = [
    Window { name: "1h", span: HOUR, step: None, of: None },
    Window { name: "1d", span: DAY, step: Some(FIVE_MINUTES), of: Some(("1h", 12)) },
    Window { name: "30d", span: MONTH, step: Some(HOUR), of: Some(("1d", 24)) },
];

impl Window {
    /// The range selector of this window, over a gauge or over what was recorded.
    #[must_use]
    pub fn range(self, s: Scale) -> String {
        match self.step {
            None => format!("[{}]", s.span(self.span)),
            Some(step) => format!("[{}:{}]", s.span(self.span), s.span(step)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_are_written_as_people_write_them() {
        let written = |span| Scale::ONE.span(span).to_string();
        let spans = [MINUTE, FIVE_MINUTES, HALF_HOUR, HOUR, SIX_HOURS, DAY, WEEK, MONTH, Span(90)];
        assert_eq!(spans.map(written), ["1m", "5m", "30m", "1h", "6h", "1d", "7d", "30d", "90s"]);
    }

    #[test]
    fn a_scale_shortens_and_never_to_nothing() {
        let s = Scale::new(1.0 / 1440.0).unwrap();
        assert_eq!(
            [s.span(DAY), s.span(HOUR), s.span(FIVE_MINUTES)].map(|w| w.to_string()),
            ["60000ms", "2500ms", "208ms"]
        );
        assert_eq!(Scale::new(1e-12).unwrap().span(DAY).to_string(), "1ms");
        assert_eq!(s.interval(MINUTE).to_string(), "1s");
        assert_eq!(Scale::ONE.interval(MINUTE).to_string(), "1m");
        assert_eq!(WINDOWS.map(|w| w.range(Scale::ONE)), ["[1h]", "[1d:5m]", "[30d:1h]"]);
        assert_eq!([0.0, -1.0, 1.5, f64::NAN, f64::INFINITY].map(Scale::new), [None; 5]);
    }

    #[test]
    fn each_increment_is_counted_as_often_as_a_window_says() {
        for window in WINDOWS {
            let (Some(step), Some((of, times))) = (window.step, window.of) else { continue };
            let shorter = WINDOWS.iter().find(|w| w.name == of).unwrap();
            assert_eq!(shorter.span.0, step.0 * times, "{}", window.name);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_a_duration(factor in 1e-9..1.0_f64, seconds in 1_u32..10_000_000) {
            let text = Scale::new(factor).unwrap().span(Span(seconds)).to_string();
            prop_assert!(text.trim_end_matches("ms").parse::<u64>().is_ok_and(|n| n > 0), "{}", text);
        }
    }
}
