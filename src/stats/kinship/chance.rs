//! With what probability two who got an item wrong say the same.

use super::super::distribution::float;
use super::WrongAnswer;
use std::collections::BTreeMap;

/// Who got an item wrong, and with what.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    wrong: Vec<(usize, WrongAnswer)>,
    counts: BTreeMap<WrongAnswer, u64>,
}

/// Pairs among so many.
fn pairs(count: u64) -> f64 {
    float(count) * (float(count) - 1.0) / 2.0
}

impl Shape {
    /// Each target counts once, with what is said of it first.
    pub(super) fn of(wrong: &[(usize, WrongAnswer)], targets: usize) -> Self {
        let mut each = BTreeMap::new();
        for (target, answer) in wrong.iter().filter(|(target, _)| *target < targets) {
            each.entry(*target).or_insert(*answer);
        }
        let mut counts = BTreeMap::new();
        each.values().for_each(|answer| *counts.entry(*answer).or_default() += 1);
        Self { wrong: each.into_iter().collect(), counts }
    }

    /// Targets in ascending order.
    pub(super) fn wrong(&self) -> &[(usize, WrongAnswer)] {
        &self.wrong
    }

    /// How many said it.
    pub(super) fn count(&self, answer: WrongAnswer) -> u64 {
        self.counts.get(&answer).copied().unwrap_or(0)
    }

    /// The probability that two of those who got it wrong, picked at random, say the same.
    pub(super) fn chance(&self) -> f64 {
        let same: f64 = self.counts.values().map(|count| pairs(*count)).sum();
        same / pairs(self.wrong.len() as u64).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: f64, want: f64) {
        assert!((got - want).abs() < 1e-9, "{got}, not {want}");
    }

    #[test]
    fn worked_by_hand() {
        // Five wrong: three said 1, two said 2: (3 + 1) of 10 pairs agree.
        let shape = Shape::of(&[(4, 1), (0, 1), (1, 2), (2, 1), (3, 2), (4, 2), (9, 7)], 5);
        assert_eq!(shape.wrong(), [(0, 1), (1, 2), (2, 1), (3, 2), (4, 1)]);
        near(shape.chance(), 0.4);
        near(Shape::of(&[(0, 1), (1, 2)], 5).chance(), 0.0);
        near(Shape::of(&[], 5).chance(), 0.0);
    }
}
