//! How items arrive: values that are handed to the one dispatch loop. A new kind is one file and one line in [`KINDS`];
//! what it builds is one of four patterns, so that no kind needs a loop of its own.

mod closed;
mod open;
mod recorded;
mod steps;
mod sweep;

pub use closed::{Closed, Stair};
pub use open::{Open, Spacing, Stretch};
pub use recorded::{Recorded, Times};
pub use sweep::Sweep;

use crate::config::Section;
use std::time::Duration;

/// All kinds.
pub const KINDS: &[Kind] =
    &[closed::KIND, open::CONSTANT, open::POISSON, open::GAMMA, steps::KIND, recorded::KIND, sweep::KIND];

/// One kind, by the name a configuration gives it (`arrival = { kind = "…", … }`).
#[derive(Clone, Copy)]
pub struct Kind {
    /// The configuration's word.
    pub name: &'static str,
    /// One line for help and docs.
    pub about: &'static str,
    /// Builds the pattern out of its section (`kind` is read by the caller), with its settings in words: they are shown,
    /// and are part of the plan's fingerprint.
    pub build: fn(&Section<'_>) -> Option<(Pattern, String)>,
}

/// How items arrive.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// The kind's name.
    pub kind: &'static str,
    /// All its settings, in words.
    pub words: String,
    /// What the dispatch loop goes by.
    pub pattern: Pattern,
}

/// What the dispatch loop goes by.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// The next is sent when one ends: places in flight.
    Closed(Closed),
    /// A clock of our own that does not wait for the target.
    Open(Open),
    /// A clock that was recorded.
    Recorded(Recorded),
    /// Open-loop stretches at rates that are chosen on the way.
    Sweep(Sweep),
}

impl Arrival {
    /// So many in flight.
    #[must_use]
    pub fn closed(concurrency: u32) -> Self {
        let closed = Closed::steady(concurrency);
        Self { kind: closed::KIND.name, words: closed.words(), pattern: Pattern::Closed(closed) }
    }

    /// So many a second, with exponential gaps.
    #[must_use]
    pub fn poisson(per_second: f64) -> Self {
        let open = Open::steady(per_second, Spacing::POISSON);
        Self { kind: open::POISSON.name, words: open.words(), pattern: Pattern::Open(open) }
    }

    /// So many a second, evenly spaced.
    #[must_use]
    pub fn constant(per_second: f64) -> Self {
        let open = Open::steady(per_second, Spacing::Even);
        Self { kind: open::CONSTANT.name, words: open.words(), pattern: Pattern::Open(open) }
    }

    /// Whether the schedule is the workload's own (open loop) rather than the target's.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !matches!(self.pattern, Pattern::Closed(_))
    }

    /// How long it lasts by itself; none for ever. (An open loop's schedule just ends.)
    #[must_use]
    pub const fn length(&self) -> Option<Duration> {
        match &self.pattern {
            Pattern::Closed(closed) => closed.length,
            Pattern::Open(_) | Pattern::Recorded(_) | Pattern::Sweep(_) => None,
        }
    }

    /// Whether each item's own recorded instant decides when it is sent, and so in which order.
    #[must_use]
    pub fn goes_by_items(&self) -> bool {
        matches!(&self.pattern, Pattern::Recorded(Recorded { times: Times::Items, .. }))
    }

    /// Reads `arrival = { kind = "…", … }`.
    pub fn build(section: &Section<'_>) -> Option<Self> {
        let kinds: Vec<_> = KINDS.iter().map(|k| (k.name, *k)).collect();
        let built = match section.choice("kind", &kinds) {
            Some(kind) => (kind.build)(section).map(|(pattern, words)| Self { kind: kind.name, words, pattern }),
            None => {
                // Which fields are known depends on the kind.
                let _ = section.entries();
                None
            }
        };
        section.finish();
        built
    }
}

/// A duration for people: `90s`, `250ms`.
pub(super) fn span(duration: Duration) -> String {
    let us = duration.as_micros();
    match (us % 1_000_000, us % 1_000) {
        (0, _) => format!("{}s", us / 1_000_000),
        (_, 0) => format!("{}ms", us / 1_000),
        _ => format!("{us}µs"),
    }
}
