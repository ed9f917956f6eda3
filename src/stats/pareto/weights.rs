//! The region of weights where each one wins.

use super::super::distribution::{Level, float};
use super::super::proportion::{Interval, wilson};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// One's part of all ways of weighing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightShare {
    /// The share of weights under which nobody scores more, with what drawing leaves unsure; those that share first place
    /// all have it.
    pub wins: Interval,
    /// The mean over the weights drawn under which it wins; what one would have to want to choose it. Empty where there are
    /// none.
    pub example: [f64; 6],
}

/// All of them, and how they were found.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightShares {
    /// Of each one.
    pub shares: Vec<WeightShare>,
    /// How many weights were drawn.
    pub draws: u32,
    /// From which seed.
    pub seed: u64,
}

/// The share of all weights (at least 0, summing to 1, each mix as likely as any other) under which each one's weighted score
/// is the highest. `scores`: of each one value per objective, more being better, such as of [`super::normalised`]. The
/// weights are drawn: the same for everybody, the same for the same seed. None where there is nobody, no objective or more
/// than six, no draw, or a score is missing or not finite.
///
/// Source: the acceptability index of SMAA, Lahdelma, Hokkanen & Salminen (1998), Eur. J. Oper. Res. 106, 137–143; weights
/// as spacings of exponential numbers, Devroye (1986), Non-Uniform Random Variate Generation, V.2.
#[must_use]
pub fn weight_shares(scores: &[Vec<f64>], draws: u32, seed: u64, level: Level) -> Option<WeightShares> {
    let objectives = scores.first().map(Vec::len).filter(|count| (1..=6).contains(count))?;
    let sound = |scores: &Vec<f64>| scores.len() == objectives && scores.iter().all(|score| score.is_finite());
    if draws == 0 || !scores.iter().all(sound) {
        return None;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut wins = vec![(0_u64, [0.0; 6]); scores.len()];
    for _ in 0..draws {
        let mut weights = [0.0; 6];
        for weight in weights.iter_mut().take(objectives) {
            // 1 − u is never 0.
            *weight = -(1.0 - rng.random::<f64>()).ln();
        }
        let total: f64 = weights.iter().sum();
        if total > 0.0 {
            weights.iter_mut().for_each(|weight| *weight /= total);
        }
        let totals: Vec<f64> =
            scores.iter().map(|scores| scores.iter().zip(&weights).map(|(s, w)| s * w).sum()).collect();
        let best = totals.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for ((count, sums), total) in wins.iter_mut().zip(&totals) {
            if *total >= best {
                *count += 1;
                sums.iter_mut().zip(&weights).for_each(|(sum, weight)| *sum += weight);
            }
        }
    }
    let share = |(count, sums): (u64, [f64; 6])| {
        let example = if count > 0 { sums.map(|sum| sum / float(count)) } else { [0.0; 6] };
        Some(WeightShare { wins: wilson(count, draws.into(), level)?, example })
    };
    Some(WeightShares { shares: wins.into_iter().map(share).collect::<Option<_>>()?, draws, seed })
}

/// With two objectives, exactly: of each one the interval of the first objective's weight, the second's being 1 − it, in which
/// nobody scores more; none where there is no such weight. `scores`: of each one its two values, more being better. None where
/// a score is not finite.
#[must_use]
pub fn weight_intervals(scores: &[[f64; 2]]) -> Option<Vec<Option<(f64, f64)>>> {
    if scores.iter().flatten().any(|score| !score.is_finite()) {
        return None;
    }
    let interval = |own: &[f64; 2]| {
        let (mut low, mut high) = (0.0_f64, 1.0_f64);
        for other in scores {
            // own − other is `first` at weight 1 and `second` at weight 0, and a line between.
            let (first, second) = (own[0] - other[0], own[1] - other[1]);
            if first < 0.0 && second < 0.0 {
                return None;
            }
            let zero = second / (second - first);
            if first < 0.0 {
                high = high.min(zero);
            } else if second < 0.0 {
                low = low.max(zero);
            }
        }
        (low <= high).then_some((low, high))
    };
    Some(scores.iter().map(interval).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const P95: Level = Level::P95;

    #[test]
    fn worked_by_hand() {
        // Accurate and dear, cheap and poor, and one below the line between them, one above it.
        let got = weight_intervals(&[[1.0, 0.0], [0.0, 1.0], [0.4, 0.4], [0.75, 0.75]]).unwrap();
        // w = 0.75·w + 0.75·(1 − w) at 0.75; and 1 − w = 0.75 at 0.25.
        assert_eq!(got, [Some((0.75, 1.0)), Some((0.0, 0.25)), None, Some((0.25, 0.75))]);
        assert_eq!(weight_intervals(&[[1.0, 1.0], [1.0, 1.0]]), Some(vec![Some((0.0, 1.0)); 2]));
        assert_eq!(weight_intervals(&[[f64::NAN, 0.0]]), None);
        assert_eq!(weight_intervals(&[]), Some(vec![]));
    }

    #[test]
    fn three_corners_have_a_third_each() {
        let corners: Vec<Vec<f64>> = (0..3).map(|i| (0..3).map(|j| f64::from(u8::from(i == j))).collect()).collect();
        let got = weight_shares(&corners, 20_000, 1, P95).unwrap();
        for (i, share) in got.shares.iter().enumerate() {
            assert!((share.wins.estimate - 1.0 / 3.0).abs() < 0.012, "{share:?}");
            // The largest of three uniform spacings is (1 + ½ + ⅓)/3 on average.
            assert!((share.example[i] - 11.0 / 18.0).abs() < 0.01, "{share:?}");
            assert!((share.example.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
        assert_eq!(weight_shares(&corners, 20_000, 1, P95), Some(got));
        for bad in [vec![], vec![vec![]], vec![vec![1.0; 7]], vec![vec![1.0], vec![]], vec![vec![f64::INFINITY]]] {
            assert_eq!(weight_shares(&bad, 10, 1, P95), None);
        }
        assert_eq!(weight_shares(&corners, 0, 1, P95), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn drawing_finds_the_exact_interval(scores in proptest::collection::vec(proptest::array::uniform2(0.0..1.0f64), 1..8), seed in 0..1000_u64) {
            let exact = weight_intervals(&scores).unwrap();
            let lists: Vec<Vec<f64>> = scores.iter().map(|s| s.to_vec()).collect();
            let drawn = weight_shares(&lists, 2_000, seed, P95).unwrap();
            let mut widths = 0.0;
            for (exact, drawn) in exact.iter().zip(&drawn.shares) {
                let width = exact.map_or(0.0, |(low, high)| high - low);
                widths += width;
                // Six standard errors.
                prop_assert!((width - drawn.wins.estimate).abs() < 6.0 * 0.25_f64.sqrt() / 2_000_f64.sqrt(), "{exact:?} {drawn:?}");
            }
            prop_assert!((widths - 1.0).abs() < 1e-9, "the intervals fill the whole: {widths}");
        }

        #[test]
        fn a_constant_for_everybody_changes_nothing(scores in proptest::collection::vec(proptest::array::uniform2(0..100_i32), 1..8), a in 0..50_i32, b in 0..50_i32) {
            let of = |shift: [i32; 2]| weight_intervals(&scores.iter().map(|s| [f64::from(s[0] + shift[0]), f64::from(s[1] + shift[1])]).collect::<Vec<_>>());
            prop_assert_eq!(of([0, 0]), of([a, b]));
        }
    }
}
