//! What one target came to in one part.

use super::gather::Sums;
use crate::domain::{Money, Name, Verdict};
use crate::stats::{Interval, Level, PerCorrect, RatioSums, Sketch, clustered, of_sketch};

/// The ends of a 95 % interval; none where the data can't bound it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Ends {
    /// The lower one.
    pub lower: Option<f64>,
    /// The upper one.
    pub upper: Option<f64>,
}

/// A latency's middle and its slow end, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Quantiles {
    /// The median.
    pub p50: f64,
    /// What 99 of 100 keep.
    pub p99: f64,
    /// The median's interval.
    pub p50_ends: Ends,
    /// That of the slow end.
    pub p99_ends: Ends,
}

impl Quantiles {
    fn of(sketch: &Sketch) -> Option<Self> {
        let at = |q| {
            let found = of_sketch(sketch, 0, q, Level::P95)?;
            let seconds = |end: Option<f64>| end.map(|nanos| nanos / 1e9);
            Some((found.estimate / 1e9, Ends { lower: seconds(found.lower), upper: seconds(found.upper) }))
        };
        let ((p50, p50_ends), (p99, p99_ends)) = (at(0.5)?, at(0.99)?);
        Some(Self { p50, p99, p50_ends, p99_ends })
    }
}

/// A distribution as a curve: seconds, and the share that took no longer. Few points, however many samples there are.
pub(super) fn curve(sketch: &Sketch) -> Vec<(f64, f64)> {
    let shares = (1..=99).map(|percent| f64::from(percent) / 100.0).chain([0.995, 0.999]);
    #[expect(clippy::cast_precision_loss, reason = "a time for a chart")]
    let point = |share: f64| Some((sketch.quantile(share)? as f64 / 1e9, share));
    let mut points: Vec<(f64, f64)> = shares.filter_map(point).collect();
    // Of the same time the largest share is what the curve goes through.
    points.reverse();
    points.dedup_by_key(|(seconds, _)| *seconds);
    points.reverse();
    points
}

/// What one target came to in one part.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Whose figures.
    pub target: Name,
    /// Samples by verdict, in the order of [`Verdict::ALL`].
    pub verdicts: [u64; Verdict::ALL.len()],
    /// Different items that were graded.
    pub items: u64,
    /// Correct over graded: Wilson's interval, at an effective size where there are several answers to one item.
    pub accuracy: Option<Interval>,
    /// The known cost of everything, in USD over correct answers, with its interval.
    pub per_correct: Option<PerCorrect>,
    /// The known cost.
    pub cost: Money,
    /// What is unknown or has no price can have cost at the most.
    pub bound: Money,
    /// Samples with an attempt that has no price.
    pub unpriced: u64,
    /// Correct and inside the SLO.
    pub good: u64,
    /// From the instant a request was due to the first token, successes only.
    pub first: Option<Quantiles>,
    /// … to the last.
    pub whole: Option<Quantiles>,
    /// Output tokens of an answer, where the endpoint said.
    pub tokens: Option<f64>,
    /// Joules for every correct answer, where every sample's energy was metered.
    pub joules: Option<f64>,
    /// How `first` is distributed ([`curve`]); kept of everything together only.
    pub first_curve: Vec<(f64, f64)>,
}

impl Standing {
    pub(super) fn new(target: Name, sums: &Sums, accuracy: &RatioSums, cost: &RatioSums) -> Self {
        let correct = sums.verdicts.first().copied().unwrap_or_default();
        let samples: u64 = sums.verdicts.iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "a mean for a reader")]
        let per = |sum: u64, n: u64| (n > 0).then(|| sum as f64 / n as f64);
        Self {
            target,
            verdicts: sums.verdicts,
            items: accuracy.n,
            accuracy: clustered(accuracy, Level::P95),
            // Without a price, or with part of it unknown, there is a cost, but no figure to decide by.
            per_correct: (sums.unpriced == 0).then(|| cost.per_correct(Money::ZERO, Level::P95)).flatten(),
            cost: sums.cost,
            bound: sums.bound,
            unpriced: sums.unpriced,
            good: sums.good,
            first: Quantiles::of(&sums.first),
            whole: Quantiles::of(&sums.whole),
            tokens: per(sums.tokens, sums.told),
            joules: (sums.metered == samples).then(|| per(sums.microjoules, correct).map(|mean| mean / 1e6)).flatten(),
            first_curve: Vec::new(),
        }
    }

    /// How many samples had this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> u64 {
        self.verdicts.get(verdict as usize).copied().unwrap_or_default()
    }

    /// Samples of every verdict.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.verdicts.iter().sum()
    }

    /// Samples that count in accuracy.
    #[must_use]
    pub fn graded(&self) -> u64 {
        Verdict::ALL.iter().zip(self.verdicts).filter(|(verdict, _)| verdict.is_graded()).map(|(_, n)| n).sum()
    }
}
