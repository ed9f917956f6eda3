//! The bootstrap: how sure a figure is, from drawing the same items again and again.

use super::distribution::{Level, float};
use super::proportion::Interval;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use std::borrow::Cow;

/// Beyond so many, groups of items are drawn in their place.
const MOST_DRAWN: usize = 5_000;

/// The ratio of two sums over the same items, Σa / Σb, with the percentile interval of its logarithm from drawing items with
/// replacement, so that what makes an item dear for both cancels out. Deterministic for a seed.
///
/// None where there are fewer than two items, a value is negative or not finite, a sum is 0, or there are too few draws for
/// the level (fewer than one beyond each end). With fewer than about 50 items it is too narrow, as every percentile
/// interval.
///
/// Of more than 5,000 items, random groups of equal size are drawn instead, at least half as many: their sums are as independent as
/// items are and have the same ratio, and an interval from thousands of draws out of thousands is as good.
///
/// Source: Efron & Tibshirani (1993), An Introduction to the Bootstrap, §13.3.
#[must_use]
pub fn bootstrap_ratio(pairs: &[(f64, f64)], draws: u32, seed: u64, level: Level) -> Option<Interval> {
    let sound = |(a, b): &(f64, f64)| a.is_finite() && b.is_finite() && *a >= 0.0 && *b >= 0.0;
    if pairs.len() < 2 || !pairs.iter().all(sound) {
        return None;
    }
    let ratio = |(a, b): (f64, f64)| a / b;
    let sums = pairs.iter().fold((0.0, 0.0), |sums, (a, b)| (sums.0 + a, sums.1 + b));
    let estimate = ratio(sums);
    if !estimate.is_finite() || estimate <= 0.0 {
        return None;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let pairs = &grouped(pairs, &mut rng);
    let mut drawn: Vec<f64> = (0..draws)
        .map(|_| {
            let mut sums = (0.0, 0.0);
            for _ in 0..pairs.len() {
                if let Some((a, b)) = pairs.get(rng.random_range(0..pairs.len())) {
                    sums = (sums.0 + a, sums.1 + b);
                }
            }
            ratio(sums)
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count below the number of draws")]
    let beyond = (level.tail() * float(draws.into())).floor() as usize;
    let lower = *drawn.get(beyond.checked_sub(1)?)?;
    let upper = *drawn.get(drawn.len().checked_sub(beyond)?)?;
    // Draws in which nothing was paid (0 / 0 sorts last) leave no end to speak of.
    let sound = lower.is_finite() && upper.is_finite() && lower > 0.0;
    sound.then(|| Interval { estimate, lower: lower.min(estimate), upper: upper.max(estimate) })
}

/// The pairs, or of many the sums of random groups of them.
fn grouped<'p>(pairs: &'p [(f64, f64)], rng: &mut ChaCha8Rng) -> Cow<'p, [(f64, f64)]> {
    if pairs.len() <= MOST_DRAWN {
        return pairs.into();
    }
    let mut order = pairs.to_vec();
    order.shuffle(rng);
    let size = pairs.len().div_ceil(MOST_DRAWN);
    order.chunks(size).map(|group| group.iter().fold((0.0, 0.0), |sums, (a, b)| (sums.0 + a, sums.1 + b))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const P95: Level = Level::P95;

    #[test]
    fn what_says_nothing_gives_nothing() {
        let two = [(1.0, 2.0), (2.0, 3.0)];
        assert!(bootstrap_ratio(&two, 1_000, 1, P95).is_some());
        assert_eq!(bootstrap_ratio(&two, 39, 1, P95), None);
        assert_eq!(bootstrap_ratio(&two[..1], 1_000, 1, P95), None);
        for bad in [(f64::NAN, 1.0), (-1.0, 1.0), (1.0, f64::INFINITY)] {
            assert_eq!(bootstrap_ratio(&[two[0], bad], 1_000, 1, P95), None);
        }
        for zero in [(0.0, 1.0), (1.0, 0.0), (0.0, 0.0)] {
            assert_eq!(bootstrap_ratio(&[zero; 3], 1_000, 1, P95), None);
        }
        assert_eq!(bootstrap_ratio(&[(0.0, 0.0), (1.0, 1.0)], 1_000, 1, P95), None, "a quarter of draws are 0 / 0");
    }

    #[test]
    fn a_constant_ratio_is_certain_however_much_items_differ() {
        let pairs: Vec<(f64, f64)> = (1..50).map(|i| (f64::from(i) * 0.5, f64::from(i))).collect();
        let got = bootstrap_ratio(&pairs, 500, 3, P95).unwrap();
        assert!((got.lower - 0.5).abs() < 1e-12 && (got.upper - 0.5).abs() < 1e-12, "{got:?}");
        assert_eq!(bootstrap_ratio(&pairs, 500, 3, P95), Some(got));
    }

    #[test]
    fn nominal_95_percent_covers_about_95_percent() {
        // Costs that share an item's length; the second target costs 3 times the first.
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let mut normal = move || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        let covered = (0..500)
            .filter(|seed| {
                let pairs: Vec<(f64, f64)> = (0..80)
                    .map(|_| {
                        let length = (0.5 * normal()).exp();
                        (length * (0.4 * normal()).exp(), 3.0 * length * (0.4 * normal()).exp())
                    })
                    .collect();
                bootstrap_ratio(&pairs, 200, *seed, P95).unwrap().covers(1.0 / 3.0)
            })
            .count();
        assert!((455..=490).contains(&covered), "{covered} of 500");
    }

    #[test]
    fn groups_of_many_items_tell_what_the_items_tell() {
        // In order of their size, which groups must not keep.
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        let pairs: Vec<(f64, f64)> = (0..15_001_u32)
            .map(|i| (f64::from(i) * rng.random::<f64>(), f64::from(i) + 9_000.0 * rng.random::<f64>()))
            .collect();
        let groups = grouped(&pairs, &mut rng);
        assert!((MOST_DRAWN / 2..=MOST_DRAWN).contains(&groups.len()), "{}", groups.len());
        let got = bootstrap_ratio(&pairs, 2_000, 1, P95).unwrap();
        // The delta method: var(ln θ̂) = Σ (a/A − b/B)².
        let (a, b) = pairs.iter().fold((0.0, 0.0), |sums, (a, b)| (sums.0 + a, sums.1 + b));
        let error = pairs.iter().map(|pair| (pair.0 / a - pair.1 / b).powi(2)).sum::<f64>().sqrt();
        let width = (got.upper / got.lower).ln() / (2.0 * 1.959_964 * error);
        assert!((got.estimate - a / b).abs() < 1e-12 && (width - 1.0).abs() < 0.06, "{got:?}: {width}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn units_do_not_count(pairs in proptest::collection::vec((0.1..9.0f64, 0.1..9.0f64), 2..20), seed in 0..99_u64) {
            let got = bootstrap_ratio(&pairs, 200, seed, P95).unwrap();
            let scaled: Vec<(f64, f64)> = pairs.iter().map(|(a, b)| (a * 8.0, b * 2.0)).collect();
            let four = bootstrap_ratio(&scaled, 200, seed, P95).unwrap();
            prop_assert!((four.lower / got.lower - 4.0).abs() < 1e-9 && (four.upper / got.upper - 4.0).abs() < 1e-9);
            prop_assert!(got.lower <= got.estimate && got.estimate <= got.upper);
        }
    }
}
