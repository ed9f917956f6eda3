//! Which stored answers can be held against each other: to one question, by several targets, told apart by provenance.
//!
//! Made of outcomes, which are numbers: the newest of them, so that it stays small whatever the store holds. Texts are read
//! for the two that are shown, and no others.

use crate::domain::{Fingerprint, Item, Name, RunId};
use crate::engine::questions::{Question, Questions};
use crate::store::{OutcomeStratum, Page, Span, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// Outcomes that are looked through, the newest.
const NEWEST: i64 = 200_000;
const PAGE: u32 = 50_000;
/// Runs whose questions are looked up.
const RUNS: usize = 12;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) target: Name,
    pub(super) provenance: Fingerprint,
    /// Where it is stored.
    pub(super) position: i64,
}

/// A question with the answers to it, one a target.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) scenario: Name,
    pub(super) question: Question,
    pub(super) answers: Vec<Answered>,
}

/// Everything that can be shown.
#[derive(Default)]
pub(super) struct Catalog {
    pub(super) entries: Vec<Entry>,
    /// Every pair of targets that some question has answers of, the lower name first.
    pub(super) pairs: Vec<(Name, Name)>,
}

/// Answers to what is known to be one question: where it is drawn anew for each run, of one run.
type Key = (Name, Option<RunId>, u64);

/// Reads it.
///
/// # Errors
/// What the store says.
pub(super) async fn read(store: &dyn Store, questions: &mut Questions) -> Result<Catalog, StoreError> {
    let strata = store.strata().await?;
    let (first, last) = store.outcome_ends().await?.unwrap_or((1, 0));
    let mut after = (first - 1).max(last - NEWEST);
    // Of each target and scenario the provenance that was answered by last.
    let mut newest: BTreeMap<(Name, Name), Fingerprint> = BTreeMap::new();
    let mut found: Vec<(i64, u32, u64)> = Vec::new();
    while after < last {
        let page = store.outcomes(Span { after, until: last, limit: PAGE }).await?;
        let Some(end) = page.last() else { break };
        after = end.position;
        // What was refused is an answer too; what could not be read may be read by people.
        for outcome in page.iter().filter(|outcome| outcome.verdict.is_answered()) {
            found.push((outcome.position, outcome.stratum, outcome.form.unwrap_or(outcome.cluster)));
        }
    }
    for (_, stratum, _) in &found {
        if let Some(OutcomeStratum { target, scenario, provenance, .. }) = strata.get(stratum) {
            newest.insert((target.clone(), scenario.clone()), provenance.clone());
        }
    }
    let runs: BTreeSet<RunId> = found.iter().filter_map(|(_, stratum, _)| Some(strata.get(stratum)?.run)).collect();
    let runs: BTreeSet<RunId> = runs.into_iter().rev().take(RUNS).collect();
    for run in &runs {
        questions.learn(store, *run).await?;
    }
    let mut groups: BTreeMap<Key, (RunId, BTreeMap<Name, Answered>)> = BTreeMap::new();
    for (position, stratum, item) in found {
        let Some(OutcomeStratum { run, target, scenario, provenance, .. }) = strata.get(&stratum) else { continue };
        if !runs.contains(run) || newest.get(&(target.clone(), scenario.clone())) != Some(provenance) {
            continue;
        }
        // What that run asked is what the plan asks now, or there is no question: so answers of several runs are to the same.
        if questions.get(*run, scenario, item).is_none() {
            continue;
        }
        let of = (!questions.is_fixed(scenario)).then_some(*run);
        let group = groups.entry((scenario.clone(), of, item)).or_insert_with(|| (*run, BTreeMap::new()));
        let answer = Answered { target: target.clone(), provenance: provenance.clone(), position };
        group.1.insert(target.clone(), answer);
    }
    let mut catalog = Catalog::default();
    let mut pairs = BTreeSet::new();
    for ((scenario, _, item), (run, answers)) in groups {
        if answers.len() < 2 {
            continue;
        }
        let Some(question) = questions.get(run, &scenario, item).filter(|question| is_shown(&question.item)) else {
            continue;
        };
        let names: Vec<&Name> = answers.keys().collect();
        for (at, one) in names.iter().enumerate() {
            pairs.extend(names.iter().skip(at + 1).map(|other| super::pick::pair(one, other)));
        }
        let (question, answers) = (question.clone(), answers.into_values().collect());
        catalog.entries.push(Entry { scenario, question, answers });
    }
    catalog.pairs = pairs.into_iter().collect();
    Ok(catalog)
}

/// Whether a person can be shown it: one question, whose words are known before it is asked, and not as long as a book.
fn is_shown(item: &Item) -> bool {
    let made = item.traced.as_ref().is_some_and(|traced| traced.question.is_some());
    item.turns.is_empty() && !made && item.haystack.is_none() && !item.messages.is_empty()
}

/// The words of an answer; none where they were not kept, or there are none.
///
/// # Errors
/// What the store says.
pub(super) async fn text(store: &dyn Store, answer: &Answered) -> Result<Option<String>, StoreError> {
    let page = store.answers(Page { after: answer.position - 1, limit: 1 }).await?;
    let stored = page.into_iter().find(|stored| stored.position == answer.position);
    let said = stored.and_then(|mut stored| stored.said.pop()).filter(|said| said.kept);
    let Some(answer) = said.map(|said| said.answer) else { return Ok(None) };
    let mut text = answer.text;
    if let Some(refusal) = answer.refusal.filter(|_| text.trim().is_empty()) {
        text = refusal;
    }
    for call in answer.tool_calls {
        text.push_str(&format!("\n{}({})", call.name, call.arguments));
    }
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}
