//! How far a scorer agrees with people: labelled answers, graded as a run would grade them. What a judge is asked for it
//! is paid and in the ledger, in a run of its own.

use super::account::{Beginning, Refusal};
use super::ask::Trial;
use super::course::Course;
use super::grade::grade;
use super::run::{Engine, RunError};
use super::sample::{Tried, record};
use super::unix_ms;
use crate::domain::{Charge, Cost, Exchange, Fingerprint, Money, Purpose, RunId, Timing, TrialKey, Verdict};
use crate::plan::{Scenario, Target};
use crate::workload::dataset::labelled::Labelled;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Labelled answers that are graded at once.
const AT_ONCE: usize = 16;

/// What a scorer found in labelled answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Of answers that it found right or wrong: by what people found (right, wrong), then by what it found (right, wrong).
    pub table: [[u64; 2]; 2],
    /// Labelled right, labelled wrong, and neither right nor wrong to the scorer: refused, unparsed, ungraded.
    pub undecided: [u64; 2],
    /// What asking the judge cost.
    pub cost: Money,
    /// Where it differs: the item, whether people found it right, what the scorer found.
    pub differing: Vec<(String, bool, Verdict)>,
}

/// Grades labelled answers by a scenario's scorer.
///
/// # Errors
/// When the store fails, or a budget does not allow a judge to be asked.
pub async fn agreement(
    engine: &Engine,
    scenario: &Arc<Scenario>,
    judge: Option<&Arc<Target>>,
    labelled: Vec<Labelled>,
    target: &Arc<Target>,
) -> Result<Result<Agreement, Refusal>, RunError> {
    let _alone = engine.account.alone().await;
    engine.account.reconcile().await?;
    let now = unix_ms();
    // A run of its own each time: nothing is resumed.
    let fingerprint = Fingerprint::of(&[("agreement", &now.to_string())]);
    let row = engine.store.begin("agreement", &fingerprint, 0, now).await?;
    let run = row.id;
    let spent = engine.store.spent(Some(run), 0).await?;
    engine.account.begin(Beginning { row, open_loop: false, limit: None, spent }).await;
    let judges = judge.map(|judge| {
        let course = Course::of_judge(Arc::clone(judge), engine.account.clone());
        (scenario.name.clone(), Arc::new(course))
    });
    let judges = Arc::new(BTreeMap::from_iter(judges));
    let course = Course::new(Arc::clone(target), engine.account.clone(), (false, None), Arc::default());
    let course = Arc::new(course.judged_by(&judges));
    let (mut found, mut tasks, mut refused) = (Agreement::default(), JoinSet::new(), None);
    let mut waiting = labelled.into_iter();
    loop {
        while tasks.len() < AT_ONCE
            && refused.is_none()
            && let Some(one) = waiting.next()
        {
            let (course, scenario) = (Arc::clone(&course), Arc::clone(scenario));
            let Some(lane) = engine.lanes.next() else { break };
            tasks.spawn_on(async move { graded(&course, scenario, one, run).await }, lane);
        }
        match tasks.join_next().await {
            Some(Ok(Ok((item, correct, verdict, cost)))) => found.take(item, correct, verdict, cost),
            Some(Ok(Err(refusal))) => refused = Some(refusal),
            Some(Err(error)) => tracing::error!(%error, "grading a labelled answer failed"),
            None => break,
        }
    }
    refused = refused.or_else(|| course.brake.reason());
    let result = if refused.is_some() { "incomplete" } else { "complete" };
    engine.account.finish(run, "agreement", result).await?;
    Ok(refused.map_or(Ok(found), Err))
}

/// Grades one; what a judge was asked is recorded as a sample of its own, under its purpose.
async fn graded(
    course: &Course,
    scenario: Arc<Scenario>,
    labelled: Labelled,
    run: RunId,
) -> Result<(String, bool, Verdict, Money), Refusal> {
    let Labelled { item, answer, correct } = labelled;
    let id = item.id.as_str().to_owned();
    let key = TrialKey {
        run,
        target: course.target.name.clone(),
        scenario: scenario.name.clone(),
        item: item.id.clone(),
        repeat: 0,
    };
    let trial = Trial { key, item: Arc::new(item), scenario, purpose: Purpose::Judge };
    let mut tried = Tried::new();
    let (timing, charge) = (Timing::default(), Charge::Settled(Cost::ZERO));
    tried.exchanges.push(Exchange {
        attempt: 1,
        turn: 0,
        purpose: Purpose::Judge,
        timing,
        answer,
        fault: None,
        charge,
    });
    let finding = grade(course, &trial, &mut tried, &mut None).await?;
    let verdict = finding.as_ref().map_or(Verdict::Ungraded, |finding| finding.verdict);
    // The answer itself was never asked for.
    tried.exchanges = std::mem::take(&mut tried.judged);
    let mut cost = Cost::ZERO;
    if !tried.exchanges.is_empty() {
        cost = tried.exchanges.iter().fold(cost, |sum, e| sum + e.charge.known());
        course.account.record(record(course, &trial, tried, None, finding)).await?;
    }
    Ok((id, correct, verdict, cost.total()))
}

impl Agreement {
    fn take(&mut self, item: String, correct: bool, verdict: Verdict, cost: Money) {
        self.cost += cost;
        let row = usize::from(!correct);
        let column = match verdict {
            Verdict::Correct => Some(0),
            Verdict::Wrong => Some(1),
            _ => None,
        };
        let cell = match column {
            Some(column) => self.table.get_mut(row).and_then(|row| row.get_mut(column)),
            None => self.undecided.get_mut(row),
        };
        cell.into_iter().for_each(|count| *count += 1);
        if column != Some(row) {
            self.differing.push((item, correct, verdict));
        }
    }
}
