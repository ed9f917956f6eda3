//! In which order items are asked: drawn without replacement, with chances that may change from batch to batch, and what
//! each draw is worth for the mean over all items.

use crate::stats::seeded::Seeded;

/// One item of the order, with what was known when it was drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// The item's number.
    pub item: usize,
    /// Its weight in the mean over all items (all weights together are 1).
    pub weight: f64,
    /// Weight ÷ the chance of this draw to be this item, among those that were left.
    pub ratio: f64,
    /// The greatest such ratio of any item that was left.
    pub reach: f64,
    /// The standard deviation that was foreseen for `ratio` × what its answer is off by.
    pub scale: f64,
}

/// A growing order of items, the same for every target. Successive sampling: each draw takes one of the items that are left
/// with a chance ∝ weight × pull. Drawn by exponential keys (Efraimidis & Spirakis 2006, Inform. Process. Lett. 97,
/// 181–185), which give exactly these chances.
#[derive(Debug, Clone)]
pub struct Order {
    weights: Vec<f64>,
    left: Vec<usize>,
    drawn: Vec<Drawn>,
    rng: Seeded,
}

impl Order {
    /// Nothing drawn yet; the weights are those of the items, in sum 1.
    pub fn new(weights: Vec<f64>, seed: u64) -> Self {
        let left = (0..weights.len()).collect();
        Self { weights, left, drawn: Vec::new(), rng: Seeded::new(seed) }
    }

    /// What was drawn so far.
    pub fn drawn(&self) -> &[Drawn] {
        &self.drawn
    }

    /// The items that were not drawn yet, in no order.
    pub fn left(&self) -> &[usize] {
        &self.left
    }

    /// Weight of each item.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Draws `count` more items, or all that are left. `spread(item)` is the standard deviation foreseen for what the item's
    /// answer is off by, `cost(item)` what asking it costs; both are taken as at least a thousandth. Chances are
    /// ∝ weight × spread ÷ √cost: Neyman's allocation with costs (Cochran 1977, §5.5), item by item.
    pub fn extend(&mut self, count: usize, spread: impl Fn(usize) -> f64, cost: impl Fn(usize) -> f64) {
        let pull = |item: usize| {
            let weight = self.weights.get(item).copied().unwrap_or(0.0);
            let (s, c) = (spread(item).max(1e-3), cost(item).max(1e-3).sqrt());
            (weight, weight * s / c, weight * s * c)
        };
        let mut keyed: Vec<(f64, usize)> = Vec::with_capacity(self.left.len());
        let (mut g, mut h, mut most) = (0.0, 0.0, 0.0_f64);
        for item in &self.left {
            let (weight, own, across) = pull(*item);
            keyed.push((self.rng.exponential() / own.max(f64::MIN_POSITIVE), *item));
            g += own;
            h += across;
            if own > 0.0 {
                most = most.max(weight / own);
            }
        }
        let count = count.min(keyed.len());
        if count < keyed.len() {
            keyed.select_nth_unstable_by(count, |a, b| a.0.total_cmp(&b.0));
        }
        let (now, later) = keyed.split_at_mut(count);
        now.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        for (_, item) in now.iter() {
            let (weight, own, across) = pull(*item);
            let total = g.max(own);
            self.drawn.push(Drawn {
                item: *item,
                weight,
                ratio: if own > 0.0 { weight * total / own } else { weight },
                reach: (most * total).max(weight),
                scale: (total * h.max(across)).sqrt().max(1e-12),
            });
            g -= own;
            h -= across;
        }
        self.left = later.iter().map(|(_, item)| *item).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_drawn_once_and_the_same_for_a_seed() {
        let order = |seed| {
            let mut order = Order::new(vec![0.02; 50], seed);
            order.extend(10, |_| 0.5, |_| 1.0);
            order.extend(100, |item| 0.1 + 0.01 * item as f64, |_| 1.0);
            assert!(order.left().is_empty());
            order.drawn().iter().map(|d| d.item).collect::<Vec<_>>()
        };
        let mut items = order(1);
        assert_eq!(items, order(1));
        assert_ne!(items, order(2));
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn whatever_the_chances_a_draw_is_unbiased_and_within_its_reach() {
        // Items of unequal weight, scored by their number; the second draw of each of many orders.
        let weights: Vec<f64> = (1..=10).map(|i| f64::from(i) / 55.0).collect();
        let score = |item: usize| item as f64 / 10.0;
        let truth: f64 = weights.iter().enumerate().map(|(i, w)| w * score(i)).sum();
        let mut sum = 0.0;
        for seed in 0..5_000 {
            let mut order = Order::new(weights.clone(), seed);
            order.extend(2, |item| if item < 5 { 0.5 } else { 0.2 }, |item| if item % 2 == 0 { 1.0 } else { 3.0 });
            let [first, second] = order.drawn() else { panic!() };
            assert!(second.ratio <= second.reach + 1e-12 && second.scale > 0.0);
            sum += first.weight * score(first.item) + second.ratio * score(second.item);
        }
        assert!((sum / 5_000.0 - truth).abs() < 0.01, "{} not {truth}", sum / 5_000.0);
    }
}
