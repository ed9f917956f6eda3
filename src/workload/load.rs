//! `[workload.NAME]`: how items arrive, when that is enough, and what is not counted first.

use super::arrival::{Arrival, Pattern};
use crate::config::{Expected, Section, Value};
use crate::domain::Money;
use std::time::Duration;
use toml::de::DeValue;

/// When a run has asked enough of a target. Whatever comes first; the items' end always stops it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stop {
    /// After so many items of each scenario.
    pub items: Option<usize>,
    /// After so long; what is in flight is finished.
    pub duration: Option<Duration>,
    /// When a scenario's accuracy is known well enough, the rest of its items is not asked.
    pub precision: Option<Precision>,
    /// Before the next exchange could cost the target more than this.
    pub budget: Option<Money>,
}

/// How well an accuracy is to be known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precision {
    /// Half the width of its 95 % interval, in [0, 1].
    pub half_width: f64,
    /// Never with fewer graded answers than this.
    pub at_least: u64,
}

impl Precision {
    /// The number of graded answers at which is looked next, after a look at `n`. Each look is at a quarter more answers
    /// than the one before, from `at_least` on: few looks, since each is another chance to stop on a fluke.
    #[must_use]
    pub const fn next_look(&self, n: u64) -> u64 {
        let more = n.saturating_add(n / 4).saturating_add(1);
        if more < self.at_least { self.at_least } else { more }
    }
}

/// What is asked first, paid under its own purpose, and not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WarmUp {
    /// So many items, one after the other.
    pub items: usize,
    /// Then so long as the workload has it, without a break before what counts.
    pub duration: Option<Duration>,
}

/// A workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// How items arrive.
    pub arrival: Arrival,
    /// When to stop.
    pub stop: Stop,
    /// What is not counted first.
    pub warmup: WarmUp,
}

impl Workload {
    /// Reads a `[workload.NAME]` section.
    pub fn build(section: &Section<'_>) -> Option<Self> {
        let arrival = section
            .need_section("arrival", "such as { kind = \"closed\", concurrency = 8 }")
            .and_then(|arrival| Arrival::build(&arrival));
        let stop = section.section("stop").map_or(Some(Stop::default()), |s| stop(&s));
        let warmup = section.section("warmup").map_or(Some(WarmUp::default()), |w| warm_up(&w));
        if let (Some(Arrival { pattern: Pattern::Sweep(_), .. }), Some(warmup)) = (&arrival, warmup) {
            if section.has("stop") {
                let hint = "its own bounds are `points`, `hold`, `samples` and the run's budget".to_owned();
                section.problem("stop", "a sweep ends by itself", Some(hint));
            }
            if warmup.duration.is_some() {
                section.problem("warmup", "a sweep settles at each rate", Some("set the arrival's `settle`".into()));
            }
        }
        section.finish();
        Some(Self { arrival: arrival?, stop: stop?, warmup: warmup? })
    }

    /// Everything in it that makes two executions different plans.
    #[must_use]
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        let Self { arrival: Arrival { kind, words, pattern: _ }, stop, warmup } = self;
        let Stop { items, duration, precision, budget: _ } = stop;
        let WarmUp { items: warm, duration: warm_for } = warmup;
        vec![
            ("arrival", format!("{kind}: {words}")),
            ("stop items", format!("{items:?}")),
            ("stop duration", format!("{duration:?}")),
            ("stop precision", format!("{precision:?}")),
            ("warmup", format!("{warm} {warm_for:?}")),
        ]
    }
}

/// `"±2%"`: a margin in points of a share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin(pub f64);

impl Value for Margin {
    fn expected() -> String {
        "a margin such as \"±2%\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let wrong = |hint: Option<&str>| Expected { expected: Self::expected(), hint: hint.map(str::to_owned) };
        let DeValue::String(text) = value else { return Err(wrong(Some("in quotes, with its unit: %"))) };
        let text = text.trim();
        let number = text.strip_prefix('±').or_else(|| text.strip_prefix("+-")).unwrap_or(text);
        let number = number.strip_suffix('%').ok_or_else(|| wrong(Some("the unit is %")))?;
        let share = number.trim().parse::<f64>().map_err(|_| wrong(None))? / 100.0;
        if (0.001..=0.5).contains(&share) { Ok(Self(share)) } else { Err(wrong(Some("from 0.1% to 50%"))) }
    }
}

/// Answers that are graded before the first look at an interval.
const AT_LEAST: u64 = 100;

fn stop(s: &Section<'_>) -> Option<Stop> {
    let items: Option<u32> = s.get("items");
    if items == Some(0) {
        s.problem("items", "expected at least 1", None);
    }
    let within: Option<Margin> = s.get("accuracy_within");
    let at_least = s.or("at_least", AT_LEAST);
    if s.has("at_least") && !s.has("accuracy_within") {
        s.problem("at_least", "is the fewest answers before `accuracy_within` may stop a scenario", None);
    }
    if at_least.is_some_and(|n| n < 10) {
        s.problem("at_least", "expected at least 10", None);
    }
    let budget = s.usd("budget").map(|usd| Money::from_usd(usd).map_err(|e| s.problem("budget", e.to_string(), None)));
    let stop = Stop {
        items: items.map(|n| n as usize),
        duration: s.get("duration"),
        precision: within.map(|Margin(half_width)| Precision { half_width, at_least: at_least.unwrap_or(AT_LEAST) }),
        budget: budget.and_then(Result::ok),
    };
    s.finish();
    (at_least.is_some() && !matches!(budget, Some(Err(())))).then_some(stop)
}

fn warm_up(w: &Section<'_>) -> Option<WarmUp> {
    let (items, duration) = (w.or("items", 0_u32), w.get("duration"));
    if !w.has("items") && !w.has("duration") {
        w.problem_here("expected items, such as { items = 5 }, or a duration, such as { duration = \"30s\" }", None);
    }
    w.finish();
    Some(WarmUp { items: items? as usize, duration })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_few_and_begin_where_they_may() {
        let precision = Precision { half_width: 0.02, at_least: 100 };
        let mut looks = vec![precision.next_look(0)];
        while looks.last().is_some_and(|n| *n < 10_000) {
            looks.extend(looks.last().map(|n| precision.next_look(*n)));
        }
        assert_eq!(looks.get(..4), Some(&[100, 126, 158, 198][..]));
        assert!(looks.len() < 24, "{}", looks.len());
    }
}
