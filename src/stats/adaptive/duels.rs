//! Pairs of targets, each held against the other: better, worse, or too close to matter.

use super::target::Absorbed;
use crate::stats::sequential::Capital;

/// What is shown of two targets, at the campaign's level for all pairs together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The first is better.
    Better,
    /// The second is better.
    Worse,
    /// They differ by less than the margin.
    Close,
    /// Nothing is shown.
    Open,
}

impl Relation {
    /// The same, seen from the other side.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Better => Self::Worse,
            Self::Worse => Self::Better,
            same @ (Self::Close | Self::Open) => same,
        }
    }
}

/// One pair.
#[derive(Debug, Clone)]
pub struct Duel {
    /// The two targets.
    pub pair: (usize, usize),
    /// What is shown.
    pub relation: Relation,
    /// The variance foreseen for their difference, in squared foreseen deviations.
    pub variance: f64,
    /// Against: the first is not better; the second is not better; the first is behind, ahead by the margin.
    capitals: [Capital; 4],
}

impl Duel {
    /// Nothing seen.
    pub const fn new(pair: (usize, usize), margin: f64) -> Self {
        let capitals =
            [Capital::against(0.0), Capital::against(0.0), Capital::against(-margin), Capital::against(-margin)];
        Self { pair, relation: Relation::Open, variance: 1.4, capitals }
    }

    /// Takes in one draw of both.
    pub fn take(&mut self, a: (&Absorbed, (f64, f64)), b: (&Absorbed, (f64, f64)), reach: f64) {
        let variance = self.variance * a.0.draw.scale.powi(2);
        let side = |up: (&Absorbed, (f64, f64)), down: (&Absorbed, (f64, f64))| {
            let value = up.0.draw.value - down.0.draw.value;
            (value, up.0.base - down.0.base - reach * (1.0 + (up.1.1 - down.1.0).max(-1.0)))
        };
        let (ahead, behind) = (side(a, b), side(b, a));
        for (capital, (value, lower)) in self.capitals.iter_mut().zip([ahead, behind, ahead, behind]) {
            capital.take(value, lower, variance, 0.0);
        }
    }

    /// Judges by the evidence needed (a natural logarithm).
    pub fn judge(&mut self, needed: f64, margin: f64) {
        let [better, worse, not_behind, not_ahead] = &self.capitals;
        if self.relation != Relation::Open {
            return;
        }
        if better.peak() >= needed {
            self.relation = Relation::Better;
        } else if worse.peak() >= needed {
            self.relation = Relation::Worse;
        } else if margin > 0.0 && not_behind.peak() >= needed && not_ahead.peak() >= needed {
            self.relation = Relation::Close;
        }
    }
}
