//! Trade-offs: who is beaten in everything, how much a frontier covers, and under which weights each one wins.

mod volume;
mod weights;

pub use volume::{MOST_OBJECTIVES, MOST_POINTS, VolumeError, hypervolume};
pub use weights::{WeightShare, WeightShares, weight_intervals, weight_shares};

/// Which way a measure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More is better, as of accuracy.
    Higher,
    /// Less is better, as of cost.
    Lower,
}

impl Direction {
    /// The value turned so that more is better.
    #[must_use]
    pub fn upward(self, value: f64) -> f64 {
        match self {
            Self::Higher => value,
            Self::Lower => -value,
        }
    }
}

/// A measure that is traded against others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objective {
    /// What it is called where it is shown.
    pub name: String,
    /// Which way is better.
    pub direction: Direction,
}

/// Where one stands among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// No other is at least as good in everything and better in something.
    Frontier,
    /// Some are, by their index.
    Dominated {
        /// Those of them that are on the frontier.
        by: Vec<usize>,
    },
    /// It was not measured in everything: nothing is said of it, and it is held against nobody.
    Unmeasured {
        /// The objectives that it lacks, by their index.
        lacks: Vec<usize>,
    },
}

impl Standing {
    /// Whether it is on the frontier.
    #[must_use]
    pub fn is_frontier(&self) -> bool {
        matches!(self, Self::Frontier)
    }
}

/// Where each stands. `points`: of each its value of every objective; none, NaN or a value that is not there was not
/// measured. Infinite values are values (nothing correct costs +∞ per correct answer). Equal points don't dominate each
/// other.
#[must_use]
pub fn frontier(objectives: &[Objective], points: &[Vec<Option<f64>>]) -> Vec<Standing> {
    let upward: Vec<Result<Vec<f64>, Vec<usize>>> = points.iter().map(|point| turned(objectives, point)).collect();
    let measured = || upward.iter().enumerate().filter_map(|(i, point)| Some((i, point.as_ref().ok()?)));
    let on_frontier: Vec<(usize, &Vec<f64>)> =
        measured().filter(|(_, point)| !measured().any(|(_, other)| dominates(other, point))).collect();
    let stands = |point: &Result<Vec<f64>, Vec<usize>>| match point {
        Err(lacks) => Standing::Unmeasured { lacks: lacks.clone() },
        Ok(point) => {
            // What is dominated is dominated by one on the frontier: dominating is transitive, and there are finitely many.
            let above = on_frontier.iter().filter(|(_, other)| dominates(other, point));
            let by: Vec<usize> = above.map(|(i, _)| *i).collect();
            if by.is_empty() { Standing::Frontier } else { Standing::Dominated { by } }
        }
    };
    upward.iter().map(stands).collect()
}

/// A point with more being better in everything, or what it lacks.
fn turned(objectives: &[Objective], point: &[Option<f64>]) -> Result<Vec<f64>, Vec<usize>> {
    let value = |i: usize| point.get(i).copied().flatten().filter(|value| !value.is_nan());
    let lacks: Vec<usize> = (0..objectives.len()).filter(|i| value(*i).is_none()).collect();
    if !lacks.is_empty() {
        return Err(lacks);
    }
    let turn = |(i, objective): (usize, &Objective)| Some(objective.direction.upward(value(i)?));
    Ok(objectives.iter().enumerate().filter_map(turn).collect())
}

/// Whether one is at least as good in everything and better in something, more being better.
fn dominates(one: &[f64], other: &[f64]) -> bool {
    let pairs = || one.iter().zip(other);
    pairs().all(|(a, b)| a >= b) && pairs().any(|(a, b)| a > b)
}

/// Values brought to 0 (the worst of them) to 1 (the best), so that they can be weighed against others. None where a value is
/// not finite; all alike are all 1. What comes out depends on who is in the list: a new worst one moves everybody.
#[must_use]
pub fn normalised(values: &[f64], direction: Direction) -> Option<Vec<f64>> {
    if values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    // Halves, so that the difference of the largest numbers is finite.
    let upward = |value: &f64| direction.upward(*value) / 2.0;
    let least = values.iter().map(upward).fold(f64::INFINITY, f64::min);
    let most = values.iter().map(upward).fold(f64::NEG_INFINITY, f64::max);
    let range = most - least;
    let scaled = |value: &f64| if range > 0.0 { ((upward(value) - least) / range).clamp(0.0, 1.0) } else { 1.0 };
    Some(values.iter().map(scaled).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn objectives() -> Vec<Objective> {
        [("accuracy", Direction::Higher), ("cost per correct", Direction::Lower)]
            .map(|(name, direction)| Objective { name: name.into(), direction })
            .into()
    }

    #[test]
    fn worked_by_hand() {
        let some = |a: f64, c: f64| vec![Some(a), Some(c)];
        let points = [
            some(0.9, 5.0),
            some(0.8, 1.0),
            some(0.7, 2.0),
            some(0.9, 6.0),
            some(0.8, 1.0),
            vec![Some(1.0), None],
            some(0.0, f64::INFINITY),
            vec![Some(f64::NAN)],
        ];
        let got = frontier(&objectives(), &points);
        let want = [
            Standing::Frontier,
            Standing::Frontier,
            Standing::Dominated { by: vec![1, 4] },
            Standing::Dominated { by: vec![0] },
            Standing::Frontier,
            Standing::Unmeasured { lacks: vec![1] },
            Standing::Dominated { by: vec![0, 1, 4] },
            Standing::Unmeasured { lacks: vec![0, 1] },
        ];
        assert_eq!(got, want);
        assert_eq!(got.iter().filter(|standing| standing.is_frontier()).count(), 3);
    }

    #[test]
    fn the_worst_is_0_and_the_best_1() {
        assert_eq!(normalised(&[3.0, 1.0, 2.0], Direction::Higher), Some(vec![1.0, 0.0, 0.5]));
        assert_eq!(normalised(&[3.0, 1.0, 2.0], Direction::Lower), Some(vec![0.0, 1.0, 0.5]));
        assert_eq!(normalised(&[7.0, 7.0], Direction::Lower), Some(vec![1.0, 1.0]));
        assert_eq!(normalised(&[f64::MAX, f64::MIN], Direction::Higher), Some(vec![1.0, 0.0]));
        assert_eq!(normalised(&[1.0, f64::INFINITY], Direction::Higher), None);
    }

    proptest! {
        #[test]
        fn every_point_stands_as_the_definition_says(cells in proptest::collection::vec((0..5_u8, 0..5_u8, 0..8_u8), 0..25), shift in -5.0..5.0f64) {
            let points: Vec<Vec<Option<f64>>> = cells.iter().map(|(a, c, lacks)| {
                vec![Some(f64::from(*a)), (*lacks > 0).then_some(f64::from(*c))]
            }).collect();
            let got = frontier(&objectives(), &points);
            for (i, standing) in got.iter().enumerate() {
                let (a, c, lacks) = cells[i];
                let better = |j: &usize| {
                    let (b, d, other) = cells[*j];
                    other > 0 && b >= a && d <= c && (b, d) != (a, c)
                };
                match standing {
                    Standing::Unmeasured { lacks: which } => prop_assert!(lacks == 0 && which == &[1]),
                    Standing::Frontier => prop_assert!(lacks > 0 && !(0..cells.len()).any(|j| better(&j))),
                    Standing::Dominated { by } => prop_assert!(by.iter().all(|j| better(j) && got[*j].is_frontier()) && !by.is_empty()),
                }
            }
            let moved: Vec<Vec<Option<f64>>> = points.iter().map(|p| p.iter().map(|v| v.map(|v| v * 2.0 + shift)).collect()).collect();
            prop_assert_eq!(frontier(&objectives(), &moved), got);
        }
    }
}
