//! The board: the fold over samples that metrics, restart and reports all read.
//!
//! Two parts. *Totals* only grow, by metric label set; they are checkpointed in the store, so that neither a restart
//! nor retention makes a counter go back. *Tallies* belong to one run and provenance; figures with intervals come from
//! them, and they are rebuilt from the run's samples when a killed run is resumed.

mod buckets;
mod figures;
mod tally;

pub use buckets::{Buckets, Grid};
pub use figures::{Figures, Latency};
pub use tally::{Tally, TallyKey};

use crate::domain::{Cost, Failure, Name, RunId, Sample, TokenKind, Verdict};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The label set of the counters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// Who was asked.
    pub target: Name,
    /// Out of which scenario.
    pub scenario: Name,
    /// The items' domain.
    pub domain: Arc<str>,
    /// The items' capability.
    pub capability: Arc<str>,
}

/// What one label set has come to since the store began; only grows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counters {
    /// Samples by verdict, in the order of [`Verdict::ALL`].
    pub answers: [u64; Verdict::ALL.len()],
    /// Correct and inside the SLO.
    pub good: u64,
    /// Exchanges that succeeded.
    pub ok: u64,
    /// Exchanges by failure, in the order of [`Failure::ALL`].
    pub failures: [u64; Failure::ALL.len()],
    /// Tokens by kind, in the order of [`TokenKind::ALL`].
    pub tokens: [u64; TokenKind::ALL.len()],
    /// Known cost by component.
    pub cost: Cost,
    /// Samples with an exchange that has no price.
    pub unpriced: u64,
    /// Exchanges whose cost is not known, only bounded.
    pub unknown: u64,
}

/// Latency histograms of one target and scenario; only grow. Seconds on the outside, nanoseconds within.
#[derive(Debug, Clone, PartialEq)]
pub struct Latencies {
    /// Time to first token from the send.
    pub first_token_send: Buckets,
    /// Time to first token from the scheduled instant.
    pub first_token_scheduled: Buckets,
    /// Gaps between token-bearing events.
    pub inter_token: Buckets,
    /// Time per output token, one value an exchange.
    pub per_output_token: Buckets,
    /// Send to last token.
    pub duration_send: Buckets,
    /// Scheduled instant to last token.
    pub duration_scheduled: Buckets,
    /// How late requests left.
    pub schedule_lag: Buckets,
}

/// The state of one run, as figures need it.
#[derive(Debug, Clone, Default)]
pub struct RunBoard {
    /// The run's name in the configuration.
    pub name: String,
    /// Its tallies.
    pub tallies: BTreeMap<TallyKey, Tally>,
    /// Milliseconds since the Unix epoch when it began.
    pub started_unix_ms: i64,
    /// … and ended; none while it goes on.
    pub finished_unix_ms: Option<i64>,
    /// Whether it asked everything it was to ask.
    pub complete: bool,
}

/// The fold over samples.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// Counters by label set.
    pub counters: BTreeMap<Cell, Counters>,
    /// Histograms by target and scenario.
    pub latencies: BTreeMap<(Name, Name), Latencies>,
    /// The runs that are remembered: the one that goes on, and the last of each name.
    pub runs: BTreeMap<RunId, RunBoard>,
    /// Runs ended, by name and result (`complete`, `incomplete`, `budget`).
    pub ended: BTreeMap<(String, &'static str), u64>,
    /// The last sample that was folded in (the store's position).
    pub position: i64,
}

impl Board {
    /// Folds a sample in. `good` says whether it was inside its target's SLO.
    pub fn fold(&mut self, position: i64, sample: &Sample, good: bool) {
        let _ = (position, sample, good);
    }
}
