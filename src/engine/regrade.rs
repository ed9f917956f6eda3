//! Grading anew: stored answers, by the scorers of the present plan, without asking or paying again.
//!
//! Each finding is added to those that are there, and the latest holds for estimates; counters keep the first. What was
//! not kept, or is an answer to something else than the plan would ask now, is left as it is and counted.

use super::run::RECENT;
use super::unix_ms;
use crate::board::Board;
use crate::domain::{
    Answer, Charge, Component, Cost, Exchange, Failure, Fault, Finding, Fingerprint, Item, ItemId, Name, Purpose,
    RunId, Sample, Timing, TrialKey, Verdict,
};
use crate::engine::talk;
use crate::plan::{Grade, Plan, Scenario, StoreAnswers, matches};
use crate::scoring::{Graded, Job, Reply};
use crate::stats::{Interval, Level, wilson};
use crate::store::{Answered, Keep, Page, RunRow, Said, Store, StoreError, Write};
use crate::workload::Occasion;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::num::NonZero;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Samples read, graded and written at once.
const PAGE: u32 = 8_192;

/// What is graded anew.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Only of targets whose name matches one of these globs; empty is all.
    pub targets: Vec<String>,
    /// Only of scenarios whose name matches one of these globs; empty is all.
    pub scenarios: Vec<String>,
    /// Only of this run.
    pub run: Option<RunId>,
    /// Also where the items or the template have changed since they were asked.
    pub changed: bool,
    /// Keeps nothing.
    pub dry_run: bool,
}

/// Why a sample was left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// It brought no answer.
    Unanswered,
    /// Its text was not kept, or only its hash.
    NotKept,
    /// The plan has no such scenario.
    NoScenario,
    /// The scenario has no such item any more.
    NoItem,
    /// The items or the template have changed since it was asked.
    Changed,
    /// A judge would have to be asked.
    Wants,
}

impl Left {
    /// In words, for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Unanswered => "brought no answer",
            Self::NotKept => "answers were not kept (`store_answers`)",
            Self::NoScenario => "the configuration has no such scenario",
            Self::NoItem => "the scenario has no such item any more",
            Self::Changed => "items or template have changed since; --changed-items grades by item id all the same",
            Self::Wants => "the scorer would ask a judge, which is paid",
        }
    }
}

/// A verdict that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which sample.
    pub position: i64,
    /// Which trial.
    pub key: TrialKey,
    /// What was found before.
    pub before: Finding,
    /// What is found now.
    pub after: Finding,
}

/// What came of grading the answers of one target and scenario anew.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Answers that were graded.
    pub graded: u64,
    /// Those of them whose verdict changed.
    pub changed: u64,
    /// Correct and graded before, among them.
    pub before: (u64, u64),
    /// … and now.
    pub after: (u64, u64),
}

impl Summary {
    /// Accuracy with Wilson's 95 % interval, before and now; none where nothing is graded.
    #[must_use]
    pub fn accuracy(&self) -> [Option<Interval>; 2] {
        [self.before, self.after].map(|(correct, graded)| wilson(correct, graded, Level::P95))
    }
}

/// What came of grading anew.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Regraded {
    /// By target and scenario.
    pub summaries: BTreeMap<(Name, Name), Summary>,
    /// Samples that were left as they are, by scenario and why.
    pub left: BTreeMap<(Name, Left), u64>,
}

/// Grades anew; tells each verdict that changed, in the order of recording.
///
/// # Errors
/// When the store fails; findings that were committed before stay.
pub async fn regrade(
    store: &dyn Store,
    plan: &Plan,
    scope: &Scope,
    mut tell: impl FnMut(&Change),
) -> Result<Regraded, StoreError> {
    let occasion = |row: &RunRow| (row.id, Occasion { seed: row.seed, started_unix_ms: row.started_unix_ms });
    let occasions = store.runs(RECENT).await?.iter().map(occasion).collect();
    let mut board = match store.checkpoint().await? {
        Some((position, text)) => Some(Board::from_text(&text, position).map_err(StoreError::Other)?),
        None => None,
    };
    let mut remembered: BTreeMap<RunId, Vec<Sample>> =
        board.iter().flat_map(Board::remembered).map(|run| (run, Vec::new())).collect();
    let mut done = Regraded::default();
    let mut known = Known { plan, scope, occasions, asked: BTreeMap::new(), items: BTreeMap::new() };
    let mut page = store.answers(Page { after: 0, limit: PAGE }).await?;
    while let Some(last) = page.last() {
        let after = last.position;
        for answered in &page {
            known.learn(store, &answered.key).await?;
        }
        // The next page is read, and this one's findings are written, while others are graded.
        let graded = async { known.with_programs(&page, known.grade_all(&page)).await };
        let (next, graded) = tokio::join!(store.answers(Page { after, limit: PAGE }), graded);
        let mut writes = Vec::new();
        for (answered, graded) in page.iter().zip(graded) {
            if let Some(write) = done.take(answered, graded.as_ref(), plan, &mut tell) {
                writes.push(write);
            }
            if let Some(samples) = remembered.get_mut(&answered.key.run) {
                let finding = graded.ok().map_or_else(|| answered.finding.clone(), |new| new.finding);
                samples.push(sample(answered, finding));
            }
        }
        if !scope.dry_run && !writes.is_empty() {
            store.commit(writes).await?;
        }
        page = next?;
    }
    if let (Some(board), false) = (&mut board, scope.dry_run) {
        remembered.iter().for_each(|(run, samples)| board.regraded(*run, samples.iter()));
        store.commit(vec![Write::Checkpoint { position: board.position, text: board.to_text() }]).await?;
    }
    Ok(done)
}

/// A finding, and the grader that found it.
struct New {
    finding: Finding,
    grader: Fingerprint,
}

/// What grading comes to before programs have run.
enum Outcome {
    Found(New),
    Left(Option<Left>),
    Run(Job),
}

/// The items of a scenario, by id.
type Items = BTreeMap<ItemId, Arc<Item>>;

/// What is known of runs and items.
struct Known<'a> {
    plan: &'a Plan,
    scope: &'a Scope,
    occasions: BTreeMap<RunId, Occasion>,
    asked: BTreeMap<RunId, BTreeMap<String, Fingerprint>>,
    /// By scenario and run: the same where items are fixed.
    items: BTreeMap<(Name, RunId), Items>,
}

impl Known<'_> {
    /// Looks up what grading a sample of this run and scenario takes, once.
    async fn learn(&mut self, store: &dyn Store, key: &TrialKey) -> Result<(), StoreError> {
        let place = (key.scenario.clone(), key.run);
        if self.items.contains_key(&place) || !self.is_wanted(key) {
            return Ok(());
        }
        if let Entry::Vacant(place) = self.asked.entry(key.run) {
            place.insert(store.asked(key.run).await?);
        }
        let Some(scenario) = self.scenario(&key.scenario) else { return Ok(()) };
        let Some(occasion) = self.occasions.get(&key.run) else { return Ok(()) };
        let items = scenario.items.draw(*occasion).into_iter().map(|item| (item.id.clone(), item)).collect();
        self.items.insert(place, items);
        Ok(())
    }

    fn scenario(&self, name: &Name) -> Option<&Arc<Scenario>> {
        self.plan.scenarios.iter().find(|scenario| scenario.name == *name)
    }

    fn is_wanted(&self, key: &TrialKey) -> bool {
        let Scope { targets, scenarios, run, .. } = self.scope;
        let among = |globs: &[String], name: &Name| globs.is_empty() || globs.iter().any(|g| matches(g, name.as_str()));
        among(targets, &key.target) && among(scenarios, &key.scenario) && run.is_none_or(|run| run == key.run)
    }

    /// Runs the programs that graders wanted, a few at a time, and settles what they were wanted for.
    async fn with_programs(&self, page: &[Answered], graded: Vec<Outcome>) -> Vec<Result<New, Option<Left>>> {
        let (mut tasks, mut replies) = (JoinSet::new(), BTreeMap::new());
        for (place, (answered, outcome)) in page.iter().zip(&graded).enumerate() {
            let sandbox = self.scenario(&answered.key.scenario).and_then(|scenario| scenario.sandbox.clone());
            if let (Outcome::Run(job), Some(sandbox)) = (outcome, sandbox) {
                let job = job.clone();
                tasks.spawn(async move { (place, sandbox.run(&job).await) });
            }
        }
        while let Some(joined) = tasks.join_next().await {
            match joined {
                Ok((place, reply)) => drop(replies.insert(place, reply)),
                Err(error) => tracing::error!(%error, "running a program failed"),
            }
        }
        let settled = page.iter().zip(graded).enumerate().map(|(place, (answered, outcome))| match outcome {
            Outcome::Found(new) => Ok(new),
            Outcome::Left(left) => Err(left),
            Outcome::Run(_) => self.settled(answered, replies.remove(&place)).ok_or(Some(Left::Wants)),
        });
        settled.collect()
    }

    fn settled(&self, answered: &Answered, reply: Option<Reply>) -> Option<New> {
        let scenario = self.scenario(&answered.key.scenario)?;
        let item = self.items.get(&(answered.key.scenario.clone(), answered.key.run))?.get(&answered.key.item)?;
        let answer = &answered.said.last()?.answer;
        let finding = scenario.scorer.settle(item, answer, &[reply?]);
        Some(New { finding, grader: grader(scenario) })
    }

    /// Grades a page on all cores, in order.
    fn grade_all(&self, page: &[Answered]) -> Vec<Outcome> {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let share = page.len().div_ceil(threads).max(1);
        let graded = |part: &[Answered]| part.iter().map(|answered| self.grade(answered)).collect::<Vec<_>>();
        std::thread::scope(|scope| {
            let parts: Vec<_> = page.chunks(share).map(|part| scope.spawn(move || graded(part))).collect();
            let joined = parts.into_iter().map(|part| match part.join() {
                Ok(graded) => graded,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            joined.flatten().collect()
        })
    }

    /// What the plan's scorer finds now; none of that, and why, where it is left. Nothing at all where it is not wanted.
    fn grade(&self, answered: &Answered) -> Outcome {
        self.found(answered).unwrap_or_else(Outcome::Left)
    }

    fn found(&self, answered: &Answered) -> Result<Outcome, Option<Left>> {
        let Answered { key, said, .. } = answered;
        if !self.is_wanted(key) {
            return Err(None);
        }
        let scenario = self.scenario(&key.scenario).ok_or(Some(Left::NoScenario))?;
        if said.is_empty() || !answered.finding.verdict.is_answered() {
            return Err(Some(Left::Unanswered));
        }
        let asked = self.asked.get(&key.run).and_then(|asked| asked.get(key.scenario.as_str()));
        if !self.scope.changed && asked.is_some_and(|asked| *asked != scenario.asked) {
            return Err(Some(Left::Changed));
        }
        let items = self.items.get(&(key.scenario.clone(), key.run));
        let item = items.and_then(|items| items.get(&key.item)).ok_or(Some(Left::NoItem))?;
        let exchanges: Vec<Exchange> = said.iter().map(|said| exchange(said.turn, said.answer.clone())).collect();
        let wanted = if scenario.grade == Grade::Last { said.get(said.len() - 1..).unwrap_or(said) } else { said };
        if wanted.iter().any(|said| !said.kept) {
            return Err(Some(Left::NotKept));
        }
        let mut findings = Vec::new();
        for (item, answer) in talk::graded(scenario, item, &exchanges) {
            match scenario.scorer.grade(&item, answer) {
                Graded::Final(finding) => findings.push(finding),
                // Its last answer alone is graded.
                Graded::Run(job) if scenario.grade == Grade::Last => return Ok(Outcome::Run(job)),
                Graded::Ask(_) | Graded::Run(_) => return Err(Some(Left::Wants)),
            }
        }
        let finding = talk::together(scenario.grade, findings);
        Ok(Outcome::Found(New { finding, grader: grader(scenario) }))
    }
}

fn grader(scenario: &Scenario) -> Fingerprint {
    Fingerprint::of(&[("scorer", &scenario.scorer.fingerprint())])
}

impl Regraded {
    /// Counts a sample; gives what is to be written of it.
    fn take(
        &mut self,
        answered: &Answered,
        graded: Result<&New, &Option<Left>>,
        plan: &Plan,
        tell: &mut impl FnMut(&Change),
    ) -> Option<Write> {
        let Answered { position, key, finding: before, grader: former, .. } = answered;
        let New { finding: after, grader } = match graded {
            Ok(new) => new,
            Err(left) => {
                if let Some(left) = left {
                    *self.left.entry((key.scenario.clone(), *left)).or_default() += 1;
                }
                return None;
            }
        };
        let summary = self.summaries.entry((key.target.clone(), key.scenario.clone())).or_default();
        summary.graded += 1;
        for (sums, finding) in [(&mut summary.before, before), (&mut summary.after, after)] {
            sums.0 += u64::from(finding.verdict == Verdict::Correct);
            sums.1 += u64::from(finding.verdict.is_graded());
        }
        if before.verdict != after.verdict {
            summary.changed += 1;
            let (before, after) = (before.clone(), after.clone());
            tell(&Change { position: *position, key: key.clone(), before, after });
        }
        let target = plan.targets.iter().find(|target| target.name == key.target);
        let keep = match target.map(|target| target.store_answers) {
            Some(StoreAnswers::Hash) => Keep::Hash,
            Some(StoreAnswers::No) => Keep::Nothing,
            Some(StoreAnswers::Yes) | None => Keep::Text,
        };
        // The same finding by the same grader tells nothing new; a corrected reference may bring another one.
        (former != grader || before != after).then(|| Write::Finding {
            position: *position,
            finding: after.clone(),
            keep,
            grader: grader.clone(),
            at_unix_ms: unix_ms(),
        })
    }
}

fn exchange(turn: u32, answer: Answer) -> Exchange {
    let (timing, fault, charge) = (Timing::default(), None, Charge::Settled(Cost::ZERO));
    Exchange { attempt: turn + 1, turn, purpose: Purpose::Measure, timing, answer, fault, charge }
}

/// A sample with all that the board's estimates take from it.
fn sample(answered: &Answered, finding: Finding) -> Sample {
    let Answered { position: _, key, cluster, tags, provenance, cost, share, finding: _, grader: _, said } = answered;
    let model = said.last().and_then(|Said { answer, .. }| answer.model.clone());
    let mut only = exchange(0, Answer { model, ..Answer::default() });
    only.fault = said.is_empty().then(|| Fault::new(Failure::Truncated, ""));
    only.charge = Charge::Settled(Cost::ZERO.with(Component::Output, *cost));
    Sample {
        key: key.clone(),
        cluster: cluster.clone(),
        tags: tags.clone(),
        provenance: provenance.clone(),
        at_unix_ms: 0,
        exchanges: vec![only],
        judged: Vec::new(),
        finding,
        share: *share,
    }
}
