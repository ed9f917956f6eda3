//! `sweep`: open-loop stretches at rates that are chosen on the way, to find where the target saturates and up to which
//! rate it keeps its SLO. The choosing is the engine's (`engine::sweep`); these are its bounds.

use super::{Kind, Pattern, Spacing, span};
use crate::config::{Rate, Section};
use std::time::Duration;

/// The kind.
pub const KIND: Kind = Kind {
    name: "sweep",
    about: "finds the saturation throughput, and the highest rate that still meets the SLO",
    build,
};

/// The bounds of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// The first rate, per second.
    pub start: f64,
    /// Never more than this, per second.
    pub most: f64,
    /// Bisection ends where the bracket is narrower than this share of its lower end.
    pub tolerance: f64,
    /// How arrivals are spaced.
    pub spacing: Spacing,
    /// At each rate, what arrives in this time first is not looked at.
    pub settle: Duration,
    /// Each rate is held for this time after it, …
    pub hold: Duration,
    /// … and until so many have arrived in it.
    pub samples: u32,
    /// Rates that are tried at the most.
    pub points: u32,
    /// More unfinished exchanges than this cut a rate short.
    pub backlog: u32,
}

const SPACINGS: &[(&str, Spacing)] = &[("poisson", Spacing::POISSON), ("constant", Spacing::Even)];

fn build(section: &Section<'_>) -> Option<(Pattern, String)> {
    let spacing = if section.has("spacing") { section.choice("spacing", SPACINGS) } else { Some(Spacing::POISSON) };
    let start = section.or("start", Rate { per_second: 1.0 }).map(|r| r.per_second);
    let most = section.or("most", Rate { per_second: 1e5 }).map(|r| r.per_second);
    let tolerance = within(section, "tolerance", 0.05, 0.005, 0.5);
    let settle = section.or("settle", Duration::from_secs(2));
    let hold = section.or("hold", Duration::from_secs(10));
    let samples = whole(section, "samples", 200, 20);
    let points = whole(section, "points", 24, 2);
    let backlog = whole(section, "backlog", 1_024, 16);
    if let (Some(start), Some(most)) = (start, most)
        && start > most
    {
        section.problem("start", "expected at most as much as `most`", None);
    }
    let sweep = Sweep {
        start: start?,
        most: most?,
        tolerance: tolerance?,
        spacing: spacing?,
        settle: settle?,
        hold: hold?,
        samples: samples?,
        points: points?,
        backlog: backlog?,
    };
    let words = sweep.words();
    Some((Pattern::Sweep(sweep), words))
}

impl Sweep {
    fn words(&self) -> String {
        let Self { start, most, tolerance, spacing, settle, hold, samples, points, backlog } = self;
        format!(
            "sweep from {start} a second {} up to {most}, to within {tolerance}; each of at most {points} rates settles \
             for {} and is held for {} and {samples} arrivals, at most {backlog} unfinished",
            spacing.words(),
            span(*settle),
            span(*hold),
        )
    }
}

fn within(section: &Section<'_>, key: &'static str, default: f64, low: f64, high: f64) -> Option<f64> {
    let value = section.or(key, default);
    if value.is_some_and(|x| !(low..=high).contains(&x)) {
        section.problem(key, format!("expected from {low} to {high}"), None);
    }
    value
}

fn whole(section: &Section<'_>, key: &'static str, default: u32, least: u32) -> Option<u32> {
    let value = section.or(key, default);
    if value.is_some_and(|n| n < least) {
        section.problem(key, format!("expected at least {least}"), None);
    }
    value
}
