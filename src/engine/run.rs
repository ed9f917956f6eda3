//! One execution of one `[[run]]`: begin or resume, draw and order the items, warm up, dispatch, finish.

use super::account::{Account, Beginning, Refusal};
use super::ask::{Course, Start, Trial, ask};
use super::lanes::Lanes;
use super::ledger::Denied;
use super::replay::{Dispatched, replay};
use super::unix_ms;
use crate::domain::{Item, ItemId, Name, Purpose, RunId, TrialKey, Verdict};
use crate::plan::{RunPlan, Scenario, Target};
use crate::store::{Query, Recorded, RunRow, Store, StoreError};
use crate::workload::Items;
use crate::workload::generator::Seed;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How a run is told to end early.
#[derive(Debug, Clone, Default)]
pub struct Halt {
    /// Send nothing more; let what is in flight finish.
    pub drain: CancellationToken,
    /// Drop what is in flight; its outcome is then unknown.
    pub abort: CancellationToken,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// Everything was asked and recorded.
    Complete,
    /// A budget (or an overrun) ended it; it is over.
    Budget(Denied),
    /// It was told to stop, or the store failed: it stays unfinished and is resumed by the next start.
    Interrupted(Option<Refusal>),
}

/// Why a run could not be executed at all.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RunError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What executing needs; shared by all runs.
#[derive(Clone)]
pub struct Engine {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The one writer.
    pub account: Account,
    /// Where exchanges live.
    pub lanes: Arc<Lanes>,
}

impl Engine {
    /// Executes a run: a new one, or the unfinished one of the same name and plan from where it was killed.
    ///
    /// # Errors
    /// When the store fails before the first trial.
    pub async fn execute(&self, plan: &RunPlan, halt: &Halt) -> Result<(RunId, Ended), RunError> {
        let seed = rand::rng().random::<u64>() >> 1;
        let row = self.store.begin(plan.name.as_str(), &plan.fingerprint, seed, unix_ms()).await?;
        let recorded = self.recorded(row.id).await?;
        if !recorded.is_empty() {
            tracing::info!(run = %row.id, name = %plan.name, recorded = recorded.len(), "resuming an unfinished run");
        }
        let trials = trials(plan, &row, &recorded);
        let mut totals: BTreeMap<Name, u64> =
            trials.iter().map(|(t, list)| (t.name.clone(), list.len() as u64)).collect();
        for r in recorded.iter().filter(|r| r.purpose == Purpose::Measure) {
            *totals.entry(r.sample.key.target.clone()).or_default() += 1;
        }
        let (run, seed) = (row.id, row.seed);
        let spent = self.store.spent(Some(run), 0).await?;
        let open_loop = plan.workload.arrival.is_open();
        let beginning = Beginning { row, open_loop, limit: plan.budget, totals, recorded, spent };
        self.account.begin(beginning).await;
        let ended = self.dispatch(plan, trials, seed, halt).await;
        let result = match &ended {
            Ended::Complete => "complete",
            Ended::Budget(_) => "budget",
            Ended::Interrupted(_) => return Ok((run, ended)),
        };
        match self.account.finish(run, result).await {
            Ok(()) => Ok((run, ended)),
            Err(error) => Ok((run, Ended::Interrupted(Some(Refusal::Store(error))))),
        }
    }

    async fn recorded(&self, run: RunId) -> Result<Vec<Recorded>, StoreError> {
        let mut query = Query { run: Some(run), limit: 2_000, ..Query::default() };
        let mut all = Vec::new();
        loop {
            let page = self.store.samples(query.clone()).await?;
            let Some(last) = page.last() else { return Ok(all) };
            query.after = last.position;
            all.extend(page);
        }
    }

    async fn dispatch(&self, plan: &RunPlan, trials: Vec<(Arc<Target>, Vec<Trial>)>, seed: u64, halt: &Halt) -> Ended {
        // One target's trouble with budget or store is every target's.
        let stop = halt.drain.child_token();
        let open_loop = plan.workload.arrival.is_open();
        let courses: Vec<_> = trials
            .into_iter()
            .map(|(target, list)| (Arc::new(Course::new(target, self.account.clone(), open_loop, stop.clone())), list))
            .collect();
        let at_once = if plan.parallel { courses.len() } else { 1 };
        let mut running = JoinSet::new();
        let mut ended = Dispatched::Done;
        let mut reasons = courses.iter().map(|(course, _)| Arc::clone(course)).collect::<Vec<_>>();
        for (course, list) in courses {
            while running.len() >= at_once {
                ended = worse(ended, running.join_next().await);
            }
            let (engine, workload, abort) = (self.clone(), plan.workload.clone(), halt.abort.clone());
            running.spawn(async move {
                engine.warm_up(&course, &list, workload.warmup).await;
                replay(&course, &engine.lanes, list, (workload.arrival, workload.stop), seed, &abort).await
            });
        }
        while let Some(joined) = running.join_next().await {
            ended = worse(ended, Some(joined));
        }
        match reasons.drain(..).find_map(|course| course.reason()) {
            Some(Refusal::Budget(denied)) => Ended::Budget(denied),
            Some(other) => Ended::Interrupted(Some(other)),
            None if ended == Dispatched::Done => Ended::Complete,
            None => Ended::Interrupted(None),
        }
    }

    /// Asks the first items before the samples, one after the other; paid under their own purpose and not counted.
    async fn warm_up(&self, course: &Arc<Course>, list: &[Trial], count: usize) {
        for trial in list.iter().cycle().take(if list.is_empty() { 0 } else { count }) {
            if course.stop.is_cancelled() {
                return;
            }
            let trial = Trial { purpose: Purpose::WarmUp, ..trial.clone() };
            let course = Arc::clone(course);
            if let Some(lane) = self.lanes.next()
                && let Err(error) = lane.spawn(ask(course, trial, Start::Ready)).await
            {
                tracing::error!(%error, "a warm-up's task failed");
            }
        }
    }
}

fn worse(so_far: Dispatched, joined: Option<Result<Dispatched, tokio::task::JoinError>>) -> Dispatched {
    match joined {
        Some(Ok(Dispatched::Done)) | None => so_far,
        Some(Ok(Dispatched::Stopped)) => Dispatched::Stopped,
        Some(Err(error)) => {
            tracing::error!(%error, "a target's task failed");
            Dispatched::Stopped
        }
    }
}

/// What is still to be asked, by target in the plan's order. All targets get the same items in the same order, so that
/// comparisons are paired item by item.
fn trials(plan: &RunPlan, row: &RunRow, recorded: &[Recorded]) -> Vec<(Arc<Target>, Vec<Trial>)> {
    let mut rng = ChaCha8Rng::seed_from_u64(row.seed);
    let mut order: Vec<(Arc<Scenario>, Arc<Item>)> = Vec::new();
    for scenario in &plan.scenarios {
        let mut items = draw(&scenario.items, row.seed);
        items.shuffle(&mut rng);
        items.truncate(plan.workload.stop.items.unwrap_or(usize::MAX));
        order.extend(items.into_iter().map(|item| (Arc::clone(scenario), item)));
    }
    order.shuffle(&mut rng);
    let history = History::of(recorded, plan.retry_unknown);
    plan.targets
        .iter()
        .map(|target| {
            let list = order
                .iter()
                .filter_map(|(scenario, item)| {
                    let repeat = history.next(&target.name, &scenario.name, &item.id)?;
                    let key = TrialKey {
                        run: row.id,
                        target: target.name.clone(),
                        scenario: scenario.name.clone(),
                        item: item.id.clone(),
                        repeat,
                    };
                    let (item, scenario) = (Arc::clone(item), Arc::clone(scenario));
                    Some(Trial { key, item, scenario, purpose: Purpose::Measure })
                })
                .collect();
            (Arc::clone(target), list)
        })
        .collect()
}

fn draw(items: &Items, run_seed: u64) -> Vec<Arc<Item>> {
    match items {
        Items::Fixed(items) => items.iter().cloned().map(Arc::new).collect(),
        Items::Drawn { generator, seed, count } => {
            let seed = match seed {
                Seed::Fresh => run_seed,
                Seed::Fixed(seed) => *seed,
            };
            generator.draw(seed, *count).into_iter().map(Arc::new).collect()
        }
    }
}

/// What a killed run has already asked.
struct History<'a> {
    answered: BTreeSet<(&'a Name, &'a Name, &'a ItemId)>,
    /// Asked, outcome unknown: to be asked again under this repeat.
    again: BTreeMap<(&'a Name, &'a Name, &'a ItemId), u32>,
}

impl<'a> History<'a> {
    fn of(recorded: &'a [Recorded], retry_unknown: bool) -> Self {
        let (mut answered, mut again) = (BTreeSet::new(), BTreeMap::new());
        for r in recorded.iter().filter(|r| r.purpose == Purpose::Measure) {
            let TrialKey { target, scenario, item, repeat, .. } = &r.sample.key;
            if retry_unknown && r.sample.finding.verdict == Verdict::Unknown {
                let next = again.entry((target, scenario, item)).or_insert(0);
                *next = (*next).max(repeat + 1);
            } else {
                answered.insert((target, scenario, item));
            }
        }
        Self { answered, again }
    }

    /// Under which repeat an item is to be asked; none where it was answered.
    fn next(&self, target: &Name, scenario: &Name, item: &ItemId) -> Option<u32> {
        let key = (target, scenario, item);
        if self.answered.contains(&key) { None } else { Some(self.again.get(&key).copied().unwrap_or(0)) }
    }
}
