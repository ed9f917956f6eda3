//! How many items it takes: to tell two targets apart, to see a difference at all, to know a share to plus or minus something.

use super::distribution::{Level, normal_cdf};
use statrs::distribution::{ContinuousCDF, Normal};

/// The normal quantile of a power, such as 0.842 for 80 %; none outside (0, 1).
fn quantile(power: f64) -> Option<f64> {
    (power > 0.0 && power < 1.0).then(|| Normal::standard().inverse_cdf(power))
}

/// Whole items out of a formula's result; none when there is no such number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
fn whole(n: f64) -> Option<u64> {
    // The last digits of a formula that comes out even are noise.
    let n = (n - 1e-9).ceil();
    (0.0..9e15).contains(&n).then_some((n as u64).max(1))
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
const fn float(n: u64) -> f64 {
    n as f64
}

/// Items that give a share to ± `half_width` at this level, when it is about `share`; 0.5 is the worst case. Of a finite set of
/// items, each asked at most once, fewer are enough: n₀ / (1 + (n₀ − 1)/N). None when the half width is not above 0 or the share
/// outside 0 to 1.
///
/// Source: Cochran (1977), Sampling Techniques, §4.4.
#[must_use]
pub fn items_for_half_width(half_width: f64, share: f64, population: Option<u64>, level: Level) -> Option<u64> {
    if half_width.is_nan() || half_width <= 0.0 || !(0.0..=1.0).contains(&share) {
        return None;
    }
    let endless = level.z().powi(2) * share * (1.0 - share) / half_width.powi(2);
    let Some(population) = population else { return whole(endless) };
    Some(whole(endless / (1.0 + (endless - 1.0).max(0.0) / float(population.max(1))))?.min(population))
}

/// Items a side that show the difference of two shares, measured on different items, with this power in a two-sided test.
/// None when they do not differ, or a number is outside its range.
///
/// Source: Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, eq. 4.14 (without continuity correction).
#[must_use]
pub fn items_unpaired(a: f64, b: f64, power: f64, level: Level) -> Option<u64> {
    let valid = |p: f64| (0.0..=1.0).contains(&p);
    if !valid(a) || !valid(b) || a == b {
        return None;
    }
    let mean = f64::midpoint(a, b);
    let under = level.z() * (2.0 * mean * (1.0 - mean)).sqrt();
    let over = quantile(power)? * (a * (1.0 - a) + b * (1.0 - b)).sqrt();
    whole(((under + over) / (a - b)).powi(2))
}

/// Items that show a difference of two targets asked the same items, of which a share `discordant` is right with one of them only.
/// None when the difference is 0 or greater than that share, or a number is outside its range.
///
/// Source: Miettinen (1968), Biometrics 24, 339–352, in the unconditional form of Connett, Smith & McHugh (1987), Statist. Med. 6,
/// 537–544.
#[must_use]
pub fn items_paired(difference: f64, discordant: f64, power: f64, level: Level) -> Option<u64> {
    let difference = difference.abs();
    if !(0.0..=1.0).contains(&discordant) || difference.is_nan() || difference == 0.0 || difference > discordant {
        return None;
    }
    let over = quantile(power)? * (discordant - difference.powi(2)).max(0.0).sqrt();
    whole(((level.z() * discordant.sqrt() + over) / difference).powi(2))
}

/// The power of the two-sided McNemar test with so many items: the same formula the other way round.
#[must_use]
pub fn power_paired(items: u64, difference: f64, discordant: f64, level: Level) -> Option<f64> {
    let difference = difference.abs();
    if !(0.0..=1.0).contains(&discordant) || difference.is_nan() || difference > discordant || discordant == 0.0 {
        return None;
    }
    let spread = (discordant - difference.powi(2)).max(1e-12).sqrt();
    Some(normal_cdf((difference * float(items).sqrt() - level.z() * discordant.sqrt()) / spread))
}

/// The smallest difference of two targets that so many shared items show with this power; none when they show none.
#[must_use]
pub fn detectable_paired(items: u64, discordant: f64, power: f64, level: Level) -> Option<f64> {
    quantile(power)?;
    smallest(discordant, |d| power_paired(items, d, discordant, level).is_some_and(|got| got >= power))
}

/// The smallest difference below a share `base` that so many items a side show with this power; none when they show none.
#[must_use]
pub fn detectable_unpaired(items: u64, base: f64, power: f64, level: Level) -> Option<f64> {
    if !(0.0..=1.0).contains(&base) {
        return None;
    }
    smallest(base, |d| items_unpaired(base, base - d, power, level).is_some_and(|needed| needed <= items))
}

/// By bisection between 0 and `most`, where `holds` is false below some point and true above it.
fn smallest(most: f64, holds: impl Fn(f64) -> bool) -> Option<f64> {
    if most.is_nan() || most <= 0.0 || !holds(most) {
        return None;
    }
    let (mut low, mut high) = (0.0, most);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if holds(middle) { high = middle } else { low = middle }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::super::{mcnemar_exact, seeded::Seeded};
    use super::*;
    use proptest::prelude::*;

    const P95: Level = Level::P95;

    #[test]
    fn textbook_sizes() {
        // The pollster's 1,068 and 2,401, and what is left of them in a town of 2,000.
        assert_eq!(items_for_half_width(0.03, 0.5, None, P95), Some(1_068));
        assert_eq!(items_for_half_width(0.02, 0.5, None, P95), Some(2_401));
        assert_eq!(items_for_half_width(0.02, 0.5, Some(2_000), P95), Some(1_092));
        // 60 % against 70 % at 80 % power, the usual example: 356 a side.
        assert_eq!(items_unpaired(0.6, 0.7, 0.8, P95), Some(356));
        assert_eq!(items_unpaired(0.6, 0.6, 0.8, P95), None);
        assert_eq!(items_paired(0.3, 0.2, 0.8, P95), None);
    }

    #[test]
    fn simulated_tests_have_the_power_that_was_planned() {
        let (difference, discordant) = (0.08, 0.2);
        let n = items_paired(difference, discordant, 0.8, P95).unwrap();
        let mut rng = Seeded::new(3);
        let found = (0..600)
            .filter(|_| {
                let (mut b, mut c) = (0, 0);
                for _ in 0..n {
                    let u = rng.uniform();
                    b += u64::from(u < f64::midpoint(discordant, difference));
                    c += u64::from(u >= f64::midpoint(discordant, difference) && u < discordant);
                }
                mcnemar_exact(b, c) <= 0.05
            })
            .count();
        // The exact test is a little more careful than the formula, so a little less powerful.
        assert!((432..=516).contains(&found), "{found} of 600 with {n} items");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_detectable_is_detected(items in 20_u64..100_000, discordant in 0.02_f64..1.0, power in 0.5_f64..0.99) {
            if let Some(d) = detectable_paired(items, discordant, power, P95) {
                prop_assert!(power_paired(items, d, discordant, P95).unwrap() >= power - 1e-9);
                let needed = items_paired(d, discordant, power, P95).unwrap();
                prop_assert!(needed <= items + 1, "{needed} of {items}");
            }
            if let Some(d) = detectable_unpaired(items, discordant, power, P95) {
                prop_assert!(items_unpaired(discordant, discordant - d, power, P95).unwrap() <= items);
            }
        }

        #[test]
        fn never_nan(h in proptest::num::f64::ANY, p in proptest::num::f64::ANY, n in any::<u64>()) {
            for got in [detectable_paired(n, p, h, P95), detectable_unpaired(n, p, h, P95), power_paired(n, h, p, P95)] {
                prop_assert!(got.is_none_or(f64::is_finite));
            }
            if let Some(items) = items_for_half_width(h, p, Some(n), P95) {
                prop_assert!(items <= n.max(1));
            }
            let _ = (items_unpaired(h, p, 0.8, P95), items_paired(h, p, 0.8, P95));
        }
    }
}
