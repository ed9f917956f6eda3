//! A conversation: what is asked next, once the answers before are known, and what its answers are worth.
//!
//! A single question is a conversation of one turn.

use super::ask::Trial;
use crate::domain::{Answer, Exchange, Finding, Fingerprint, Item, ItemId, Prompt, TrialKey, Verdict};
use crate::plan::{Grade, Scenario};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::borrow::Cow;
use std::time::Duration;

/// A conversation as far as it has come.
pub(super) struct Talk<'a> {
    trial: &'a Trial,
    /// The model's own answers so far: what it said, not what it thought.
    said: Vec<String>,
}

impl<'a> Talk<'a> {
    pub(super) const fn new(trial: &'a Trial) -> Self {
        Self { trial, said: Vec::new() }
    }

    /// The turn that is next, from 0.
    pub(super) fn turn(&self) -> u32 {
        u32::try_from(self.said.len()).unwrap_or(u32::MAX)
    }

    /// What is asked in it: everything said so far, and the user's next words.
    pub(super) fn prompt(&self) -> Prompt {
        self.trial.scenario.template.turn(&self.trial.item, &self.said)
    }

    /// Takes the exchange that ended a turn: how long the user thinks before the next one, or none where there is no
    /// next one, since it was the last or has failed.
    pub(super) fn hear(&mut self, exchange: &Exchange) -> Option<Duration> {
        if !exchange.is_success() || self.said.len() + 1 >= self.trial.item.exchanges() {
            return None;
        }
        self.said.push(exchange.answer.text.clone());
        Some(self.trial.scenario.think.map_or(Duration::ZERO, |think| think.time(unit(&self.trial.key, self.turn()))))
    }
}

/// A draw from [0, 1) of an item, its repeat and the turn: the same for every target, so that comparisons are paired.
fn unit(key: &TrialKey, turn: u32) -> f64 {
    let TrialKey { run: _, target: _, scenario, item, repeat } = key;
    let numbers = format!("{repeat} {turn}");
    let hash = Fingerprint::of(&[("think", scenario.as_str()), ("item", ItemId::as_str(item)), ("of", &numbers)]);
    let seed = hash.as_str().bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte));
    ChaCha8Rng::seed_from_u64(seed).random()
}

/// What of a conversation is graded: each answer with the item as its turn has it. `exchanges` are those of this process,
/// the last one being a success.
pub(super) fn graded<'a>(
    scenario: &Scenario,
    item: &'a Item,
    exchanges: &'a [Exchange],
) -> Vec<(Cow<'a, Item>, &'a Answer)> {
    if scenario.grade == Grade::Last || item.turns.is_empty() {
        return exchanges.last().map(|last| (Cow::Borrowed(item), &last.answer)).into_iter().collect();
    }
    let answers = exchanges.iter().filter(|exchange| exchange.is_success());
    answers.filter_map(|e| Some((Cow::Owned(item.at_turn(e.turn as usize)?), &e.answer))).collect()
}

/// One finding out of those of the turns: the first that is not right decides, else the last.
pub(super) fn together(grade: Grade, findings: Vec<Finding>) -> Finding {
    #[expect(clippy::cast_precision_loss, reason = "a thousand turns at the most")]
    let count = findings.len().max(1) as f64;
    let mean = findings.iter().map(|finding| finding.score).sum::<f64>() / count;
    let least = findings.iter().map(|finding| finding.score).fold(1.0, f64::min);
    let decides = findings.iter().position(|finding| finding.verdict != Verdict::Correct);
    let decides = decides.unwrap_or(findings.len().saturating_sub(1));
    let Some(finding) = findings.into_iter().nth(decides) else {
        return Finding::bare(Verdict::Unparsed, "turns/none");
    };
    Finding { score: if grade == Grade::Mean { mean } else { least }, ..finding }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_turn_that_is_not_right_decides() {
        let right = |text: &str| Finding::judged(true, text, "r");
        let wrong = |text: &str| Finding::judged(false, text, "w");
        let of = |grade, findings: &[Finding]| {
            let Finding { verdict, score, extracted, rule } = together(grade, findings.to_vec());
            (verdict, score, extracted.unwrap(), rule)
        };
        let mixed = [right("1"), wrong("2"), Finding { extracted: Some("3".into()), ..wrong("3") }, right("4")];
        assert_eq!(of(Grade::All, &mixed), (Verdict::Wrong, 0.0, "2".into(), "w"));
        assert_eq!(of(Grade::Mean, &mixed), (Verdict::Wrong, 0.5, "2".into(), "w"));
        let good = [right("1"), right("2")];
        for grade in [Grade::All, Grade::Mean] {
            assert_eq!(of(grade, &good), (Verdict::Correct, 1.0, "2".into(), "r"));
        }
    }
}
