//! What stored answers are answers to: the questions of past runs, and which of them ask the same.
//!
//! The store keeps no questions. Those of a run are drawn again out of the plan, where that asks now what was asked then; a
//! question that the plan no longer knows has none.

use super::run::RECENT;
use crate::domain::{Fingerprint, Item, Name, RunId, digest64};
use crate::plan::{Plan, Scenario};
use crate::store::{Store, StoreError};
use crate::workload::{Occasion, duplicates};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// Questions that share so much are one (Jaccard, on shingles of three tokens), where numbers, signs and answers agree.
const NEAR: f64 = 0.8;
/// Sets of drawn questions that are remembered.
const REMEMBERED: usize = 16;

/// A question that was asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The item.
    pub item: Arc<Item>,
    /// What is asked, as a hash that near-duplicates share.
    pub prompt: Fingerprint,
}

/// The questions of one drawing, by scenario and the hash of the item's id.
type Drawn = BTreeMap<(Name, u64), Question>;

/// The questions of past runs.
pub struct Questions {
    plan: Arc<Plan>,
    occasions: BTreeMap<RunId, Occasion>,
    asked: BTreeMap<RunId, BTreeMap<String, Fingerprint>>,
    /// Those that every run asks, under no run.
    drawn: BTreeMap<Option<RunId>, Arc<Drawn>>,
}

impl Questions {
    /// None learned yet.
    #[must_use]
    pub fn of(plan: Arc<Plan>) -> Self {
        Self { plan, occasions: BTreeMap::new(), asked: BTreeMap::new(), drawn: BTreeMap::new() }
    }

    /// Looks up what a run asked. Drawing its questions can take a moment.
    ///
    /// # Errors
    /// What the store says.
    pub async fn learn(&mut self, store: &dyn Store, run: RunId) -> Result<(), StoreError> {
        if !self.occasions.contains_key(&run) {
            for row in store.runs(RECENT).await? {
                self.occasions.insert(row.id, Occasion { seed: row.seed, started_unix_ms: row.started_unix_ms });
            }
        }
        if let Entry::Vacant(place) = self.asked.entry(run) {
            place.insert(store.asked(run).await?);
        }
        for of in [None, Some(run)] {
            if self.drawn.contains_key(&of) {
                continue;
            }
            let Some(occasion) = self.occasions.get(&run).copied() else { continue };
            let plan = Arc::clone(&self.plan);
            let drawing = tokio::task::spawn_blocking(move || draw(&plan, of.is_none(), occasion));
            let drawn = drawing.await.map_err(|e| StoreError::Other(format!("questions could not be drawn: {e}")))?;
            if let Some(oldest) = self.drawn.keys().flatten().next().copied()
                && self.drawn.len() >= REMEMBERED
            {
                self.drawn.remove(&Some(oldest));
            }
            self.drawn.insert(of, Arc::new(drawn));
        }
        Ok(())
    }

    fn scenario(&self, name: &Name) -> Option<&Arc<Scenario>> {
        self.plan.scenarios.iter().find(|scenario| scenario.name == *name)
    }

    /// Whether the plan asks every run of this scenario the same, so that answers of several runs are to one question.
    #[must_use]
    pub fn is_fixed(&self, scenario: &Name) -> bool {
        self.scenario(scenario).is_some_and(|scenario| scenario.items.fixed().is_some())
    }

    /// A question of a run that was learned, by the hash of its item's id; none where the plan no longer asks it.
    #[must_use]
    pub fn get(&self, run: RunId, scenario: &Name, item: u64) -> Option<&Question> {
        let plan = self.scenario(scenario)?;
        let asked = self.asked.get(&run)?.get(scenario.as_str())?;
        if *asked != plan.asked {
            return None;
        }
        let of = plan.items.fixed().is_none().then_some(run);
        self.drawn.get(&of)?.get(&(scenario.clone(), item))
    }
}

/// The questions of a run, near-duplicates under one hash.
fn draw(plan: &Plan, fixed: bool, occasion: Occasion) -> Drawn {
    let mut places = Vec::new();
    let mut items = Vec::new();
    for scenario in plan.scenarios.iter().filter(|scenario| scenario.items.fixed().is_some() == fixed) {
        for item in scenario.items.draw(occasion) {
            places.push(scenario.name.clone());
            items.push(item);
        }
    }
    let same = same(&items, true);
    let prompts: Vec<Fingerprint> =
        (0..items.len()).map(|at| prompt(items.get(*same.get(&at).unwrap_or(&at)).map(|item| &**item))).collect();
    let keyed = places.into_iter().zip(items).zip(prompts);
    keyed
        .map(|((scenario, item), prompt)| ((scenario, digest64(item.id.as_str())), Question { item, prompt }))
        .collect()
}

/// Items that ask the same as an earlier one, by place, and which that is; `whatever_is_right`: also where another answer to
/// it counts as right.
fn same(items: &[Arc<Item>], whatever_is_right: bool) -> BTreeMap<usize, usize> {
    let found = duplicates::find(items, Some(NEAR)).into_iter();
    let repeats = found.filter(|r| whatever_is_right || !matches!(r.likeness, duplicates::Likeness::OtherAnswer));
    let mut same = BTreeMap::new();
    for repeat in repeats {
        let first = same.get(&repeat.of).copied().unwrap_or(repeat.of);
        same.insert(repeat.item, first);
    }
    same
}

fn prompt(item: Option<&Item>) -> Fingerprint {
    let Some(item) = item else { return Fingerprint::from_text("") };
    let said = item.messages.iter().map(|message| (message.role.label(), message.content.as_str()));
    let turns = item.turns.iter().map(|turn| ("turn", turn.user.as_str()));
    let options = item.options.iter().map(|option| ("option", option.as_str()));
    Fingerprint::of(&said.chain(turns).chain(options).collect::<Vec<_>>())
}

/// Of the plan's fixed questions those that repeat another one, by scenario and hash of the item, and which one they repeat.
#[must_use]
pub fn repeated(plan: &Plan) -> BTreeMap<(Name, u64), (Name, u64)> {
    let fixed = |scenario: &Arc<Scenario>| {
        let items = scenario.items.fixed().map(|items| items.to_vec()).unwrap_or_default();
        items.into_iter().map(|item| (scenario.name.clone(), item)).collect::<Vec<_>>()
    };
    let (names, items): (Vec<Name>, Vec<Arc<Item>>) = plan.scenarios.iter().flat_map(fixed).unzip();
    let key = |at: usize| Some((names.get(at)?.clone(), digest64(items.get(at)?.cluster.as_str())));
    same(&items, false).into_iter().filter_map(|(item, of)| Some((key(item)?, key(of)?))).collect()
}
