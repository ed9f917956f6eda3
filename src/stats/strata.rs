//! Two shares compared stratum by stratum, so that a different mix of strata is not taken for a difference.

use super::{Interval, Level};

/// Successes and observations of two groups in one stratum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stratum {
    /// The first group, whose mix of strata is the standard: successes, observations.
    pub a: (u64, u64),
    /// The second group.
    pub b: (u64, u64),
}

/// A standardised difference and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Standardised {
    /// Share of the first group − share of the second at the first group's mix of strata.
    pub difference: Interval,
    /// The first group's share over the strata used.
    pub a: f64,
    /// The second group's share at the first group's mix.
    pub b: f64,
    /// Observations of the first group in strata that both groups have …
    pub used: u64,
    /// … and in strata that only it has, which are left out.
    pub left_out: u64,
}

/// The difference of two shares, directly standardised to the first group's mix of strata: Σ w_h (p_ah − p_bh) with
/// w_h = n_ah / Σ n_ah over the strata where both groups have observations. None when there is no such stratum.
///
/// Source: direct standardisation, Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, §19.2;
/// variance Σ w_h² (s_ah²/n_ah + s_bh²/n_bh) with s² = p̃(1 − p̃), p̃ = (k + ½)/(n + 1), so that a stratum where all
/// succeed does not claim certainty; normal interval, cut at ±1.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
pub fn standardised_difference(strata: &[Stratum], level: Level) -> Option<Standardised> {
    let both = |s: &&Stratum| s.a.1 > 0 && s.b.1 > 0;
    let used: u64 = strata.iter().filter(both).map(|s| s.a.1).sum();
    let left_out = strata.iter().filter(|s| s.b.1 == 0).map(|s| s.a.1).sum();
    if used == 0 {
        return None;
    }
    let share = |(k, n): (u64, u64)| k.min(n) as f64 / n as f64;
    let variance = |(k, n): (u64, u64)| {
        let p = (k.min(n) as f64 + 0.5) / (n as f64 + 1.0);
        p * (1.0 - p) / n as f64
    };
    let (mut a, mut b, mut spread) = (0.0, 0.0, 0.0);
    for s in strata.iter().filter(both) {
        let w = s.a.1 as f64 / used as f64;
        a += w * share(s.a);
        b += w * share(s.b);
        spread += w * w * (variance(s.a) + variance(s.b));
    }
    let half = level.z() * spread.sqrt();
    let estimate = a - b;
    let difference = Interval { estimate, lower: (estimate - half).max(-1.0), upper: (estimate + half).min(1.0) };
    Some(Standardised { difference, a, b, used, left_out })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn a_different_mix_is_no_difference() {
        // Equal shares in every stratum, but the first group has mostly easy ones: 0.82 against 0.58 in all.
        let easy = Stratum { a: (90, 100), b: (180, 200) };
        let hard = Stratum { a: (10, 20), b: (200, 400) };
        let got = standardised_difference(&[easy, hard], Level::P95).unwrap();
        assert!(got.difference.estimate.abs() < 1e-12 && got.difference.covers(0.0), "{got:?}");
    }

    #[test]
    fn strata_without_a_counterpart_are_left_out_and_counted() {
        let alone = Stratum { a: (3, 3), b: (0, 0) };
        let shared = Stratum { a: (4, 5), b: (1, 2) };
        let got = standardised_difference(&[alone, shared], Level::P95).unwrap();
        assert_eq!((got.used, got.left_out), (5, 3));
        assert!((got.difference.estimate - 0.3).abs() < 1e-12);
        assert_eq!(standardised_difference(&[alone], Level::P95), None);
    }

    #[test]
    fn nominal_95_percent_covers_about_95_percent() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(7);
        let truth = [(0.95, 0.6, 10, 40), (0.7, 0.4, 20, 60), (0.5, 0.5, 15, 15)];
        let all: u64 = truth.iter().map(|t| t.2).sum();
        let expected: f64 = truth.iter().map(|(a, b, n, _)| *n as f64 / all as f64 * (a - b)).sum();
        let mut draw = |p: f64, n: u64| ((0..n).filter(|_| rng.random::<f64>() < p).count() as u64, n);
        let covered = (0..4_000)
            .filter(|_| {
                let strata = truth.map(|(a, b, n, m)| Stratum { a: draw(a, n), b: draw(b, m) });
                standardised_difference(&strata, Level::P95).unwrap().difference.covers(expected)
            })
            .count();
        assert!((3_720..=3_920).contains(&covered), "{covered} of 4000");
    }
}
