//! Votes that were cast, brought together by prompt.

use super::{Contest, Contests, LeftOut, Prompt};
use crate::domain::{Ballot, Fingerprint, Name, VoteSource};
use crate::store::{Store, StoreError, VotePage, Voted};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Votes read at a time.
const PAGE: u32 = 20_000;

/// Reads all votes of a source.
///
/// # Errors
/// What the store says.
pub async fn ballots(store: &dyn Store, source: VoteSource, targets: &[Name]) -> Result<Contests, StoreError> {
    let mut gathering = Gathering::default();
    let mut after = 0;
    loop {
        let page = store.votes(VotePage { after, voter: None, limit: PAGE }).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        let wanted = |ballot: &Ballot| {
            let known = |name: &Name| targets.is_empty() || targets.contains(name);
            ballot.source == source && known(&ballot.left.target) && known(&ballot.right.target)
        };
        page.into_iter().filter(|voted| wanted(&voted.ballot)).for_each(|voted| gathering.add(voted));
    }
    Ok(gathering.finish())
}

/// A vote as small as it can be kept until all are there.
struct Light {
    prompt: usize,
    left: (usize, Fingerprint),
    right: (usize, Fingerprint),
    contest: Contest,
}

#[derive(Default)]
pub(super) struct Gathering {
    targets: Vec<Name>,
    numbers: BTreeMap<Name, usize>,
    voters: Vec<Arc<str>>,
    voter_numbers: BTreeMap<Arc<str>, usize>,
    prompts: Vec<Prompt>,
    prompt_numbers: BTreeMap<Fingerprint, usize>,
    /// Of each target and scenario the provenance that was voted on last.
    newest: BTreeMap<(usize, Name), Fingerprint>,
    votes: Vec<Light>,
    seen: BTreeSet<(usize, usize, usize, usize)>,
    repeated: u64,
}

fn number<K: Ord + Clone>(numbers: &mut BTreeMap<K, usize>, all: &mut Vec<K>, key: &K) -> usize {
    if let Some(number) = numbers.get(key) {
        return *number;
    }
    all.push(key.clone());
    numbers.insert(key.clone(), all.len() - 1);
    all.len() - 1
}

impl Gathering {
    /// Takes a vote; they come in the order in which they were cast.
    pub(super) fn add(&mut self, Voted { id, ballot }: Voted) {
        let first = number(&mut self.numbers, &mut self.targets, &ballot.left.target);
        let second = number(&mut self.numbers, &mut self.targets, &ballot.right.target);
        let voter = number(&mut self.voter_numbers, &mut self.voters, &ballot.voter);
        let prompt = match self.prompt_numbers.get(&ballot.prompt) {
            Some(prompt) => *prompt,
            None => {
                let Ballot { scenario, tags, .. } = &ballot;
                let (scenario, tags) = (scenario.clone(), tags.clone());
                self.prompts.push(Prompt { scenario, tags, votes: Vec::new(), scores: Vec::new() });
                self.prompt_numbers.insert(ballot.prompt.clone(), self.prompts.len() - 1);
                self.prompts.len() - 1
            }
        };
        for (target, side) in [(first, &ballot.left), (second, &ballot.right)] {
            self.newest.insert((target, ballot.scenario.clone()), side.provenance.clone());
        }
        if first == second {
            return;
        }
        let Ballot { left, right, preference, swapped, .. } = ballot;
        self.votes.push(Light {
            prompt,
            left: (first, left.provenance),
            right: (second, right.provenance),
            contest: Contest { first, second, preference, swapped, voter, at: id },
        });
    }

    /// Leaves out what does not count.
    pub(super) fn finish(mut self) -> Contests {
        let mut left: BTreeMap<(usize, Name), u64> = BTreeMap::new();
        for vote in std::mem::take(&mut self.votes) {
            let Light { prompt, left: one, right: other, contest } = vote;
            let Some(scenario) = self.prompts.get(prompt).map(|prompt| prompt.scenario.clone()) else { continue };
            let is_old = |(target, provenance): &(usize, Fingerprint)| {
                self.newest.get(&(*target, scenario.clone())).is_some_and(|newest| newest != provenance)
            };
            if let Some((target, _)) = [one, other].iter().find(|side| is_old(side)) {
                *left.entry((*target, scenario)).or_default() += 1;
                continue;
            }
            let (low, high) = (contest.first.min(contest.second), contest.first.max(contest.second));
            if !self.seen.insert((prompt, low, high, contest.voter)) {
                self.repeated += 1;
                continue;
            }
            if let Some(prompt) = self.prompts.get_mut(prompt) {
                prompt.votes.push(contest);
            }
        }
        let name = |target: usize| self.targets.get(target).cloned();
        let left_out = left
            .into_iter()
            .filter_map(|((target, scenario), votes)| Some(LeftOut { target: name(target)?, scenario, votes }));
        let left_out = left_out.collect();
        self.prompts.retain(|prompt| !prompt.votes.is_empty());
        let Self { targets, voters, prompts, repeated, .. } = self;
        Contests { targets, voters, prompts, repeated, left_out }
    }
}
