//! Who can still be the best: each target's claim to be, held against its strongest rivals.

use super::target::Absorbed;
use crate::stats::sequential::Capital;

/// The claim of one target to be the best.
///
/// Under "i is the best" no mixture of other targets is better than it, whichever mixture is chosen before each draw. So one
/// bettor is enough, who always bets on the mixture that looks most promising; nothing is paid for the number of rivals, nor for
/// the number of claims: only the true best's can fall wrongly. The bettor's capital against "i is at least as good as everyone" is
/// `best`; against "i leads everyone by the margin" `ahead`.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The mixture of rivals: target, share.
    pub rivals: Mixture,
    /// The variance that is foreseen for the mixture − this target, in squared foreseen deviations.
    pub variance: f64,
    best: Capital,
    ahead: Capital,
}

impl Claim {
    /// Nothing is known against it.
    pub fn new(margin: f64) -> Self {
        Self { rivals: Vec::new(), variance: 2.0, best: Capital::against(0.0), ahead: Capital::against(-margin) }
    }

    /// Takes in one draw: what it was to each target, and the predictions' ranges.
    pub fn take(
        &mut self,
        own: &Absorbed,
        own_range: (f64, f64),
        reach: f64,
        rival: impl Fn(usize) -> Option<(Absorbed, (f64, f64))>,
    ) {
        let (mut value, mut base, mut high) = (-own.draw.value, -own.base, -own_range.0);
        for (target, share) in &self.rivals {
            let Some((absorbed, range)) = rival(*target) else { return };
            value += share * absorbed.draw.value;
            base += share * absorbed.base;
            high += share * range.1;
        }
        if self.rivals.is_empty() {
            return;
        }
        // The difference of scores is at least −1, and what was foreseen of it at most `high`.
        let lower = base - reach * (1.0 + high.max(-1.0));
        let variance = self.variance * own.draw.scale.powi(2);
        self.best.take(value, lower, variance, 0.0);
        self.ahead.take(value, lower, variance, 0.0);
    }

    /// The evidence against being the best, and against leading by the margin (natural logarithms).
    pub const fn evidence(&self) -> (f64, f64) {
        (self.best.peak(), self.ahead.peak())
    }

    /// It has become impossible.
    pub const fn refute(&mut self) {
        self.best.refute();
        self.ahead.refute();
    }
}

/// The mean products of targets' errors, which tell how much a difference of two will vary.
#[derive(Debug, Clone)]
pub struct Products {
    targets: usize,
    sums: Vec<f64>,
    counts: Vec<f64>,
}

/// Answers that the first guess is worth: errors of one deviation each, with a correlation of 0.3.
const PRIOR: f64 = 8.0;

impl Products {
    /// None seen.
    pub fn new(targets: usize) -> Self {
        Self { targets, sums: vec![0.0; targets * targets], counts: vec![0.0; targets * targets] }
    }

    /// Takes in what one draw was to two targets, or twice to the same.
    pub fn take(&mut self, i: usize, j: usize, product: f64) {
        for place in [i * self.targets + j, j * self.targets + i].into_iter().take(1 + usize::from(i != j)) {
            if let (Some(sum), Some(count)) = (self.sums.get_mut(place), self.counts.get_mut(place)) {
                *sum += product;
                *count += 1.0;
            }
        }
    }

    /// The mean product of two targets' errors.
    pub fn of(&self, i: usize, j: usize) -> f64 {
        let place = i * self.targets + j;
        let (sum, count) =
            (self.sums.get(place).copied().unwrap_or(0.0), self.counts.get(place).copied().unwrap_or(0.0));
        (sum + PRIOR * if i == j { 1.0 } else { 0.3 }) / (count + PRIOR)
    }

    /// The variance of a mixture less one target.
    pub fn against(&self, mixture: &[(usize, f64)], target: usize) -> f64 {
        let mut variance = self.of(target, target);
        for (i, a) in mixture {
            variance -= 2.0 * a * self.of(*i, target);
            for (j, b) in mixture {
                variance += a * b * self.of(*i, *j);
            }
        }
        variance.max(0.02)
    }
}

/// A mixture of targets: who, with which share.
pub type Mixture = Vec<(usize, f64)>;

/// The mixture of others that promises most against a target: equal shares of the best one, two, … up to six, whichever has the
/// greatest lead in deviations; the best alone where none leads.
pub fn rivals(target: usize, standing: &[(usize, f64)], products: &Products) -> (Mixture, f64) {
    let own = standing.iter().find(|(i, _)| *i == target).map_or(0.0, |(_, mean)| *mean);
    let mut others: Vec<(usize, f64)> = standing.iter().filter(|(i, _)| *i != target).copied().collect();
    others.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut choice: Option<(f64, Mixture, f64)> = None;
    let mut sum = 0.0;
    for (taken, (_, mean)) in others.iter().take(6).enumerate() {
        sum += mean;
        #[expect(clippy::cast_precision_loss, reason = "at most six")]
        let share = 1.0 / (taken + 1) as f64;
        let mixture: Mixture = others.iter().take(taken + 1).map(|(i, _)| (*i, share)).collect();
        let variance = products.against(&mixture, target);
        let lead = sum * share - own;
        let promise = lead / variance.sqrt();
        if choice.as_ref().is_none_or(|(best, ..)| promise > *best && lead > 0.0) {
            choice = Some((promise, mixture, variance));
        }
    }
    choice.map_or((Vec::new(), 2.0), |(_, mixture, variance)| (mixture, variance))
}
