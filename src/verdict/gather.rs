//! What is read: a small row for each sample, and sums that need no row.

use super::background::{Background, background};
use super::{Part, parallel};
use crate::domain::{Fingerprint, Money, Name, RunId, Verdict, digest64};
use crate::stats::Sketch;
use crate::store::{Outcome, OutcomeStratum, RunRow, Span, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// What is to be compared.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Only these targets, in this order; empty is all, by name.
    pub targets: Vec<Name>,
    /// Only these scenarios; empty is all.
    pub scenarios: Vec<Name>,
    /// Only runs of these names; empty is all.
    pub runs: Vec<String>,
    /// All runs that began since (ms since the Unix epoch); none: of every name the newest that has samples.
    pub since_unix_ms: Option<i64>,
    /// Hold the newest against what was there before (ms since the Unix epoch): of runs that began earlier, of every name the
    /// newest counts too, as targets of their own ([`earlier`]).
    pub before_unix_ms: Option<i64>,
    /// Whom the others are held against.
    pub baseline: Option<Name>,
}

/// What a target's figures of before are called beside its own; none where a name can't be that long.
#[must_use]
pub fn earlier(target: &Name) -> Option<Name> {
    Name::new(&format!("{target}.before")).ok()
}

/// Samples of one target and scenario that are of an older provenance than the one that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Whose.
    pub target: Name,
    /// On what.
    pub scenario: Name,
    /// How many.
    pub samples: u64,
}

/// A sample, as small as can be: there may be ten millions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) cluster: u64,
    /// Nano-USD.
    pub(super) cost: i64,
    /// While it is read the number of its stratum, then its cell and its target.
    place: u32,
    pub(super) verdict: Verdict,
    /// Whether it is the item as it was published.
    pub(super) published: bool,
}

impl Row {
    #[cfg(test)]
    pub(super) const fn of(cluster: u64, cell: u32) -> Self {
        Self { cluster, cost: 0, place: cell << 16, verdict: Verdict::Correct, published: true }
    }

    pub(super) const fn cell(&self) -> usize {
        (self.place >> 16) as usize
    }

    pub(super) const fn target(&self) -> usize {
        (self.place & 0xffff) as usize
    }
}

/// A wrong answer that was read out: to which form of an item (the same for everybody who was asked it), by whom, and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// The scenario, the item and which of its forms: a hash.
    pub form: u64,
    /// Who, by its place among the targets.
    pub target: u32,
    /// What was read out of the answer: a hash.
    pub said: u64,
}

/// A scenario's domain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    pub(super) scenario: usize,
    pub(super) domain: String,
}

/// Sums that need no item.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    pub(super) verdicts: [u64; Verdict::ALL.len()],
    pub(super) good: u64,
    pub(super) cost: Money,
    pub(super) bound: Money,
    pub(super) unpriced: u64,
    pub(super) tokens: u64,
    /// Successes that said how many tokens they wrote.
    pub(super) told: u64,
    pub(super) microjoules: u64,
    /// Samples that have an energy.
    pub(super) metered: u64,
    /// From the instant a request was due.
    pub(super) first: Sketch,
    pub(super) whole: Sketch,
    /// The position of the newest.
    pub(super) last: i64,
}

impl Sums {
    fn add(&mut self, outcome: &Outcome) {
        if let Some(count) = self.verdicts.get_mut(outcome.verdict as usize) {
            *count += 1;
        }
        self.last = self.last.max(outcome.position);
        self.good += u64::from(outcome.good);
        self.cost += outcome.cost;
        self.bound += outcome.bound;
        self.unpriced += u64::from(outcome.unpriced);
        self.tokens = self.tokens.saturating_add(outcome.tokens.unwrap_or(0));
        self.told += u64::from(outcome.tokens.is_some());
        self.microjoules = self.microjoules.saturating_add(outcome.microjoules.unwrap_or(0));
        self.metered += u64::from(outcome.microjoules.is_some());
        let lag = outcome.lag.unwrap_or_default();
        for (sketch, time) in [(&mut self.first, outcome.first), (&mut self.whole, outcome.whole)] {
            time.into_iter().for_each(|time| sketch.record(time.plus(lag).0));
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let Self { verdicts, good, cost, bound, unpriced, tokens, told, microjoules, metered, first, whole, last } =
            other;
        self.last = self.last.max(*last);
        self.verdicts.iter_mut().zip(verdicts).for_each(|(mine, theirs)| *mine += theirs);
        self.good += good;
        self.cost += *cost;
        self.bound += *bound;
        self.unpriced += unpriced;
        self.tokens = self.tokens.saturating_add(*tokens);
        self.told += told;
        self.microjoules = self.microjoules.saturating_add(*microjoules);
        self.metered += metered;
        self.first.merge(first);
        self.whole.merge(whole);
    }
}

/// Everything that a comparison is made of.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// Who was asked.
    pub targets: Vec<Name>,
    /// Out of which scenarios.
    pub scenarios: Vec<Name>,
    pub(super) cells: Vec<Cell>,
    /// Sorted by scenario, cluster and target.
    pub(super) rows: Vec<Row>,
    /// By cell and target.
    pub(super) sums: BTreeMap<(usize, usize), Sums>,
    /// Wrong answers, sorted.
    pub said: Vec<Said>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// The runs that were taken.
    pub runs: Vec<RunRow>,
    /// What is known beside the samples.
    pub background: Background,
    pub(super) baseline: Option<Name>,
}

impl Gathered {
    /// The parts that figures are given for: everything, each of several scenarios, each of several domains.
    pub(super) fn parts(&self) -> Vec<Part> {
        let mut parts = vec![Part::All];
        if self.scenarios.len() > 1 {
            parts.extend(self.scenarios.iter().cloned().map(Part::Scenario));
        }
        let domains: BTreeSet<&str> = self.cells.iter().map(|cell| cell.domain.as_str()).collect();
        if domains.len() > 1 {
            parts.extend(domains.into_iter().map(|domain| Part::Domain(domain.to_owned())));
        }
        parts
    }
}

/// Rows that are read at a time: a few MB.
const PAGE: u32 = 50_000;
/// Rows that room is made for at once; beyond, it grows.
const MOST_RESERVED: usize = 50_000_000;
/// Runs that are looked through.
const RUNS: u32 = 100_000;

/// What one reader read.
#[derive(Default)]
struct Read {
    rows: Vec<Row>,
    sums: BTreeMap<u32, Sums>,
    said: WrongAnswers,
}

/// Wrong answers of all forms, or of a part of the forms that chance picks: as many as tell what can be told.
#[derive(Default)]
struct WrongAnswers {
    all: Vec<Said>,
    /// Of the forms only those without these bits.
    left_out: u64,
}

/// More of them would fill the memory and tell nothing new.
const MOST_SAID: usize = 1 << 20;

impl WrongAnswers {
    fn add(&mut self, said: Said) {
        if said.form & self.left_out != 0 {
            return;
        }
        if self.all.len() >= MOST_SAID {
            self.leave_out(self.left_out << 1 | 1);
        }
        self.all.push(said);
    }

    fn leave_out(&mut self, bits: u64) {
        self.left_out |= bits;
        self.all.retain(|said| said.form & self.left_out == 0);
    }

    /// Both leave out the same forms: who said what to an item stays together.
    fn merge(&mut self, mut other: Self) {
        let bits = self.left_out | other.left_out;
        self.leave_out(bits);
        other.leave_out(bits);
        self.all.append(&mut other.all);
    }
}

/// Reads what is to be compared.
///
/// # Errors
/// What the store says.
pub async fn gather(store: &dyn Store, scope: &Scope) -> Result<Gathered, StoreError> {
    let (runs, strata) = chosen(store.runs(RUNS).await?, store.strata().await?, scope);
    let (first, last) = store.outcome_ends().await?.unwrap_or((1, 0));
    // Two readers: reading is most of the work, and a machine has two cores at least.
    let middle = first + (last - first) / 2;
    let (lower, upper) = tokio::join!(read(store, &strata, first - 1, middle), read(store, &strata, middle, last));
    let (mut all, upper) = (lower?, upper?);
    all.rows.reserve_exact(upper.rows.len());
    all.rows.extend_from_slice(&upper.rows);
    drop(upper.rows);
    all.said.merge(upper.said);
    for (stratum, sums) in upper.sums {
        all.sums.entry(stratum).or_default().merge(&sums);
    }
    let mut gathered = placed(all, &strata, runs, scope);
    gathered.background = background(store, &gathered, scope.before_unix_ms).await?;
    Ok(gathered)
}

/// The runs that are taken, and their strata that are.
fn chosen(
    runs: Vec<RunRow>,
    mut strata: BTreeMap<u32, OutcomeStratum>,
    scope: &Scope,
) -> (Vec<RunRow>, BTreeMap<u32, OutcomeStratum>) {
    strata.retain(|_, stratum| {
        (scope.targets.is_empty() || scope.targets.contains(&stratum.target))
            && (scope.scenarios.is_empty() || scope.scenarios.contains(&stratum.scenario))
    });
    let with_samples: BTreeSet<RunId> = strata.values().map(|stratum| stratum.run).collect();
    let early = |run: &RunRow| scope.before_unix_ms.is_some_and(|before| run.started_unix_ms < before);
    let mut seen = BTreeSet::new();
    let taken = |run: &RunRow| {
        let named = scope.runs.is_empty() || scope.runs.contains(&run.name);
        named
            && with_samples.contains(&run.id)
            && match scope.since_unix_ms {
                Some(since) if !early(run) => run.started_unix_ms >= since,
                // Newest first.
                _ => seen.insert((run.name.clone(), early(run))),
            }
    };
    let mut runs: Vec<RunRow> = runs.into_iter().filter(taken).collect();
    runs.reverse();
    let ids: BTreeMap<RunId, bool> = runs.iter().map(|run| (run.id, early(run))).collect();
    strata.retain(|_, stratum| match ids.get(&stratum.run) {
        None => false,
        Some(false) => true,
        // Without a name of its own it would be added to the newer figures.
        Some(true) => earlier(&stratum.target).is_some_and(|name| {
            stratum.target = name;
            true
        }),
    });
    (runs, strata)
}

async fn read(
    store: &dyn Store,
    strata: &BTreeMap<u32, OutcomeStratum>,
    mut after: i64,
    until: i64,
) -> Result<Read, StoreError> {
    let mut read = Read::default();
    // Positions have hardly any holes; growing by doubling would take twice the room.
    read.rows.reserve_exact(usize::try_from(until - after).unwrap_or(0).min(MOST_RESERVED));
    // Looking into a map for every sample would take longer than reading it.
    let most = strata.keys().next_back().map_or(0, |most| *most as usize + 1);
    let mut sums: Vec<Option<Box<Sums>>> = Vec::new();
    sums.resize_with(most, || None);
    for stratum in strata.keys() {
        if let Some(place) = sums.get_mut(*stratum as usize) {
            *place = Some(Box::default());
        }
    }
    let scenarios: BTreeMap<u32, u64> =
        strata.iter().map(|(id, stratum)| (*id, digest64(stratum.scenario.as_str()))).collect();
    while after < until {
        let page = store.outcomes(Span { after, until, limit: PAGE }).await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for outcome in &page {
            let Some(sums) = sums.get_mut(outcome.stratum as usize).and_then(Option::as_mut) else { continue };
            sums.add(outcome);
            if outcome.verdict == Verdict::Wrong
                && let Some(said) = outcome.said
            {
                let scenario = scenarios.get(&outcome.stratum).copied().unwrap_or_default();
                let form = scenario ^ outcome.form.unwrap_or(outcome.cluster).rotate_left(1);
                read.said.add(Said { form, target: outcome.stratum, said });
            }
            read.rows.push(Row {
                cluster: outcome.cluster,
                cost: outcome.cost.nanos(),
                place: outcome.stratum,
                verdict: outcome.verdict,
                published: outcome.form.is_none(),
            });
        }
    }
    let numbered = (0..).zip(sums).filter_map(|(stratum, sums)| Some((stratum, *sums?)));
    read.sums = numbered.filter(|(_, sums)| sums.verdicts.iter().any(|n| *n > 0)).collect();
    Ok(read)
}

/// Puts every sample where it belongs, and leaves out those of an older provenance.
fn placed(read: Read, strata: &BTreeMap<u32, OutcomeStratum>, runs: Vec<RunRow>, scope: &Scope) -> Gathered {
    let Read { mut rows, sums, said: WrongAnswers { all: mut said, .. } } = read;
    let used: Vec<(u32, &OutcomeStratum)> = sums.keys().filter_map(|id| Some((*id, strata.get(id)?))).collect();
    let counting = counting(&used, &sums);
    let mut targets: Vec<Name> = scope.targets.clone();
    if scope.before_unix_ms.is_some() {
        targets.extend(scope.targets.iter().filter_map(earlier));
    }
    let there: BTreeSet<&Name> = used.iter().map(|(_, stratum)| &stratum.target).collect();
    targets.retain(|target| there.contains(target));
    if scope.targets.is_empty() {
        targets = there.into_iter().cloned().collect();
    }
    let scenarios: BTreeSet<&Name> = used.iter().map(|(_, stratum)| &stratum.scenario).collect();
    let scenarios: Vec<Name> = scenarios.into_iter().cloned().collect();
    let number = |names: &[Name], name: &Name| names.iter().position(|n| n == name);
    let cell_of = |stratum: &OutcomeStratum| Cell {
        scenario: number(&scenarios, &stratum.scenario).unwrap_or_default(),
        domain: stratum.tags.domain.to_string(),
    };
    let cells: BTreeSet<Cell> = used.iter().map(|(_, stratum)| cell_of(stratum)).collect();
    let cells: Vec<Cell> = cells.into_iter().collect();
    // What does not fit a row is left out, and told as left out: it takes 65,536 targets or domains.
    let mut places: BTreeMap<u32, u32> = BTreeMap::new();
    let mut gathered_sums: BTreeMap<(usize, usize), Sums> = BTreeMap::new();
    let mut left: BTreeMap<(Name, Name), u64> = BTreeMap::new();
    for (id, stratum) in &used {
        let Some(own) = sums.get(id) else { continue };
        let (cell, target) = (cells.binary_search(&cell_of(stratum)).ok(), number(&targets, &stratum.target));
        let fits = |place: Option<usize>| place.and_then(|place| u16::try_from(place).ok());
        let (Some(high), Some(low), true) = (fits(cell), fits(target), counting.contains(id)) else {
            *left.entry((stratum.target.clone(), stratum.scenario.clone())).or_default() +=
                own.verdicts.iter().sum::<u64>();
            continue;
        };
        gathered_sums.entry((usize::from(high), usize::from(low))).or_default().merge(own);
        places.insert(*id, u32::from(high) << 16 | u32::from(low));
    }
    let table: Vec<Option<u32>> = {
        let most = places.keys().next_back().map_or(0, |most| *most as usize + 1);
        let mut table = vec![None; most];
        for (id, place) in &places {
            if let Some(slot) = table.get_mut(*id as usize) {
                *slot = Some(*place);
            }
        }
        table
    };
    let place = |stratum: u32| table.get(stratum as usize).copied().flatten();
    rows.retain_mut(|row| match place(row.place) {
        Some(found) => {
            row.place = found;
            true
        }
        None => false,
    });
    said.retain_mut(|one| match place(one.target) {
        Some(found) => {
            one.target = found & 0xffff;
            true
        }
        None => false,
    });
    let scenario_of: Vec<usize> = cells.iter().map(|cell| cell.scenario).collect();
    let scenario = |row: &Row| scenario_of.get(row.cell()).copied().unwrap_or_default();
    let order = |row: &Row| (scenario(row), row.cluster, row.target(), row.cell(), row.verdict, row.cost);
    parallel::sort_by_key(&mut rows, parallel::cores(), order);
    said.sort_unstable();
    let left_out =
        left.into_iter().map(|((target, scenario), samples)| LeftOut { target, scenario, samples }).collect();
    let baseline = scope.baseline.clone();
    let background = Background::default();
    Gathered { targets, scenarios, cells, rows, sums: gathered_sums, said, left_out, runs, background, baseline }
}

/// The strata that count: of every target and scenario those of the provenance that was answered by last; and what failed
/// before any answer named its model, or was not answered, goes with it, as on the board.
fn counting(used: &[(u32, &OutcomeStratum)], sums: &BTreeMap<u32, Sums>) -> BTreeSet<u32> {
    let answered = |id: u32| {
        let verdicts = sums.get(&id).map(|sums| sums.verdicts).unwrap_or_default();
        Verdict::ALL.iter().zip(verdicts).filter(|(verdict, _)| verdict.is_answered()).map(|(_, n)| n).sum::<u64>()
    };
    type Newest<'a> = BTreeMap<(&'a Name, &'a Name), BTreeMap<&'a Fingerprint, (RunId, u64)>>;
    let mut by: Newest<'_> = BTreeMap::new();
    for (id, stratum) in used {
        let seen = by.entry((&stratum.target, &stratum.scenario)).or_default();
        let (run, count) = seen.entry(&stratum.provenance).or_insert((stratum.run, 0));
        let n = answered(*id);
        *run = if n > 0 { (*run).max(stratum.run) } else { *run };
        *count += n;
    }
    let counts = |stratum: &OutcomeStratum| {
        let seen = by.get(&(&stratum.target, &stratum.scenario));
        let alive = seen.into_iter().flatten().filter(|(_, (_, count))| *count > 0);
        match alive.max_by_key(|(_, newest)| **newest) {
            // What nobody answered has no other model to belong to.
            Some((newest, _)) => {
                *newest == &stratum.provenance
                    || seen.and_then(|seen| seen.get(&stratum.provenance)).is_some_and(|(_, count)| *count == 0)
            }
            None => true,
        }
    };
    used.iter().filter(|(_, stratum)| counts(stratum)).map(|(id, _)| *id).collect()
}
