//! What a buyer gives up for what: who is beaten in everything, how firm an order is under other weights, and what one would
//! have to want to choose each target.
//!
//! Scores are 0 for the worst of the targets and 1 for the best. Money, time and energy are scored on the logarithm: half of it
//! is worth as much wherever one stands. So a score depends on who is compared.

use super::{Comparison, Part};
use crate::domain::Name;
use crate::stats::{
    self, Direction, Level, Objective, RankStability, frontier, hypervolume, normalised, rank_stability_of,
    weight_intervals, weight_shares, weighted_scores,
};
use std::str::FromStr;

/// What is weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// The share of right answers.
    Accuracy,
    /// USD for a correct answer.
    Cost,
    /// The median time to the first token.
    Ttft,
    /// Correct answers inside the SLO per second.
    Goodput,
    /// Joules for a correct answer.
    Energy,
    /// Device memory in use.
    Memory,
}

impl Measure {
    /// Every one.
    pub const ALL: [Self; 6] = [Self::Accuracy, Self::Cost, Self::Ttft, Self::Goodput, Self::Energy, Self::Memory];

    /// The word on the command line and in records.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Cost => "cost",
            Self::Ttft => "ttft",
            Self::Goodput => "goodput",
            Self::Energy => "energy",
            Self::Memory => "memory",
        }
    }

    const fn direction(self) -> Direction {
        match self {
            Self::Accuracy | Self::Goodput => Direction::Higher,
            Self::Cost | Self::Ttft | Self::Energy | Self::Memory => Direction::Lower,
        }
    }

    /// What a target came to; none where it was not measured. Memory is looked at while a daemon runs, and not stored.
    fn of(self, comparison: &Comparison, target: &Name) -> Option<f64> {
        let standing = comparison.standing(&Part::All, target)?;
        let scenario = |name: &Name| {
            let part = Part::Scenario(name.clone());
            Some(comparison.standing(&part, target).unwrap_or(standing).good)
        };
        match self {
            Self::Accuracy => standing.accuracy.map(|accuracy| accuracy.estimate),
            Self::Cost => standing.per_correct.map(|cost| cost.estimate).filter(|cost| cost.is_finite()),
            Self::Ttft => standing.first.map(|first| first.p50),
            Self::Goodput => comparison.background.correct_goodput(target, scenario),
            Self::Energy => standing.joules,
            Self::Memory => None,
        }
    }

    /// Values from the worst (0) to the best (1).
    fn scores(self, values: &[f64]) -> Option<Vec<f64>> {
        let positive = values.iter().all(|value| *value > 0.0);
        match self {
            Self::Accuracy | Self::Goodput => normalised(values, self.direction()),
            _ if positive => normalised(&values.iter().map(|value| value.ln()).collect::<Vec<_>>(), self.direction()),
            _ => normalised(values, self.direction()),
        }
    }
}

/// A way of weighing.
#[derive(Debug, Clone, PartialEq)]
pub struct Scheme {
    /// Whether the reader gave it.
    pub own: bool,
    /// What weighs how much; what is not named weighs nothing.
    pub weights: Vec<(Measure, f64)>,
}

impl Scheme {
    /// As it is written on the command line: `accuracy=2,cost=1`.
    #[must_use]
    pub fn words(&self) -> String {
        let words: Vec<String> =
            self.weights.iter().map(|(measure, weight)| format!("{}={weight}", measure.label())).collect();
        words.join(",")
    }
}

impl FromStr for Scheme {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut weights: Vec<(Measure, f64)> = Vec::new();
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let (name, weight) =
                word.split_once('=').ok_or_else(|| format!("expected MEASURE=WEIGHT in {word:?}, such as cost=1"))?;
            let name = name.trim();
            let Some(measure) = Measure::ALL.into_iter().find(|measure| measure.label() == name) else {
                let words = Measure::ALL.map(Measure::label);
                let near = crate::config::suggest(name, words);
                let near = near.map(|near| format!("did you mean {near}? ")).unwrap_or_default();
                return Err(format!("{name:?} is no measure: {near}known are {}", words.join(", ")));
            };
            let weight = weight.trim().parse().ok().filter(|weight: &f64| *weight >= 0.0 && weight.is_finite());
            let weight = weight.ok_or_else(|| format!("the weight of {name} is no number from 0"))?;
            if weights.iter().any(|(other, _)| *other == measure) {
                return Err(format!("{name} is given twice"));
            }
            weights.push((measure, weight));
        }
        if !weights.iter().any(|(_, weight)| *weight > 0.0) {
            return Err("expected weights such as accuracy=2,cost=1, at least one of them above 0".to_owned());
        }
        Ok(Self { own: true, weights })
    }
}

/// Where a target stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Who.
    pub target: Name,
    /// On the frontier: nobody is at least as good in everything and better in something. None where something was not measured.
    pub frontier: Option<bool>,
    /// Who on the frontier is at least as good in everything and better in something.
    pub beaten_by: Vec<Name>,
    /// What of the volume goes without it.
    pub own_volume: Option<f64>,
    /// From 0 to 1, in the order of [`Tradeoffs::measures`].
    pub scores: Option<Vec<f64>>,
    /// The share of all ways of weighing under which it scores the most, with what drawing leaves unsure.
    pub wins: Option<stats::Interval>,
    /// The mean of those weights, in the order of [`Tradeoffs::measures`].
    pub example: Vec<f64>,
    /// The weight of accuracy against cost of a correct answer alone, from and to, at which it scores the most.
    pub accuracy_weight: Option<(f64, f64)>,
    /// Its best and its worst rank over the schemes.
    pub ranks: Option<(f64, f64)>,
}

/// An order under one way of weighing.
#[derive(Debug, Clone, PartialEq)]
pub struct Ordered {
    /// How it was weighed.
    pub scheme: Scheme,
    /// Who, with its score from 0 to 1, the best first.
    pub order: Vec<(Name, f64)>,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tradeoffs {
    /// What is weighed: measured of every target that has an accuracy and a cost.
    pub measures: Vec<Measure>,
    /// What could not be, and of whom it was not measured.
    pub absent: Vec<(Measure, Vec<Name>)>,
    /// In the order of the targets.
    pub places: Vec<Place>,
    /// What the frontier covers of the space of scores, from a tenth below the worst to the best in everything: 0 to 1.
    pub volume: Option<f64>,
    /// By scheme.
    pub orders: Vec<Ordered>,
    /// How much ranks move between them.
    pub amplitude: Option<f64>,
    /// Schemes of the reader's that name what was not measured, and so are in no figure.
    pub unusable: Vec<Scheme>,
    /// Weights that were drawn …
    pub draws: u32,
    /// … from this seed.
    pub seed: u64,
}

const DRAWS: u32 = 20_000;
const SEED: u64 = 1;
/// The reference lies so far below the worst, so that the worst in one measure covers something too.
const BELOW: f64 = 0.1;

/// What targets trade; nothing where there are not two to hold against each other.
pub(super) fn tradeoffs(comparison: &Comparison, own: &[Scheme]) -> Option<Tradeoffs> {
    let of = |measure: Measure, target: &Name| measure.of(comparison, target);
    let targets: Vec<&Name> = comparison.standings.get(&Part::All)?.iter().map(|standing| &standing.target).collect();
    let placed: Vec<&Name> = targets
        .iter()
        .copied()
        .filter(|target| of(Measure::Accuracy, target).is_some() && of(Measure::Cost, target).is_some())
        .collect();
    if placed.len() < 2 {
        return None;
    }
    let mut found = Tradeoffs { draws: DRAWS, seed: SEED, ..Tradeoffs::default() };
    for measure in Measure::ALL {
        let lacks: Vec<Name> =
            placed.iter().filter(|target| of(measure, target).is_none()).map(|t| (*t).clone()).collect();
        if lacks.is_empty() {
            found.measures.push(measure);
        } else {
            found.absent.push((measure, lacks));
        }
    }
    let objective = |measure: &Measure| Objective { name: measure.label().to_owned(), direction: measure.direction() };
    let objectives: Vec<Objective> = found.measures.iter().map(objective).collect();
    let points: Vec<Vec<Option<f64>>> =
        targets.iter().map(|target| found.measures.iter().map(|measure| of(*measure, target)).collect()).collect();
    let stands = frontier(&objectives, &points);
    for (target, stand) in targets.iter().zip(&stands) {
        let (frontier, by) = match stand {
            stats::Standing::Frontier => (Some(true), Vec::new()),
            stats::Standing::Dominated { by } => {
                (Some(false), by.iter().filter_map(|at| targets.get(*at)).map(|t| (*t).clone()).collect())
            }
            stats::Standing::Unmeasured { .. } => (None, Vec::new()),
        };
        found.places.push(Place {
            target: (*target).clone(),
            frontier,
            beaten_by: by,
            own_volume: None,
            scores: None,
            wins: None,
            example: Vec::new(),
            accuracy_weight: None,
            ranks: None,
        });
    }
    scored(&mut found, &placed, &of, own);
    Some(found)
}

/// Everything that rests on scores.
fn scored(found: &mut Tradeoffs, placed: &[&Name], of: &dyn Fn(Measure, &Name) -> Option<f64>, own: &[Scheme]) {
    let columns: Option<Vec<Vec<f64>>> = found
        .measures
        .iter()
        .map(|measure| {
            let values: Option<Vec<f64>> = placed.iter().map(|target| of(*measure, target)).collect();
            measure.scores(&values?)
        })
        .collect();
    let Some(columns) = columns else { return };
    let rows: Vec<Vec<f64>> =
        (0..placed.len()).map(|at| columns.iter().filter_map(|column| column.get(at).copied()).collect()).collect();
    let directions = vec![Direction::Higher; columns.len()];
    let reference = vec![-BELOW; columns.len()];
    let whole = (1.0 + BELOW).powi(i32::try_from(columns.len()).unwrap_or(i32::MAX));
    let volume = |rows: &[Vec<f64>]| hypervolume(&directions, &reference, rows).ok().map(|volume| volume / whole);
    found.volume = volume(&rows);
    let shares = weight_shares(&rows, DRAWS, SEED, Level::P95);
    let both: Option<Vec<[f64; 2]>> = rows.iter().map(|row| Some([*row.first()?, *row.get(1)?])).collect();
    // Accuracy and cost come first in Measure::ALL, and are always measured.
    let intervals = both.and_then(|both| weight_intervals(&both));
    orders(found, placed, &rows, own);
    let schemes: Vec<Vec<f64>> = found.orders.iter().map(|order| weights(&order.scheme, &found.measures)).collect();
    let stability = rank_stability_of(&rows, &schemes);
    found.amplitude = stability.as_ref().map(|stability: &RankStability| stability.amplitude);
    for (at, (target, row)) in placed.iter().zip(&rows).enumerate() {
        let others: Vec<Vec<f64>> =
            rows.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, row)| row.clone()).collect();
        let own_volume = found.volume.zip(volume(&others)).map(|(all, without)| (all - without).max(0.0));
        let measures = found.measures.len();
        let Some(place) = found.places.iter_mut().find(|place| place.target == **target) else { continue };
        place.own_volume = own_volume;
        place.scores = Some(row.clone());
        if let Some(share) = shares.as_ref().and_then(|shares| shares.shares.get(at)) {
            place.wins = Some(share.wins);
            place.example = share.example.iter().copied().take(measures).collect();
        }
        place.accuracy_weight = intervals.as_ref().and_then(|intervals| intervals.get(at).copied().flatten());
        place.ranks = stability.as_ref().and_then(|stability| stability.ranges.get(at).copied());
    }
}

fn weights(scheme: &Scheme, measures: &[Measure]) -> Vec<f64> {
    let of = |measure: &Measure| {
        scheme.weights.iter().find(|(other, _)| other == measure).map_or(0.0, |(_, weight)| *weight)
    };
    measures.iter().map(of).collect()
}

/// The schemes that everybody gets: all alike, and each measure for twice as much; then the reader's.
fn orders(found: &mut Tradeoffs, placed: &[&Name], rows: &[Vec<f64>], own: &[Scheme]) {
    let all_at = |most: Option<Measure>| Scheme {
        own: false,
        weights: found.measures.iter().map(|m| (*m, if most == Some(*m) { 2.0 } else { 1.0 })).collect(),
    };
    let mut schemes: Vec<Scheme> = vec![all_at(None)];
    schemes.extend(found.measures.iter().map(|measure| all_at(Some(*measure))));
    for scheme in own {
        let usable = scheme.weights.iter().all(|(measure, weight)| *weight == 0.0 || found.measures.contains(measure));
        if usable {
            schemes.push(scheme.clone());
        } else {
            found.unusable.push(scheme.clone());
        }
    }
    for scheme in schemes {
        let Some(scores) = weighted_scores(rows, &weights(&scheme, &found.measures)) else { continue };
        let mut order: Vec<(Name, f64)> = placed.iter().map(|target| (*target).clone()).zip(scores).collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1));
        found.orders.push(Ordered { scheme, order });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_read_and_wrong_words_are_told() {
        let scheme: Scheme = "accuracy=2, cost=0.5".parse().unwrap();
        assert_eq!(scheme.weights, [(Measure::Accuracy, 2.0), (Measure::Cost, 0.5)]);
        assert_eq!(scheme.words(), "accuracy=2,cost=0.5");
        for (bad, part) in [
            ("", "expected weights such as"),
            ("cost=0", "at least one of them above 0"),
            ("acuracy=1", "did you mean accuracy?"),
            ("cost", "expected MEASURE=WEIGHT"),
            ("cost=-1", "the weight of cost is no number from 0"),
            ("cost=1,cost=2", "cost is given twice"),
        ] {
            let error = bad.parse::<Scheme>().unwrap_err();
            assert!(error.contains(part), "{bad}: {error}");
        }
    }
}
