//! How many items of each stratum to ask, by what they cost and how much their answers differ; and what of a variance is the
//! judge's.

/// One stratum, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Items that were not asked yet.
    pub left: u64,
    /// The stratum's weight in the mean, in any unit.
    pub weight: f64,
    /// Right answers so far …
    pub right: u64,
    /// … of so many.
    pub asked: u64,
    /// What one item costs, in any unit.
    pub cost: f64,
}

/// So many items over the strata: n_h ∝ W_h s̃_h / √c_h, where s̃_h² = p̃ (1 − p̃) and p̃ = (k + ½)/(m + 1); never more than are
/// left, and rounded by largest remainders, so that the parts add up to `total` or to all that is left. Before any answer
/// all s̃ are alike: the static optimum, proportional to weights where costs are equal.
///
/// Smoothing is no nicety: a stratum that answered a small pilot all right would have a spread of 0, and never be asked again.
///
/// Source: Cochran (1977), Sampling Techniques, §5.5 (allocation with costs) and §5.8 (strata that want more than they
/// have).
#[must_use]
pub fn cost_neyman(parts: &[Part], total: u64) -> Vec<u64> {
    let pull: Vec<f64> = parts.iter().map(pull).collect();
    let mut given: Vec<u64> = vec![0; parts.len()];
    let mut open: Vec<usize> = (0..parts.len()).filter(|h| parts.get(*h).is_some_and(|p| p.left > 0)).collect();
    let mut rest = total.min(parts.iter().fold(0_u64, |sum, p| sum.saturating_add(p.left)));
    // Strata that want all they have, or more, get it; the others share what remains.
    loop {
        let sum: f64 = open.iter().map(|h| at(&pull, *h)).sum();
        let wants =
            |h: usize| if sum > 0.0 { float(rest) * at(&pull, h) / sum } else { float(rest) / float_len(&open) };
        let left = |h: usize| parts.get(h).map_or(0, |p| p.left);
        let full: Vec<usize> = open.iter().copied().filter(|h| wants(*h) >= float(left(*h))).collect();
        if full.is_empty() {
            let mut shares: Vec<(usize, u64, f64)> = open
                .iter()
                .map(|h| {
                    let want = wants(*h);
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below what is left")]
                    let down = want.floor() as u64;
                    (*h, down, want - want.floor())
                })
                .collect();
            let mut over = rest.saturating_sub(shares.iter().map(|s| s.1).sum());
            shares.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
            for (h, down, _) in shares {
                // Each wanted less than it has, so one more is there.
                let more = u64::from(over > 0);
                over -= more;
                if let Some(place) = given.get_mut(h) {
                    *place = (down + more).min(left(h));
                }
            }
            return given;
        }
        for h in &full {
            let take = left(*h).min(rest);
            rest -= take;
            if let Some(place) = given.get_mut(*h) {
                *place = take;
            }
        }
        open.retain(|h| !full.contains(h));
        if open.is_empty() || rest == 0 {
            return given;
        }
    }
}

fn pull(part: &Part) -> f64 {
    let Part { left: _, weight, right, asked, cost } = *part;
    let p = (float(right.min(asked)) + 0.5) / (float(asked) + 1.0);
    let weight = if weight.is_finite() { weight.max(0.0) } else { 0.0 };
    // What costs nothing is still asked within reason.
    let cost = if cost.is_finite() { cost.max(1e-9) } else { f64::MAX };
    weight * (p * (1.0 - p)).sqrt() / cost.sqrt()
}

/// The variance between items, when each was asked (or judged) `repeats` times: the variance of the items' means has a part that is
/// only the answers' own, s²_within / K, and the rest, never below 0, is what more items would bring down.
///
/// Source: one-way random effects (Searle, Casella & McCulloch 1992, Variance Components, §3.3).
#[must_use]
pub fn between_items(variance_of_means: f64, variance_within: f64, repeats: u64) -> f64 {
    let between = variance_of_means - variance_within / float(repeats.max(1));
    if between.is_finite() { between.max(0.0) } else { 0.0 }
}

fn at(list: &[f64], place: usize) -> f64 {
    list.get(place).copied().unwrap_or(0.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
const fn float(n: u64) -> f64 {
    n as f64
}

fn float_len(list: &[usize]) -> f64 {
    float(list.len() as u64).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn part(left: u64, weight: f64, right: u64, asked: u64, cost: f64) -> Part {
        Part { left, weight, right, asked, cost }
    }

    #[test]
    fn worked_by_hand() {
        // Nothing known: by weight; four times the cost: half as many.
        let plain = [part(900, 3.0, 0, 0, 1.0), part(900, 1.0, 0, 0, 1.0)];
        assert_eq!(cost_neyman(&plain, 100), [75, 25]);
        let dear = [part(900, 1.0, 0, 0, 4.0), part(900, 1.0, 0, 0, 1.0)];
        assert_eq!(cost_neyman(&dear, 99), [33, 66]);
        // p̃ = 10½/21 = ½ and 20½/21: spreads of 0.5 and 0.1525.
        let known = [part(900, 1.0, 10, 20, 1.0), part(900, 1.0, 20, 20, 1.0)];
        assert_eq!(cost_neyman(&known, 1_000), [766, 234]);
        // What one stratum lacks the others get; together never more than there are.
        assert_eq!(cost_neyman(&[part(5, 9.0, 0, 0, 1.0), part(90, 1.0, 0, 0, 1.0)], 50), [5, 45]);
        assert_eq!(cost_neyman(&[part(5, 9.0, 0, 0, 1.0), part(9, 1.0, 0, 0, 1.0)], 50), [5, 9]);
        assert_eq!(cost_neyman(&[], 5), Vec::<u64>::new());
    }

    #[test]
    fn a_judges_noise_is_not_the_items() {
        assert!((between_items(0.05, 0.06, 3) - 0.03).abs() < 1e-12);
        assert_eq!(between_items(0.01, 0.09, 2), 0.0);
        assert_eq!(between_items(f64::NAN, 0.09, 0), 0.0);
    }

    proptest! {
        #[test]
        fn parts_add_up_and_fit(
            parts in proptest::collection::vec(
                (0_u64..500, 0.0_f64..10.0, 0_u64..50, 0_u64..50, 0.0_f64..10.0), 0..12),
            total in 0_u64..5_000,
        ) {
            let parts: Vec<Part> = parts.into_iter().map(|(l, w, r, a, c)| part(l, w, r, a, c)).collect();
            let given = cost_neyman(&parts, total);
            prop_assert!(given.iter().zip(&parts).all(|(n, p)| *n <= p.left));
            let all: u64 = parts.iter().map(|p| p.left).sum();
            prop_assert_eq!(given.iter().sum::<u64>(), total.min(all));
        }
    }
}
