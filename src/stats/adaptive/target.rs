//! What one target answered so far, and what that says of the mean over all items.

use super::order::Drawn;
use super::predict::{Curve, Items, Seen};
use crate::stats::sequential::Draw;

/// A draw as it went into the estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Absorbed {
    /// The draw of the mean over all items.
    pub draw: Draw,
    /// What was known or foreseen of the mean before it.
    pub base: f64,
    /// By how many foreseen deviations the answer was off.
    pub error: f64,
    /// Σ 1/scale² and Σ value/scale² up to it.
    pub so_far: (f64, f64),
}

/// One target's answers.
#[derive(Debug, Clone)]
pub struct Answers {
    curve: Curve,
    /// The prediction of every item, and the least and greatest of them.
    predicted: Vec<f64>,
    range: (f64, f64),
    seen: Vec<Seen>,
    known: f64,
    rest: f64,
    absorbed: Vec<Absorbed>,
    /// Σ 1/scale², Σ value/scale², Σ error, Σ error².
    sums: [f64; 4],
    void: usize,
    /// By how much the mean can be less and more than what is known, for the answers without a score.
    hidden: (f64, f64),
}

impl Answers {
    /// None yet.
    pub fn new(strata: usize, items: &Items, weights: &[f64]) -> Self {
        let mut new = Self {
            curve: Curve::new(strata, items),
            predicted: Vec::new(),
            range: (0.0, 1.0),
            seen: Vec::new(),
            known: 0.0,
            rest: 0.0,
            absorbed: Vec::new(),
            sums: [0.0; 4],
            void: 0,
            hidden: (0.0, 0.0),
        };
        new.predict(items, weights);
        new
    }

    /// Fits the prediction to what was answered, for the draws to come.
    pub fn refit(&mut self, items: &Items, weights: &[f64]) {
        self.curve.fit(&self.seen, items);
        self.predict(items, weights);
    }

    fn predict(&mut self, items: &Items, weights: &[f64]) {
        self.predicted = (0..weights.len()).map(|item| self.curve.of(item, items)).collect();
        let all: f64 = self.predicted.iter().zip(weights).map(|(f, w)| f * w).sum();
        let asked: f64 = self.seen.iter().map(|seen| self.weighted(seen.item, weights)).sum();
        self.rest = (all - asked).max(0.0);
        let fold = |pick: fn(f64, f64) -> f64, from| self.predicted.iter().copied().fold(from, pick);
        self.range = (fold(f64::min, 1.0), fold(f64::max, 0.0));
    }

    fn weighted(&self, item: usize, weights: &[f64]) -> f64 {
        self.predicted(item) * weights.get(item).copied().unwrap_or(0.0)
    }

    /// The prediction of an item.
    pub fn predicted(&self, item: usize) -> f64 {
        self.predicted.get(item).copied().unwrap_or(0.5)
    }

    /// The least and greatest prediction of any item.
    pub const fn range(&self) -> (f64, f64) {
        self.range
    }

    /// Takes in the answer to the next item of the order. An item without a score (nobody can say what it would have been)
    /// counts as what was foreseen of it.
    pub fn absorb(&mut self, drawn: &Drawn, score: Option<f64>) -> Absorbed {
        let Drawn { item, weight, ratio, reach, scale } = *drawn;
        let foreseen = self.predicted(item);
        let score = score.filter(|score| score.is_finite()).map(|score| score.clamp(0.0, 1.0));
        if score.is_none() {
            self.void += 1;
            self.hidden.0 += weight * foreseen;
            self.hidden.1 += weight * (1.0 - foreseen);
        }
        let off = score.map_or(0.0, |score| score - foreseen);
        let base = self.known + self.rest;
        let (low, high) = self.range;
        let draw =
            Draw { value: base + ratio * off, lower: base - reach * high, upper: base + reach * (1.0 - low), scale };
        let error = ratio * off / scale;
        self.known += weight * (foreseen + off);
        self.rest = (self.rest - weight * foreseen).max(0.0);
        self.seen.push(Seen { item, score: foreseen + off });
        let tells = scale.powi(-2);
        for (sum, more) in self.sums.iter_mut().zip([tells, tells * draw.value, error, error * error]) {
            *sum += more;
        }
        let [tells, value, ..] = self.sums;
        let absorbed = Absorbed { draw, base, error, so_far: (tells, value) };
        self.absorbed.push(absorbed);
        absorbed
    }

    /// Answers so far, those without a score among them.
    pub const fn asked(&self) -> usize {
        self.seen.len()
    }

    /// Those without a score.
    pub const fn void(&self) -> usize {
        self.void
    }

    /// Every answer so far, in order.
    pub fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// Every draw so far, in order.
    pub fn absorbed(&self) -> &[Absorbed] {
        &self.absorbed
    }

    /// What is known of the mean: the sum over the items that were asked, those without a score as they were foreseen.
    pub const fn known(&self) -> f64 {
        self.known
    }

    /// By how much that can be wrong: it is less by the first at the most, or more by the second.
    pub const fn hidden(&self) -> (f64, f64) {
        self.hidden
    }

    /// The estimate of the mean over all items: every draw is an unbiased one; each counts by what it tells, 1/variance.
    pub fn mean(&self) -> f64 {
        let [tells, value, _, _] = self.sums;
        if tells > 0.0 { (value / tells).clamp(0.0, 1.0) } else { self.rest.clamp(0.0, 1.0) }
    }

    /// Its standard error. One answer more of either kind is in the variance, so that answers which are all alike do not claim
    /// certainty. Errors are told in foreseen deviations, √(p (1 − p)): a wrong answer where nearly all are right is off by many.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn error(&self) -> f64 {
        let [tells, _, first, second] = self.sums;
        let n = self.seen.len() as f64;
        if n < 2.0 || tells <= 0.0 {
            return f64::INFINITY;
        }
        let least = 1.0 / (n + 2.0);
        let p = self.mean().clamp(least, 1.0 - least);
        let odds = p / (1.0 - p);
        let variance = (second + odds + odds.recip() - first * first / (n + 2.0)) / (n + 1.0);
        (variance.max(0.0) / tells).sqrt()
    }
}
