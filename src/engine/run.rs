//! One execution of one `[[run]]`: begin or resume, draw and order the items, warm up, dispatch, finish.

use super::account::{Account, Beginning, Refusal};
use super::adapt::adapt;
use super::ask::{Start, Trial, ask};
use super::beside::{Lane, beside};
use super::calibrate;
use super::course::{Brake, Course, Judges};
use super::enough::Enough;
use super::hardware::note;
use super::keeper::PAGE;
use super::lanes::Lanes;
use super::ledger::{Denied, Scope};
use super::replay::{Dispatched, Feed, in_flight, replay};
use super::sweep::sweep;
use super::unix_ms;
use crate::board::{By, Calibrated};
use crate::domain::{Item, ItemId, Name, Purpose, RunId, TrialKey, Verdict};
use crate::plan::{RunPlan, Scenario, Target};
use crate::store::{Query, Recorded, Store, StoreError};
use crate::workload::arrival::Pattern;
use crate::workload::{Occasion, Workload};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Runs that are looked through for earlier executions.
pub const RECENT: u32 = 100_000;

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
    /// A budget (or an overrun) ended it; it is over, unless the budget was the day's: then it goes on when it is
    /// executed again.
    Budget(Denied),
    /// A target of a repeated run was given up: the run is over, as `incomplete`, and begins anew at its next turn.
    Incomplete(Refusal),
    /// It was told to stop, the store failed, or a target was given up: it stays unfinished and is resumed by the next start.
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
    /// The program whose `mock` command calibrates this machine before a run; without it there is no calibration.
    pub program: Option<Arc<Path>>,
}

impl Engine {
    /// Executes a run: a new one, or the unfinished one of the same name and plan from where it was killed. One at a
    /// time: a second call waits for the first.
    ///
    /// # Errors
    /// When the store fails before the first trial.
    pub async fn execute(&self, plan: &RunPlan, halt: &Halt) -> Result<(RunId, Ended), RunError> {
        let _alone = self.account.alone().await;
        let last = self.account.shared().lock().board.calibration.clone();
        let calibrated = tokio::select! {
            () = halt.drain.cancelled() => None,
            known = calibrate::before(self.program.as_deref(), &self.lanes, plan, last) => known,
        };
        let ended = self.executed(plan, halt, calibrated).await;
        self.account.pause();
        ended
    }

    async fn executed(
        &self,
        plan: &RunPlan,
        halt: &Halt,
        calibrated: Option<Calibrated>,
    ) -> Result<(RunId, Ended), RunError> {
        self.account.reconcile().await?;
        self.give_up_others(plan).await?;
        let seed = rand::rng().random::<u64>() >> 1;
        let row = self.store.begin(plan.name.as_str(), &plan.fingerprint, seed, unix_ms()).await?;
        let (run, seed, started_unix_ms) = (row.id, row.seed, row.started_unix_ms);
        let asked = plan.scenarios.iter().map(|s| (s.name.clone(), s.asked.clone()));
        self.store.asks(run, asked.collect()).await?;
        let spent = self.store.spent(Some(run), 0).await?;
        let open_loop = plan.workload.arrival.is_open();
        self.account.begin(Beginning { row, open_loop, limit: plan.budget, spent }).await;
        calibrated.into_iter().for_each(|known| self.account.shared().lock().board.calibrated(run, known));
        let history = Arc::new(self.history(run, plan.retry_unknown).await?);
        let order: Arc<[_]> = order(plan, Occasion { seed, started_unix_ms }).into();
        let still = |target: &Arc<Target>| Still {
            run,
            target: Arc::clone(target),
            order: Arc::clone(&order),
            history: Arc::clone(&history),
        };
        let stills: Vec<Still> = plan.targets.iter().map(still).collect();
        let totals = stills.iter().map(|still| {
            let name = still.target.name.clone();
            let recorded = history.recorded.get(&name).copied().unwrap_or(0);
            let open = match &plan.workload.arrival.pattern {
                // At the least: more where a rate brings more in its time.
                Pattern::Sweep(bounds) => u64::from(bounds.points) * u64::from(bounds.samples),
                _ => still.trials().count() as u64,
            };
            (name, recorded + open)
        });
        self.account.expect(totals.collect()).await;
        let ended = match &plan.adaptive {
            Some(adaptive) => adapt(self, (plan, adaptive), stills, (run, seed, started_unix_ms), halt).await,
            None => self.dispatch(plan, stills, seed, halt).await,
        };
        let result = match &ended {
            Ended::Complete if self.silent(run) => "incomplete",
            Ended::Complete => "complete",
            // The day's budget is there again tomorrow: the run then goes on, rather than to pay anew for what it has.
            Ended::Budget(Denied::Budget { scope: Scope::Day, .. }) | Ended::Interrupted(_) => return Ok((run, ended)),
            Ended::Budget(_) => "budget",
            Ended::Incomplete(_) => "incomplete",
        };
        match self.account.finish(run, plan.name.as_str(), result).await {
            Ok(()) => Ok((run, ended)),
            Err(error) => Ok((run, Ended::Interrupted(Some(Refusal::Store(error))))),
        }
    }

    /// Whether a run asked and got no answer at all: everything was asked, and nothing was found out.
    fn silent(&self, run: RunId) -> bool {
        let state = self.account.shared().lock();
        let rows = state.board.runs.get(&run).map(|board| board.figures(By::Scenario)).unwrap_or_default();
        rows.iter().any(|row| row.samples() > 0) && rows.iter().all(|row| row.answered() == 0)
    }

    /// Ends, as incomplete, what is unfinished under the run's name and another plan: it can't go on.
    async fn give_up_others(&self, plan: &RunPlan) -> Result<(), StoreError> {
        let rows = self.store.runs(RECENT).await?;
        let unfinished = rows.iter().filter(|row| row.finished_unix_ms.is_none() && row.name == plan.name.as_str());
        for row in unfinished.filter(|row| row.plan != plan.fingerprint) {
            tracing::warn!(run = %row.id, name = row.name, "an unfinished run of another plan is given up; a new one begins");
            self.account.finish(row.id, &row.name, "incomplete").await?;
        }
        Ok(())
    }

    /// What a killed run has already recorded: told to the account page by page, and remembered as keys only.
    async fn history(&self, run: RunId, retry_unknown: bool) -> Result<History, StoreError> {
        let mut query = Query { run: Some(run), limit: PAGE, ..Query::default() };
        let mut history = History::default();
        loop {
            let page = self.store.samples(query.clone()).await?;
            let Some(last) = page.last() else { break };
            query.after = last.position;
            page.iter().for_each(|recorded| history.add(recorded, retry_unknown));
            self.account.resume(page).await;
        }
        let recorded: u64 = history.recorded.values().sum();
        if recorded > 0 {
            tracing::info!(%run, recorded, "an unfinished run goes on");
        }
        Ok(history)
    }

    async fn dispatch(&self, plan: &RunPlan, stills: Vec<Still>, seed: u64, halt: &Halt) -> Ended {
        let brake = Arc::new(Brake::new(halt.drain.child_token()));
        let open_loop = plan.workload.arrival.is_open();
        let at_once = if plan.parallel { stills.len() } else { 1 };
        let judges = Arc::new(self.judges(plan));
        let mut running = JoinSet::new();
        let (mut ended, mut dead) = (Dispatched::Done, Vec::new());
        for still in stills {
            while running.len() >= at_once {
                ended = worse(ended, running.join_next().await, &mut dead);
            }
            if !still.target.meters.is_empty() {
                self.account.meters.ready(&still.target).await;
            }
            let (target, account) = (Arc::clone(&still.target), self.account.clone());
            let gate = in_flight(&plan.workload.arrival, target.limits.concurrency, seed);
            let course = Course::new(target, account, (open_loop, gate), Arc::clone(&brake));
            let course = Arc::new(course.judged_by(&judges));
            let (engine, workload, abort) = (self.clone(), plan.workload.clone(), halt.abort.clone());
            let (probe, resumed) = (plan.probe, still.is_resumed());
            running.spawn(async move {
                let Workload { arrival, stop, warmup } = &workload;
                engine.warm_up(&course, &still, warmup.items, &abort).await;
                let scorer = still.order.first().map(|(scenario, ..)| Arc::clone(&scenario.scorer));
                let lane = probe.zip(scorer).map(|(every, scorer)| Lane {
                    run: still.run,
                    every,
                    course: &course,
                    scorer,
                    abort: &abort,
                });
                let load = async {
                    if let Pattern::Sweep(bounds) = &arrival.pattern {
                        return sweep(&engine, &course, &still, (bounds, seed), &abort).await;
                    }
                    let feed = Feed::new(still.trials()).warmed(warmup.duration, still.warm());
                    replay(&course, &engine.lanes, feed, (arrival, seed), Enough::of(stop), &abort).await.ended
                };
                let ended = beside(lane, load).await;
                tokio::select! {
                    biased;
                    () = abort.cancelled() => {}
                    () = note(&course, still.run, resumed) => {}
                }
                (ended, course.is_given_up().then(|| course.target.name.clone()))
            });
        }
        while let Some(joined) = running.join_next().await {
            ended = worse(ended, Some(joined), &mut dead);
        }
        over(plan, &brake, ended, halt, &dead)
    }

    /// A course for each target that judges; scenarios with the same judge share it.
    pub(super) fn judges(&self, plan: &RunPlan) -> Judges {
        let mut courses: BTreeMap<&Name, Arc<Course>> = BTreeMap::new();
        let judges = plan.judges.iter().map(|(scenario, target)| {
            let new = || Arc::new(Course::of_judge(Arc::clone(target), self.account.clone()));
            (scenario.clone(), Arc::clone(courses.entry(&target.name).or_insert_with(new)))
        });
        judges.collect()
    }

    /// Asks some items before the samples, one after the other; paid under their own purpose and not counted. The last
    /// ones, so that the first samples do not find their own prompts in the target's cache.
    pub(super) async fn warm_up(&self, course: &Arc<Course>, still: &Still, count: usize, abort: &CancellationToken) {
        let few: Vec<Trial> = still.backwards().take(count).collect();
        for trial in few.iter().cycle().take(if few.is_empty() { 0 } else { count }) {
            let Some(lane) = self.lanes.next().filter(|_| !course.stop.is_cancelled()) else { return };
            let trial = Trial { purpose: Purpose::WarmUp, ..trial.clone() };
            // A set of one: it is dropped with us.
            let mut task = JoinSet::new();
            task.spawn(ask(Arc::clone(course), trial, Start::Ready, (), lane));
            tokio::select! {
                biased;
                () = abort.cancelled() => {
                    task.shutdown().await;
                    return course.left().await;
                }
                joined = task.join_next() => if let Some(Err(error)) = joined {
                    tracing::error!(%error, "a warm-up's task failed");
                },
            }
        }
    }
}

/// How a run ended whose dispatch ended so.
pub(super) fn over(plan: &RunPlan, brake: &Brake, ended: Dispatched, halt: &Halt, dead: &[Name]) -> Ended {
    match brake.reason() {
        Some(Refusal::Budget(denied)) => Ended::Budget(denied),
        Some(other) => Ended::Interrupted(Some(other)),
        None if ended == Dispatched::Done => Ended::Complete,
        None if halt.drain.is_cancelled() || halt.abort.is_cancelled() || dead.is_empty() => Ended::Interrupted(None),
        // A run that is repeated must not wait for a dead target: those that are there are due again.
        None if plan.every.is_some() => Ended::Incomplete(given_up(dead)),
        None => Ended::Interrupted(Some(given_up(dead))),
    }
}

/// How the dispatch to one target ended, and its name where it was given up.
type Joined = Result<(Dispatched, Option<Name>), tokio::task::JoinError>;

fn given_up(dead: &[Name]) -> Refusal {
    let names: Vec<&str> = dead.iter().map(Name::as_str).collect();
    let (one, they) = if names.len() == 1 { ("target", "its trials were") } else { ("targets", "their trials were") };
    Refusal::Dead(format!("dead and given up: {one} {}; the rest of {they} not asked", names.join(", ")))
}

fn worse(so_far: Dispatched, joined: Option<Joined>, dead: &mut Vec<Name>) -> Dispatched {
    match joined {
        None => so_far,
        Some(Ok((ended, given_up))) => {
            dead.extend(given_up);
            if ended == Dispatched::Done { so_far } else { Dispatched::Stopped }
        }
        Some(Err(error)) => {
            tracing::error!(%error, "a target's task failed");
            Dispatched::Stopped
        }
    }
}

/// The items of a run in the order in which every target gets them, so that comparisons are paired item by item. One
/// scenario after the other: a rate per second is then of one scenario, not of a mixture. Repeats come after all items
/// were asked once, far apart: a run that is cut short has seen more items, and a target's cache less of the same.
fn order(plan: &RunPlan, on: Occasion) -> Vec<Entry> {
    let mut rng = ChaCha8Rng::seed_from_u64(on.seed);
    let mut order = Vec::new();
    for scenario in &plan.scenarios {
        let mut items: Vec<Arc<Item>> = scenario.items.draw(on);
        // Recorded arrivals have an order of their own.
        if !plan.workload.arrival.goes_by_items() {
            items.shuffle(&mut rng);
        }
        cut(&mut items, plan.workload.stop.items.unwrap_or(usize::MAX));
        let again = |repeat| items.iter().map(move |item| (Arc::clone(scenario), Arc::clone(item), repeat));
        order.extend((0..scenario.repeats).flat_map(again));
    }
    order
}

/// Leaves the first so many items, and takes the forms of one item together: pairs are to be compared, so that whole ones
/// are worth more than halves of many. Without forms, these are the first of the list.
fn cut(items: &mut Vec<Arc<Item>>, most: usize) {
    if items.len() <= most {
        return;
    }
    let mut sizes: BTreeMap<&ItemId, usize> = BTreeMap::new();
    items.iter().for_each(|item| *sizes.entry(&item.cluster).or_default() += 1);
    let (mut kept, mut sum) = (BTreeSet::new(), 0);
    for item in items.iter() {
        if sum >= most {
            break;
        }
        if kept.insert(item.cluster.clone()) {
            sum += sizes.get(&item.cluster).copied().unwrap_or(0);
        }
    }
    items.retain(|item| kept.contains(&item.cluster));
    items.truncate(most);
}

/// An item of a scenario, to be asked for the n-th time, from 0.
pub(super) type Entry = (Arc<Scenario>, Arc<Item>, u32);

/// What is still to be asked of a target. Trials are made as they are needed: there may be a million.
pub(super) struct Still {
    pub(super) run: RunId,
    target: Arc<Target>,
    pub(super) order: Arc<[Entry]>,
    history: Arc<History>,
}

impl Still {
    /// Whether something of it was recorded before this process began.
    pub(super) fn is_resumed(&self) -> bool {
        self.history.recorded.contains_key(&self.target.name)
    }

    fn trials(&self) -> impl Iterator<Item = Trial> + Send {
        self.order.iter().filter_map(|entry| self.trial(entry))
    }

    fn backwards(&self) -> impl Iterator<Item = Trial> + Send {
        self.order.iter().rev().filter_map(|entry| self.trial(entry))
    }

    /// Trials that do not count, again and again from the last.
    fn warm(&self) -> impl Iterator<Item = Trial> + Send {
        let any = self.backwards().next().is_some();
        (0..u32::MAX).take_while(move |_| any).flat_map(|round| {
            self.backwards().map(move |mut trial| {
                (trial.purpose, trial.key.repeat) = (Purpose::WarmUp, round);
                trial
            })
        })
    }

    /// The items of a scenario, round after round, without what was asked before.
    pub(super) fn rounds<'a>(&'a self, scenario: &'a Name) -> impl Iterator<Item = Trial> + Send + 'a {
        let once = move || self.order.iter().filter(move |(of, _, repeat)| of.name == *scenario && *repeat == 0);
        let any = once().next().is_some();
        let again = move |round| {
            once().filter_map(move |(scenario, item, _)| self.trial(&(Arc::clone(scenario), Arc::clone(item), round)))
        };
        (0..u32::MAX).take_while(move |_| any).flat_map(again)
    }

    pub(super) fn trial(&self, (scenario, item, repeat): &Entry) -> Option<Trial> {
        let Self { run, target, order: _, history } = self;
        let key = TrialKey {
            run: *run,
            target: target.name.clone(),
            scenario: scenario.name.clone(),
            item: item.id.clone(),
            repeat: *repeat,
        };
        let open = !history.has(&key);
        let (item, scenario) = (Arc::clone(item), Arc::clone(scenario));
        open.then_some(Trial { key, item, scenario, purpose: Purpose::Measure })
    }
}

/// What a run has already asked and is not to ask again.
#[derive(Debug, Default)]
struct History {
    asked: BTreeSet<(Name, Name, ItemId, u32)>,
    /// Samples by target, those to be asked again too.
    recorded: BTreeMap<Name, u64>,
}

impl History {
    fn add(&mut self, recorded: &Recorded, retry_unknown: bool) {
        if recorded.purpose != Purpose::Measure {
            return;
        }
        let TrialKey { run: _, target, scenario, item, repeat } = &recorded.sample.key;
        *self.recorded.entry(target.clone()).or_default() += 1;
        // Asked again it is the same trial, hence the same key: the store takes it after an unknown one.
        if !(retry_unknown && recorded.sample.finding.verdict == Verdict::Unknown) {
            self.asked.insert((target.clone(), scenario.clone(), item.clone(), *repeat));
        }
    }

    fn has(&self, key: &TrialKey) -> bool {
        let TrialKey { run: _, target, scenario, item, repeat } = key;
        !self.asked.is_empty() && self.asked.contains(&(target.clone(), scenario.clone(), item.clone(), *repeat))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Split, Tags};

    #[test]
    fn a_cut_keeps_pairs_together() {
        let item = |id: &str, cluster: &str| {
            let tags = Tags::new("d", "c", "en", Split::Public);
            Arc::new(Item { cluster: ItemId::new(cluster), ..Item::question(id, id, vec!["a".into()], tags) })
        };
        let all = || ["a", "b", "c~x", "a~x", "b~x", "c"].map(|id| item(id, &id[..1])).to_vec();
        let left = |most| {
            let mut items = all();
            cut(&mut items, most);
            items.iter().map(|item| item.id.as_str().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!([6, 4, 3, 2].map(left), ["a b c~x a~x b~x c", "a b a~x b~x", "a b a~x", "a a~x"]);
    }
}
