//! A council: for each domain its own target, and whether that beats the one best.

use super::MARGIN;
use super::gather::Gathered;
use crate::domain::{Money, Name};
use crate::stats::{Attempt, CouncilItem, CouncilOptions, Interval, Level, MinisterRule, Scored, council};
use std::collections::BTreeSet;

/// Items are hashes, so that the lowest are a random part: more than these tell nothing new.
const MOST_ITEMS: usize = 200_000;
/// Decides with an item's identity whether it chooses or scores.
const KEY: &str = "assayd council";
const DRAWS: u32 = 2_000;

/// Who answers which domain, and what that is worth on items that it was not chosen on.
#[derive(Debug, Clone, PartialEq)]
pub struct Cabinet {
    /// Domain and target.
    pub ministers: Vec<(String, Name)>,
    /// The one best target.
    pub best: Name,
    /// Items that it was chosen on …
    pub chosen_on: u64,
    /// … and scored on.
    pub scored_on: u64,
    /// Accuracy, and USD of one answer: the council's, the one best's, and of a choice that knew beforehand who is right.
    pub council: (f64, f64),
    /// …
    pub alone: (f64, f64),
    /// …
    pub oracle: (f64, f64),
    /// Accuracy of the council − that of the one best, 95 %.
    pub gap: Option<Interval>,
    /// The share of the one best's cost that is saved, 95 %.
    pub saving: Option<Interval>,
    /// The targets that no random mixture of others beats in cost and accuracy, the cheapest first.
    pub hull: Vec<Name>,
    /// How much more accurate the council is than such a mixture of the same cost.
    pub above_hull: Option<f64>,
}

impl Cabinet {
    /// Whether more than one target has a seat.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        self.ministers.iter().any(|(_, target)| *target != self.best)
    }
}

fn told(scored: &Scored) -> (f64, f64) {
    (scored.accuracy, scored.nanos / 1e9)
}

impl Gathered {
    /// The council over domains; none with one target or one domain, without prices, or with too few items in common.
    #[must_use]
    pub fn cabinet(&self) -> Option<Cabinet> {
        let domains: BTreeSet<&str> = self.cells.iter().map(|cell| cell.domain.as_str()).collect();
        let domains: Vec<&str> = domains.into_iter().collect();
        let unpriced = self.sums.values().any(|sums| sums.unpriced > 0 || sums.cost == Money::ZERO);
        if domains.len() < 2 || self.targets.len() < 2 || unpriced {
            return None;
        }
        let (ids, attempts) = self.attempts(&domains);
        let mut items: Vec<CouncilItem<'_>> = Vec::with_capacity(ids.len());
        for (id, (stratum, attempts)) in ids.iter().zip(attempts) {
            items.push(CouncilItem { id, stratum, attempts });
        }
        let rule = MinisterRule::NotWorseThan { margin: MARGIN };
        let options = CouncilOptions { rule, key: KEY, level: Level::P95, draws: DRAWS, seed: 1 };
        let found = council(self.targets.len(), domains.len(), &items, options).ok()?;
        let name = |at: usize| self.targets.get(at).cloned();
        let ministers = domains.iter().zip(&found.ministers);
        Some(Cabinet {
            ministers: ministers.filter_map(|(domain, m)| Some(((*domain).to_owned(), name(m.target)?))).collect(),
            best: name(found.best)?,
            chosen_on: found.chosen_on,
            scored_on: found.scored_on,
            council: told(&found.council),
            alone: told(found.targets.get(found.best)?),
            oracle: told(&found.oracle),
            gap: found.gap.map(|gap| gap.difference),
            saving: found.saving,
            hull: found.hull.iter().filter_map(|at| name(*at)).collect(),
            above_hull: found.above_hull,
        })
    }

    /// Of each item its identity, its domain and what every target made of it.
    #[expect(clippy::type_complexity, reason = "two lists side by side, as a council borrows one from the other")]
    fn attempts(&self, domains: &[&str]) -> (Vec<String>, Vec<(usize, Vec<Option<Attempt>>)>) {
        let (mut ids, mut all) = (Vec::new(), Vec::new());
        let mut chunks: Vec<&[super::gather::Row]> =
            self.rows.chunk_by(|a, b| a.cluster == b.cluster && a.cell() == b.cell()).collect();
        if chunks.len() > MOST_ITEMS {
            chunks.sort_unstable_by_key(|rows| rows.first().map(|row| row.cluster));
            chunks.truncate(MOST_ITEMS);
        }
        for rows in chunks {
            let Some(first) = rows.first() else { continue };
            let Some(cell) = self.cells.get(first.cell()) else { continue };
            let Ok(stratum) = domains.binary_search(&cell.domain.as_str()) else { continue };
            let mut attempts: Vec<Option<Attempt>> = vec![None; self.targets.len()];
            for row in rows.iter().filter(|row| row.verdict.is_graded()) {
                let Some(slot) = attempts.get_mut(row.target()) else { continue };
                let attempt = slot.get_or_insert(Attempt { right: 0, asked: 0, nanos: 0 });
                attempt.right += u64::from(row.verdict == crate::domain::Verdict::Correct);
                attempt.asked += 1;
                attempt.nanos = attempt.nanos.saturating_add(u64::try_from(row.cost).unwrap_or(0));
            }
            ids.push(format!("{}:{:016x}", cell.scenario, first.cluster));
            all.push((stratum, attempts));
        }
        (ids, all)
    }
}
