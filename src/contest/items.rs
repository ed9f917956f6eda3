//! Items as contests: a target that is right where another is wrong has beaten it.

use super::{Contests, LeftOut, Prompt};
use crate::domain::{Fingerprint, Name, RunId, Verdict};
use crate::store::{OutcomeStratum, RunRow, Span, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// Which samples are taken.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Only of these targets; empty is all.
    pub targets: Vec<Name>,
    /// Only of runs of these names; empty is all.
    pub runs: Vec<String>,
    /// All runs that began since (ms since the Unix epoch); none: of every name the newest that has samples.
    pub since_unix_ms: Option<i64>,
}

/// Items that ask the same as another one: of (scenario, hash of the item) the one that counts.
pub type Same = BTreeMap<(Name, u64), (Name, u64)>;

/// Outcomes read at a time.
const PAGE: u32 = 50_000;
/// Runs that are looked through.
const RUNS: u32 = 100_000;

/// An answer that was graded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Graded {
    scenario: u32,
    cluster: u64,
    target: u32,
    stratum: u32,
    correct: bool,
}

/// Reads how targets scored on items. Repeats, forms and runs of an item are one: its score is the share of its answers that
/// are right.
///
/// # Errors
/// What the store says.
pub async fn items(store: &dyn Store, scope: &Scope, same: &Same) -> Result<Contests, StoreError> {
    let mut strata = store.strata().await?;
    strata.retain(|_, stratum| scope.targets.is_empty() || scope.targets.contains(&stratum.target));
    let runs = chosen(store.runs(RUNS).await?, &strata, scope);
    strata.retain(|_, stratum| runs.contains(&stratum.run));
    let targets: Vec<Name> = sorted(strata.values().map(|stratum| &stratum.target));
    let scenarios: Vec<Name> = sorted(strata.values().map(|stratum| &stratum.scenario));
    let number = |names: &[Name], name: &Name| {
        let place = names.binary_search(name).unwrap_or_default();
        u32::try_from(place).unwrap_or_default()
    };
    let places: BTreeMap<u32, (u32, u32)> = strata
        .iter()
        .map(|(id, stratum)| (*id, (number(&targets, &stratum.target), number(&scenarios, &stratum.scenario))))
        .collect();
    let mut answered: BTreeMap<u32, u64> = BTreeMap::new();
    let mut rows = Vec::new();
    let (first, last) = store.outcome_ends().await?.unwrap_or((1, 0));
    let mut after = first - 1;
    while after < last {
        let page = store.outcomes(Span { after, until: last, limit: PAGE }).await?;
        let Some(end) = page.last() else { break };
        after = end.position;
        for outcome in &page {
            let Some((target, scenario)) = places.get(&outcome.stratum).copied() else { continue };
            *answered.entry(outcome.stratum).or_default() += u64::from(outcome.verdict.is_answered());
            if outcome.verdict.is_graded() {
                let (cluster, stratum) = (outcome.cluster, outcome.stratum);
                rows.push(Graded { scenario, cluster, target, stratum, correct: outcome.verdict == Verdict::Correct });
            }
        }
    }
    let counting = counting(&strata, &answered);
    let mut left: BTreeMap<(Name, Name), u64> = BTreeMap::new();
    rows.retain(|row| {
        let counts = counting.contains(&row.stratum);
        if let (false, Some(stratum)) = (counts, strata.get(&row.stratum)) {
            *left.entry((stratum.target.clone(), stratum.scenario.clone())).or_default() += 1;
        }
        counts
    });
    rows.sort_unstable();
    let there: BTreeSet<(u32, u64)> = rows.iter().map(|row| (row.scenario, row.cluster)).collect();
    let mut all = Contests { targets, ..Contests::default() };
    for rows in rows.chunk_by(|a, b| (a.scenario, a.cluster) == (b.scenario, b.cluster)) {
        let Some(head) = rows.first() else { continue };
        let Some(scenario) = scenarios.get(head.scenario as usize) else { continue };
        let repeats = same.get(&(scenario.clone(), head.cluster)).is_some_and(|(other, cluster)| {
            let other = number(&scenarios, other);
            (other, *cluster) != (head.scenario, head.cluster) && there.contains(&(other, *cluster))
        });
        if repeats {
            all.repeated += 1;
            continue;
        }
        let Some(stratum) = strata.get(&head.stratum) else { continue };
        let scores = rows.chunk_by(|a, b| a.target == b.target).filter_map(score).collect();
        all.prompts.push(Prompt { scenario: scenario.clone(), tags: stratum.tags.clone(), votes: Vec::new(), scores });
    }
    all.left_out = left.into_iter().map(|((target, scenario), votes)| LeftOut { target, scenario, votes }).collect();
    Ok(all)
}

/// A target's share of right answers to an item.
fn score(rows: &[Graded]) -> Option<(usize, f64)> {
    let correct = u32::try_from(rows.iter().filter(|row| row.correct).count()).ok()?;
    let all = u32::try_from(rows.len()).ok()?;
    Some((rows.first()?.target as usize, f64::from(correct) / f64::from(all)))
}

fn sorted<'n>(names: impl Iterator<Item = &'n Name>) -> Vec<Name> {
    names.collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

/// The runs that are taken.
fn chosen(runs: Vec<RunRow>, strata: &BTreeMap<u32, OutcomeStratum>, scope: &Scope) -> BTreeSet<RunId> {
    let with_samples: BTreeSet<RunId> = strata.values().map(|stratum| stratum.run).collect();
    let mut seen = BTreeSet::new();
    let taken = |run: &RunRow| {
        (scope.runs.is_empty() || scope.runs.contains(&run.name))
            && with_samples.contains(&run.id)
            && match scope.since_unix_ms {
                Some(since) => run.started_unix_ms >= since,
                // Newest first.
                None => seen.insert(run.name.clone()),
            }
    };
    runs.into_iter().filter(taken).map(|run| run.id).collect()
}

/// The strata that count: of every target and scenario those of the provenance that was answered by last.
fn counting(strata: &BTreeMap<u32, OutcomeStratum>, answered: &BTreeMap<u32, u64>) -> BTreeSet<u32> {
    let mut newest: BTreeMap<(&Name, &Name), (RunId, u32, &Fingerprint)> = BTreeMap::new();
    for (id, stratum) in strata.iter().filter(|(id, _)| answered.get(id).is_some_and(|n| *n > 0)) {
        let this = (stratum.run, *id, &stratum.provenance);
        let kept = newest.entry((&stratum.target, &stratum.scenario)).or_insert(this);
        *kept = (*kept).max(this);
    }
    let counts = |stratum: &OutcomeStratum| {
        newest
            .get(&(&stratum.target, &stratum.scenario))
            .is_none_or(|(_, _, provenance)| **provenance == stratum.provenance)
    };
    strata.iter().filter(|(_, stratum)| counts(stratum)).map(|(id, _)| *id).collect()
}
