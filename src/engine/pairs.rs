//! Which stored answers can be held against each other: to one question, by several targets, told apart by provenance.
//!
//! Made of outcomes, which are numbers: the newest of them, so that it stays small whatever the store holds. Texts are read
//! for the two that are shown, and no others.

use super::questions::{Question, Questions};
use crate::contest::{gives_away, pair};
use crate::domain::{Ballot, Fingerprint, Item, Name, Preference, RunId, Side, VoteSource};
use crate::plan::Plan;
use crate::store::{OutcomeStratum, Page, Span, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Outcomes that are looked through, the newest.
const NEWEST: i64 = 200_000;
const PAGE: u32 = 50_000;
/// Questions that are offered at a time.
const UNSEEN: usize = 60;
/// Runs whose questions are looked up.
const RUNS: usize = 12;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Whose it is.
    pub target: Name,
    /// Its provenance.
    pub provenance: Fingerprint,
    /// Where it is stored.
    pub position: i64,
}

/// A question with the answers to it, one a target.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Out of which scenario it is.
    pub scenario: Name,
    /// The question.
    pub question: Question,
    /// The answers, by target.
    pub answers: Vec<Answered>,
}

/// Everything that can be shown.
#[derive(Default)]
pub struct Catalog {
    /// Questions with two answers at least.
    pub entries: Vec<Entry>,
    /// Every pair of targets that some question has answers of, the lower name first.
    pub pairs: Vec<(Name, Name)>,
}

/// Answers to what is known to be one question: where it is drawn anew for each run, of one run.
type Key = (Name, Option<RunId>, u64);

/// Reads it.
///
/// # Errors
/// What the store says.
pub async fn catalog(store: &dyn Store, questions: &mut Questions) -> Result<Catalog, StoreError> {
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
            pairs.extend(names.iter().skip(at + 1).map(|other| pair(one, other)));
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

/// Two answers to one question, as they are shown.
#[derive(Debug, Clone)]
pub struct Duel {
    /// The question.
    pub entry: Entry,
    /// Whose answers they are: the first, or left one, and the other.
    pub sides: [Answered; 2],
    /// What they say.
    pub texts: [String; 2],
}

impl Duel {
    /// With its sides changed, where that is so.
    #[must_use]
    pub fn turned(self, turned: bool) -> Self {
        let Self { entry, sides: [a, b], texts: [one, other] } = self;
        let (sides, texts) = if turned { ([b, a], [other, one]) } else { ([a, b], [one, other]) };
        Self { entry, sides, texts }
    }

    /// The vote of a person on it.
    #[must_use]
    pub fn ballot(&self, preference: Preference, voter: Arc<str>, at_unix_ms: i64) -> Ballot {
        let side = |Answered { target, provenance, position: _ }: &Answered| Side {
            target: target.clone(),
            provenance: provenance.clone(),
        };
        let [left, right] = &self.sides;
        let Entry { scenario, question, answers: _ } = &self.entry;
        Ballot {
            scenario: scenario.clone(),
            item: question.item.id.clone(),
            prompt: question.prompt.clone(),
            left: side(left),
            right: side(right),
            preference,
            swapped: None,
            voter,
            source: VoteSource::Human,
            tags: question.item.tags.clone(),
            at_unix_ms,
        }
    }
}

impl Catalog {
    /// Questions with answers of this pair that were not voted on, in an order of chance.
    pub fn unseen(
        &self,
        of: &(Name, Name),
        seen: &BTreeSet<(Fingerprint, (Name, Name))>,
        rng: &mut impl rand::Rng,
    ) -> Vec<(Entry, [Answered; 2])> {
        let sides = |entry: &Entry| {
            let answer = |name: &Name| entry.answers.iter().find(|answer| answer.target == *name).cloned();
            let sides = [answer(&of.0)?, answer(&of.1)?];
            (!seen.contains(&(entry.question.prompt.clone(), of.clone()))).then_some(sides)
        };
        let mut found: Vec<(&Entry, [Answered; 2])> =
            self.entries.iter().filter_map(|entry| Some((entry, sides(entry)?))).collect();
        rand::seq::SliceRandom::shuffle(found.as_mut_slice(), rng);
        found.into_iter().take(UNSEEN).map(|(entry, sides)| (entry.clone(), sides)).collect()
    }
}

/// What both answers say, where nothing but that tells them apart: none where a text was not kept, where both are the same, or
/// one names a target.
///
/// # Errors
/// What the store says.
pub async fn words(store: &dyn Store, plan: &Plan, sides: &[Answered; 2]) -> Result<Option<[String; 2]>, StoreError> {
    let [one, other] = sides;
    let (Some(one), Some(other)) = (text(store, one).await?, text(store, other).await?) else { return Ok(None) };
    let known = |text: &str| {
        gives_away(text, plan.targets.iter().flat_map(|target| [target.name.as_str(), target.model.as_str()]))
    };
    Ok((one != other && !known(&one) && !known(&other)).then_some([one, other]))
}

/// The words of an answer; none where they were not kept, or there are none.
async fn text(store: &dyn Store, answer: &Answered) -> Result<Option<String>, StoreError> {
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
