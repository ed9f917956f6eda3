//! Figures with their intervals, as tables, pages, records and metrics show them.

use super::tally::{Tally, TallyKey};
use crate::domain::{Component, Cost, Fingerprint, Money, Name, Split, TokenSource, Verdict};
use crate::stats::{Interval, Level, PerCorrect, Sketch, clustered};
use std::collections::BTreeMap;

/// How rows are cut. Provenance always is: figures of different origin are never pooled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// One row for each target and scenario.
    Scenario,
    /// … and domain.
    Domain,
    /// … and split (public, private, fresh).
    Split,
}

impl By {
    /// All cuts.
    pub const ALL: [Self; 3] = [Self::Scenario, Self::Domain, Self::Split];
}

/// Quantiles of a latency in seconds over successes; none where nothing was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Latency {
    /// Median.
    pub p50: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
}

impl Latency {
    #[expect(clippy::cast_precision_loss, reason = "far below the sketch's own error")]
    fn of(sketch: &Sketch) -> Self {
        let at = |q| sketch.quantile(q).map(|nanos| nanos as f64 / 1e9);
        Self { p50: at(0.5), p99: at(0.99) }
    }
}

/// One row of a table: one target and scenario (and, where asked, domain or split) of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Who was asked.
    pub target: Name,
    /// Out of which scenario.
    pub scenario: Name,
    /// The domain, where the row is for one.
    pub domain: Option<String>,
    /// The split, where the row is for one.
    pub split: Option<Split>,
    /// The provenance.
    pub provenance: Fingerprint,
    /// Samples by verdict, in the order of [`Verdict::ALL`].
    pub verdicts: [u64; Verdict::ALL.len()],
    /// Correct / (correct + wrong + unparsed + refused), with its 95 % interval; none where nothing was graded.
    pub accuracy: Option<Interval>,
    /// Time to first token (scheduled form in open loop), successes only.
    pub first_token: Latency,
    /// Gaps between token-bearing events.
    pub inter_token: Latency,
    /// Time per output token.
    pub per_output_token: Latency,
    /// Whole answer (scheduled form in open loop).
    pub duration: Latency,
    /// Output tokens per second, from the row's first send to its last token.
    pub tokens_per_second: Option<f64>,
    /// Whether output tokens were counted by the provider everywhere (`usage`) or by events somewhere (`events`).
    pub token_source: TokenSource,
    /// Successes inside the SLO per second of the same window; none without an SLO.
    pub goodput: Option<f64>,
    /// Correct answers inside the SLO per second of the same window; none without an SLO.
    pub correct_goodput: Option<f64>,
    /// Known cost by component.
    pub cost: Cost,
    /// Samples without a price.
    pub unpriced: u64,
    /// Exchanges whose cost is only bounded, and the bound.
    pub unknown: (u64, Money),
    /// USD per correct answer with its 95 % interval; none where unpriced or nothing was asked.
    pub per_correct: Option<PerCorrect>,
}

impl Figures {
    /// Samples of one verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> u64 {
        self.verdicts.get(verdict as usize).copied().unwrap_or(0)
    }

    /// Samples in all.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.verdicts.iter().sum()
    }

    /// Samples in accuracy's denominator.
    #[must_use]
    pub fn graded(&self) -> u64 {
        Verdict::ALL.into_iter().filter(|v| v.is_graded()).map(|v| self.count(v)).sum()
    }

    /// Whether the row is for a target and scenario as a whole, not for a domain or split of it.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.domain.is_none() && self.split.is_none()
    }

    /// Whether nothing is known of its cost: there are samples without a price, and no known cost.
    #[must_use]
    pub fn is_costless(&self) -> bool {
        self.unpriced > 0 && self.cost.total().is_zero()
    }

    /// USD per correct answer; +Inf where nothing was correct, none where unpriced.
    #[must_use]
    pub fn cost_estimate(&self) -> Option<f64> {
        self.per_correct.map(|p| p.estimate)
    }

    /// The lower end of its 95 % interval.
    #[must_use]
    pub fn cost_lower(&self) -> Option<f64> {
        self.per_correct.map(|p| p.lower)
    }

    /// The upper end; none where the data can't bound it.
    #[must_use]
    pub fn cost_upper(&self) -> Option<f64> {
        self.per_correct.and_then(|p| p.upper)
    }

    fn of(row: Row, tally: &Tally, open_loop: bool) -> Self {
        let Row { target, scenario, domain, split, provenance } = row;
        let clock = usize::from(open_loop);
        let latency = |sketches: &[Sketch; 2]| sketches.get(clock).map(Latency::of).unwrap_or_default();
        let seconds = tally.window.map(|(from, to)| to.since(from).seconds()).filter(|s| *s > 0.0);
        #[expect(clippy::cast_precision_loss, reason = "a rate for display")]
        let rate = |count: u64| seconds.map(|s| count as f64 / s);
        let hardware = tally.cost.get(Component::Hardware);
        Self {
            target,
            scenario,
            domain,
            split,
            provenance,
            verdicts: tally.verdicts,
            accuracy: clustered(&tally.accuracy, Level::P95),
            first_token: latency(&tally.sketches.first_token),
            inter_token: Latency::of(&tally.sketches.inter_token),
            per_output_token: Latency::of(&tally.sketches.per_output_token),
            duration: latency(&tally.sketches.duration),
            tokens_per_second: rate(tally.tokens),
            token_source: if tally.by_events { TokenSource::Events } else { TokenSource::Usage },
            goodput: tally.inside.and_then(rate),
            correct_goodput: tally.inside.and_then(|_| rate(tally.good)),
            cost: tally.cost,
            unpriced: tally.unpriced,
            unknown: tally.unknown,
            per_correct: tally.per_correct.per_correct(hardware, Level::P95).filter(|_| tally.unpriced == 0),
        }
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    target: Name,
    scenario: Name,
    domain: Option<String>,
    split: Option<Split>,
    provenance: Fingerprint,
}

/// The rows of a set of tallies.
pub(super) fn rows(tallies: &BTreeMap<TallyKey, Tally>, by: By, open_loop: bool) -> Vec<Figures> {
    let mut merged: BTreeMap<Row, Tally> = BTreeMap::new();
    for (TallyKey { target, scenario, tags, provenance }, tally) in tallies {
        let row = Row {
            target: target.clone(),
            scenario: scenario.clone(),
            domain: (by == By::Domain).then(|| tags.domain.to_string()),
            split: (by == By::Split).then_some(tags.split),
            provenance: provenance.clone(),
        };
        merged.entry(row).or_default().merge(tally);
    }
    merged.into_iter().map(|(row, tally)| Figures::of(row, &tally, open_loop)).collect()
}
