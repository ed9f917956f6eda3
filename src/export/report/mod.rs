//! Reports of runs: one file a format, each a pure function from figures to text.
//!
//! What a report must say besides its figures (which definition, which clock, what is not known) is put together here
//! once, so that no format can leave it out.

mod boards;
mod causes;
mod csv;
mod curve;
mod energy;
mod hardware;
mod json;
mod matrix;
mod speed;
mod table;
mod text;
mod words;

pub use boards::boards;
pub use matrix::{matrix, strata};
pub use speed::probes;
pub use table::{Column, Table, tables};
pub(super) use text::{drawn, wrapped};
pub(super) use words::{NOTHING, Unit, exact_usd, rfc3339};
pub use words::{breach, duration, heading, instant, percent, significant, usd};

use super::calibration;
use crate::board::{BoardAverage, Calibrated, Figures, Hardware, Probes, Reason, Stratum};
use crate::domain::{Curve, Name, TokenSource};
use std::collections::{BTreeMap, BTreeSet};

/// One run's figures and everything that must stand beside them.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The run's name.
    pub run: String,
    /// Milliseconds since the Unix epoch when it began.
    pub started_unix_ms: i64,
    /// … and ended; none while it goes on.
    pub finished_unix_ms: Option<i64>,
    /// Whether it asked everything it was to ask.
    pub complete: bool,
    /// Whether latencies count from the scheduled instant (open loop) or from the send (closed loop).
    pub open_loop: bool,
    /// Rows in any order: those without a domain make the table, those with one the matrix.
    pub rows: Vec<Figures>,
    /// Scenarios and domains of which every item there is was asked: a census, without sampling error.
    pub census: BTreeSet<(Name, String)>,
    /// Accuracy by stratum.
    pub strata: Vec<Stratum>,
    /// Board averages, where every subject is to weigh the same.
    pub boards: Vec<BoardAverage>,
    /// What the probes beside the load came to, by target.
    pub probes: Vec<Probes>,
    /// What targets' hardware did over the run's window.
    pub hardware: Vec<Hardware>,
    /// What is known of this machine's own error; none where that was not asked for.
    pub calibrated: Option<Calibrated>,
    /// The curves of its sweeps.
    pub curves: Vec<Curve>,
    /// What else a reader must know, a sentence each: quality flags, skipped rows of data, warnings.
    pub notes: Vec<String>,
}

/// A report format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The word on the command line.
    pub name: &'static str,
    /// Renders reports, oldest run first.
    pub render: fn(&[Report]) -> String,
}

/// Every format.
pub const FORMATS: &[Format] = &[
    Format { name: "table", render: text::render },
    Format { name: "json", render: json::render },
    Format { name: "csv", render: csv::render },
];

impl Report {
    /// Whether a row is of a census.
    #[must_use]
    pub fn is_census(&self, row: &Figures) -> bool {
        let domain = row.domain.clone();
        domain.is_some_and(|domain| self.census.contains(&(row.scenario.clone(), domain)))
    }

    /// Whether the timing of every row may be believed.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.rows.iter().all(|row| row.validity.is_valid())
    }

    /// The metric label of the clock that latencies count from.
    #[must_use]
    pub const fn clock(&self) -> &'static str {
        if self.open_loop { "scheduled" } else { "send" }
    }

    /// The definitions behind the figures, a line each.
    #[must_use]
    pub fn definitions(&self) -> Vec<String> {
        let any = |test: fn(&Figures) -> bool| self.rows.iter().any(test);
        let mut lines = vec![
            "accuracy: correct / (correct + wrong + unparsed + refused), Wilson 95 % interval; failed and unknown are \
             outside, their cost is not"
                .to_owned(),
            if self.open_loop {
                "TTFT: from the scheduled instant to the first token (open loop), successes only"
            } else {
                "TTFT: from the first byte sent on an established connection to the first token (closed loop), successes \
                 only"
            }
            .to_owned(),
            format!("tokens/s: output tokens, counted by {}", self.token_sources()),
            "cost per correct: cost of all attempts / correct answers, log-delta 95 % interval".to_owned(),
        ];
        if any(|f| f.cost_estimate().is_some() && f.cost_upper().is_none()) {
            lines.push("≥: too few correct answers for more than a lower 95 % bound".to_owned());
        }
        if any(|f| f.is_whole() && causes::is_mixed(f)) {
            lines.push(
                "cost-of-pass: the mean over items of cost / probability of being right (Erol et al. 2025); infinite where an \
                 item was never answered right"
                    .to_owned(),
            );
        }
        if any(|f| f.steady.is_some()) {
            lines.push(
                "steady: the longest stretch with ≥ 95 % of the peak in flight at its ends and on average; tokens/s and \
                 goodput else are over the whole run"
                    .to_owned(),
            );
        }
        if any(|f| f.attainment.is_some()) {
            lines.push(
                "goodput: successes inside the SLO per second, good: those also correct; in SLO: share of all that was \
                 asked, Wilson 95 % interval, unresolved where it straddles the goal"
                    .to_owned(),
            );
        }
        if any(|f| f.drawn.joules().is_some()) {
            lines.push(
                "energy: of the target's devices while its answers were in flight, idle draw among it; measured by a counter, \
                 else estimated; CO2e: energy × PUE × intensity of the grid"
                    .to_owned(),
            );
        }
        if any(|f| !f.validity.is_valid()) {
            lines.push(format!(
                "{}: timing not valid (client lag p99 ≤ max(1 ms, 5 % of TPOT), send lag p99 ≤ 5 ms, ≥ 99 % of the load \
                 delivered); accuracy and cost are not concerned",
                words::INVALID
            ));
        }
        if any(|f| f.is_whole() && f.gap.is_some()) {
            lines.push(
                "over-fit gap: accuracy on items as they are published − on other forms of the same items, over items answered \
                 in both: Newcombe's 95 % interval for pairs and exact McNemar, Student's t over items where there are \
                 several answers of one"
                    .to_owned(),
            );
        }
        if !self.probes.is_empty() {
            lines.push(
                "probes: one-token questions beside the load, outside of its places and limits, and in no other figure"
                    .to_owned(),
            );
        }
        if !self.boards.is_empty() {
            lines.push(
                "average over subjects: the unweighted mean of their accuracies (macro), variance Σ p(1 − p)/n / K², Wilson \
                 95 % interval at the size of that variance"
                    .to_owned(),
            );
        }
        if !self.census.is_empty() {
            lines.push("†: a census, every item there is was asked; no sampling error towards these items".to_owned());
        }
        lines
    }

    fn token_sources(&self) -> String {
        let by_events: BTreeSet<&str> =
            self.rows.iter().filter(|f| f.token_source == TokenSource::Events).map(|f| f.target.as_str()).collect();
        if by_events.is_empty() {
            return "the provider's usage record".to_owned();
        }
        let targets = by_events.into_iter().collect::<Vec<_>>().join(", ");
        format!("the provider's usage record, for {targets} by stream events, which need not be tokens")
    }

    /// What a reader must not overlook, a sentence each; the caller's notes come last.
    #[must_use]
    pub fn caveats(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.finished_unix_ms.is_some() && !self.complete {
            lines.push("the run ended before everything was asked; its figures cover what was".to_owned());
        }
        let said = |known| calibration::sentence(known, self.started_unix_ms);
        lines.extend(self.calibrated.iter().map(said).filter(|sentence| !sentence.is_empty()));
        lines.extend(self.doubts());
        let mut provenances: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for row in self.rows.iter().filter(|f| f.is_whole()) {
            let (place, n) = (format!("{} on {}", row.target, row.scenario), total(row));
            if row.unpriced > 0 {
                lines.push(format!("{place}: {} of {n} samples have no price and are in no cost figure", row.unpriced));
            }
            let (exchanges, bound) = row.unknown;
            if exchanges > 0 {
                let bound = usd(bound.usd());
                lines.push(format!(
                    "{place}: exchanges of unknown cost: {exchanges}, at most {bound} together, on top of the known cost"
                ));
            }
            provenances.entry(place).or_default().insert(&row.provenance);
        }
        for (place, _) in provenances.iter().filter(|(_, of)| of.len() > 1) {
            lines.push(format!(
                "{place}: the provenance changed during the run; its figures stand apart, @ tells which"
            ));
        }
        lines.extend(hardware::caveats(self));
        lines.extend(boards::caveats(self));
        lines.extend(self.rows.iter().filter(|f| f.is_whole()).filter_map(words::gap));
        lines.extend(self.notes.iter().cloned());
        lines
    }
}

impl Report {
    /// Rules of validity that do not hold, a sentence for each target and scenario; those of few samples in one.
    fn doubts(&self) -> Vec<String> {
        let (mut lines, mut few, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for row in self.rows.iter().filter(|f| f.is_whole()) {
            if !seen.insert((&row.target, &row.scenario)) {
                continue;
            }
            let place = format!("{} on {}", row.target, row.scenario);
            let breaches = || row.validity.breaches.iter();
            let said = |invalidates: bool| {
                let of = breaches().filter(|b| b.reason.invalidates() == invalidates && b.reason != Reason::FewSamples);
                of.map(breach).collect::<Vec<_>>().join("; ")
            };
            if !row.validity.is_valid() {
                lines.push(format!("{place}: the timing is NOT VALID: {}", said(true)));
            }
            if !said(false).is_empty() {
                lines.push(format!("{place}: {}", said(false)));
            }
            let count = breaches().find(|b| b.reason == Reason::FewSamples);
            few.extend(count.map(|b| format!("{place} ({})", b.measured)));
        }
        if !few.is_empty() {
            lines.push(format!("few_samples: with fewer than 100 answers p99 is the slowest one: {}", few.join(", ")));
        }
        lines
    }
}

/// All samples of a row.
pub(super) fn total(row: &Figures) -> u64 {
    row.verdicts.iter().sum()
}

#[cfg(test)]
mod fixture;
