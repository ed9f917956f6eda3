//! One minimal question to each target: is it there, does the key work, is the model known? Paid like any other, under
//! its own purpose.

use super::account::{Beginning, Refusal};
use super::ask::{Start, Trial, ask};
use super::course::Course;
use super::ledger::Denied;
use super::run::{Engine, RunError};
use super::unix_ms;
use crate::domain::{Fingerprint, Item, ItemId, Name, Purpose, Sample, Split, Tags, TrialKey};
use crate::plan::{Grade, Plan, Scenario, Target, Treatment};
use crate::scoring::Scorer;
use crate::store::Query;
use crate::workload::Items;
use crate::workload::template::Template;
use std::sync::Arc;

/// What is asked.
pub const QUESTION: &str = "Reply with the single word OK.";

/// What came of one target's probe.
pub enum Probed {
    /// It was asked; the sample says what came.
    Asked(Box<Sample>),
    /// A budget did not allow it.
    Denied(Denied),
    /// The store did not take it.
    Failed(String),
}

/// Asks every target once.
///
/// # Errors
/// When the store fails before the first question.
pub async fn probe(engine: &Engine, plan: &Plan, scorer: Arc<dyn Scorer>) -> Result<Vec<(Name, Probed)>, RunError> {
    let _alone = engine.account.alone().await;
    engine.account.reconcile().await?;
    let now = unix_ms();
    // Every probe is a run of its own: nothing is resumed.
    let fingerprint = Fingerprint::of(&[("probe", &now.to_string())]);
    let row = engine.store.begin("probe", &fingerprint, 0, now).await?;
    let run = row.id;
    let Ok(name) = Name::new("probe") else { return Ok(Vec::new()) };
    let spent = engine.store.spent(Some(run), 0).await?;
    engine.account.begin(Beginning { row, open_loop: false, limit: None, spent }).await;
    let scenario = Arc::new(question(name.clone(), scorer));
    let mut found = Vec::new();
    for target in &plan.targets {
        let key = TrialKey {
            run,
            target: target.name.clone(),
            scenario: name.clone(),
            item: ItemId::new("probe"),
            repeat: 0,
        };
        found.push((target.name.clone(), one(engine, target, &scenario, key).await?));
    }
    engine.account.finish(run, name.as_str(), "complete").await?;
    Ok(found)
}

async fn one(
    engine: &Engine,
    target: &Arc<Target>,
    scenario: &Arc<Scenario>,
    key: TrialKey,
) -> Result<Probed, RunError> {
    let run = key.run;
    let Items::Fixed(items) = &scenario.items else { return Ok(Probed::Failed("no question".into())) };
    let Some(item) = items.first().cloned() else { return Ok(Probed::Failed("no question".into())) };
    let course = Arc::new(Course::new(Arc::clone(target), engine.account.clone(), (false, None), Arc::default()));
    let trial = Trial { key, item, scenario: Arc::clone(scenario), purpose: Purpose::Probe };
    if let Some(lane) = engine.lanes.next()
        && let Err(error) = tokio::spawn(ask(Arc::clone(&course), trial, Start::Ready, (), lane)).await
    {
        return Ok(Probed::Failed(error.to_string()));
    }
    match course.brake.reason() {
        Some(Refusal::Budget(denied)) => return Ok(Probed::Denied(denied)),
        Some(other) => return Ok(Probed::Failed(other.to_string())),
        None => {}
    }
    let query = Query { run: Some(run), targets: vec![target.name.to_string()], limit: 1, ..Query::default() };
    let asked = engine.store.samples(query).await?.pop();
    Ok(asked.map_or_else(|| Probed::Failed("it was not recorded".into()), |r| Probed::Asked(Box::new(r.sample))))
}

pub(super) fn question(name: Name, scorer: Arc<dyn Scorer>) -> Scenario {
    let general: Arc<str> = "general".into();
    let tags = Tags::new(Arc::clone(&general), general, "en", Split::Private);
    let item = Item::question("probe", QUESTION, vec!["OK".into()], tags.clone());
    Scenario {
        name,
        items: Items::Fixed(Arc::from([Arc::new(item)])),
        origin: "the probe".into(),
        template: Template::default(),
        average: None,
        scorer,
        scorer_kind: "exact",
        grade: Grade::Last,
        think: None,
        repeats: 1,
        judge: None,
        sandbox: None,
        strata: vec![tags],
        bad_rows: Vec::new(),
        asked: Fingerprint::of(&[]),
        treatment: Treatment::default(),
        fingerprint: Fingerprint::of(&[("probe", QUESTION)]),
    }
}
