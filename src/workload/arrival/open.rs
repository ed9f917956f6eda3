//! `constant`, `poisson`, `gamma`: a clock that does not wait for the target.
//!
//! Gaps are drawn with mean 1 and stretched by the rate that holds, so that a rate that changes over time (`steps`) needs
//! no clock of its own: gap by gap the sum of rate × time grows by what was drawn. For exponential gaps that is the
//! inhomogeneous Poisson process (Çınlar 1975, Introduction to Stochastic Processes, 4.7).

use super::{Kind, Pattern, span};
use crate::config::{Rate, Section};
use crate::domain::Nanos;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

/// Even gaps.
pub const CONSTANT: Kind =
    Kind { name: "constant", about: "evenly spaced arrivals that do not wait for the target", build: constant };
/// Exponential gaps.
pub const POISSON: Kind = Kind {
    name: "poisson",
    about: "independent arrivals (exponential gaps) that do not wait for the target",
    build: poisson,
};
/// Gamma gaps.
pub const GAMMA: Kind = Kind {
    name: "gamma",
    about: "arrivals with gamma gaps: burstiness below 1 is burstier than Poisson, above 1 smoother",
    build: gamma,
};

/// Burstiness from here to there is told apart from none and from a constant rate in any run that ends.
const BURSTINESS: std::ops::RangeInclusive<f64> = 0.01..=1000.0;

/// A rate over time, and how its arrivals are spaced.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    /// How gaps are drawn.
    pub spacing: Spacing,
    /// Rates, one after the other; the schedule ends with the last that has a length.
    pub stretches: Vec<Stretch>,
}

/// A rate for a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// Mean arrivals per second.
    pub per_second: f64,
    /// For how long; none for ever.
    pub length: Option<Duration>,
}

/// How gaps are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spacing {
    /// All the same.
    Even,
    /// Gamma-distributed with this shape and the mean that the rate gives. vLLM's benchmark calls the shape *burstiness*
    /// (`vllm bench serve --burstiness`): gaps ~ Gamma(shape, 1/(rate·shape)), whose coefficient of variation is 1/√shape.
    Gamma(f64),
}

impl Spacing {
    /// Exponential gaps: the gamma distribution of shape 1.
    pub const POISSON: Self = Self::Gamma(1.0);

    /// A gap of mean 1.
    fn draw(self, rng: &mut impl Rng) -> f64 {
        match self {
            Self::Even => 1.0,
            Self::Gamma(1.0) => exponential(rng.random()),
            Self::Gamma(shape) => gamma_draw(shape, rng) / shape,
        }
    }

    pub(super) fn words(self) -> String {
        match self {
            Self::Even => "evenly".to_owned(),
            Self::POISSON => "at random (Poisson)".to_owned(),
            Self::Gamma(shape) => format!("at random (gamma, burstiness {shape})"),
        }
    }
}

/// The exponential distribution of mean 1 by inverse transform; 1 − u keeps ln away from 0.
pub(super) fn exponential(u: f64) -> f64 {
    -(1.0 - u).ln()
}

/// The gamma distribution of a shape and scale 1: Marsaglia & Tsang 2000 (ACM TOMS 26:363), with their boost
/// Γ(a) = Γ(a+1)·u^(1/a) for shapes below 1.
fn gamma_draw(shape: f64, rng: &mut impl Rng) -> f64 {
    if shape < 1.0 {
        let boost = (1.0 - rng.random::<f64>()).powf(1.0 / shape);
        return gamma_draw(shape + 1.0, rng) * boost;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal(rng);
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && (1.0 - rng.random::<f64>()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}

/// The standard normal distribution (Box & Muller 1958).
fn normal(rng: &mut impl Rng) -> f64 {
    let radius = (2.0 * exponential(rng.random())).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}

impl Open {
    /// One rate all the time.
    #[must_use]
    pub fn steady(per_second: f64, spacing: Spacing) -> Self {
        Self { spacing, stretches: vec![Stretch { per_second, length: None }] }
    }

    /// The highest rate there ever is, per second.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.stretches.iter().map(|stretch| stretch.per_second).fold(0.0, f64::max)
    }

    /// The arrivals' instants since the beginning, in order, from a seed; they end where the last stretch ends.
    pub fn offsets(&self, seed: u64) -> impl Iterator<Item = Nanos> + Send + 'static {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let Self { spacing, stretches } = self.clone();
        let (mut index, mut began, mut elapsed) = (0, Duration::ZERO, 0.0_f64);
        std::iter::from_fn(move || {
            let mut gap = spacing.draw(&mut rng);
            loop {
                let Stretch { per_second, length } = *stretches.get(index)?;
                let left = length.map_or(f64::INFINITY, |length| (length.as_secs_f64() - elapsed) * per_second);
                // Rounding must not lose the arrival at the very end.
                if gap <= left + 1e-9 {
                    elapsed += gap.min(left) / per_second;
                    let offset = Duration::try_from_secs_f64(elapsed).unwrap_or(Duration::MAX);
                    return Some(began.saturating_add(offset).into());
                }
                gap -= left;
                (index, elapsed) = (index + 1, 0.0);
                began = began.saturating_add(length.unwrap_or_default());
            }
        })
    }

    /// Its settings in words.
    pub(super) fn words(&self) -> String {
        let rates: Vec<String> = self
            .stretches
            .iter()
            .map(|Stretch { per_second, length }| match length {
                None => format!("{per_second} a second"),
                Some(length) => format!("{per_second} a second for {}", span(*length)),
            })
            .collect();
        format!("open loop, {} {}", rates.join(", then "), self.spacing.words())
    }
}

fn constant(section: &Section<'_>) -> Option<(Pattern, String)> {
    Some(built(rate(section)?, Spacing::Even))
}

fn poisson(section: &Section<'_>) -> Option<(Pattern, String)> {
    Some(built(rate(section)?, Spacing::POISSON))
}

fn gamma(section: &Section<'_>) -> Option<(Pattern, String)> {
    let (rate, burstiness) = (rate(section), section.need::<f64>("burstiness"));
    if burstiness.is_some_and(|b| !BURSTINESS.contains(&b)) {
        section.problem("burstiness", "expected from 0.01 to 1000; 1 is Poisson, below it burstier", None);
    }
    Some(built(rate?, Spacing::Gamma(burstiness?)))
}

fn rate(section: &Section<'_>) -> Option<f64> {
    section.need::<Rate>("rate").map(|rate| rate.per_second)
}

fn built(per_second: f64, spacing: Spacing) -> (Pattern, String) {
    let open = Open::steady(per_second, spacing);
    let words = open.words();
    (Pattern::Open(open), words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gaps(spacing: Spacing, n: usize) -> Vec<f64> {
        let all: Vec<Nanos> = Open::steady(50.0, spacing).offsets(1).take(n).collect();
        let before = std::iter::once(Nanos(0)).chain(all.iter().copied());
        all.iter().zip(before).map(|(at, before)| at.since(before).seconds()).collect()
    }

    #[test]
    fn gaps_have_the_mean_of_the_rate_and_the_variation_of_the_shape() {
        for (spacing, variation) in [
            (Spacing::Even, 0.0),
            (Spacing::POISSON, 1.0),
            (Spacing::Gamma(0.25), 2.0),
            (Spacing::Gamma(4.0), 0.5),
            (Spacing::Gamma(1.000_001), 1.0),
        ] {
            let gaps = gaps(spacing, 40_000);
            let mean = gaps.iter().sum::<f64>() / 40_000.0;
            let square = gaps.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / 40_000.0;
            assert!((mean / 0.02 - 1.0).abs() < 0.03, "{spacing:?}: {mean}");
            assert!((square.sqrt() / mean - variation).abs() < 0.05, "{spacing:?}: {}", square.sqrt() / mean);
        }
    }

    #[test]
    fn exponential_gaps_pass_a_kolmogorov_smirnov_test() {
        let mut gaps = gaps(Spacing::POISSON, 10_000);
        gaps.sort_by(f64::total_cmp);
        let distance = (0_u32..).zip(&gaps).map(|(i, gap)| {
            let model = 1.0 - (-gap * 50.0).exp();
            (model - f64::from(i) / 1e4).abs().max((model - f64::from(i + 1) / 1e4).abs())
        });
        // 1.628/√n is the critical value at 1 %.
        assert!(distance.fold(0.0, f64::max) < 0.016_28);
    }

    #[test]
    fn schedules_repeat_with_the_seed() {
        let open = Open::steady(50.0, Spacing::POISSON);
        assert!(open.offsets(1).take(1_000).eq(open.offsets(1).take(1_000)));
        assert!(open.offsets(1).take(9).ne(open.offsets(2).take(9)));
    }

    #[test]
    fn a_changing_rate_carries_what_is_left_of_a_gap_over_and_ends() {
        let length = Some(Duration::from_millis(1_250));
        let stretches = vec![
            Stretch { per_second: 2.0, length },
            Stretch { per_second: 10.0, length: Some(Duration::from_millis(200)) },
        ];
        let open = Open { spacing: Spacing::Even, stretches };
        // Half a gap is over at 1.25 s; the other half takes 50 ms at the new rate.
        let ms: Vec<u64> = open.offsets(0).map(|at| (at.0 + 500_000) / 1_000_000).collect();
        assert_eq!(ms, [500, 1_000, 1_300, 1_400]);
    }

    proptest! {
        #[test]
        fn offsets_never_go_back(seed in any::<u64>(), rates in prop::collection::vec((1e-6..1e6_f64, 1_u64..5_000), 1..4), shape in 0.01..1000.0_f64) {
            let stretches = rates.iter().map(|(r, ms)| Stretch { per_second: *r, length: Some(Duration::from_millis(*ms)) });
            let open = Open { spacing: Spacing::Gamma(shape), stretches: stretches.collect() };
            let whole: Nanos = open.stretches.iter().filter_map(|s| s.length).sum::<Duration>().into();
            let all: Vec<Nanos> = open.offsets(seed).take(300).collect();
            prop_assert!(all.is_sorted() && all.iter().all(|at| at.0 <= whole.0 + 1));
        }
    }
}
