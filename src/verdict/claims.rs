//! What a buyer may say of a comparison: each claim with the figures that carry it.
//!
//! Order is that of reading: who is best and by how much, who is cheapest, who is worse at everything, where others win, who
//! knew the questions. A claim of a difference has a p-value, adjusted within its part, below 5 %; where none is shown, that
//! itself is a claim, with the difference that can't be excluded.

use super::{Cabinet, Comparison, Gap, KinPair, OwnAgainstApi, Pair, Part, Standing};
use crate::domain::Name;
use crate::stats::{Interval, PerCorrect};

/// A p-value below this shows a difference.
const SHOWN: f64 = 0.05;

/// A target in a claim, with how it differs from the claim's first.
#[derive(Debug, Clone, PartialEq)]
pub struct Contender {
    /// Who.
    pub target: Name,
    /// The leader's accuracy − this one's, or the ratio of this one's cost per correct answer to the leader's.
    pub by: Interval,
    /// Two-sided, adjusted.
    pub p: f64,
}

/// One thing that may be said.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// The most accurate in a part, and whom it is not shown to be better than.
    Best {
        /// Where.
        part: Part,
        /// Who.
        target: Name,
        /// Its accuracy.
        accuracy: Interval,
        /// The next best that is shown to be worse; none where nobody is.
        next: Option<Contender>,
        /// Whom no difference is shown to.
        level: Vec<Contender>,
        /// Whom it was not held against: without items in common, or without a pair.
        apart: Vec<Name>,
    },
    /// The lowest cost per correct answer, and whom it is not shown to be cheaper than.
    Cheapest {
        /// Where.
        part: Part,
        /// Who.
        target: Name,
        /// Its cost per correct answer, USD.
        per_correct: PerCorrect,
        /// The next cheapest that is shown to be dearer.
        next: Option<Contender>,
        /// Whom no difference is shown to.
        level: Vec<Contender>,
        /// Whom it was not held against: without items in common, or without a pair.
        apart: Vec<Name>,
    },
    /// Less accurate and dearer per correct answer than another, both shown.
    Dominated {
        /// Who.
        target: Name,
        /// By whom: the one that is cheapest among those.
        by: Name,
        /// How much more accurate that one is.
        accuracy: Interval,
        /// How many times as much this one costs per correct answer.
        cost: Interval,
        /// The larger of both p-values.
        p: f64,
        /// Where it is shown to be the more accurate of both all the same.
        but: Vec<Part>,
    },
    /// Much better on items as they were published than on other forms of them.
    Overfit {
        /// Who.
        target: Name,
        /// On what.
        scenario: Name,
        /// Published − others.
        gap: Interval,
        /// Over how many items.
        items: u64,
        /// Two-sided, adjusted.
        p: f64,
    },
    /// Two targets that repeat each other's wrong answers.
    Kin {
        /// Who, and how much.
        pair: KinPair,
    },
    /// What sending each domain to its own target is worth.
    Council {
        /// Who, and what came of it.
        cabinet: Cabinet,
    },
    /// From which duty on hardware by the hour is cheaper than a price by the token.
    BreakEven {
        /// Who, and what came of it.
        found: OwnAgainstApi,
    },
    /// Whether a target is better or worse than the baseline.
    AgainstBaseline {
        /// The pair: the target first, the baseline second.
        pair: Pair,
    },
    /// A target without a cost per correct answer to decide by.
    Unpriced {
        /// Who.
        target: Name,
        /// Samples without a price.
        samples: u64,
    },
}

/// Everything that may be said of a comparison.
#[must_use]
pub fn claims(comparison: &Comparison) -> Vec<Claim> {
    let mut all = Vec::new();
    all.extend(best(comparison, &Part::All));
    all.extend(cheapest(comparison, &Part::All));
    all.extend(comparison.targets.iter().filter_map(|target| dominated(comparison, target)));
    all.extend(elsewhere(comparison));
    all.extend(overfit(comparison));
    all.extend(comparison.kin.iter().filter(|pair| pair.is_kin()).map(|pair| Claim::Kin { pair: pair.clone() }));
    all.extend(comparison.cabinet.iter().map(|cabinet| Claim::Council { cabinet: cabinet.clone() }));
    all.extend(comparison.duties.iter().map(|found| Claim::BreakEven { found: found.clone() }));
    if let Some(baseline) = &comparison.baseline {
        let others = comparison.targets.iter().filter(|target| *target != baseline);
        let pairs = others.filter_map(|target| comparison.pair(&Part::All, target, baseline));
        all.extend(pairs.map(|pair| Claim::AgainstBaseline { pair }));
    }
    let standings = comparison.standings.get(&Part::All).into_iter().flatten();
    all.extend(
        standings
            .filter(|standing| standing.unpriced > 0)
            .map(|standing| Claim::Unpriced { target: standing.target.clone(), samples: standing.unpriced }),
    );
    all
}

/// The standing with the highest value; the first of several.
fn top(standings: &[Standing], value: impl Fn(&Standing) -> Option<f64>) -> Option<&Standing> {
    let mut best: Option<(&Standing, f64)> = None;
    for standing in standings {
        if let Some(value) = value(standing)
            && best.is_none_or(|(_, most)| value > most)
        {
            best = Some((standing, value));
        }
    }
    best.map(|(standing, _)| standing)
}

/// Those that have the figure, and were not held against the leader.
fn apart(standings: &[Standing], leader: &Standing, met: &[Contender], has: impl Fn(&Standing) -> bool) -> Vec<Name> {
    let others = standings.iter().filter(|other| other.target != leader.target && has(other));
    let apart = others.filter(|other| met.iter().all(|contender| contender.target != other.target));
    apart.map(|other| other.target.clone()).collect()
}

fn best(comparison: &Comparison, part: &Part) -> Option<Claim> {
    let standings = comparison.standings.get(part)?;
    let accuracy = |standing: &Standing| standing.accuracy.map(|accuracy| accuracy.estimate);
    let leader = top(standings, accuracy)?;
    let mut others: Vec<Contender> = standings
        .iter()
        .filter(|other| other.target != leader.target)
        .filter_map(|other| comparison.pair(part, &leader.target, &other.target))
        .map(|pair| Contender { target: pair.b, by: pair.difference, p: pair.p })
        .collect();
    others.sort_by(|a, b| a.by.estimate.total_cmp(&b.by.estimate));
    let apart = apart(standings, leader, &others, |other| accuracy(other).is_some());
    let (worse, level): (Vec<_>, Vec<_>) = others.into_iter().partition(|other| other.p < SHOWN);
    let next = worse.into_iter().next();
    let (part, target) = (part.clone(), leader.target.clone());
    Some(Claim::Best { part, target, accuracy: leader.accuracy?, next, level, apart })
}

fn cheapest(comparison: &Comparison, part: &Part) -> Option<Claim> {
    let standings = comparison.standings.get(part)?;
    let known = |standing: &Standing| standing.per_correct.filter(|cost| cost.estimate.is_finite());
    let leader = top(standings, |standing| known(standing).map(|cost| -cost.estimate))?;
    let mut others: Vec<Contender> = standings
        .iter()
        .filter(|other| other.target != leader.target && known(other).is_some())
        .filter_map(|other| comparison.pair(part, &other.target, &leader.target))
        .filter_map(|pair| Some(Contender { target: pair.a, by: pair.cost_ratio?, p: pair.cost_p? }))
        .collect();
    others.sort_by(|a, b| a.by.estimate.total_cmp(&b.by.estimate));
    let apart = apart(standings, leader, &others, |other| known(other).is_some());
    let (dearer, level): (Vec<_>, Vec<_>) = others.into_iter().partition(|other| other.p < SHOWN);
    let next = dearer.into_iter().next();
    let (part, target) = (part.clone(), leader.target.clone());
    Some(Claim::Cheapest { part, target, per_correct: known(leader)?, next, level, apart })
}

fn dominated(comparison: &Comparison, target: &Name) -> Option<Claim> {
    let better = |other: &Name| {
        let pair = comparison.pair(&Part::All, other, target)?;
        let (cost, cost_p) = (comparison.pair(&Part::All, target, other)?.cost_ratio?, pair.cost_p?);
        let shown = pair.p < SHOWN && cost_p < SHOWN && pair.difference.estimate > 0.0 && cost.estimate > 1.0;
        shown.then(|| (other.clone(), pair.difference, cost, pair.p.max(cost_p)))
    };
    let better = comparison.targets.iter().filter(|other| *other != target).filter_map(better);
    let (by, accuracy, cost, p) = better.max_by(|a, b| a.2.estimate.total_cmp(&b.2.estimate))?;
    let wins = |part: &&Part| {
        comparison.pair(part, target, &by).is_some_and(|pair| pair.p < SHOWN && pair.difference.estimate > 0.0)
    };
    let but = comparison.standings.keys().filter(wins).cloned().collect();
    Some(Claim::Dominated { target: target.clone(), by, accuracy, cost, p, but })
}

/// Parts where somebody else is shown to be better than who is best of all.
fn elsewhere(comparison: &Comparison) -> Vec<Claim> {
    let Some(Claim::Best { target: overall, .. }) = best(comparison, &Part::All) else { return Vec::new() };
    let parts = comparison.standings.keys().filter(|part| **part != Part::All);
    let claims = parts.filter_map(|part| {
        let claim = best(comparison, part)?;
        let Claim::Best { target, level, apart, .. } = &claim else { return None };
        let held = !level.iter().any(|other| other.target == overall) && !apart.contains(&overall);
        let wins = *target != overall && held;
        // Who knew the questions has not won by it.
        let knew = |gap: &Gap| {
            gap.target == *target
                && gap.p < SHOWN
                && gap.gap.estimate > 0.0
                && *part == Part::Scenario(gap.scenario.clone())
        };
        (wins && !comparison.gaps.iter().any(knew)).then_some(claim)
    });
    claims.collect()
}

fn overfit(comparison: &Comparison) -> impl Iterator<Item = Claim> {
    let shown = comparison.gaps.iter().filter(|gap| gap.p < SHOWN && gap.gap.estimate > 0.0);
    shown.map(|gap| Claim::Overfit {
        target: gap.target.clone(),
        scenario: gap.scenario.clone(),
        gap: gap.gap,
        items: gap.items,
        p: gap.p,
    })
}
