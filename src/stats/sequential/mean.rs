//! Confidence sequences for a bounded mean, by betting: intervals that hold at every look at once.

use super::draw::Draw;
use crate::stats::{Interval, Level};

/// For which moment the interval is to be narrowest. It holds at every moment all the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tuning {
    /// No moment in particular.
    Everywhere,
    /// When it is about this wide to either side.
    HalfWidth(f64),
}

/// An interval for the mean that is right at all times together with the level's probability, under any rule of stopping.
///
/// Hedged capital with predictable plug-in bets (Waudby-Smith & Ramdas 2024, J. R. Statist. Soc. B 86, 1–27,
/// arXiv 2010.09686, theorem 3): one bettor for, one against every candidate m,
/// K±(m) = ∏ (1 ± λ_t (u_t − m)), and the interval is where neither has reached 2/α. K⁺ falls and K⁻ rises in m, so its ends
/// are found by bisection. λ_t is cut so that no bet against any m loses more than half.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanSequence {
    tail: f64,
    tuning: Tuning,
    bets: Vec<(Draw, f64)>,
    /// Σ of squared distances from the running mean, in units of scale², with a quarter to begin with.
    spread: f64,
    /// Σ value/scale² and Σ 1/scale²: the mean weighted by what each draw tells.
    weighted: (f64, f64),
    bounds: (f64, f64),
}

/// The share of a part that a bet may lose.
const CUT: f64 = 0.5;

impl MeanSequence {
    /// For a mean that is known to lie between `bounds`.
    #[must_use]
    pub fn new(level: Level, tuning: Tuning, bounds: (f64, f64)) -> Self {
        Self::with_error(2.0 * level.tail(), tuning, bounds)
    }

    /// The same by its error probability, which may be smaller than a level's.
    pub(in crate::stats) const fn with_error(alpha: f64, tuning: Tuning, bounds: (f64, f64)) -> Self {
        Self { tail: alpha / 2.0, tuning, bets: Vec::new(), spread: 0.25, weighted: (0.0, 0.0), bounds }
    }

    /// Takes in the next draw. One that is not finite, or of a size that no mean between 0 and 1 can have, is left out.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn push(&mut self, draw: Draw) {
        let Draw { value, lower, upper, scale } = draw;
        let sound = [value, lower, upper].into_iter().all(|x| x.abs() <= 1e9) && (1e-15..=1e9).contains(&scale);
        if !sound {
            return;
        }
        let n = self.bets.len() as f64;
        let variance = self.spread / (n + 1.0);
        let bet = match self.tuning {
            Tuning::Everywhere => (-2.0 * self.tail.ln() / (variance * (n + 1.0) * (n + 2.0).ln())).sqrt(),
            Tuning::HalfWidth(h) => h.clamp(1e-6, 1.0) / variance,
        };
        // In units of the draw: twice by its scale, since the narrower draws tell more (weights 1/variance).
        self.bets.push((draw, bet / scale.powi(2)));
        let weight = scale.powi(-2);
        self.weighted.0 += weight * value;
        self.weighted.1 += weight;
        let mean = (self.weighted.0 + 0.5 * weight) / (self.weighted.1 + weight);
        self.spread += ((value - mean) / scale).powi(2);
    }

    /// Draws so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bets.len()
    }

    /// Whether there is none yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bets.is_empty()
    }

    /// The estimate: all draws, weighted by what each tells; the middle of what is possible without any.
    #[must_use]
    pub fn estimate(&self) -> f64 {
        let (low, high) = self.bounds;
        if self.weighted.1 > 0.0 {
            (self.weighted.0 / self.weighted.1).clamp(low, high)
        } else {
            f64::midpoint(low, high)
        }
    }

    /// The interval after all draws so far. (The intersection with earlier ones is valid too.)
    #[must_use]
    pub fn interval(&self) -> Interval {
        let estimate = self.estimate();
        let (low, high) = self.bounds;
        let lower = self.end(low, estimate, 1.0);
        let upper = self.end(high, estimate, -1.0);
        Interval { estimate, lower: lower.min(estimate), upper: upper.max(estimate) }
    }

    /// The outermost mean that the bettor of one side has not refuted. Where even the estimate is refuted (which a bettor may
    /// come to who bet too high) the estimate is the end.
    fn end(&self, outer: f64, inner: f64, sign: f64) -> f64 {
        let limit = -self.tail.ln();
        let refuted = |m: f64| self.log_capital(m, sign) >= limit;
        if !refuted(outer) {
            return outer;
        }
        let (mut out, mut inside) = (outer, inner);
        for _ in 0..40 {
            if (out - inside).abs() < 1e-7 {
                break;
            }
            let middle = f64::midpoint(out, inside);
            if refuted(middle) { out = middle } else { inside = middle }
        }
        out
    }

    fn log_capital(&self, m: f64, sign: f64) -> f64 {
        let mut log = 0.0;
        for (draw, bet) in &self.bets {
            let (gain, worst) =
                if sign > 0.0 { (draw.value - m, m - draw.lower) } else { (m - draw.value, draw.upper - m) };
            // Nothing to lose: m is already impossible.
            if worst <= 1e-12 {
                return f64::INFINITY;
            }
            log += (bet.min(CUT / worst) * gain).max(-0.999).ln_1p();
        }
        log
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::seeded::Seeded;
    use crate::stats::sequential::WithoutReplacement;
    use proptest::prelude::*;

    const P95: Level = Level::P95;

    #[test]
    fn it_holds_at_every_look_with_replacement() {
        let mut rng = Seeded::new(1);
        let held = (0..150)
            .filter(|_| {
                let mut sequence = MeanSequence::new(P95, Tuning::Everywhere, (0.0, 1.0));
                (0..160).all(|n| {
                    sequence.push(Draw::independent(f64::from(u8::from(rng.uniform() < 0.3))));
                    n % 20 != 19 || sequence.interval().covers(0.3)
                })
            })
            .count();
        assert!(held >= 138, "{held} of 150");
    }

    #[test]
    fn it_holds_at_every_look_without_replacement() {
        let held = (0..150)
            .filter(|seed| {
                let mut rng = Seeded::new(*seed);
                let mut items: Vec<f64> = (0..120).map(|i| if i < 84 { 1.0 } else { 0.25 }).collect();
                let truth = items.iter().sum::<f64>() / 120.0;
                let mut finite = WithoutReplacement::of(120);
                let mut sequence = MeanSequence::new(P95, Tuning::Everywhere, (0.0, 1.0));
                (0..110).all(|n| {
                    let place = rng.below(items.len());
                    sequence.push(finite.draw(items.swap_remove(place)).unwrap());
                    n % 15 != 14 || sequence.interval().covers(truth)
                })
            })
            .count();
        assert!(held >= 138, "{held} of 150");
    }

    #[test]
    fn it_is_as_narrow_as_theory_allows_where_it_was_tuned_for() {
        // √(2 ln(2/α)) σ/√n = 0.05 at n = 738 for σ = ½.
        let mut sequence = MeanSequence::new(P95, Tuning::HalfWidth(0.05), (0.0, 1.0));
        for n in 0..738 {
            sequence.push(Draw::independent(f64::from(n % 2)));
        }
        let got = sequence.interval();
        let half = (got.upper - got.lower) / 2.0;
        assert!((0.047..0.053).contains(&half), "{half}");
    }

    #[test]
    fn what_is_certain_is_exact() {
        let mut finite = WithoutReplacement::of(3);
        for x in [1.0, 0.0, 1.0] {
            assert!(finite.draw(x).is_some());
        }
        let (low, high) = finite.certain();
        assert!((low - 2.0 / 3.0).abs() < 1e-12 && (high - low).abs() < 1e-12);
        assert_eq!(finite.draw(1.0), None);
        let empty = MeanSequence::new(P95, Tuning::Everywhere, (0.2, 0.4));
        let interval = empty.interval();
        assert!(empty.is_empty() && (interval.lower, interval.upper) == (0.2, 0.4));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn never_nan_and_always_around_its_estimate(
            draws in proptest::collection::vec((proptest::num::f64::ANY, 0.0_f64..2.0, proptest::num::f64::ANY), 0..40),
            width in proptest::num::f64::ANY,
        ) {
            for tuning in [Tuning::Everywhere, Tuning::HalfWidth(width)] {
                let mut sequence = MeanSequence::new(P95, tuning, (0.0, 1.0));
                for (value, reach, scale) in &draws {
                    sequence.push(Draw { value: *value, lower: value - reach, upper: value + reach, scale: *scale });
                }
                let Interval { estimate, lower, upper } = sequence.interval();
                prop_assert!(0.0 <= lower && lower <= estimate && estimate <= upper && upper <= 1.0, "{lower} {estimate} {upper}");
            }
        }
    }
}
