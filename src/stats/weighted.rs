//! Shares of strata put together by given weights: what a board average is.

use super::proportion::wilson_at;
use super::{Interval, Level};

/// A share in one stratum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighted {
    /// How much it weighs, relative to the others.
    pub weight: f64,
    /// The share.
    pub share: f64,
    /// How many independent observations it rests on.
    pub size: f64,
}

/// The weighted mean of shares, Σ W_h p_h with ΣW_h = 1, and its interval. None where there is no stratum, or one without
/// weight or observations.
///
/// Source: stratified sampling with known weights, Cochran (1977), Sampling Techniques, §5.3: variance
/// Σ W_h² p̃_h(1 − p̃_h)/n_h, with p̃ = (k + ½)/(n + 1), so that a stratum where all succeed does not claim certainty. The
/// interval is Wilson's at the size that a simple sample of that variance would have, as for clusters (Korn & Graubard
/// 1998): with one stratum it is Wilson's interval exactly.
#[must_use]
pub fn weighted_mean(strata: &[Weighted], level: Level) -> Option<Interval> {
    let total: f64 = strata.iter().map(|s| s.weight).sum();
    let usable = |s: &Weighted| s.weight > 0.0 && s.size > 0.0 && (0.0..=1.0).contains(&s.share);
    if !total.is_finite() || strata.is_empty() || !strata.iter().all(usable) {
        return None;
    }
    let (mut mean, mut smooth, mut variance) = (0.0, 0.0, 0.0);
    for Weighted { weight, share, size } in strata {
        let weight = weight / total;
        let near = (share * size + 0.5) / (size + 1.0);
        mean += weight * share;
        smooth += weight * near;
        variance += weight * weight * near * (1.0 - near) / size;
    }
    let mean = mean.clamp(0.0, 1.0);
    Some(wilson_at(mean, (smooth * (1.0 - smooth) / variance).max(f64::MIN_POSITIVE), level))
}

/// The number of independent observations at which Wilson's interval around a share is this one: its size, where
/// observations depend on each other the effective one. None where the interval says nothing of it.
///
/// An end x of Wilson's interval satisfies (p − x)² = z² x(1 − x)/n; the end that lies further off is taken.
#[must_use]
pub fn effective_size(interval: &Interval, level: Level) -> Option<f64> {
    let Interval { estimate: p, lower, upper } = *interval;
    let end = if p - lower > upper - p { lower } else { upper };
    let size = level.z().powi(2) * end * (1.0 - end) / (p - end).powi(2);
    (size.is_finite() && size > 0.0).then_some(size)
}

/// Strata that all weigh the same.
#[must_use]
pub fn unweighted_mean(shares: &[Interval], level: Level) -> Option<Interval> {
    let strata = shares.iter().map(|interval| {
        Some(Weighted { weight: 1.0, share: interval.estimate, size: effective_size(interval, level)? })
    });
    weighted_mean(&strata.collect::<Option<Vec<_>>>()?, level)
}

#[cfg(test)]
mod tests {
    use super::super::{clustered, wilson};
    use super::*;
    use crate::stats::RatioSums;
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};

    const P95: Level = Level::P95;

    fn near(got: f64, want: f64) {
        assert!((got - want).abs() < 1e-9, "{got}, not {want}");
    }

    #[test]
    fn one_stratum_is_wilsons_interval() {
        for (k, n) in [(7, 10), (0, 5), (5, 5), (81, 263)] {
            let want = wilson(k, n, P95).unwrap();
            let got = unweighted_mean(&[want], P95).unwrap();
            near(got.estimate, want.estimate);
            near(got.lower, want.lower);
            near(got.upper, want.upper);
        }
    }

    #[test]
    fn every_stratum_weighs_the_same_however_large_it_is() {
        // By hand: 9 of 10, 50 of 100 and 1 of 2: (0.9 + 0.5 + 0.5) / 3; pooled it would be 60 of 112.
        let shares = [(9, 10), (50, 100), (1, 2)].map(|(k, n)| wilson(k, n, P95).unwrap());
        let got = unweighted_mean(&shares, P95).unwrap();
        near(got.estimate, 1.9 / 3.0);
        // p̃ = 9.5/11, 50.5/101, 1.5/3; V = Σ p̃(1 − p̃)/n / 9; n* = p̄(1 − p̄)/V.
        let p = [9.5 / 11.0, 0.5, 0.5];
        let v: f64 = p.iter().zip([10.0, 100.0, 2.0]).map(|(p, n)| p * (1.0 - p) / n).sum::<f64>() / 9.0;
        let mean = p.iter().sum::<f64>() / 3.0;
        let want = wilson_at(1.9 / 3.0, mean * (1.0 - mean) / v, P95);
        near(got.lower, want.lower);
        near(got.upper, want.upper);
        assert!(got.half_width() > 0.2, "two answers of one stratum can't make a third of the mean sure: {got:?}");
    }

    #[test]
    fn what_says_nothing_gives_nothing() {
        assert_eq!(unweighted_mean(&[], P95), None);
        let none = Weighted { weight: 1.0, share: 0.5, size: 0.0 };
        assert_eq!(weighted_mean(&[none], P95), None);
        assert_eq!(effective_size(&Interval { estimate: 0.5, lower: 0.5, upper: 0.5 }, P95), None);
    }

    #[test]
    fn answers_that_depend_on_each_other_count_as_fewer() {
        // Ten items asked five times each, always alike: ten observations, not fifty.
        let mut sums = RatioSums::default();
        (0..10).for_each(|item| sums.add(if item < 6 { 5 } else { 0 }, 5));
        let interval = clustered(&sums, P95).unwrap();
        let size = effective_size(&interval, P95).unwrap();
        assert!(size < 10.0, "{size}");
    }

    #[test]
    fn nominal_95_percent_covers_about_95_percent() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
        let truth: Vec<(f64, u64)> =
            (0..20_u32).map(|i| (0.2 + 0.04 * f64::from(i), u64::from(8 + 7 * (i % 5)))).collect();
        let expected = truth.iter().map(|(p, _)| p).sum::<f64>() / 20.0;
        let mut draw = |p: f64, n: u64| (0..n).filter(|_| rng.random::<f64>() < p).count() as u64;
        let covered = (0..2_000)
            .filter(|_| {
                let shares: Vec<Interval> = truth.iter().filter_map(|(p, n)| wilson(draw(*p, *n), *n, P95)).collect();
                unweighted_mean(&shares, P95).unwrap().covers(expected)
            })
            .count();
        assert!((1_870..=1_960).contains(&covered), "{covered} of 2000");
    }

    proptest! {
        #[test]
        fn the_size_of_wilsons_interval_is_found(n in 1_u32..5_000, part in 0..=1_000_u32) {
            let k = n * part / 1_000;
            let size = effective_size(&wilson(k.into(), n.into(), P95).unwrap(), P95).unwrap();
            prop_assert!((size / f64::from(n) - 1.0).abs() < 1e-6, "{size} {n}");
        }
    }
}
