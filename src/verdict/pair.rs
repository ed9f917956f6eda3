//! Two targets on the same items.

use crate::domain::Name;
use crate::stats::{self, Interval, Level, PairedRatio, PairedSums};

/// What two targets came to on an item that both were graded on.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Answers {
    /// How many answers were graded.
    pub graded: u32,
    /// … and right.
    pub correct: u32,
    /// What all samples of the item cost, in USD.
    pub cost: f64,
}

/// Sums over items that both of a pair were graded on.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PairSums {
    accuracy: PairedSums,
    cost: PairedRatio,
}

impl PairSums {
    /// Takes an item, which counts once, however often it was asked: its cost is that of one asking.
    pub fn add(&mut self, a: Answers, b: Answers) {
        let counts = |answers: Answers| (u64::from(answers.correct), u64::from(answers.graded));
        self.accuracy.add(stats::Pair { base: counts(a), forms: counts(b) });
        let once = |answers: Answers| {
            let asked = f64::from(answers.graded.max(1));
            (answers.cost / asked, f64::from(answers.correct) / asked)
        };
        self.cost.add(once(a), once(b));
    }

    /// Takes the items of other sums.
    pub fn merge(&mut self, other: &Self) {
        self.accuracy.merge(&other.accuracy);
        self.cost.merge(&other.cost);
    }

    /// Both figures, of targets of these names; none without items.
    #[must_use]
    pub fn pair(&self, a: Name, b: Name) -> Option<Pair> {
        let gap = self.accuracy.gap(Level::P95)?;
        let cost = self.cost.ratio(Level::P95);
        Some(Pair {
            a,
            b,
            items: gap.pairs,
            only: self.accuracy.discordant(),
            difference: gap.difference,
            p: gap.p,
            cost_ratio: cost.map(|cost| cost.ratio),
            cost_p: cost.map(|cost| cost.p),
        })
    }
}

/// Two targets on the items that both were graded on.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The first.
    pub a: Name,
    /// The second.
    pub b: Name,
    /// How many items.
    pub items: u64,
    /// Items that only the first got right, and only the second; none where there are several answers to one.
    pub only: Option<(u64, u64)>,
    /// Accuracy of the first − of the second, 95 %.
    pub difference: Interval,
    /// Two-sided; adjusted within the part (Holm).
    pub p: f64,
    /// Cost per correct answer of the first over the second's, 95 %; none where one of them is not known.
    pub cost_ratio: Option<Interval>,
    /// Two-sided; adjusted within the part (Holm).
    pub cost_p: Option<f64>,
}

impl Pair {
    /// The same, seen from the second.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let Self { a, b, items, only, difference: d, p, cost_ratio, cost_p } = self.clone();
        let difference = Interval { estimate: -d.estimate, lower: -d.upper, upper: -d.lower };
        let upside_down =
            |r: Interval| Interval { estimate: 1.0 / r.estimate, lower: 1.0 / r.upper, upper: 1.0 / r.lower };
        let cost_ratio = cost_ratio.map(upside_down);
        Self { a: b, b: a, items, only: only.map(|(first, second)| (second, first)), difference, p, cost_ratio, cost_p }
    }
}
