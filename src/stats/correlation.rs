//! Whether two rankings agree, and how much a ranking depends on how its parts are weighed.

use super::distribution::float;

/// Ranks from 1 (the least value); equal values share the mean of their ranks. None where a value is NaN.
#[must_use]
pub fn mid_ranks(values: &[f64]) -> Option<Vec<f64>> {
    if values.iter().any(|value| value.is_nan()) {
        return None;
    }
    let mut order: Vec<(f64, usize)> = values.iter().enumerate().map(|(i, value)| (*value, i)).collect();
    order.sort_by(|a, b| order_of(a.0, b.0));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0_u64;
    for tied in order.chunk_by(|a, b| same(a.0, b.0)) {
        let count = tied.len() as u64;
        // The mean of before + 1 … before + count.
        let rank = float(before) + (float(count) + 1.0) / 2.0;
        for (_, i) in tied {
            if let Some(slot) = ranks.get_mut(*i) {
                *slot = rank;
            }
        }
        before += count;
    }
    Some(ranks)
}

/// −0 is 0 here.
fn order_of(a: f64, b: f64) -> std::cmp::Ordering {
    (a + 0.0).total_cmp(&(b + 0.0))
}

fn same(a: f64, b: f64) -> bool {
    order_of(a, b).is_eq()
}

/// Spearman's ρ: the correlation of the ranks, equal values sharing the mean of theirs. None where the lists are not of one
/// length of at least 2, hold NaN, or one of them is all alike.
///
/// Source: Spearman (1904), Amer. J. Psychol. 15, 72–101; ties: Kendall & Gibbons (1990), Rank Correlation Methods, §3.6.
#[must_use]
pub fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() || x.len() < 2 {
        return None;
    }
    let (x, y) = (mid_ranks(x)?, mid_ranks(y)?);
    let middle = (float(x.len() as u64) + 1.0) / 2.0;
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(&y) {
        let (x, y) = (x - middle, y - middle);
        (xy, xx, yy) = (xy + x * y, xx + x * x, yy + y * y);
    }
    (xx > 0.0 && yy > 0.0).then(|| (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
}

/// Kendall's τ-b: concordant less discordant pairs, over the geometric mean of the pairs that are not tied in either list.
/// None where the lists are not of one length of at least 2, hold NaN, or one of them is all alike. O(n log n).
///
/// Source: Kendall (1945), Biometrika 33, 239–251; the algorithm: Knight (1966), J. Amer. Statist. Assoc. 61, 436–439.
#[must_use]
pub fn kendall(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() || x.len() < 2 || x.iter().chain(y).any(|value| value.is_nan()) {
        return None;
    }
    let mut pairs: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
    pairs.sort_by(|a, b| order_of(a.0, b.0).then(order_of(a.1, b.1)));
    let pairs_in = |count: usize| u128::from(count as u64) * u128::from((count as u64).saturating_sub(1)) / 2;
    let all = pairs_in(pairs.len());
    let tied_x: u128 = pairs.chunk_by(|a, b| same(a.0, b.0)).map(|tied| pairs_in(tied.len())).sum();
    let tied_both: u128 =
        pairs.chunk_by(|a, b| same(a.0, b.0) && same(a.1, b.1)).map(|tied| pairs_in(tied.len())).sum();
    // Within a tie of x, y already rises: what is left to swap is discordant.
    let mut by_y: Vec<f64> = pairs.into_iter().map(|(_, y)| y).collect();
    let discordant = sort_counting(&mut by_y);
    let tied_y: u128 = by_y.chunk_by(|a, b| same(*a, *b)).map(|tied| pairs_in(tied.len())).sum();
    let (untied_x, untied_y) = (wide(all - tied_x), wide(all - tied_y));
    if untied_x <= 0.0 || untied_y <= 0.0 {
        return None;
    }
    let concordant = (all + tied_both).saturating_sub(tied_x + tied_y + discordant);
    let score = wide(concordant) - wide(discordant);
    Some((score / (untied_x.sqrt() * untied_y.sqrt())).clamp(-1.0, 1.0))
}

#[expect(clippy::cast_precision_loss, reason = "a count of pairs above 2^53 is rounded")]
const fn wide(count: u128) -> f64 {
    count as f64
}

/// Sorts by merging, and counts the pairs that stood in falling order.
fn sort_counting(values: &mut Vec<f64>) -> u128 {
    let mut swaps = 0;
    let mut width = 1;
    while width < values.len() {
        let mut merged = Vec::with_capacity(values.len());
        for run in values.chunks(width.saturating_mul(2)) {
            let (mut left, mut right) = run.split_at(width.min(run.len()));
            while let (Some(l), Some(r)) = (left.first(), right.first()) {
                if order_of(*l, *r).is_gt() {
                    swaps += u128::from(left.len() as u64);
                    merged.push(*r);
                    right = right.split_first().map_or(&[], |(_, rest)| rest);
                } else {
                    merged.push(*l);
                    left = left.split_first().map_or(&[], |(_, rest)| rest);
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        *values = merged;
        width = width.saturating_mul(2);
    }
    swaps
}

/// How much ranks move between ways of weighing.
#[derive(Debug, Clone, PartialEq)]
pub struct RankStability {
    /// The mean over models of the greatest less the least rank: 0 where no way of weighing changes anything.
    pub amplitude: f64,
    /// Of each model its best (least) and worst rank.
    pub ranges: Vec<(f64, f64)>,
    /// How many ways of weighing. More ways can only move ranks more: amplitudes of different numbers don't compare.
    pub schemes: usize,
}

/// The rank stability amplitude: the mean over models of max − min rank across schemes. `ranks`: by scheme, every model's
/// rank (1 the best). None where there is no scheme or no model, schemes rank different numbers of models, or a rank is
/// not finite.
///
/// Source: ReLE (2026), arXiv 2601.17399.
#[must_use]
pub fn rank_stability(ranks: &[Vec<f64>]) -> Option<RankStability> {
    let models = ranks.first().map(Vec::len).filter(|models| *models > 0)?;
    let sound = |scheme: &Vec<f64>| scheme.len() == models && scheme.iter().all(|rank| rank.is_finite());
    if !ranks.iter().all(sound) {
        return None;
    }
    let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); models];
    for scheme in ranks {
        ranges.iter_mut().zip(scheme).for_each(|(range, rank)| *range = (range.0.min(*rank), range.1.max(*rank)));
    }
    let amplitude = ranges.iter().map(|(best, worst)| worst - best).sum::<f64>() / float(models as u64);
    Some(RankStability { amplitude, ranges, schemes: ranks.len() })
}

/// The weighted mean of every model's scores. `scores`: by model, one for each part; `weights`: one for each part, at least
/// 0, not all 0. None where lengths differ or a value is not finite.
#[must_use]
pub fn weighted_scores(scores: &[Vec<f64>], weights: &[f64]) -> Option<Vec<f64>> {
    let total: f64 = weights.iter().sum();
    if !total.is_finite() || total <= 0.0 || weights.iter().any(|weight| weight.is_nan() || *weight < 0.0) {
        return None;
    }
    let mean = |scores: &Vec<f64>| {
        let sum: f64 = scores.iter().zip(weights).map(|(score, weight)| score * weight / total).sum();
        (scores.len() == weights.len() && sum.is_finite()).then_some(sum)
    };
    scores.iter().map(mean).collect()
}

/// The stability of ranks by weighted means across weighting schemes, equal means sharing the mean of their ranks. Means that
/// differ by less than 10⁻¹² of the largest count as equal, so that rounding tells nobody apart.
#[must_use]
pub fn rank_stability_of(scores: &[Vec<f64>], schemes: &[Vec<f64>]) -> Option<RankStability> {
    let ranked = |weights: &Vec<f64>| {
        let means = weighted_scores(scores, weights)?;
        let unit = means.iter().fold(0.0_f64, |most, mean| most.max(mean.abs())) * 1e-12;
        let rounded = |mean: &f64| if unit > 0.0 { -(mean / unit).round() } else { 0.0 };
        mid_ranks(&means.iter().map(rounded).collect::<Vec<_>>())
    };
    rank_stability(&schemes.iter().map(ranked).collect::<Option<Vec<_>>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(got: Option<f64>, want: f64) {
        assert!(got.is_some_and(|got| (got - want).abs() < 1e-9), "{got:?}, not {want}");
    }

    #[test]
    fn published_examples() {
        // Hollander & Wolfe (1973), Nonparametric Statistical Methods, pp. 185–186: assessment of tuna quality.
        let x = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1];
        let y = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8];
        near(kendall(&x, &y), 16.0 / 36.0);
        near(spearman(&x, &y), 0.6);
        // With ties, the example of SciPy's documentation of kendalltau.
        near(kendall(&[12.0, 2.0, 1.0, 12.0, 2.0], &[1.0, 4.0, 7.0, 1.0, 0.0]), -0.471_404_520_791_031_7);
        // And that of spearmanr.
        near(spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[5.0, 6.0, 7.0, 8.0, 7.0]), 0.820_782_681_668_123_3);
        // Hours of television and IQ: ρ = −29/165.
        let iq = [106.0, 100.0, 86.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0];
        let hours = [7.0, 27.0, 2.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0];
        near(spearman(&iq, &hours), -29.0 / 165.0);
    }

    #[test]
    fn what_says_nothing_gives_nothing() {
        for (x, y) in [
            (vec![], vec![]),
            (vec![1.0], vec![1.0]),
            (vec![1.0, 2.0], vec![1.0]),
            (vec![1.0, 1.0], vec![1.0, 2.0]),
            (vec![1.0, f64::NAN], vec![1.0, 2.0]),
            (vec![0.0, -0.0], vec![1.0, 2.0]),
        ] {
            assert_eq!((spearman(&x, &y), kendall(&x, &y)), (None, None), "{x:?} {y:?}");
        }
        near(kendall(&[f64::INFINITY, 0.0, 1.0], &[9.0, 1.0, 2.0]), 1.0);
        assert_eq!(mid_ranks(&[3.0, 1.0, 3.0, -0.0, 0.0]), Some(vec![4.5, 3.0, 4.5, 1.5, 1.5]));
    }

    #[test]
    fn stability_worked_by_hand() {
        let ranks = [vec![1.0, 2.0, 3.0], vec![1.0, 3.0, 2.0], vec![2.0, 3.0, 1.0]];
        let got = rank_stability(&ranks).unwrap();
        assert!((got.amplitude - (1.0 + 1.0 + 2.0) / 3.0).abs() < 1e-12);
        assert_eq!((got.ranges, got.schemes), (vec![(1.0, 2.0), (2.0, 3.0), (1.0, 3.0)], 3));
        assert_eq!(rank_stability(&[]), None);
        assert_eq!(rank_stability(&[vec![1.0], vec![1.0, 2.0]]), None);
        // Two parts: the first model is best at one, the second at the other, the third between them.
        let scores = [vec![0.9, 0.5], vec![0.5, 0.9], vec![0.8, 0.8]];
        let got = rank_stability_of(&scores, &[vec![1.0, 0.0], vec![1.0, 1.0], vec![0.0, 2.0]]).unwrap();
        assert_eq!(got.ranges, [(1.0, 3.0), (1.0, 3.0), (1.0, 2.0)]);
        assert_eq!(weighted_scores(&scores, &[0.0, 0.0]), None);
        assert_eq!(weighted_scores(&scores, &[1.0, -1.0]), None);
        assert_eq!(weighted_scores(&scores, &[1.0]), None);
        assert_eq!(rank_stability_of(&scores, &[vec![1.0, f64::NAN]]), None);
    }

    /// By the definition, over all pairs.
    fn slow(x: &[f64], y: &[f64]) -> Option<f64> {
        let (mut score, mut by_x, mut by_y) = (0.0, 0.0, 0.0);
        let sign = |a: f64, b: f64| f64::from(u8::from(a > b)) - f64::from(u8::from(a < b));
        for i in 0..x.len() {
            for j in 0..i {
                let (a, b) = (sign(x[i], x[j]), sign(y[i], y[j]));
                (score, by_x, by_y) = (score + a * b, by_x + a * a, by_y + b * b);
            }
        }
        (by_x > 0.0 && by_y > 0.0).then(|| score / f64::sqrt(by_x * by_y))
    }

    fn lists() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
        proptest::collection::vec((0..12_u8, 0..12_u8), 0..60)
            .prop_map(|pairs| pairs.into_iter().map(|(x, y)| (f64::from(x), f64::from(y))).unzip())
    }

    proptest! {
        #[test]
        fn counting_swaps_is_counting_pairs((x, y) in lists()) {
            match (kendall(&x, &y), slow(&x, &y)) {
                (Some(fast), Some(slow)) => prop_assert!((fast - slow).abs() < 1e-12, "{fast} {slow}"),
                (fast, slow) => prop_assert_eq!(fast, slow),
            }
        }

        #[test]
        fn only_order_counts((x, y) in lists()) {
            let stretched: Vec<f64> = x.iter().map(|x| x.exp() * 3.0 + 1.0).collect();
            let turned: Vec<f64> = y.iter().map(|y| -y).collect();
            for measure in [spearman, kendall] {
                let got = measure(&x, &y);
                prop_assert_eq!(got, measure(&stretched, &y));
                let (back, other) = (measure(&y, &x), measure(&x, &turned));
                for (value, sign) in [(back, 1.0), (other, -1.0)] {
                    prop_assert_eq!(got.is_some(), value.is_some());
                    if let (Some(got), Some(value)) = (got, value) {
                        prop_assert!((got - sign * value).abs() < 1e-12 && got.abs() <= 1.0);
                    }
                }
            }
        }

        #[test]
        fn more_schemes_never_steady_ranks(scores in proptest::collection::vec(proptest::collection::vec(0.0..1.0f64, 3), 2..8), weights in proptest::collection::vec(proptest::collection::vec(0.1..1.0f64, 3), 2..6)) {
            let all = rank_stability_of(&scores, &weights).unwrap();
            let fewer = rank_stability_of(&scores, &weights[1..]).unwrap();
            prop_assert!(all.amplitude >= fewer.amplitude);
            prop_assert!(all.amplitude <= (scores.len() - 1) as f64);
        }
    }
}
