//! Quantiles and how sure they are, without assuming any distribution.

use super::distribution::{Level, binomial_cdf, float};
use super::sketch::Sketch;

/// A quantile with its interval, in the unit of the data. An end is none where the sample is too small to bound it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantileInterval {
    /// The sample's quantile by nearest rank.
    pub estimate: f64,
    /// The interval's lower end.
    pub lower: Option<f64>,
    /// The interval's upper end; +Inf where it falls among failures.
    pub upper: Option<f64>,
}

/// The rank (from 1) of the quantile `q` among `n` sorted values: the smallest rank with rank / n ≥ q (Hyndman & Fan
/// 1996, definition 1). None when `n` is 0 or `q` outside [0, 1].
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 1..=n; the cast saturates")]
pub fn nearest_rank(q: f64, n: u64) -> Option<u64> {
    if n == 0 || !(0.0..=1.0).contains(&q) {
        return None;
    }
    // A product such as 0.07 × 100 = 7.000000000000001 means 7.
    let exact = q * float(n);
    Some(((exact - exact * 4.0 * f64::EPSILON).ceil() as u64).clamp(1, n))
}

/// The ranks (from 1) of the order statistics that enclose the quantile `q` of the population at the level or better;
/// none on a side where even the extreme value does not reach half of it.
///
/// The count of values below the quantile is binomial(n, q): the lower rank is the largest l with P(B ≤ l−1) ≤ tail, the
/// upper the smallest u with P(B ≤ u−1) ≥ 1 − tail. Source: David & Nagaraja (2003), Order Statistics, §7.1.
#[must_use]
pub fn interval_ranks(n: u64, q: f64, level: Level) -> (Option<u64>, Option<u64>) {
    if n == 0 || !(q > 0.0 && q < 1.0) {
        return (None, None);
    }
    let below = |rank: u64| binomial_cdf(rank - 1, n, q);
    let tail = level.tail();
    // P(B ≤ rank−1) grows with the rank: count the ranks in 1..=n that fulfil a condition which holds at first.
    let count = |holds: &dyn Fn(u64) -> bool| {
        let (mut yes, mut no) = (0, n + 1);
        while no - yes > 1 {
            let middle = yes + (no - yes) / 2;
            if holds(middle) { yes = middle } else { no = middle }
        }
        yes
    };
    let lower = count(&|rank| below(rank) <= tail);
    let upper = count(&|rank| below(rank) < 1.0 - tail) + 1;
    ((lower >= 1).then_some(lower), (upper <= n).then_some(upper))
}

/// The quantile of sorted values. None when there are none, `q` is outside [0, 1], or the values hold NaN.
#[must_use]
pub fn of_sorted(sorted: &[f64], q: f64, level: Level) -> Option<QuantileInterval> {
    if sorted.iter().any(|x| x.is_nan()) {
        return None;
    }
    let at = |rank: u64| usize::try_from(rank.checked_sub(1)?).ok().and_then(|i| sorted.get(i)).copied();
    at_ranks(sorted.len() as u64, q, level, at)
}

/// The quantile of a histogram (in nanoseconds), with `failures` further observations that rank above everything.
#[must_use]
pub fn of_sketch(sketch: &Sketch, failures: u64, q: f64, level: Level) -> Option<QuantileInterval> {
    let n = sketch.count().saturating_add(failures);
    at_ranks(n, q, level, |rank| Some(sketch.at_rank(rank).map_or(f64::INFINITY, float)))
}

fn at_ranks(n: u64, q: f64, level: Level, at: impl Fn(u64) -> Option<f64>) -> Option<QuantileInterval> {
    let estimate = at(nearest_rank(q, n)?)?;
    let (lower, upper) = interval_ranks(n.min(u64::MAX - 1), q, level);
    Some(QuantileInterval { estimate, lower: lower.and_then(&at), upper: upper.and_then(&at) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn ranks_are_the_smallest_that_reach_the_share() {
        for (q, n, rank) in
            [(0.0, 5, 1), (0.5, 4, 2), (0.5, 5, 3), (0.07, 100, 7), (0.99, 100, 99), (0.991, 100, 100), (1.0, 5, 5)]
        {
            assert_eq!(nearest_rank(q, n), Some(rank), "{q} of {n}");
        }
        assert_eq!((nearest_rank(0.5, 0), nearest_rank(f64::NAN, 3), nearest_rank(1.1, 3)), (None, None, None));
    }

    #[test]
    fn the_published_ranks_of_a_median() {
        // Conover (1999), table A3 by the sign test's binomial: n = 10 gives ranks 2 and 9, n = 20 gives 6 and 15.
        for (n, ranks) in [(10, (2, 9)), (20, (6, 15)), (100, (40, 61))] {
            assert_eq!(interval_ranks(n, 0.5, Level::P95), (Some(ranks.0), Some(ranks.1)), "{n}");
        }
    }

    #[test]
    fn a_small_sample_does_not_bound_its_tail() {
        assert_eq!(interval_ranks(5, 0.5, Level::P95), (None, None));
        assert_eq!(interval_ranks(100, 0.99, Level::P95).1, None);
        assert!(interval_ranks(400, 0.99, Level::P95).1.is_some());
        assert_eq!(interval_ranks(0, 0.5, Level::P95), (None, None));
        assert!(interval_ranks(u64::MAX - 1, 0.5, Level::P95).0.is_some());
    }

    #[test]
    fn sorted_values_and_sketch_agree() {
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        let mut sketch = Sketch::default();
        (1..=200).for_each(|v| sketch.record(v));
        assert_eq!(of_sorted(&values, 0.5, Level::P95), of_sketch(&sketch, 0, 0.5, Level::P95));
        assert_eq!(of_sorted(&[], 0.5, Level::P95), None);
        assert_eq!(of_sorted(&[f64::NAN], 0.5, Level::P95), None);
        let failing = of_sketch(&sketch, 50, 0.75, Level::P95).unwrap();
        assert!(failing.estimate.is_finite() && failing.upper == Some(f64::INFINITY), "{failing:?}");
    }

    #[test]
    fn intervals_cover_the_true_quantile() {
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        for (n, q) in [(30, 0.5), (200, 0.5), (200, 0.9)] {
            let covered = (0..1_000).filter(|_| {
                let mut sample: Vec<f64> = (0..n).map(|_| rng.random::<f64>()).collect();
                sample.sort_by(f64::total_cmp);
                let got = of_sorted(&sample, q, Level::P95).unwrap();
                got.lower.is_some_and(|l| l <= q) && got.upper.is_some_and(|u| q <= u)
            });
            let covered = covered.count();
            assert!((940..=985).contains(&covered), "n {n} q {q}: {covered}");
        }
    }
}
