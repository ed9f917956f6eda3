//! Proportions: how sure a share is, and whether two shares differ.

use super::distribution::{Level, binomial_cdf, float, ln_choose, tail_sum};
use super::ratio::RatioSums;

/// An estimate with its two-sided interval; all three finite, lower ≤ estimate ≤ upper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub estimate: f64,
    /// The interval's lower end.
    pub lower: f64,
    /// The interval's upper end.
    pub upper: f64,
}

impl Interval {
    /// Half of the width: the "±" of a figure whose interval is nearly symmetric.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        (self.upper - self.lower) / 2.0
    }

    /// Whether a value lies inside, ends included.
    #[must_use]
    pub fn covers(&self, value: f64) -> bool {
        (self.lower..=self.upper).contains(&value)
    }
}

/// The share `successes / n` with Wilson's score interval. None when `n` is 0 or the counts contradict each other.
///
/// Source: Wilson, E. B. (1927), J. Amer. Statist. Assoc. 22, 209–212.
#[must_use]
pub fn wilson(successes: u64, n: u64, level: Level) -> Option<Interval> {
    (n > 0 && successes <= n).then(|| wilson_at(float(successes) / float(n), float(n), level))
}

/// Wilson's interval around a share for a (possibly fractional, effective) sample size above 0.
pub(super) fn wilson_at(p: f64, n: f64, level: Level) -> Interval {
    let z2 = level.z().powi(2);
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = (z2 / n * (p * (1.0 - p) + z2 / (4.0 * n))).sqrt() / (1.0 + z2 / n);
    // At p = 0 and 1 the ends are exactly 0 and 1; rounding must not push them past the estimate.
    Interval { estimate: p, lower: (centre - half).clamp(0.0, p), upper: (centre + half).clamp(p, 1.0) }
}

/// A share whose observations come in clusters (repeats or variants of one item): `c` in the sums counts successes and
/// `r` observations, by cluster. None when there is no observation or the sums contradict each other.
///
/// The clustered variance of Miller (2024), "Adding Error Bars to Evals", arXiv 2411.00640, §2.2,
/// V = Σ_clusters (Σ_i (s_i − s̄))² / n², gives the design effect V / (s̄(1−s̄)/n), and that an effective sample size,
/// with the correction for few clusters of Korn & Graubard (1998), Survey Methodology 24, 193–201:
/// n* = n / deff × (t_{n−1} / t_{clusters−1})². Wilson's interval is taken at n*. With clusters of one, deff = 1 and
/// both t agree, so that this is Wilson's interval exactly. A design effect below 1 is not believed; where s̄ is 0 or 1
/// (V says nothing), clusters are taken as wholly alike (Kish 1965: n* = n² / Σ n_c²).
#[must_use]
pub fn clustered(sums: &RatioSums, level: Level) -> Option<Interval> {
    let RatioSums { n: clusters, c, r, cc, cr, rr, ccc: _ } = *sums;
    if clusters == 0 || r <= 0 || c < 0 || c > r {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a count above 2^53 is rounded, which no interval can notice")]
    let [c, r, cc, cr, rr] = [c, r, cc, cr, rr].map(|sum| sum as f64);
    let p = c / r;
    let binomial = p * (1.0 - p);
    let alike = (rr / r).max(1.0);
    let deff = if binomial > 0.0 { (cc - 2.0 * p * cr + p * p * rr) / r / binomial } else { alike };
    let mut effective = r / deff.max(1.0);
    let clusters = float(clusters);
    if clusters < r {
        // One cluster has no variance to speak from: it is one observation.
        effective = match (level.t(r - 1.0), level.t(clusters - 1.0)) {
            (Some(all), Some(few)) => effective * (all / few).powi(2),
            _ => 1.0,
        };
    }
    Some(wilson_at(p, effective.max(f64::MIN_POSITIVE), level))
}

/// The difference of two independent shares, `a.0/a.1 − b.0/b.1`, by Newcombe's hybrid of two Wilson intervals.
/// None when a sample is empty or contradicts itself.
///
/// Source: Newcombe, R. G. (1998), Statist. Med. 17, 873–890, method 10.
#[must_use]
pub fn difference(a: (u64, u64), b: (u64, u64), level: Level) -> Option<Interval> {
    let (a, b) = (wilson(a.0, a.1, level)?, wilson(b.0, b.1, level)?);
    let d = a.estimate - b.estimate;
    let down = (a.estimate - a.lower).hypot(b.upper - b.estimate);
    let up = (a.upper - a.estimate).hypot(b.estimate - b.lower);
    Some(Interval { estimate: d, lower: (d - down).clamp(-1.0, d), upper: (d + up).clamp(d, 1.0) })
}

/// The difference of two shares over the same `n` items, from the discordant pairs: `only_a` items that only the first
/// got right, `only_b` that only the second did. None when there is no item or the counts contradict each other.
///
/// Source: Bonett, D. G. & Price, R. M. (2012), J. Educ. Behav. Statist. 37, 479–488 (adjusted Wald); the interval is
/// widened to hold the raw estimate where shrinkage would leave it outside.
#[must_use]
pub fn paired_difference(only_a: u64, only_b: u64, n: u64, level: Level) -> Option<Interval> {
    if n == 0 || only_a.checked_add(only_b).is_none_or(|discordant| discordant > n) {
        return None;
    }
    let (a, b) = ((float(only_a) + 1.0) / (float(n) + 2.0), (float(only_b) + 1.0) / (float(n) + 2.0));
    let (centre, half) = (a - b, level.z() * ((a + b - (a - b).powi(2)).max(0.0) / (float(n) + 2.0)).sqrt());
    let d = (float(only_a) - float(only_b)) / float(n);
    Some(Interval { estimate: d, lower: (centre - half).clamp(-1.0, d), upper: (centre + half).clamp(d, 1.0) })
}

/// Whether two independent shares, `a.0/a.1` and `b.0/b.1`, differ: Fisher's exact two-sided p-value.
/// None when the counts of a sample contradict each other.
#[must_use]
pub fn two_sample_p(a: (u64, u64), b: (u64, u64)) -> Option<f64> {
    Some(fisher_exact(a.0, a.1.checked_sub(a.0)?, b.0, b.1.checked_sub(b.0)?))
}

/// Fisher's exact test of the table `[[a, b], [c, d]]`, two-sided: the total probability of all tables with the same
/// margins that are no likelier than this one. 1 where a margin is empty.
///
/// Source: Fisher, R. A. (1935), J. R. Statist. Soc. 98, 39–82; two-sided by probability ordering (Freeman & Halton
/// 1951). Ties are recognised within a factor of 1 + 10⁻⁷.
#[must_use]
pub fn fisher_exact(a: u64, b: u64, c: u64, d: u64) -> f64 {
    let sum = |x: u64, y: u64| x.checked_add(y);
    let (Some(row), Some(other), Some(column)) = (sum(a, b), sum(c, d), sum(a, c)) else { return 1.0 };
    if sum(row, other).is_none() {
        return 1.0;
    }
    // Hypergeometric: k of the first column's members fall in the first row.
    let (low, high) = (column.saturating_sub(other), row.min(column));
    let ln_mass = |k: u64| ln_choose(row, k) + ln_choose(other, column - k) - ln_choose(row + other, column);
    let up = |k: u64| {
        float(high.saturating_sub(k)) * float(row.max(column) - k)
            / ((float(k) + 1.0) * (float(k + 1) + float(other) - float(column)))
    };
    let down = |k: u64| if k <= low { 0.0 } else { 1.0 / up(k - 1) };
    let limit = ln_mass(a) + 1e-7;
    // The mass rises to its mode and falls after it: the tables no likelier than ours are two outer stretches.
    let mode = (float(row) + 1.0) * (float(column) + 1.0) / (float(row) + float(other) + 2.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float-to-int cast saturates")]
    let mode = (mode as u64).clamp(low, high);
    if ln_mass(mode) <= limit {
        return 1.0;
    }
    let left =
        boundary(low, mode, |k| ln_mass(k) <= limit).map_or(0.0, |k| tail_sum(ln_mass(k).exp(), |i| down(k - i)));
    let right =
        boundary(high, mode, |k| ln_mass(k) <= limit).map_or(0.0, |k| tail_sum(ln_mass(k).exp(), |i| up(k + i)));
    (left + right).min(1.0)
}

/// The value nearest to `mode` that still fulfils a condition which holds outside and fails at `mode`; none if it fails
/// at `end` already.
fn boundary(end: u64, mode: u64, holds: impl Fn(u64) -> bool) -> Option<u64> {
    if end == mode || !holds(end) {
        return None;
    }
    let (mut inside, mut outside) = (mode, end);
    while inside.abs_diff(outside) > 1 {
        let middle = inside.min(outside) + inside.abs_diff(outside) / 2;
        if holds(middle) { outside = middle } else { inside = middle }
    }
    Some(outside)
}

/// Exact McNemar test on discordant pairs: `only_a` items that only the first got right, `only_b` that only the second
/// did; the two-sided p-value of a fair coin. 1 without discordant pairs.
///
/// Source: McNemar, Q. (1947), Psychometrika 12, 153–157; exact form by the binomial (Mosteller 1952).
#[must_use]
pub fn mcnemar_exact(only_a: u64, only_b: u64) -> f64 {
    let Some(discordant) = only_a.checked_add(only_b) else { return 1.0 };
    (2.0 * binomial_cdf(only_a.min(only_b), discordant, 0.5)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    const P95: Level = Level::P95;

    fn near(got: f64, want: f64, slack: f64) {
        assert!((got - want).abs() <= slack, "{got}, not {want}");
    }

    #[test]
    fn wilson_gives_newcombes_printed_intervals() {
        // Newcombe (1998), Statist. Med. 17, 857–872, table I, method 3.
        for (k, n, lower, upper) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let got = wilson(k, n, P95).unwrap();
            near(got.lower, lower, 5e-5);
            near(got.upper, upper, 5e-5);
        }
        assert_eq!((wilson(0, 0, P95), wilson(3, 2, P95)), (None, None));
    }

    #[test]
    fn differences_give_newcombes_printed_intervals() {
        // Newcombe (1998), Statist. Med. 17, 873–890, table II, method 10.
        for (a, b, lower, upper) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((5, 56), (0, 29), -0.0381, 0.1926),
        ] {
            let got = difference(a, b, P95).unwrap();
            near(got.lower, lower, 5e-5);
            near(got.upper, upper, 5e-5);
        }
        assert_eq!(difference((1, 0), (1, 2), P95), None);
    }

    #[test]
    fn fisher_by_hand() {
        // The lady tasting tea: 2 × (1 + 16) / 70.
        near(fisher_exact(3, 1, 1, 3), 34.0 / 70.0, 1e-12);
        near(fisher_exact(8, 2, 1, 5), 400.0 / 11_440.0, 1e-12);
        near(fisher_exact(5, 0, 0, 5), 2.0 / 252.0, 1e-12);
        for table in [(0, 0, 0, 0), (3, 0, 7, 0), (0, 0, 4, 5), (u64::MAX, 1, 1, 1), (5, 5, 5, 5)] {
            near(fisher_exact(table.0, table.1, table.2, table.3), 1.0, 0.0);
        }
        assert_eq!(two_sample_p((3, 2), (1, 2)), None);
        // A million a side, half a point apart: agrees with the z test's order, and ends.
        let p = two_sample_p((500_000, 1_000_000), (505_000, 1_000_000)).unwrap();
        assert!(p > 1e-13 && p < 1e-11, "{p}");
    }

    #[test]
    fn mcnemar_by_hand() {
        near(mcnemar_exact(1, 8), 20.0 / 512.0, 1e-12);
        near(mcnemar_exact(0, 5), 2.0 / 32.0, 1e-12);
        for (b, c) in [(0, 0), (4, 4), (3, 4), (u64::MAX, 1)] {
            near(mcnemar_exact(b, c), 1.0, 1e-9);
        }
        assert!(mcnemar_exact(1_000_000, 1_010_000) < 1e-10);
    }

    #[test]
    fn a_paired_difference_holds_its_estimate_and_its_limits() {
        let got = paired_difference(30, 10, 100, P95).unwrap();
        near(got.estimate, 0.2, 1e-12);
        assert!(got.lower > 0.05 && got.upper < 0.33, "{got:?}");
        let all = paired_difference(5, 0, 5, P95).unwrap();
        assert!(all.covers(1.0) && all.upper <= 1.0);
        assert_eq!((paired_difference(0, 0, 0, P95), paired_difference(2, 2, 3, P95)), (None, None));
    }

    fn sums(clusters: &[(i64, u64)]) -> RatioSums {
        let mut sums = RatioSums::default();
        clusters.iter().for_each(|(c, n)| sums.add(*c, *n));
        sums
    }

    #[test]
    fn clusters_of_one_are_wilson_exactly() {
        for (k, n) in [(0, 7), (3, 7), (7, 7), (1, 1), (90, 100)] {
            let clusters: Vec<_> = (0..n).map(|i| (i64::from(i < k), 1)).collect();
            let (got, want) = (clustered(&sums(&clusters), P95).unwrap(), wilson(k, n, P95).unwrap());
            near(got.lower, want.lower, 1e-12);
            near(got.upper, want.upper, 1e-12);
        }
    }

    #[test]
    fn repeats_that_agree_add_nothing() {
        // 40 items asked 5 times with the same result each time: as sure as 40 observations, not as 200.
        let clusters: Vec<_> = (0..40).map(|i| if i % 4 == 0 { (5, 5) } else { (0, 5) }).collect();
        let (got, items) = (clustered(&sums(&clusters), P95).unwrap(), wilson(10, 40, P95).unwrap());
        assert!(got.lower <= items.lower && got.upper >= items.upper && got.half_width() < items.half_width() * 1.06);
        let sure = clustered(&sums(&[(5, 5); 40]), P95).unwrap();
        assert!(sure.lower < wilson(40, 40, P95).unwrap().lower + 1e-12 && sure.upper >= 1.0, "{sure:?}");
        assert!(clustered(&sums(&[(3, 6)]), P95).unwrap().half_width() > 0.35, "one cluster says next to nothing");
    }

    #[test]
    fn clustered_intervals_cover() {
        // Each item has its own chance of being answered right, uniform between 0.2 and 1; asked 5 times.
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        for items in [20, 100] {
            let (mut clustered_covers, mut naive_covers) = (0, 0);
            for _ in 0..600 {
                let mut sums = RatioSums::default();
                for _ in 0..items {
                    let p = 0.2 + 0.8 * rng.random::<f64>();
                    sums.add((0..5).map(|_| i64::from(rng.random::<f64>() < p)).sum(), 5);
                }
                let naive = wilson(u64::try_from(sums.c).unwrap(), items * 5, P95).unwrap();
                clustered_covers += u32::from(clustered(&sums, P95).unwrap().covers(0.6));
                naive_covers += u32::from(naive.covers(0.6));
            }
            assert!((555..=588).contains(&clustered_covers), "{items} items: {clustered_covers}");
            assert!(naive_covers < 550, "what clustering is for: {naive_covers}");
        }
    }

    proptest! {
        #[test]
        fn intervals_are_ordered_and_inside(k in any::<u64>(), n in any::<u64>(), a in 0..60_u64, b in 0..60_u64, c in 0..60_u64, d in 0..60_u64) {
            for got in [wilson(k, n, P95), difference((a, a + b), (c, c + d), P95), paired_difference(a, b, a + b + c, P95)].into_iter().flatten() {
                prop_assert!(got.lower <= got.estimate && got.estimate <= got.upper && got.upper - got.lower <= 2.0, "{got:?}");
            }
            let p = fisher_exact(a, b, c, d);
            prop_assert!((0.0..=1.0).contains(&p));
            prop_assert!((p - fisher_exact(c, d, a, b)).abs() < 1e-9 && (p - fisher_exact(a, c, b, d)).abs() < 1e-9);
        }

        #[test]
        fn fisher_is_the_sum_over_all_tables(a in 0..25_u64, b in 0..25_u64, c in 0..25_u64, d in 0..25_u64) {
            let (row, other, column) = (a + b, c + d, a + c);
            let mass = |k: u64| (ln_choose(row, k) + ln_choose(other, column - k) - ln_choose(row + other, column)).exp();
            let whole: f64 = (column.saturating_sub(other)..=row.min(column)).map(mass).filter(|m| *m <= mass(a) * (1.0 + 1e-7)).sum();
            prop_assert!((fisher_exact(a, b, c, d) - whole).abs() < 1e-9);
        }

        #[test]
        fn any_sums_are_answered_or_refused(n in any::<u64>(), figures in any::<[i128; 5]>()) {
            let [c, r, cc, cr, rr] = figures;
            if let Some(got) = clustered(&RatioSums { n, c, r, cc, cr, rr, ccc: 0 }, P95) {
                prop_assert!(got.lower <= got.estimate && got.estimate <= got.upper, "{got:?}");
            }
        }
    }
}
