//! The order of targets that were asked different numbers of items, and whom to ask next so that the order gets better.

use super::eliminate::Products;
use super::order::Drawn;
use super::target::Answers;
use crate::stats::distribution::normal_cdf;

/// The mean of each target over all items. Who was asked fewer items borrows from those that were asked more: how much
/// harder or easier those items were for them than all that they were asked.
///
/// Source: double sampling with regression (Cochran 1977, Sampling Techniques, §12.6), the coefficient from the products
/// of errors.
pub fn standing(answers: &[Answers], products: &Products) -> Vec<f64> {
    let mut turns: Vec<usize> = (0..answers.len()).collect();
    turns.sort_by_key(|k| std::cmp::Reverse(answers.get(*k).map_or(0, Answers::asked)));
    let mut means = vec![0.0; answers.len()];
    for k in &turns {
        let Some(own) = answers.get(*k) else { continue };
        let further: Vec<usize> =
            turns.iter().copied().filter(|j| answers.get(*j).is_some_and(|a| a.asked() > own.asked())).collect();
        let mut mean = own.mean();
        if !further.is_empty() && own.asked() > 0 {
            let (mut moved, mut with, mut among) = (0.0, 0.0, 0.0);
            for j in &further {
                let Some(other) = answers.get(*j) else { continue };
                moved += means.get(*j).copied().unwrap_or(0.0) - mean_of_first(other, own.asked());
                with += products.of(*k, *j);
                among += further.iter().map(|i| products.of(*i, *j)).sum::<f64>();
            }
            // Sums, not means: of the coefficient's two sums one has a factor more, which `moved` takes back.
            if among > 0.0 {
                mean += (with / among).clamp(0.0, 1.0) * moved;
            }
        }
        if let Some(place) = means.get_mut(*k) {
            *place = mean;
        }
    }
    means
}

fn mean_of_first(answers: &Answers, count: usize) -> f64 {
    let so_far = count.checked_sub(1).and_then(|last| answers.absorbed().get(last)).map(|absorbed| absorbed.so_far);
    so_far.map_or(0.5, |(tells, value)| value / tells)
}

/// Whom to ask next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Two targets.
    pub who: [usize; 2],
    /// The fewest items that one of them was asked.
    pub from: usize,
}

/// How much more a pair with the leader counts than another one, of eight targets. An exchange of two neighbours costs Kendall's
/// correlation 4 / (m² − m): so it weighs less, the more targets there are, while there is only one first place.
const FIRST: f64 = 6.0;

fn first_weight(targets: usize) -> f64 {
    let m = count(targets);
    (FIRST * (m * m - m) / 56.0).max(1.0)
}

/// The two neighbours in the order so far that are worth the next questions: the greatest fall in the number of pairs whose order is
/// wrong (theirs, and those that each of them makes with others), by what it costs, whether one asks a batch more or up to all items.
/// None when everyone was asked everything.
///
/// Source: the knowledge gradient for correlated beliefs, in its form with the best batch length (Frazier & Powell 2010, Decision
/// Analysis 7, 378–403, KG(*)): one batch alone may change no order, and still be the way to a batch that does.
pub fn worth_asking(
    answers: &[Answers],
    products: &Products,
    drawn: &[Drawn],
    items: usize,
    batch: usize,
    cost: impl Fn(usize) -> f64,
) -> Option<Step> {
    let means = standing(answers, products);
    let mut order: Vec<usize> = (0..answers.len()).collect();
    let mean = |k: usize| means.get(k).copied().unwrap_or(0.0);
    order.sort_by(|a, b| mean(*b).total_cmp(&mean(*a)));
    let mut tells = vec![0.0];
    for d in drawn {
        tells.push(tells.last().copied().unwrap_or(0.0) + d.scale.powi(-2));
    }
    let asked: Vec<usize> = order.iter().map(|k| answers.get(*k).map_or(0, Answers::asked)).collect();
    let prices: Vec<f64> = order.iter().map(|k| cost(*k)).collect();
    let at = |place: usize| asked.get(place).copied().unwrap_or(0);
    let left = |n: usize| 1.0 / count(n.max(1)) - 1.0 / count(items);
    // By places in the order: how sure each pair is, in deviations, and how many items both were asked.
    let m = order.len();
    let mut pairs = vec![None; m * m];
    for (p, i) in order.iter().enumerate() {
        for (q, j) in order.iter().enumerate().skip(p + 1) {
            let common = at(p).min(at(q));
            let information = tells.get(common).copied().unwrap_or(0.0).max(1e-9);
            let deviation = (products.against(&[(*i, 1.0)], *j) / information).sqrt();
            let sure = (mean(*i) - mean(*j)).abs() / deviation;
            if common < items && sure < MOST_SURE {
                let weight = if p == 0 { first_weight(m) } else { 1.0 };
                if let Some(place) = pairs.get_mut(p * m + q) {
                    *place = Some((sure, common, weight));
                }
            }
        }
    }
    let mut choice: Option<(f64, Step)> = None;
    for (first, neighbours) in order.windows(2).enumerate() {
        let [a, b] = *neighbours else { continue };
        let (places, last) = (first..=first + 1, first + 1);
        let from = at(first).min(at(last));
        if from >= items {
            continue;
        }
        for to in [from + batch, from + from / 2, 2 * from, 4 * from, items] {
            let to = to.clamp(from + 1, items);
            let then = |place: usize| if places.contains(&place) { at(place).max(to) } else { at(place) };
            let mut worth = 0.0;
            for p in 0..=last {
                for q in (p + 1).max(first)..m {
                    let Some((sure, common, weight)) = pairs.get(p * m + q).copied().flatten() else { continue };
                    let after = then(p).min(then(q));
                    if after > common {
                        worth += weight * fall(sure, (left(after) / left(common)).clamp(0.0, 1.0));
                    }
                }
            }
            let price = |place: usize| prices.get(place).copied().unwrap_or(1.0) * count(to.saturating_sub(at(place)));
            let worth = worth / (price(first) + price(last)).max(1e-12);
            if choice.is_none_or(|(best, _)| worth > best) {
                choice = Some((worth, Step { who: [a, b], from }));
            }
        }
    }
    choice.map(|(_, step)| step)
}

/// Pairs that are surer than this (in deviations) are not looked at.
const MOST_SURE: f64 = 5.0;
/// Steps of the table of `fall`: of certainty, and of the part of the variance that stays.
const STEPS: [usize; 2] = [50, 25];

/// By how much the chance of a wrong order is expected to fall, when a difference is so sure (in deviations) and this part of its
/// variance stays: from a table, straight between its points.
fn fall(sure: f64, stays: f64) -> f64 {
    static TABLE: std::sync::OnceLock<Vec<f64>> = std::sync::OnceLock::new();
    let [rows, columns] = STEPS;
    let table = TABLE.get_or_init(|| {
        let row = |r: usize| MOST_SURE * count(r) / count(rows);
        // Steps of the deviation, not of the variance: the last items of a set tell most.
        let column = |c: usize| (count(c) / count(columns)).powi(2);
        (0..=rows).flat_map(|r| (0..=columns).map(move |c| exact_fall(row(r), column(c)))).collect()
    });
    let split = |x: f64, most: usize| {
        let x = x.clamp(0.0, count(most));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the table")]
        let down = (x.floor() as usize).min(most - 1);
        (down, x - count(down))
    };
    let (r, across) = split(sure / MOST_SURE * count(rows), rows);
    let (c, along) = split(stays.sqrt() * count(columns), columns);
    let cell = |r: usize, c: usize| table.get(r * (columns + 1) + c).copied().unwrap_or(0.0);
    let between = |r: usize| cell(r, c) * (1.0 - along) + cell(r, c + 1) * along;
    between(r) * (1.0 - across) + between(r + 1) * across
}

fn exact_fall(gap: f64, after: f64) -> f64 {
    let before = 1.0;
    let wrong = |gap: f64, variance: f64| {
        if variance > 0.0 { normal_cdf(-gap.abs() / variance.sqrt()) } else { 0.0 }
    };
    let moved = (before - after).max(0.0).sqrt();
    // The difference will be found elsewhere by a normal distance: a sum over its density, in steps of a quarter.
    let (mut expected, mut mass) = (0.0, 0.0);
    for step in -12_i8..=12 {
        let x = 0.25 * f64::from(step);
        let density = (-x * x / 2.0).exp();
        expected += density * wrong(gap + moved * x, after);
        mass += density;
    }
    (wrong(gap, before) - expected / mass).max(0.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_what_it_stands_for() {
        for sure in [0.0, 0.33, 1.0, 2.47] {
            for stays in [0.0, 0.1, 0.5, 0.93, 1.0] {
                let (table, exact) = (fall(sure, stays), exact_fall(sure, stays));
                assert!((table - exact).abs() < 0.005, "{sure} {stays}: {table} not {exact}");
            }
        }
        assert!(fall(0.0, 0.0) > 0.45, "a toss becomes certainty");
        assert!(fall(9.0, 0.0) < 1e-6 && fall(0.5, 1.0) < 1e-9 && fall(0.5, 0.2) > fall(2.0, 0.2));
    }

    #[test]
    fn among_more_targets_the_first_place_weighs_more() {
        assert!((first_weight(8) - FIRST).abs() < 1e-12);
        assert!(first_weight(2) >= 1.0 && first_weight(30) > 10.0 * first_weight(8));
    }
}
