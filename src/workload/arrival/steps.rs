//! `steps`: rates, or numbers in flight, one after the other.

use super::{Closed, Kind, Open, Pattern, Spacing, Stair, Stretch, closed, span};
use crate::config::{Rate, Section};
use std::time::Duration;

/// The kind.
pub const KIND: Kind = Kind {
    name: "steps",
    about: "rates (or numbers in flight), each for a time; the last one's end ends the run",
    build,
};

const SPACINGS: &[(&str, Spacing)] = &[("poisson", Spacing::POISSON), ("constant", Spacing::Even)];

enum Step {
    Rate(Stretch),
    Places(u32, Duration),
}

fn build(section: &Section<'_>) -> Option<(Pattern, String)> {
    let spacing = if section.has("spacing") { section.choice("spacing", SPACINGS) } else { Some(Spacing::POISSON) };
    if !section.has("steps") {
        section.missing(
            "steps",
            "expected a list such as [{ rate = \"2/s\", for = \"60s\" }, { rate = \"4/s\", for = \"60s\" }]",
        );
        return None;
    }
    let tables = section.list("steps");
    let steps: Vec<Option<Step>> = tables.iter().map(step).collect();
    let steps: Vec<Step> = steps.into_iter().collect::<Option<_>>()?;
    let (mut stretches, mut stairs, mut from) = (Vec::new(), Vec::new(), Duration::ZERO);
    for step in steps {
        match step {
            Step::Rate(stretch) => stretches.push(stretch),
            Step::Places(places, length) => {
                stairs.push(Stair { from, places });
                from = from.saturating_add(length);
            }
        }
    }
    match (stretches.is_empty(), stairs.is_empty()) {
        (true, true) => section.problem("steps", "expected at least one step", None),
        (false, false) => {
            let hint = "a rate does not wait for the target, a number in flight does: make two workloads".to_owned();
            section.problem("steps", "expected a rate in every step, or a concurrency in every step", Some(hint));
        }
        (false, true) => {
            let open = Open { spacing: spacing?, stretches };
            let words = open.words();
            return Some((Pattern::Open(open), words));
        }
        (true, false) => {
            if section.has("spacing") {
                section.problem("spacing", "is for steps of a rate", None);
            }
            let each: Vec<String> = stairs.iter().map(|s| format!("{} from {}", s.places, span(s.from))).collect();
            let words = format!("closed loop, in flight {}, until {}", each.join(", "), span(from));
            return Some((Pattern::Closed(Closed { stairs, length: Some(from), think: None }), words));
        }
    }
    None
}

fn step(table: &Section<'_>) -> Option<Step> {
    let length: Option<Duration> = table.need("for");
    let step = match (table.has("rate"), table.has("concurrency")) {
        (true, false) => {
            let rate: Option<Rate> = table.get("rate");
            rate.map(|rate| Step::Rate(Stretch { per_second: rate.per_second, length }))
        }
        (false, true) => closed::places(table).zip(length).map(|(places, length)| Step::Places(places, length)),
        (both, _) => {
            let found = if both { "both" } else { "neither" };
            table.problem_here(format!("expected a rate or a concurrency, found {found}"), None);
            None
        }
    };
    table.finish();
    step.filter(|_| length.is_some())
}
