//! What one target came to in one part.

use super::gather::Sums;
use crate::domain::{Money, Name, Verdict};
use crate::stats::{Interval, Level, PerCorrect, RatioSums, Sketch, clustered, of_sketch};

/// A latency's middle and its slow end, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantiles {
    /// The median.
    pub p50: f64,
    /// What 99 of 100 keep.
    pub p99: f64,
}

impl Quantiles {
    fn of(sketch: &Sketch) -> Option<Self> {
        let at = |q| of_sketch(sketch, 0, q, Level::P95).map(|q| q.estimate / 1e9);
        Some(Self { p50: at(0.5)?, p99: at(0.99)? })
    }
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
