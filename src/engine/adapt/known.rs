//! What an adaptive run knows: of its own trials, out of the store; of what they cost; and, from before it began, of the items.

use crate::domain::{Item, ItemId, Money, Name, Purpose, RunId, TrialKey, Verdict, digest64};
use crate::engine::keeper::PAGE;
use crate::engine::run::RECENT;
use crate::plan::{Ground, Scenario, nanos};
use crate::stats::Ask;
use crate::store::{Query, Recorded, Span, Store, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Outcomes of earlier runs that are looked through, at the most: the newest.
const LOOKED_THROUGH: i64 = 4_000_000;

/// Outcomes that are read at once.
const OUTCOMES: u32 = 50_000;

/// Answers of a target that its foretold cost weighs as much as, in a stratum.
const PRIOR: f64 = 10.0;

/// What came of one trial.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Seen {
    /// 1 where it is right, 0 where not; none where nobody can say.
    score: Option<f64>,
    /// With what is unknown or unpriced at its bound.
    cost: Money,
    unpriced: bool,
}

/// What came of all trials of one item, all its forms and repeats together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answers {
    scores: Vec<f64>,
    cost: Money,
    unpriced: bool,
}

impl Answers {
    /// Their mean; none where none was graded.
    pub(super) fn score(&self) -> Option<f64> {
        let n = u32::try_from(self.scores.len()).ok().filter(|n| *n > 0)?;
        Some(self.scores.iter().sum::<f64>() / f64::from(n))
    }
}

type Key = (Name, Name, ItemId, u32);

/// The trials of the run that are recorded.
pub(super) struct Known {
    run: RunId,
    retry_unknown: bool,
    /// Up to here everything was read.
    position: i64,
    seen: BTreeMap<Key, Seen>,
}

impl Known {
    pub(super) const fn new(run: RunId, retry_unknown: bool) -> Self {
        Self { run, retry_unknown, position: 0, seen: BTreeMap::new() }
    }

    /// Reads what was recorded since it was last read.
    pub(super) async fn read(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        loop {
            let query = Query { after: self.position, run: Some(self.run), limit: PAGE, ..Query::default() };
            let page = store.samples(query).await?;
            let Some(last) = page.last() else { return Ok(()) };
            self.position = last.position;
            page.iter().filter(|recorded| recorded.purpose == Purpose::Measure).for_each(|r| self.add(r));
        }
    }

    fn add(&mut self, recorded: &Recorded) {
        let sample = &recorded.sample;
        let verdict = sample.finding.verdict;
        if self.retry_unknown && verdict == Verdict::Unknown {
            return;
        }
        let TrialKey { run: _, target, scenario, item, repeat } = sample.key.clone();
        let seen = Seen {
            score: verdict.is_graded().then_some(if verdict == Verdict::Correct { 1.0 } else { 0.0 }),
            cost: sample.cost().total() + sample.unknown().1 + sample.unpriced_bound(),
            unpriced: sample.is_unpriced(),
        };
        self.seen.insert((target, scenario, item, repeat), seen);
    }

    /// Whether a trial is recorded.
    pub(super) fn has(&self, key: &TrialKey) -> bool {
        self.seen.contains_key(&(key.target.clone(), key.scenario.clone(), key.item.clone(), key.repeat))
    }

    /// What came of an item; none where a trial of it is not recorded.
    pub(super) fn of(&self, target: &Name, scenario: &Name, unit: &[Arc<Item>], repeats: u32) -> Option<Answers> {
        let mut answers = Answers { scores: Vec::new(), cost: Money::ZERO, unpriced: false };
        for (item, repeat) in unit.iter().flat_map(|item| (0..repeats).map(move |repeat| (item, repeat))) {
            let Seen { score, cost, unpriced } =
                self.seen.get(&(target.clone(), scenario.clone(), item.id.clone(), repeat))?;
            answers.scores.extend(*score);
            answers.cost += *cost;
            answers.unpriced |= *unpriced;
        }
        Some(answers)
    }

    /// Trials that are recorded, and what they cost; whether some have no price.
    pub(super) fn on(&self, scenario: &Name) -> (u64, Money, bool) {
        let own = self.seen.iter().filter(|((_, of, ..), _)| of == scenario);
        own.fold((0, Money::ZERO, false), |(n, sum, bare), (_, seen)| (n + 1, sum + seen.cost, bare | seen.unpriced))
    }

    /// Trials that are recorded, by target.
    pub(super) fn by_target(&self) -> BTreeMap<Name, u64> {
        let mut counts = BTreeMap::new();
        for (target, ..) in self.seen.keys() {
            *counts.entry(target.clone()).or_default() += 1;
        }
        counts
    }
}

/// What a campaign has taken in, as far as money and noise go. Not all that is recorded: what a campaign reckons with must be the
/// same when it is played again.
pub(super) struct Paid {
    /// Foretold, by target and stratum.
    foretold: Option<Vec<Vec<f64>>>,
    strata: Vec<usize>,
    /// Cost and count, by target and stratum.
    sums: Vec<Vec<(Money, u32)>>,
    spent: Money,
    /// Items without a score, by target.
    void: Vec<u64>,
    /// Of items with several graded answers: their mean, the variance of the answers, how many.
    several: Vec<(f64, f64, usize)>,
}

impl Paid {
    pub(super) fn new(targets: usize, ground: &Ground, foretold: Option<Vec<Vec<f64>>>) -> Self {
        let sums = vec![vec![(Money::ZERO, 0); ground.domains.len()]; targets];
        Self {
            foretold,
            strata: ground.strata.clone(),
            sums,
            spent: Money::ZERO,
            void: vec![0; targets],
            several: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, ask: Ask, answers: &Answers) {
        self.spent += answers.cost;
        if let (None, Some(void)) = (answers.score(), self.void.get_mut(ask.target)) {
            *void += 1;
        }
        let stratum = self.strata.get(ask.item).copied().unwrap_or(0);
        if let Some((sum, n)) = self.sums.get_mut(ask.target).and_then(|row| row.get_mut(stratum)) {
            *sum += answers.cost;
            *n += 1;
        }
        if let (Some(mean), more @ 2..) = (answers.score(), answers.scores.len()) {
            let squares: f64 = answers.scores.iter().map(|score| (score - mean).powi(2)).sum();
            self.several.push((mean, squares / count(more - 1), more));
        }
    }

    /// Items that a target was asked without an answer that could be graded.
    pub(super) fn void(&self, target: usize) -> u64 {
        self.void.get(target).copied().unwrap_or(0)
    }

    /// What was spent, in nano-USD.
    pub(super) const fn spent(&self) -> f64 {
        nanos(self.spent)
    }

    /// What items cost by now: what was foretold, scaled to what this target's answers cost, and drawn towards what those of the
    /// stratum cost. None where nothing was foretold.
    pub(super) fn costs(&self) -> Option<Vec<Vec<f64>>> {
        let foretold = self.foretold.as_ref()?;
        let rows = foretold.iter().zip(&self.sums).map(|(foretold, sums)| {
            let (paid, expected) = foretold.iter().zip(sums).fold((0.0, 0.0), |(paid, expected), (cost, (sum, n))| {
                (paid + nanos(*sum), expected + cost * f64::from(*n))
            });
            let scale = if expected > 0.0 { paid / expected } else { 1.0 };
            let cost = |(cost, (sum, n)): (&f64, &(Money, u32))| {
                (PRIOR * cost * scale + nanos(*sum)) / (PRIOR + f64::from(*n))
            };
            foretold.iter().zip(sums).map(cost).collect()
        });
        Some(rows.collect())
    }

    /// What the full pass would have cost: each stratum by its own mean, or the target's; none where a target was not asked.
    pub(super) fn full(&self) -> Option<Money> {
        let mut sizes = vec![0_u32; self.sums.first().map_or(0, Vec::len)];
        for stratum in &self.strata {
            *sizes.get_mut(*stratum)? += 1;
        }
        let mut full = 0.0;
        for row in &self.sums {
            let (sum, n) = row.iter().fold((Money::ZERO, 0), |(sum, n), (one, count)| (sum + *one, n + count));
            let mean = nanos(sum) / f64::from(if n > 0 { n } else { return None });
            let cost = |(size, (sum, n)): (&u32, &(Money, u32))| {
                f64::from(*size) * if *n > 0 { nanos(*sum) / f64::from(*n) } else { mean }
            };
            full += sizes.iter().zip(row).map(cost).sum::<f64>();
        }
        #[expect(clippy::cast_possible_truncation, reason = "a float-to-int cast saturates")]
        Some(Money::from_nanos(full.round() as i64))
    }

    /// The variance between items, and of the answers to one; none where items are asked once.
    pub(super) fn noise(&self) -> Option<(f64, f64)> {
        let n = self.several.len();
        if n < 2 {
            return None;
        }
        let mean = self.several.iter().map(|(mean, ..)| mean).sum::<f64>() / count(n);
        let means = self.several.iter().map(|(own, ..)| (own - mean).powi(2)).sum::<f64>() / count(n - 1);
        let within = self.several.iter().map(|(_, within, _)| within).sum::<f64>() / count(n);
        let repeats = self.several.iter().map(|(.., more)| *more).sum::<usize>() / n;
        Some((crate::stats::between_items(means, within, repeats as u64), within))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
const fn count(n: usize) -> f64 {
    n as f64
}

/// What a campaign knows when it begins. Kept with the run, so that it is the same campaign when the run goes on: prices, the
/// budget and what the store holds of earlier runs may have changed by then.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Knowledge {
    /// What an item is foretold to cost, by target and stratum, in nano-USD.
    pub(super) costs: Option<Vec<Vec<f64>>>,
    /// What may be spent, in nano-USD.
    pub(super) cap: Option<f64>,
    /// How many earlier targets got each item right, of how many.
    pub(super) history: Option<Vec<(u32, u32)>>,
    /// How many they are in all.
    pub(super) earlier: u64,
}

impl Knowledge {
    /// Keeps it, unless the run has some already; gives what holds.
    pub(super) async fn kept(&self, store: &dyn Store, run: RunId, scenario: &Name) -> Result<Self, StoreError> {
        let text = serde_json::to_string(self).map_err(|error| StoreError::Other(error.to_string()))?;
        let text = store.campaign(run, scenario, text).await?;
        serde_json::from_str(&text)
            .map_err(|error| StoreError::Damaged(format!("what a campaign on {scenario} knew can't be read: {error}")))
    }

    /// Adds what targets answered to the same items in runs that ended before this one began.
    pub(super) async fn remember(
        &mut self,
        store: &dyn Store,
        (run, started_unix_ms): (RunId, i64),
        scenario: &Scenario,
        units: &[Vec<Arc<Item>>],
    ) -> Result<(), StoreError> {
        let ended = |row: &crate::store::RunRow| {
            row.id != run && row.finished_unix_ms.is_some_and(|finished| finished <= started_unix_ms)
        };
        let before: BTreeSet<RunId> = store.runs(RECENT).await?.iter().filter(|row| ended(row)).map(|r| r.id).collect();
        let mut same = BTreeMap::new();
        let mut strata = BTreeMap::new();
        for (id, stratum) in store.strata().await? {
            if stratum.scenario != scenario.name || !before.contains(&stratum.run) {
                continue;
            }
            let known = same.get(&stratum.run).copied();
            let is_same = match known {
                Some(is_same) => is_same,
                None => {
                    // The same items in the same words; how they were graded may differ.
                    let asked = store.asked(stratum.run).await?;
                    let is_same = asked.get(scenario.name.as_str()) == Some(&scenario.asked);
                    same.insert(stratum.run, is_same);
                    is_same
                }
            };
            if is_same {
                strata.insert(id, stratum.target);
            }
        }
        let Some((first, last)) = store.outcome_ends().await?.filter(|_| !strata.is_empty()) else { return Ok(()) };
        let place: BTreeMap<u64, usize> = units
            .iter()
            .enumerate()
            .filter_map(|(at, unit)| Some((digest64(unit.first()?.cluster.as_str()), at)))
            .collect();
        // Of each target and item: right, and graded.
        let mut found: BTreeMap<(&Name, usize), (u32, u32)> = BTreeMap::new();
        let mut after = (first - 1).max(last - LOOKED_THROUGH);
        while after < last {
            let page = store.outcomes(Span { after, until: last, limit: OUTCOMES }).await?;
            let Some(end) = page.last() else { break };
            after = end.position;
            for outcome in page.iter().filter(|outcome| outcome.verdict.is_graded()) {
                if let (Some(target), Some(at)) = (strata.get(&outcome.stratum), place.get(&outcome.cluster)) {
                    let (right, graded) = found.entry((target, *at)).or_default();
                    *right += u32::from(outcome.verdict == Verdict::Correct);
                    *graded += 1;
                }
            }
        }
        let mut history = vec![(0, 0); units.len()];
        let mut targets = BTreeSet::new();
        for ((target, at), (right, graded)) in found {
            if let Some((k, m)) = history.get_mut(at) {
                *k += u32::from(2 * right > graded);
                *m += 1;
                targets.insert(target);
            }
        }
        self.earlier = targets.len() as u64;
        self.history = (!targets.is_empty()).then_some(history);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(scores: &[f64], cost: i64) -> Answers {
        Answers { scores: scores.to_vec(), cost: Money::from_nanos(cost), unpriced: false }
    }

    fn ground() -> Ground {
        Ground {
            domains: vec!["a".into(), "b".into()],
            strata: vec![0, 0, 0, 1],
            costs: Some(vec![vec![10.0, 20.0], vec![10.0, 20.0]]),
            ..Ground::default()
        }
    }

    #[test]
    fn costs_move_from_what_was_foretold_to_what_was_paid() {
        let ground = ground();
        let mut paid = Paid::new(2, &ground, ground.costs.clone());
        assert_eq!(paid.costs(), ground.costs, "nothing was paid");
        assert_eq!(paid.full(), None);
        for item in 0..3 {
            paid.add(Ask { target: 0, item }, &answers(&[1.0], 30));
        }
        // Three times what was foretold: so the other stratum's will be, too.
        assert_eq!(paid.costs(), Some(vec![vec![30.0, 60.0], vec![10.0, 20.0]]));
        assert_eq!(paid.full(), None, "one of them was not asked");
        paid.add(Ask { target: 1, item: 3 }, &answers(&[1.0], 8));
        assert_eq!((paid.full(), paid.spent()), (Some(Money::from_nanos(4 * 30 + 4 * 8)), 98.0));
    }

    #[test]
    fn noise_of_repeats_is_told_from_differences_of_items() {
        let ground = ground();
        let mut paid = Paid::new(2, &ground, None);
        paid.add(Ask { target: 0, item: 0 }, &answers(&[1.0], 0));
        assert_eq!((paid.noise(), paid.costs()), (None, None));
        paid.add(Ask { target: 0, item: 1 }, &answers(&[1.0, 1.0], 0));
        paid.add(Ask { target: 0, item: 2 }, &answers(&[0.0, 0.0], 0));
        assert_eq!(paid.noise(), Some((0.5, 0.0)), "an item is right or wrong for good");
        let mut paid = Paid::new(1, &ground, None);
        (0..4).for_each(|item| paid.add(Ask { target: 0, item }, &answers(&[1.0, 0.0], 0)));
        assert_eq!(paid.noise(), Some((0.0, 0.5)), "all items are alike");
        assert_eq!((answers(&[], 1).score(), answers(&[1.0, 0.0], 1).score()), (None, Some(0.5)));
    }
}
