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

/// Pairs that involve the leader count this much more: who is first is asked more often than who is fifth.
const FIRST: f64 = 3.0;

/// The pair of targets that is worth the next questions: the greatest fall in the chance that its order is wrong, by what it
/// costs, whether one asks a batch more or up to all items. None when everyone was asked everything.
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
) -> Option<(usize, usize)> {
    let means = standing(answers, products);
    let leader = means.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(k, _)| k)?;
    let mut tells = vec![0.0];
    for d in drawn {
        tells.push(tells.last().copied().unwrap_or(0.0) + d.scale.powi(-2));
    }
    let mut choice: Option<(f64, (usize, usize))> = None;
    for (i, a) in answers.iter().enumerate() {
        for (j, b) in answers.iter().enumerate().skip(i + 1) {
            let common = a.asked().min(b.asked());
            if common >= items {
                continue;
            }
            let information = tells.get(common).copied().unwrap_or(0.0).max(1e-9);
            let variance = products.against(&[(i, 1.0)], j) / information;
            let gap = means.get(i).copied().unwrap_or(0.0) - means.get(j).copied().unwrap_or(0.0);
            let left = |n: usize| 1.0 / count(n.max(1)) - 1.0 / count(items);
            let weight = if i == leader || j == leader { FIRST } else { 1.0 };
            for to in [common + batch, common + common / 2, 2 * common, 4 * common, items] {
                let to = to.clamp(common + 1, items);
                let fall = fall(gap, variance, variance * (left(to) / left(common)).clamp(0.0, 1.0));
                let price =
                    cost(i) * count(to.saturating_sub(a.asked())) + cost(j) * count(to.saturating_sub(b.asked()));
                let worth = weight * fall / price.max(1e-12);
                if choice.as_ref().is_none_or(|(best, _)| worth > *best) {
                    choice = Some((worth, (i, j)));
                }
            }
        }
    }
    choice.map(|(_, pair)| pair)
}

/// By how much the chance of a wrong order is expected to fall, when the variance of a difference does.
fn fall(gap: f64, before: f64, after: f64) -> f64 {
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
