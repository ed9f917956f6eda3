//! Simulated runs of which the truth is known: how often the interval of the cost per correct answer holds it.
//!
//! Not part of the library: a test and the bench `coverage` take it in, so that both show the same.

use super::{Level, RatioSums};
use crate::domain::Money;

/// One kind of run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Items, an even number of them.
    pub n: u32,
    /// The probability that one is answered right.
    pub p: f64,
    /// The spread of an answer's tokens: those are log-normal, with this standard deviation of their logarithm. At 0.5
    /// one answer in a hundred has three times the median's tokens, at 1 ten times.
    pub sigma: f64,
}

/// How often the interval held the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coverage {
    /// Of all runs; where the interval had a lower end only, that was below the truth.
    pub all: f64,
    /// The share of runs with both ends.
    pub two_ended: f64,
    /// The share covered of those.
    pub covered: f64,
}

/// What a wrong answer costs over a right one: models that don't know talk longer.
const WRONG: f64 = 1.3;

/// Every cell that is claimed.
pub fn grid() -> impl Iterator<Item = Cell> {
    [30, 50, 100, 300].into_iter().flat_map(|n| {
        [0.1, 0.3, 0.5, 0.7, 0.9].into_iter().flat_map(move |p| [0.5, 1.0].map(|sigma| Cell { n, p, sigma }))
    })
}

/// A generator that is quick also where nothing is optimised: SplitMix64 (Steele, Lea & Flood 2014).
pub struct SplitMix(pub u64);

impl SplitMix {
    /// Above 0 and below 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    /// Two standard normal numbers (Box & Muller 1958).
    fn normals(&mut self) -> [f64; 2] {
        let (length, angle) = ((-2.0 * self.uniform().ln()).sqrt(), std::f64::consts::TAU * self.uniform());
        [length * angle.cos(), length * angle.sin()]
    }
}

/// So many runs of one kind.
pub fn run(rng: &mut SplitMix, cell: Cell, runs: u32) -> Coverage {
    let Cell { n, p, sigma } = cell;
    // Costs of a right answer in nano-USD, with a median of 10⁶.
    let truth = 1e-3 * (sigma * sigma / 2.0).exp() * (p + WRONG * (1.0 - p)) / p;
    let (mut all, mut two_ended, mut covered) = (0_u32, 0_u32, 0_u32);
    for _ in 0..runs {
        let mut sums = RatioSums::default();
        for _ in 0..n.div_ceil(2) {
            for tokens in rng.normals() {
                let right = rng.uniform() < p;
                let cost = 1e6 * (sigma * tokens).exp() * if right { 1.0 } else { WRONG };
                #[expect(clippy::cast_possible_truncation, reason = "whole nano-USD")]
                sums.add(cost.round() as i64, u64::from(right));
            }
        }
        let Some(got) = sums.per_correct(Money::ZERO, Level::P95) else { continue };
        let inside = got.lower <= truth && got.upper.is_none_or(|upper| truth <= upper);
        all += u32::from(inside);
        two_ended += u32::from(got.upper.is_some());
        covered += u32::from(inside && got.upper.is_some());
    }
    let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
    Coverage { all: share(all, runs), two_ended: share(two_ended, runs), covered: share(covered, two_ended) }
}
