//! Figures with their intervals, as tables, pages, records and metrics show them.

use super::causes::{Causes, CostOfPass};
use super::drawn::Drawn;
use super::load::Load;
use super::tally::{Tally, TallyKey, Whole, join};
use super::timeline::Steady;
use super::validity::Validity;
use crate::domain::{Cost, Fingerprint, Money, Name, Split, TokenSource, Verdict};
use crate::stats::{Interval, Level, PairedGap, PerCorrect, Sketch, clustered, nearest_rank, wilson};
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
    pub(super) fn of(sketch: &Sketch) -> Self {
        let at = |q| sketch.quantile(q).map(|nanos| nanos as f64 / 1e9);
        Self { p50: at(0.5), p99: at(0.99) }
    }

    /// With so many more that never came: they count as +Inf.
    #[expect(clippy::cast_precision_loss, reason = "far below the sketch's own error")]
    fn with_lost(sketch: &Sketch, lost: u64) -> Self {
        let at = |q| {
            let rank = nearest_rank(q, sketch.count().saturating_add(lost))?;
            Some(sketch.at_rank(rank).map_or(f64::INFINITY, |nanos| nanos as f64 / 1e9))
        };
        Self { p50: at(0.5), p99: at(0.99) }
    }
}

/// What came of a goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attained {
    /// The whole interval is at or above it.
    Met,
    /// The whole interval is below it.
    Missed,
    /// The interval straddles it: more answers would tell.
    Unresolved,
}

impl Attained {
    /// The word used in records.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Unresolved => "unresolved",
        }
    }
}

/// The share of what was asked that was answered inside the SLO. What brought no answer is outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attainment {
    /// The share, with Wilson's 95 % interval.
    pub share: Interval,
    /// The share that is to be reached.
    pub goal: f64,
    /// How many were asked.
    pub asked: u64,
}

impl Attainment {
    /// Whether the goal was reached, as far as the interval tells.
    #[must_use]
    pub fn attained(&self) -> Attained {
        let Interval { estimate: _, lower, upper } = self.share;
        match () {
            () if lower >= self.goal => Attained::Met,
            () if upper < self.goal => Attained::Missed,
            () => Attained::Unresolved,
        }
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
    /// `first_token`, with what failed or is unknown as +Inf.
    pub first_token_with_failures: Latency,
    /// `duration`, likewise.
    pub duration_with_failures: Latency,
    /// Output tokens per second, from the row's first send to its last token.
    pub tokens_per_second: Option<f64>,
    /// Whether output tokens were counted by the provider everywhere (`usage`) or by events somewhere (`events`).
    pub token_source: TokenSource,
    /// The steady window of the target and scenario, of which this row has all there is; none where it has not.
    pub steady: Option<Steady>,
    /// Successes inside the SLO per second of the row's window; none without an SLO.
    pub goodput: Option<f64>,
    /// Correct answers inside the SLO per second of the same window; none without an SLO.
    pub correct_goodput: Option<f64>,
    /// The share inside the SLO; none without an SLO.
    pub attainment: Option<Attainment>,
    /// Whether the timing figures of the row's target and scenario may be believed.
    pub validity: Validity,
    /// Known cost by component.
    pub cost: Cost,
    /// Energy, device time and emissions.
    pub drawn: Drawn,
    /// Samples without a price.
    pub unpriced: u64,
    /// Exchanges whose cost is only bounded, and the bound.
    pub unknown: (u64, Money),
    /// USD per correct answer with its 95 % interval; none where unpriced or nothing was asked.
    pub per_correct: Option<PerCorrect>,
    /// What the known cost was for; none where that was not kept.
    pub causes: Option<Causes>,
    /// Beside the cost per correct answer, and none where that is none, or it was not kept.
    pub cost_of_pass: Option<CostOfPass>,
    /// How much better items are answered in their published form than in others (95 %): the over-fit gap; none where
    /// there are no forms.
    pub gap: Option<PairedGap>,
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

    /// Samples that were answered, be there something to grade them by or not.
    #[must_use]
    pub fn answered(&self) -> u64 {
        Verdict::ALL.into_iter().filter(|v| v.is_answered()).map(|v| self.count(v)).sum()
    }

    /// Joules per correct answer; +Inf where nothing was correct, none where energy is not known.
    #[must_use]
    pub fn joules_per_correct(&self) -> Option<f64> {
        self.drawn.joules().filter(|_| self.graded() > 0).map(|joules| joules / counted(self.count(Verdict::Correct)))
    }

    /// Grams of CO₂-equivalent per correct answer: the operational part of SCI (E·PUE·I over R).
    #[must_use]
    pub fn grams_per_correct(&self) -> Option<f64> {
        self.drawn.grams().filter(|_| self.graded() > 0).map(|grams| grams / counted(self.count(Verdict::Correct)))
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

    fn of(row: Row, parts: &[&Tally], open_loop: bool) -> Self {
        let Whole { ref tally, gap, pass, .. } = join(parts);
        let Row { target, scenario, domain, split, provenance } = row;
        let clock = usize::from(open_loop);
        let latency = |sketches: &[Sketch; 2]| sketches.get(clock).map(Latency::of).unwrap_or_default();
        let seconds = tally.window.map(|(from, to)| to.since(from).seconds()).filter(|s| *s > 0.0);
        #[expect(clippy::cast_precision_loss, reason = "a rate for display")]
        let rate = |count: u64| seconds.map(|s| count as f64 / s);
        let count = |verdict: Verdict| tally.verdicts.get(verdict as usize).copied().unwrap_or(0);
        let lost = count(Verdict::Failed) + count(Verdict::Unknown);
        let with_lost =
            |sketches: &[Sketch; 2]| sketches.get(clock).map(|s| Latency::with_lost(s, lost)).unwrap_or_default();
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
            first_token_with_failures: with_lost(&tally.sketches.first_token),
            duration_with_failures: with_lost(&tally.sketches.duration),
            tokens_per_second: rate(tally.tokens),
            token_source: if tally.by_events { TokenSource::Events } else { TokenSource::Usage },
            steady: None,
            goodput: tally.slo.and_then(|slo| rate(slo.inside)),
            correct_goodput: tally.slo.filter(|_| !tally.is_ungraded()).and_then(|_| rate(tally.good)),
            attainment: tally.slo.and_then(|slo| {
                let share = wilson(slo.inside, slo.asked, Level::P95)?;
                Some(Attainment { share, goal: slo.goal, asked: slo.asked })
            }),
            validity: Validity::default(),
            cost: tally.cost,
            drawn: tally.drawn,
            unpriced: tally.unpriced,
            unknown: tally.unknown,
            per_correct: tally
                .per_correct
                .per_correct(tally.of_the_run(), Level::P95)
                .filter(|_| tally.unpriced == 0 && !tally.is_ungraded()),
            causes: Some(tally.causes),
            cost_of_pass: pass.filter(|_| tally.unpriced == 0 && !tally.is_ungraded()),
            gap,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for display")]
fn counted(count: u64) -> f64 {
    count as f64
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
pub(super) fn rows(
    tallies: &BTreeMap<TallyKey, Tally>,
    loads: &BTreeMap<(Name, Name), Load>,
    by: By,
    open_loop: bool,
) -> Vec<Figures> {
    let mut merged: BTreeMap<Row, Vec<&Tally>> = BTreeMap::new();
    for (TallyKey { target, scenario, tags, provenance }, tally) in tallies {
        let row = Row {
            target: target.clone(),
            scenario: scenario.clone(),
            domain: (by == By::Domain).then(|| tags.domain.to_string()),
            split: (by == By::Split).then_some(tags.split),
            provenance: provenance.clone(),
        };
        merged.entry(row).or_default().push(tally);
    }
    let judged: BTreeMap<_, Validity> = loads.iter().map(|(place, load)| (place, load.judge(open_loop))).collect();
    let place = |row: &Figures| (row.target.clone(), row.scenario.clone());
    let mut rows: Vec<Figures> = merged.into_iter().map(|(row, parts)| Figures::of(row, &parts, open_loop)).collect();
    let mut parts: BTreeMap<_, usize> = BTreeMap::new();
    rows.iter().for_each(|row| *parts.entry(place(row)).or_default() += 1);
    for row in &mut rows {
        let place = place(row);
        row.validity = judged.get(&place).cloned().unwrap_or_default();
        // What was in flight can't be told apart by stratum or provenance.
        if row.is_whole() && parts.get(&place) == Some(&1) {
            row.steady = loads.get(&place).and_then(Load::steady);
        }
    }
    rows
}
